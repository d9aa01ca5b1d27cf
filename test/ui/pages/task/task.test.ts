import {describe, expect, test} from 'vitest';
import type {Patch, PatchLine} from '../../../../source/core/change/diff.ts';
import {withoutTexts} from '../../../../source/core/task/task.ts';
import {diffItems} from '../../../../source/ui/model/diff.ts';
import {windowOf} from '../../../../source/ui/pages/task/diff-lines.ts';
import type {TaskPage} from '../../../../source/ui/state/pages.ts';
import {pageOf} from '../../../../source/ui/state/state.ts';
import {change, facts, record} from '../../fixtures/change.ts';
import {actions, type Driver, drive} from '../../fixtures/driver.ts';
import {columnOf, open, withTerminals} from '../../fixtures/open.ts';
import {agent, ago, room, task} from '../../fixtures/room.ts';
import {createTestStore, type TestStore} from '../../fixtures/store.ts';
import {reviews} from '../../fixtures/team.ts';

withTerminals();

const cart = (fields: Readonly<Record<string, string | number>> = {}) =>
	task('t-8', {
		...{title: 'Cart totals', state: 'ready', stage: 'review', role: 'code-sentinel', commit: 'e4a0b20e11', attempt: 2, failures: 1},
		...{author: 'agent:dev:005', authors: 'agent:dev:005', branch: 'agent/t-8-a2', spent: 1_790_000, createdAt: ago(2580), ...fields},
	});
const cartRoom = (fields: Readonly<Record<string, string | number>> = {}) =>
	room({
		agents: [agent('dev', 5), agent('rev', 1), agent('merge', 1, fields.owner ? {status: 'working', stage: 'merge', task: 't-8'} : {})],
		tasks: [cart(fields)],
	});
const [first] = reviews;

const storeOf = (fields: Readonly<Record<string, string | number>> = {}): TestStore => {
	const store = createTestStore(cartRoom(fields));
	store.texts.set('t-8', {description: 'Totals drift by a cent.', reviews: first ? [{...first, commit: 'e4a0b20e11'}] : []});
	store.looks.patch.set('t-8', change);
	store.looks.facts.set('t-8', facts);
	store.looks.record.set('t-8', record);
	return store;
};
const opened = async (columns: number, rows: number, keys = '2d', store = storeOf()) => {
	const terminal = open(store, {columns, rows});
	await terminal.shows('ROOM │');
	terminal.type(keys);
	await terminal.shows('TASK │');
	return terminal;
};

