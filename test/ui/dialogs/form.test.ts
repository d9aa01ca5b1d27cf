import {describe, expect, test} from 'vitest';
import type {RoomSnapshot} from '../../../source/store/room.ts';
import type {SavedState} from '../../../source/store/terminal.ts';
import {completions, wordToComplete} from '../../../source/ui/model/filter.ts';
import {startText} from '../../../source/ui/model/forecast.ts';
import {keptDraft, recallDraft} from '../../../source/ui/state/draft.ts';
import {pageOf} from '../../../source/ui/state/state.ts';
import {drawn} from '../fixtures/drawn.ts';
import {actions, drive} from '../fixtures/driver.ts';
import {open, withTerminals} from '../fixtures/open.ts';
import {agent, ago, busyRoom, lock, NOW, room, task} from '../fixtures/room.ts';
import {createTestStore} from '../fixtures/store.ts';
import {until} from '../fixtures/terminal.ts';

withTerminals();

const merged = Array.from({length: 6}, (_, index) =>
	task(`m-${index}`, {
		state: 'merged',
		createdAt: ago(4000),
		startedAt: ago(3000),
		doneAt: ago(3000 - 840),
		spent: 900_000 + index * 100_000,
	}),
);
const idle = (parts: Parameters<typeof room>[0] = {}): RoomSnapshot =>
	room({agents: [agent('dev', 1, {status: 'working', task: 't-1'}), agent('dev', 2, {capabilities: 'go'})], tasks: merged, ...parts});
const plain = {needs: [], after: [], paths: [], agent: '', priority: 50};

describe('the forecast of a new task', () => {
	test('says when it would begin and by whom, or what it waits for', () => {
		const says = (planned: Partial<typeof plain> & {readonly needs?: readonly string[]}, snapshot = idle()) =>
			startText({...plain, ...planned} as typeof plain, snapshot, NOW);
		expect(says({})).toBe('can start now: no lock conflict, dev-2 is idle');
		expect(says({needs: ['rust']} as never)).toBe('waits: no developer has the capability rust');
		expect(says({after: ['m-1']} as never)).toBe('can start now: no lock conflict, dev-2 is idle');
		expect(says({after: ['t-9']} as never)).toMatch(/^waits for t-9 to be merged/);
		const locked = idle({locks: [lock('path:src/db/**', 'agent:dev:001 1:a', 540)]});
		expect(says({paths: ['src/db/x.ts']} as never, locked)).toBe('waits: src/db/** is locked by dev-1 for 9m');
		expect(says({agent: 'agent:dev:001'})).toBe('assigned to dev-1, which works on t-1');
		expect(says({}, idle({control: {drained: true}}))).toBe('waits: draining: no new tasks start');
	});

	test('is on the form, from what has been merged here, and says so while there is too little', async () => {
		const terminal = open(createTestStore(idle()), {columns: 100, rows: 30});
		await terminal.shows('ROOM │');
		terminal.type('n');
		await terminal.shows('FORM │');
		expect(terminal.text()).toContain('Estimate      ~14m  ~$1.15  (median of 6 P2 developer tasks, p90 $1.40)');
		expect(terminal.text()).toContain('can start now: no lock conflict, dev-2 is idle');
		const first = open(createTestStore(room()), {columns: 80, rows: 24});
		await first.shows('ROOM │');
		first.type('n');
		await first.shows('no estimate until the first tasks finish');
		expect(first.text()).toContain('[ Add  ^S ]   [ Add and open  ^T ]   [ Cancel  esc ]');
	});
});