describe('the page of a task', () => {
	test('says nothing about another task with the same events', async () => {
		await (await opened(160, 45)).shows(' time   43m (queue 4m');
		const store = storeOf();
		store.publish(room({tasks: [task('t-2', {attempt: 1})]}));
		store.looks.record.set('t-2', record);
		const other = await opened(160, 45, '2d', store);
		await other.shows('4 Diff');
		await other.shows('Attempts no longer recorded.');
	});

	test('has five panels at 160x45: what happened, the attempts, the task, the diff with its comments, the merge check', async () => {
		const terminal = await opened(160, 45);
		await terminal.shows('4 Diff +6 -4 · 5 files');
		await terminal.shows('risk      LOW');
		for (const words of [
			'│+ 13:49 queued: Cart totals',
			'│● 13:52 dev-5 started (develop)',
			'14:07 dev-5 failed: exit 1: rate limit',
			'│· 14:18 commit e4a0b20 answers 1 of 3',
			'│◆ 14:16 done, to review',
			// All waiting, for its review too, which the times count as review.
			'│ waiting    ░',
			' time   43m (queue 4m work 22m review 16m)',
			' cost   $1.79 = dev-5 $1.44 + rev-1 $0.35',
			'╭─2 Attempts 2 ',
			'│ 1  dev-5    15m   $1.44   failed ',
			'     exit 1: rate limit',
			'│ 2  dev-5    7m            handed in',
			'┃▸src/cart/total.ts ',
			'deleted  +0 -2 ',
			'renamed from src/types.ts   +1 -0 ',
			'new  binary ',
			'@@ -41,5 +41,7 @@ export function total(lines: Line[]) {',
			'  42 -   let sum = 0',
			'  42 +   let cents = 0n',
			'│ NOT READY to merge: conflicts with main@51fe0a2 in src/cart/total.ts',
			'│ ✗ conflicts with main@51fe0a2 in src/cart/total.ts',
			'│ ! base      2 commits behind main@51fe0a2: tests run on the merge with it',
			'│ ✓ secrets   none found',
		])
			expect(terminal.text()).toContain(words);
		for (const row of terminal.rows().slice(2, 29)) expect(row).toMatch(/┃ *$/);
	});

	test('shows one panel at a time at 80x24, 100x30 and 40x15, with the verdict below it', async () => {
		const terminal = await opened(80, 24);
		await terminal.shows('[4 Diff +6 -4]');
		await terminal.shows('NOT READY to merge: conflicts');
		expect(terminal.rows()[1]).toMatch(/^┏━ 1 Timeline {3}2 Attempts 2 {3}3 Task {2}\[4 Diff \+6 -4\] {2}5 Merge check ✗1 +━+┓$/);
		expect(terminal.rows()[21]).toContain('NOT READY to merge: conflicts with main@51fe0a2 in src/cart/total.ts');
		terminal.type('5');
		await terminal.shows('✗ conflicts with main');
		terminal.type('\t');
		await terminal.shows('14:07 dev-5 failed: exit 1: rate limit');
		terminal.type('h');
		await terminal.shows('[1 Timeline]');
		terminal.resize(100, 30);
		terminal.type('4');
		await terminal.shows('╭ rev-1 · must-fix · 14:17 ─');
		terminal.resize(40, 15);
		await terminal.shows('[4 Diff]');
		for (const row of terminal.rows()) expect(row.length).toBeLessThanOrEqual(40);
		expect(terminal.rows().at(-1)).toContain('TASK');
	});

	test('says what is missing: not started, nothing changed, the room is still reading', async () => {
		const store = createTestStore(room({tasks: [task('t-8', {title: 'Cart totals'})]}));
		const terminal = await opened(80, 24, '2d', store);
		await terminal.shows('Not started.');
		store.looks.patch.set('t-8', {...change, files: [], total: 0});
		store.publish(room({tasks: [task('t-8', {title: 'Cart totals', attempt: 1, updatedAt: ago(1)})]}));
		await terminal.shows('No changes against main.');
	});

	test('keeps its frame whatever the change holds, and no sequence of it reaches the terminal', async () => {
		const hostile = {
			...change,
			files: change.files.map(file => ({...file, path: `${file.path}\u001b]0;owned\u0007\u202e\n合計`, from: '\u001b[2J'})),
		};
		const store = storeOf();
		store.looks.patch.set('t-8', hostile);
		store.looks.facts.set('t-8', {...facts, conflicts: ['a\u001b[31m\n'], secrets: [{file: '\u001b[2J', line: 1, kind: 'npm token'}]});
		const terminal = await opened(160, 45, '2d', store);
		await terminal.shows('合計は整数で');
		terminal.type('jjjj');
		await terminal.shows('npm token');
		expect(terminal.text()).not.toMatch(/owned|\[2J/);
		expect(columnOf(terminal.rows(), 2, 28, 0)).toMatch(/^[│╰╭]+$/);
		terminal.type('dW');
		await terminal.shows(text => !text.includes('3 Task') && text.split('\n').filter(row => row.includes('long long')).length > 1);
		for (const row of terminal.rows().slice(2, 40)) expect(row).toMatch(/^┃.*┃ *$/);
	});
});

const TASK: TaskPage['kind'] = 'task';
const looked = (driver: Driver): Driver => {
	for (const {what, value} of [
		{what: 'patch', value: change},
		{what: 'facts', value: facts},
	] as const)
		driver.send({type: 'looked', what, task: 't-8', value});
	return driver;
};
const onDiff = (fields: Readonly<Record<string, string | number>> = {}): Driver => {
	const driver = drive(cartRoom(fields)).keys("'").write('t-8').keys('enter', 'd');
	const read = driver.commands.find(({type}) => type === 'read');
	if (read?.type !== 'read') throw new Error('the task was not read');
	const whole = {...withoutTexts(cart(fields)), reviews: first ? [{...first, commit: 'e4a0b20e11'}] : []};
	return looked(driver.send({type: 'read', id: 't-8', version: read.version, task: whole}));
};
const cursor = (driver: Driver) => {
	const page = pageOf(driver.state);
	return page?.kind === TASK ? page.cursor : -1;
};

describe('the diff', () => {
	const whole = {...withoutTexts(cart()), reviews: first ? [{...first, commit: 'e4a0b20e11'}] : []};
	const items = diffItems(change, whole, 'e4a0b20e11');

	test('has comments at their line, at their file where the line is not in it, and before all where the file is not', () => {
		const places = items.flatMap((item, at) => (item.kind === 'note' ? [[items[at - 1]?.kind, item.place, item.note.state]] : []));
		expect(places).toEqual([
			['line', '', 'open'],
			['file', 'src/cart/types.ts:3', 'open'],
		]);
		const elsewhere = {
			...withoutTexts(cart()),
			comments: [{file: 'gone.ts', line: 1, severity: 'nit', text: 'x', at: 1, commit: 'older'} as const],
		};
		expect(diffItems(change, elsewhere, 'e4a0b20e11')[0]).toMatchObject({
			kind: 'note',
			place: 'gone.ts:1',
			note: {who: 'person', state: 'answered'},
		});
		expect(diffItems(change, elsewhere, 'e4a0b20e11')).toBe(diffItems(change, elsewhere, 'e4a0b20e11'));
	});

	test('moves by line, by hunk and by comment, and never beyond its ends', () => {
		const driver = onDiff();
		expect(cursor(driver.keys('j', 'j'))).toBe(2);
		const stops: string[] = [];
		for (let at = 0; at < 8; at += 1) stops.push(items[cursor(driver.keys('}'))]?.kind ?? '');
		expect(stops).toEqual(['note', 'hunk', 'hunk', 'note', 'hunk', 'hunk', 'hunk', 'hunk']);
		expect(cursor(driver.keys('G', 'j'))).toBe(items.length - 1);
		expect(items[cursor(driver.keys('{'))]?.kind).toBe('hunk');
		expect(cursor(driver.keys('g', 'k', 'ctrl+u'))).toBe(0);
	});

	test('shows code in colours where the language is known, what is removed in one, and no character else than it would without', () => {
		const style = {columns: 60, digits: 4, isWrapped: true, clockOffset: 0, answer: ''};
		const lines = windowOf(diffItems(change, undefined, ''), 0, 100, style).lines;
		const rowOf = (text: string) =>
			lines.find(line =>
				line
					.map(part => part.text)
					.join('')
					.includes(text),
			) ?? [];
		const tonesOf = (text: string) => rowOf(text).flatMap(part => (part.text.trim() === '' ? [] : [`${part.tone} ${part.text.trim()}`]));
		expect(tonesOf('let cents')).toEqual(['dim 42', 'good +', 'keyword let', 'good cents =', 'literal 0n']);
		expect(tonesOf('return fromCents')).toEqual(['dim 46', 'keyword return', 'plain fromCents(cents)']);
		expect(tonesOf('let sum')).toEqual(['dim 42', 'removed -', 'removed let sum = 0']);
		expect(tonesOf('// before')).toEqual(['dim 72', 'dim // before']);
		for (const line of lines) expect(line.reduce((sum, {text}) => sum + [...text].length, 0)).toBeLessThanOrEqual(style.columns);
	});

	test('of twenty thousand lines draws what is on the screen', () => {
		let drawn = 0;
		const lines = Array.from(
			{length: 20_000},
			(_, at): PatchLine => ({
				...{sign: '+', old: 0, new: at + 1},
				get text() {
					drawn += 1;
					return `line ${at}`;
				},
			}),
		);
		const hunk = {old: 0, oldLines: 0, new: 1, newLines: 20_000, place: '', lines};
		const [file] = change.files;
		if (!file) throw new Error('no file');
		const long: Patch = {...change, files: [{...file, hunks: [hunk]}]};
		const found = diffItems(long, undefined, '');
		const style = {columns: 100, digits: 6, isWrapped: false, clockOffset: 0, answer: ''};
		const {lines: rows, selected} = windowOf(found, 10_000, 40, style);
		expect([rows.length, selected]).toEqual([40, 20]);
		expect(rows[20]?.map(({text}) => text).join('')).toBe('  9999 + line 9998');
		expect(drawn).toBeLessThan(100);
	});
});

describe('a comment', () => {
	test('is about the line that the cursor is on, must-fix or nit, and is sent with enter', () => {
		const driver = onDiff().keys('j', 'j', 'j', 'j', 'j', 'C');
		expect(driver.state.dialog).toMatchObject({
			kind: 'comment',
			file: 'src/cart/total.ts',
			line: 42,
			quote: '+   let cents = 0n',
			severity: 'must-fix',
		});
		driver.write('Why 0n?').keys('tab', 'enter');
		expect(actions(driver)).toEqual([
			{type: 'comment', task: 't-8', file: 'src/cart/total.ts', line: 42, severity: 'nit', text: 'Why 0n?'},
		]);
		expect(driver.state.dialog).toBeUndefined();
	});

	test('keeps its words until they are sent, comes back where it is refused, and is never sent empty', () => {
		const driver = onDiff().keys('C').write('half').keys('esc', 'C');
		expect(driver.write(' way').keys('enter').commands.at(-1)).toMatchObject({action: {text: 'half way'}});
		driver.send({type: 'told', text: 't-8 lands at this moment', isBad: true, code: 'merging'}).keys('C', 'enter');
		expect(actions(driver)).toHaveLength(2);
		expect(actions(onDiff().keys('C', 'space', 'enter'))).toEqual([]);
	});

	test('says what sending it does', async () => {
		const terminal = await opened(80, 24, '2d');
		await terminal.shows('[4 Diff +6 -4]');
		terminal.type('C');
		await terminal.shows('t-8 returns to develop; its agent fixes this and submits again.');
		terminal.type('\t');
		await terminal.shows('The next agent sees your comment');
	});
});

describe('a merge', () => {
	test('asks with its reasons where it is not safe, and once more before it is done', async () => {
		const driver = onDiff({stage: 'test'}).keys('M');
		expect(driver.state.dialog).toEqual({kind: 'merge', task: 't-8'});
		expect(actions(driver.keys('enter'))).toEqual([]);
		expect(actions(driver.keys('M', 'M'))).toEqual([{type: 'merge-task', task: 't-8'}]);
		const terminal = await opened(160, 45, '2d');
		await terminal.shows('4 Diff +6');
		terminal.type('M');
		await terminal.shows('Submit and review the task first.');
		expect(terminal.text()).toContain('✗ conflicts with main@51fe0a2 in src/cart/total.ts');
	});

	test('of what is safe is not asked for; of what is merged, or at it, it says so', () => {
		const passed = {
			stage: 'merge',
			candidate: 'cand',
			testedCommit: 'cand',
			candidateBase: '51fe0a2c9d',
			testExit: 0,
			reviewedCommit: 'e4a0b20e11',
			reviewer: 'agent:rev:001',
		};
		const safe = onDiff(passed).send({type: 'looked', what: 'facts', task: 't-8', value: {...facts, conflicts: []}});
		expect(actions(safe.keys('M'))).toEqual([{type: 'merge-task', task: 't-8'}]);
		expect(onDiff({...passed, state: 'leased', owner: 'agent:merge:001'}).keys('M').state.toast?.text).toMatch(/merging now/);
		const merged = drive(cartRoom({state: 'merged', mergedCommit: 'abc'}))
			.keys("'")
			.write('t-8')
			.keys('enter', 'M');
		expect(merged.state.toast?.text).toBe('t-8 is already merged.');
	});

	test('that waits for a person is decided on its card, and V says why there is nothing to accept', () => {
		expect(onDiff({state: 'blocked', decision: 'rounds', waitReason: 'good enough?'}).keys('V').state.dialog).toMatchObject({
			kind: 'decide',
			task: 't-8',
		});
		expect(onDiff().keys('V').state.toast?.text).toBe('t-8 does not need your approval: ready.');
	});
});

describe('a search on the page of a task', () => {
	test('goes through the rows of the panel, from where it stands, and n is a new task again after it', async () => {
		const terminal = await opened(120, 40, '2d3');
		terminal.type('/cent');
		await terminal.shows('SEARCH │ /cent');
		await terminal.shows('/cent 1/');
		expect(terminal.text()).toContain('Totals drift by a cent.');
		terminal.type('\r');
		await terminal.shows('TASK │');
		terminal.type('n');
		await terminal.shows('TASK │');
		terminal.type('\u001b');
		await terminal.shows(text => !text.includes('/cent'));
		terminal.type('n');
		await terminal.shows('FORM │');
	});

	test('finds a line of the diff, and the words that are nowhere are said', async () => {
		const terminal = await opened(80, 24);
		terminal.type('/total');
		await terminal.shows(text => /\/total 1\/\d/.test(text));
		terminal.type('\r');
		await terminal.shows('TASK │');
		terminal.type('n');
		await terminal.shows(text => /\/total 2\/\d/.test(text));
		terminal.type('N');
		await terminal.shows(text => /\/total 1\/\d/.test(text));
		terminal.type('/nowhere at all');
		await terminal.shows('not found');
		terminal.type('\u001b');
		await terminal.shows(text => /\/total 1\/\d/.test(text));
	});
});