describe('the form', () => {
	test('explains every field without an ellipsis, down to 40x15, and offers the arrows where one chooses', () => {
		const team = idle({agents: [agent('dev', 1), agent('orch', 1, {role: 'orchestrator'}), agent('aud', 1, {role: 'security-auditor'})]});
		for (const size of [
			{columns: 80, rows: 24},
			{columns: 40, rows: 15},
		]) {
			const driver = drive(team, size).keys('n').write('a').keys('tab', 'tab', 'tab');
			const seen = new Set<string>();
			for (let step = 0; step < 11; step++) {
				const {state} = driver;
				seen.add(state.draft.field);
				const {rows} = drawn(driver);
				const form = rows.filter(row => row.includes('┃') && !row.includes('Estimate'));
				expect(form.join('\n')).toContain('▸ ');
				expect(form.join('\n')).not.toContain('…');
				const isChoice = ['kind', 'priority', 'agent', 'audit'].includes(state.draft.field);
				expect(rows.at(-1)?.includes('←/→ choose')).toBe(isChoice);
				driver.keys('tab');
			}
			expect([...seen].toSorted()).toEqual([
				'after',
				'agent',
				'audit',
				'done',
				'kind',
				'model',
				'needs',
				'paths',
				'priority',
				'title',
				'what',
			]);
		}
	});

	test('goes to the field that cannot be added, and says why in the words of the room', () => {
		const wrong = (field: string, text: string) => {
			const driver = drive(idle()).keys('n').write('Fix it');
			while (driver.state.draft.field !== field) driver.keys('tab');
			return driver.write(text).keys('tab', 'ctrl+s').state.draft;
		};
		expect(wrong('paths', 'src/../../x')).toMatchObject({field: 'paths', error: expect.stringContaining('Invalid path')});
		expect(wrong('paths', '/abs')).toMatchObject({field: 'paths', error: expect.stringContaining('Invalid path `/abs`.')});
		expect(wrong('needs', 'Go!')).toMatchObject({field: 'needs', error: expect.stringContaining('Invalid capability `Go!`.')});
		expect(wrong('model', '-x y')).toMatchObject({field: 'model', error: expect.stringContaining('`-x y` is not the name of a model.')});
		expect(wrong('after', 'T-99')).toMatchObject({field: 'after', error: 'Dependency `t-99` does not exist.'});
		expect(wrong('title', 'x'.repeat(300))).toMatchObject({
			field: 'title',
			error: expect.stringContaining('The title has 306 characters. Use at most 300'),
		});
		expect(drive(idle()).keys('n', 'ctrl+s').state.draft).toMatchObject({field: 'title', error: 'Missing task title.'});
	});

	test('says on esc that the draft is kept, where something was written', () => {
		expect(drive(idle()).keys('n').write('Fix').keys('esc').state.toast?.text).toBe('draft kept: n reopens it');
		expect(drive(idle()).keys('n', 'esc').state.toast).toBeUndefined();
		expect(drive(idle()).keys('n').write('Fix').keys('esc', 'n').state.draft.title.text).toBe('Fix');
	});

	test('queues and shows what it queued with ^T, and nothing where the room refuses', () => {
		const driver = drive(idle()).keys('n').write('Fix it').keys('ctrl+t');
		driver.send({type: 'told', text: 'added t-8', isBad: false, ids: ['t-8']});
		expect(pageOf(driver.state)).toMatchObject({kind: 'task', task: 't-8'});
		const refused = drive(idle()).keys('n').write('Fix it').keys('ctrl+t').send({type: 'told', text: 'no', isBad: true});
		expect([refused.state.pages, refused.state.draft.title.text]).toEqual([[], 'Fix it']);
		const other = drive(idle())
			.keys('n')
			.write('Fix it')
			.keys('ctrl+s')
			.send({type: 'told', text: '', isBad: false, ids: ['t-8']});
		expect(other.state.pages).toEqual([]);
	});

	test('hands what is to be done to the editor and takes it back', () => {
		const driver = drive(idle()).keys('n', 'tab').write('one').keys('ctrl+g');
		expect(driver.commands.at(-1)).toEqual({type: 'edit', name: 'new-task', text: 'one'});
		driver.send({type: 'edited', name: 'new-task', text: 'one\ntwo\x1b[2J\n'});
		expect(driver.state.draft.what.text).toBe('one\ntwo[2J');
		expect(driver.commands.at(-1)).toEqual({type: 'forget', name: 'new-task'});
	});

	test('takes a pasted file along with the text, and says why one is not; a task has the model that is written', () => {
		const driver = drive(idle()).keys('n').write('Fix it').keys('tab');
		driver.send({type: 'paste', text: "'/home/ada/my shot.png'"});
		expect(driver.commands.at(-1)).toEqual({type: 'keep-files', paths: ['/home/ada/my shot.png'], paste: "'/home/ada/my shot.png'"});
		driver.send({type: 'kept', text: '[file 0123456789abcdef/my-shot.png] ', problem: ''});
		while (driver.state.draft.field !== 'model') driver.keys('tab');
		driver.send({type: 'paste', text: '/home/ada/model'});
		expect(driver.state.draft.model.text).toBe('/home/ada/model');
		driver
			.keys(...Array.from('/home/ada/model', () => 'backspace'))
			.write('opus')
			.keys('ctrl+s');
		expect(actions(driver)).toEqual([
			{type: 'add-task', title: 'Fix it', priority: 50, description: '[file 0123456789abcdef/my-shot.png]', model: 'opus'},
		]);
		const refused = drive(idle()).keys('n').send({type: 'kept', text: '/big.mov', problem: 'The file `/big.mov` has 11 MB.'});
		expect([refused.state.draft.title.text, refused.state.toast]).toMatchObject([
			'/big.mov',
			{text: 'The file `/big.mov` has 11 MB.', isBad: true},
		]);
	});

	test('completes a file after an @, which tab or enter takes', async () => {
		const store = createTestStore(idle());
		store.fileNames.push('src/cart/total.ts', 'src/tax/calc.ts', 'test/cart.test.ts');
		const terminal = open(store, {columns: 80, rows: 24});
		await terminal.shows('ROOM │');
		terminal.type('nFix\tsee @car');
		await terminal.shows('▸ test/cart.test.ts');
		terminal.type('\x1b[B');
		await terminal.shows('▸ src/cart/total.ts');
		terminal.type('\t\x13');
		await until(() => store.actions.length > 0, terminal.text);
		expect(store.actions).toEqual([{type: 'add-task', title: 'Fix', description: 'see src/cart/total.ts', priority: 50}]);
	});

	test('keeps its draft for the next view until it is queued', async () => {
		const kept: Record<string, string> = {};
		const memory: SavedState = {recall: name => kept[name] ?? '', keep: (name, text) => void Object.assign(kept, {[name]: text})};
		const first = open(createTestStore(idle()), {columns: 80, rows: 24}, {memory});
		await first.shows('ROOM │');
		first.type('nHalf a thought');
		await first.shows('Half a thought');
		first.view.close();
		const store = createTestStore(idle());
		store.answer = {ok: true, text: 'added t-1', ids: ['t-1']};
		const second = open(store, {columns: 80, rows: 24}, {memory});
		await second.shows('ROOM │');
		second.type('n');
		await second.shows('Half a thought');
		second.type('\x13');
		await second.shows('added t-1');
		second.view.close();
		expect(kept.draft).toBe('');
	});

	test('shows the field that is written in, whatever the size', async () => {
		for (const [columns, rows] of [
			[40, 10],
			[40, 15],
			[80, 24],
		] as const) {
			const terminal = open(createTestStore(idle()), {columns, rows});
			await terminal.shows('ROOM │');
			terminal.type('n');
			const isWide = columns >= 60;
			const names = isWide
				? ['Title', 'Description', 'Acceptance', 'Priority', 'Agent', 'Scope', 'Capabilities', 'Model', 'Depends on']
				: ['Title', 'Details', 'Criteria', 'Priority', 'Agent', 'Scope', 'Requires', 'Model', 'After'];
			for (const name of names) {
				await terminal.shows(`▸ ${name}`);
				for (const row of terminal.rows()) expect([...row].length).toBe(columns);
				terminal.type('\t');
			}
			terminal.view.close();
		}
	});
});

describe('a draft that is kept', () => {
	test('comes back as it was, and damaged ones are none', () => {
		const {draft} = drive(busyRoom()).keys('n').write('Title').keys('tab').write('what').state;
		const again = recallDraft(keptDraft(draft));
		expect([again.title.text, again.what.text, again.field, again.error]).toEqual(['Title', 'what', 'title', '']);
		const empty = keptDraft(recallDraft(''));
		expect(empty).toBe('');
		for (const text of [
			'{',
			'[]',
			'{"texts":{"title":1},"kind":"task","priority":1,"audit":false}',
			'{"texts":{},"kind":"x","priority":9,"audit":0}',
		])
			expect(keptDraft(recallDraft(text))).toBe('');
	});
});

describe('files that complete a word', () => {
	test('stand after an @ at the end, the closest first, and none is offered for one that is there', () => {
		expect(wordToComplete('see @src/c')).toEqual({word: 'src/c', start: 4});
		expect([wordToComplete('a@b'), wordToComplete('@a b'), wordToComplete('')]).toEqual([undefined, undefined, undefined]);
		const files = ['docs/a-cart.md', 'src/cart/b.ts', 'cart.ts', 'src/x/cart.ts'];
		expect(completions(files, 'cart')).toEqual(['cart.ts', 'src/x/cart.ts', 'src/cart/b.ts', 'docs/a-cart.md']);
		expect(completions(files, 'cart.ts')).toEqual([]);
		expect(
			completions(
				Array.from({length: 20_000}, (_, at) => `f${at}`),
				'f',
			),
		).toHaveLength(5);
	});
});

describe('names', () => {
	const typed = (...keys: readonly string[]) => drive(busyRoom()).keys(...keys);
	const written = (driver: ReturnType<typeof drive>) => {
		const {dialog} = driver.state;
		return dialog?.kind === 'goto' || dialog?.kind === 'filter' ? dialog.text.text : '';
	};

	test('are completed by tab in go to and in filters, as far as they are sure, and told where several fit', () => {
		const goto = typed("'").write('re').keys('tab');
		expect(written(goto)).toBe('rev-1');
		const several = typed("'").write('d').keys('tab');
		expect(written(several)).toBe('dev-');
		expect(several.keys('tab').state.toast?.text).toMatch(/^dev-1 {2}dev-2 /);
		expect(typed("'").write('zz').keys('tab').state.toast).toMatchObject({isBad: true});
		const filter = typed('/').write('!r:dev').keys('tab');
		expect(written(filter)).toBe('!r:developer');
		expect(filter.state.filters[1]).toBe('!r:developer');
		expect(written(typed('/').write('cart a:mer').keys('tab'))).toBe('cart a:merge-1');
	});

	test('are offered in the fields of a new task, where tab takes one and enter goes on', () => {
		const form = typed('n').write('Title');
		while (form.state.draft.field !== 'after') form.keys('tab');
		form.write('t-1');
		expect(drawn(form).rows.join('\n')).toMatch(/▸ t-1\d/);
		form.keys('tab');
		expect(form.state.draft.after.text).toMatch(/^t-1\d $/);
		form.write('t-1').keys('enter');
		// The last field: enter adds it as it was written.
		expect(actions(form)).toMatchObject([{type: 'add-task', after: [expect.stringMatching(/^t-1\d$/), 't-1']}]);
	});

	test('pasted lines: the first is the title, and the others begin the description', () => {
		const form = typed('n').send({type: 'paste', text: 'Login fails\r\n\r\nSteps:\n- open\n- press\n'});
		expect([form.state.draft.title.text, form.state.draft.what.text]).toEqual(['Login fails', 'Steps:\n- open\n- press']);
	});
});
