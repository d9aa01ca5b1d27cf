import {describe, expect, test} from 'vitest';
import {attemptCount} from '../../../../source/core/task/attempts.ts';
import type {Task} from '../../../../source/core/task/task.ts';
import type {RoomSnapshot} from '../../../../source/store/room.ts';
import {boardColumns, type SORTS} from '../../../../source/ui/model/board.ts';
import {mergeOrders} from '../../../../source/ui/model/merges.ts';
import {NAMES} from '../../../../source/ui/pages/board/card.ts';
import {pageOf} from '../../../../source/ui/state/state.ts';
import {drawn} from '../../fixtures/drawn.ts';
import {drive} from '../../fixtures/driver.ts';
import {columnOf, open, withTerminals} from '../../fixtures/open.ts';
import {agent, ago, busyRoom, NOW, room, task} from '../../fixtures/room.ts';
import {createTestStore} from '../../fixtures/store.ts';

withTerminals();

const DAY = 86_400;
const standing = (snapshot: RoomSnapshot, filter = '', sort: (typeof SORTS)[number] = 'order') =>
	Object.fromEntries(boardColumns(snapshot, NOW, {filter, sort}).map(({name, tasks}) => [name, tasks.map(({id}) => id)]));
const withTasks = (snapshot: RoomSnapshot, ...changed: readonly Task[]): RoomSnapshot => ({
	...snapshot,
	team: {...snapshot.team, tasks: new Map([...snapshot.team.tasks, ...changed.map(one => [one.id, one] as const)])},
});
const chosen = (driver: ReturnType<typeof drive>) => {
	const page = pageOf(driver.state);
	return page?.kind === 'board' ? [page.column, page.selected] : undefined;
};

describe('the columns of the board', () => {
	test('hold every open task once, each in the order of its next steps', () => {
		expect(standing(busyRoom())).toEqual({
			queued: ['t-11', 't-12', 't-18', 't-14'],
			blocked: ['t-13'],
			working: ['t-2', 't-7', 't-3', 't-4', 't-5', 't-6'],
			review: ['t-8', 't-17'],
			merge: ['t-10', 't-9', 't-15'],
			done: ['t-1', 't-16'],
		});
	});

	test('keep what ended today, and what failed whenever that was', () => {
		const ended = room({
			tasks: [
				task('today', {state: 'merged', doneAt: ago(60)}),
				task('yesterday', {state: 'merged', doneAt: ago(DAY)}),
				task('gone', {state: 'cancelled', doneAt: ago(30)}),
				task('plan', {state: 'planned', doneAt: ago(90)}),
				task('failed', {state: 'failed', updatedAt: ago(3 * DAY)}),
			],
		});
		expect(standing(ended).done).toEqual(['gone', 'today', 'plan', 'failed']);
	});

	test('are filtered by words and their opposite, and sorted by age or cost', () => {
		const costly = withTasks(busyRoom(), task('t-6', {title: 'PDF invoice', state: 'leased', spent: 5, createdAt: ago(9000)}));
		expect(standing(costly, '', 'cost').working?.[0]).toBe('t-6');
		expect(standing(costly, '', 'age').working?.[0]).toBe('t-6');
		expect(standing(costly, 'search').working).toEqual(['t-7']);
		expect(standing(costly, 'dev !search').working).not.toContain('t-7');
	});

	test.each([
		['s:blocked', ['t-13']],
		['s:needs', ['t-2', 't-7']],
		['s:failed', ['t-16']],
		['s:crashed', ['t-3', 't-16']],
		['p:0', ['t-11']],
		['a:dev-3', ['t-2']],
		['agent:dev-3 !s:needs', []],
		['t:t-1', ['t-1']],
		['r:developer s:queued p:0', ['t-11']],
		['s:', undefined],
		['!', undefined],
		['nonsense:x', []],
	])('are filtered by `%s` as the lists of the room are', (filter, ids) => {
		const all = Object.values(standing(busyRoom(), '')).flat();
		expect(Object.values(standing(busyRoom(), filter)).flat()).toEqual(ids ?? all);
	});

	test('count the tasks that the room has not loaded', () => {
		const snapshot = busyRoom();
		const many = {...snapshot, team: {...snapshot.team, counts: {...snapshot.team.counts, ready: 5000, blocked: 40}}};
		expect(boardColumns(many, NOW, {filter: '', sort: 'order'}).slice(0, 2)).toMatchObject([{more: 4995}, {more: 39, all: 40}]);
	});
});

describe('what is chosen on the board', () => {
	test('moves with the keys, across columns by h and l, and is where one came from', () => {
		const driver = drive(busyRoom()).keys('t');
		expect(chosen(driver)).toEqual(['working', 't-2']);
		expect(chosen(driver.keys('j', 'j'))).toEqual(['working', 't-3']);
		expect(chosen(driver.keys('l'))).toEqual(['review', 't-17']);
		expect(chosen(driver.keys('h', 'h', 'h', 'h'))).toEqual(['queued', 't-11']);
		expect(chosen(driver.keys('G', 'right'))).toEqual(['blocked', 't-13']);
		expect(driver.keys('t').state.pages).toEqual([]);
	});

	test('sticks to its task while that goes from column to column, else to its place', () => {
		const driver = drive(busyRoom()).keys('t', 'j');
		driver.snapshot = withTasks(driver.snapshot, task('t-7', {title: 'Search filters', state: 'ready', stage: 'review'}));
		driver.send({type: 'snapshot'});
		expect(driver.keys('enter').state.pages.at(-1)).toMatchObject({kind: 'task', task: 't-7'});
		driver.keys('esc');
		expect(chosen(driver.keys('l'))).toEqual(['merge', 't-10']);
		const next = drive(busyRoom()).keys('t', 'j');
		next.snapshot = withTasks(next.snapshot, task('t-7', {state: 'merged', doneAt: ago(DAY)}));
		expect(next.keys('enter').state.pages.at(-1)).toMatchObject({kind: 'task', task: 't-3'});
	});

	test('sticks to what is marked when the board opens, though nothing was chosen in the room, and to the first that comes', () => {
		const idle = room({agents: [agent('dev', 1)]});
		const queued = withTasks(idle, task('t-1', {state: 'ready'}));
		const leased = withTasks(idle, task('t-1', {state: 'leased', owner: 'agent:dev:001'}));
		for (const steps of [
			[queued, leased],
			[idle, queued, leased],
		]) {
			const [first = idle, ...later] = steps;
			const driver = drive(first).keys('t');
			for (const snapshot of later) {
				driver.snapshot = snapshot;
				driver.send({type: 'snapshot'});
			}
			expect(chosen(driver)).toEqual(['working', 't-1']);
		}
	});

	test('stands where its task stood last, once that is gone', () => {
		const driver = drive(busyRoom()).keys('t', 'j');
		for (const changed of [task('t-7', {state: 'ready', stage: 'review'}), task('t-7', {state: 'merged', doneAt: ago(DAY)})]) {
			driver.snapshot = withTasks(driver.snapshot, changed);
			driver.send({type: 'snapshot'});
		}
		expect(chosen(driver)?.[0]).toBe('review');
	});

	test('is still the task that was meant when that was hidden by a filter, or was not known yet', () => {
		const driver = drive(busyRoom()).keys('t', 'j', '/').write('tax').keys('enter');
		driver.send({type: 'snapshot'}).keys('esc');
		expect(chosen(driver)).toEqual(['working', 't-7']);
	});

	test('takes every order of the room', () => {
		const board = () => drive(busyRoom()).keys('t');
		expect(board().keys('x').state.dialog).toEqual({kind: 'stop', agent: 'agent:dev:003', others: []});
		expect(board().keys('r').state.dialog).toMatchObject({kind: 'reassign', task: 't-2'});
		expect(board().keys('space').state.dialog).toMatchObject({kind: 'peek', row: 'agent:dev:003'});
		expect(board().keys('l', 'l', 'l', 'G', 'R').commands.at(-1)).toEqual({type: 'dispatch', action: {type: 'retry-task', task: 't-16'}});
	});

	test('changes places with its neighbour in the queue by J and K, and only there', () => {
		const queued = [task('t-1', {score: '1', createdAt: ago(30)}), task('t-2', {score: '2', createdAt: ago(20)})];
		const driver = drive(room({agents: [agent('dev', 1)], tasks: queued})).keys('t', 'J');
		expect(driver.commands.at(-1)).toMatchObject({type: 'dispatch', action: {type: 'move-task', task: 't-2', before: 't-1'}});
		expect(pageOf(driver.state)).toMatchObject({kind: 'board'});
		expect(drive(busyRoom()).keys('t', 'J').state.toast?.text).toContain('move queued tasks');
	});

	test('says what can be done with a task that has no agent', () => {
		for (const key of ['x', 'p', 'i'])
			expect(drive(busyRoom()).keys('t', 'h', 'h', 'j', key).state.toast?.text).toBe(
				'No agent is running t-12: D cancels it, 1 opens the agents panel.',
			);
	});

	test('gets another priority where it waits, and only there', () => {
		const queued = [task('t-1', {score: '1', priority: 50}), task('t-2', {score: '2', priority: 50})];
		const driver = drive(room({agents: [agent('dev', 1)], tasks: queued})).keys('t', 'j', '+');
		expect(driver.commands.at(-1)).toMatchObject({type: 'dispatch', action: {type: 'set-priority', task: 't-2', priority: 75}});
		const busy = drive(busyRoom()).keys('t', '-');
		expect(busy.commands).toEqual([]);
		expect(busy.state.toast?.text).toMatch(/^t-2 is not in the task queue/);
	});

	test('is among what a filter leaves, and skips columns in which it leaves nothing', () => {
		const driver = drive(busyRoom()).keys('t', '/').write('p:0').keys('enter');
		expect(driver.keys('enter').state.pages.at(-1)).toMatchObject({kind: 'task', task: 't-11'});
		const crashed = drive(busyRoom()).keys('t', '/').write('s:crashed').keys('enter');
		expect(crashed.keys('*').state.pages.at(-1)).toMatchObject({marks: ['t-3']});
		expect(chosen(crashed.keys('l'))).toEqual(['done', 't-16']);
		expect(chosen(crashed.keys('l', 'h'))).toEqual(['working', 't-3']);
	});

	test('is kept by a filter and by sorting; esc clears the filter before it leaves', () => {
		const driver = drive(busyRoom()).keys('t', 'j', '/').write('search').keys('enter');
		expect(pageOf(driver.state)).toMatchObject({filter: 'search', selected: 't-7'});
		expect(driver.keys('s', 's').state.pages.at(-1)).toMatchObject({sort: 'cost', selected: 't-7'});
		expect(pageOf(driver.keys('esc').state)).toMatchObject({kind: 'board', filter: ''});
		expect(driver.keys('esc').state.pages).toEqual([]);
		expect(pageOf(drive(busyRoom()).keys('t', '/').send({type: 'paste', text: 'tax'}).keys('esc').state)).toMatchObject({filter: ''});
	});
});

describe('marks on the board', () => {
	const marks = (driver: ReturnType<typeof drive>) => {
		const page = driver.state.pages.find(({kind}) => kind === 'board');
		return page?.kind === 'board' ? page.marks : [];
	};
	const board = (...keys: readonly string[]) => drive(busyRoom()).keys('t', ...keys);

	test('are of cards in any column, go with v and *, and before the filter and the page with esc', () => {
		const driver = board('v', 'l', 'v');
		expect(marks(driver)).toEqual(['t-2', 't-8']);
		expect(marks(driver.keys('v'))).toEqual(['t-2']);
		expect(marks(driver.keys('*'))).toEqual(['t-2', 't-8', 't-17']);
		expect(marks(driver.keys('*'))).toEqual(['t-2']);
		driver.keys('/').write('a').keys('enter', 'esc');
		expect([marks(driver), chosen(driver)?.[0]]).toEqual([[], 'review']);
		expect(pageOf(driver.keys('esc').state)).toMatchObject({kind: 'board', filter: ''});
		expect(driver.keys('esc').state.pages).toEqual([]);
	});

	test('are asked about together: running agents are paused and stopped, tasks are reassigned, restarted, cancelled, raised', () => {
		const two = () => board('v', 'j', 'v');
		expect(two().keys('p').state.dialog).toMatchObject({kind: 'confirm', question: 'Pause 2 agents?'});
		expect(two().keys('x').state.dialog).toMatchObject({kind: 'stop', agent: 'agent:dev:003', others: ['agent:dev:006']});
		expect(two().keys('r').state.dialog).toMatchObject({kind: 'reassign', task: 't-2', others: ['t-7']});
		expect(two().keys('D').state.dialog).toMatchObject({kind: 'confirm', names: ['t-2', 't-7']});
		expect(two().keys('D', 'y').commands.at(-1)).toMatchObject({type: 'dispatch-all', word: 'cancelled'});
		expect(marks(two().keys('D', 'y'))).toEqual([]);
		expect(board('h', 'h', '*', '+').commands.at(-1)).toMatchObject({type: 'dispatch-all', word: 'raised'});
		expect(board('h', 'h', 'v', 'p').state.toast?.text).toContain('No running agent is marked');
	});

	test('vanish with their tasks, also while another page lies over the board, and no filter hides them from an order', () => {
		const driver = board('v', 'j', 'v', 'enter');
		const tasks = new Map(driver.snapshot.team.tasks);
		tasks.delete('t-7');
		driver.snapshot = {...driver.snapshot, team: {...driver.snapshot.team, tasks}};
		driver.send({type: 'snapshot'});
		expect(marks(driver)).toEqual(['t-2']);
		const hidden = board('v').keys('/').write('invoice').keys('enter', 'v', 'D');
		expect(hidden.state.dialog).toMatchObject({names: ['t-2', 't-6']});
	});
});

describe('the board on the screen', () => {
	const changes = new Map([
		['t-5', {files: 3, added: 61, removed: 8}],
		['t-1', {files: 1, added: 84, removed: 12}],
	]);
	const merged = Array.from({length: 6}, (_, index) =>
		task(`m-${index}`, {state: 'merged', createdAt: ago(4000), startedAt: ago(3000), doneAt: ago(3000 - 840), spent: 900_000}),
	);
	const full = (): RoomSnapshot => withTasks(busyRoom({changes: {changes}}), ...merged);

	test('has cards that say what each task waits for, what similar tasks took, and what changed', async () => {
		const terminal = open(createTestStore(full()), {columns: 160, rows: 45});
		await terminal.shows('ROOM │');
		terminal.type('t');
		await terminal.shows('BOARD │');
		const rows = terminal.rows();
		expect(rows[0]).toMatch(
			/^ agent-room › board {3}shop@main .* sort: order {3}lead time 30m median {3}cost\/task \$0\.90 median +14:32 $/,
		);
		expect(rows[1]).toMatch(/^╭─Queued 4 ─+╮╭─Blocked 1 ─+╮┏━Running 6 ━+┓╭─Review 2 ─+╮╭─Merge 3 ─+╮╭─Done, failed 8 ─+╮$/);
		expect(rows.slice(2, 5).map(row => row.slice(0, 27))).toEqual([
			'│ P0 t-11 Checkout 500s   │',
			'│  ~14m · ~$0.90          │',
			'│  → dev-8                │',
		]);
		expect(terminal.text()).toMatch(/▸▲A t-2 Tax rounding .*\n.*┃ {2}dev-3 .*\n.*┃ {2}needs input: Bash/);
		expect(terminal.text()).toContain('┃  +61 -8 · 3 files       ┃');
		expect(terminal.text()).toMatch(/✓ {2}t-1 Zip codes .*\n.* {2}\+84 -12 .*\n.* {2}merged 14:28/);
		expect(columnOf(rows, 2, 40, 0)).toBe('│'.repeat(40));
		expect(columnOf(rows, 2, 40, 159)).toBe('│'.repeat(40));
	});

	test('scrolls across columns where not all fit, and in rows where none do', async () => {
		const terminal = open(createTestStore(full()), {columns: 100, rows: 30});
		await terminal.shows('ROOM │');
		terminal.type('tlll');
		await terminal.shows('← Running 6');
		expect(terminal.text()).toContain('┏━Done, failed 8 ━');
		terminal.resize(80, 24);
		await terminal.shows('Merge 3 [Done 8]');
		expect(terminal.text()).toMatch(/✗ {2}t-16 Old importer +attempt 3 of 3 failed/);
		terminal.resize(40, 15);
		await terminal.shows('Done, failed 8  6 of 6');
		for (const row of terminal.rows()) expect(row.length).toBe(40);
	});

	test('says how many cards do not fit, also where they fill the last row', () => {
		const many = Array.from({length: 30}, (_, index) => task(`t-${index}`, {state: 'leased', owner: 'agent:dev:001'}));
		for (const rows of [24, 25, 26, 27, 28]) {
			const driver = drive(room({agents: [agent('dev', 1)], tasks: many}), {columns: 160, rows}).keys('t');
			const shown = drawn(driver).rows;
			const top = shown.findIndex(row => row.includes('Running'));
			const from = shown[top]?.lastIndexOf('╭', shown[top]?.indexOf('Running')) ?? 0;
			const column = shown.slice(top).map(row => row.slice(from, row.indexOf('╮', from)));
			const cards = column.filter(row => /t-\d/.test(row)).length;
			expect(column.join('\n')).toContain(`… ${30 - cards} more`);
		}
	});

	test('shows what is marked, and offers what fits the chosen card', async () => {
		const terminal = open(createTestStore(full()), {columns: 160, rows: 45});
		await terminal.shows('ROOM │');
		terminal.type('tv');
		await terminal.shows('1 marked · esc');
		expect(terminal.text()).toContain('▸*▲A t-2 Tax');
		expect(terminal.text()).not.toContain('J/K order');
		terminal.type('hh');
		await terminal.shows('J/K order');
		expect(terminal.rows().at(-1)).toContain('h/l column');
	});

	test('says in an empty room what each column is for, and the next key', async () => {
		const terminal = open(createTestStore(room()), {columns: 160, rows: 36});
		await terminal.shows('ROOM │');
		terminal.type('t');
		await terminal.shows('No agents running.');
		for (const text of ['No queued tasks.', 'n  new task', 'No blocked tasks.', 'm  merge queue', 'w  what changed'])
			expect(terminal.text()).toContain(text);
	});

	test('draws what its window shows, however many tasks there are', () => {
		let reads = 0;
		const many = Array.from({length: 2000}, (_, index) => {
			const plain = task(`t-${index}`, {state: index % 2 ? 'ready' : 'leased', owner: 'agent:dev:001'});
			const title = (): string => {
				reads++;
				return 'A title';
			};
			return Object.defineProperty({...plain}, 'title', {enumerable: true, get: title});
		});
		const driver = drive(room({agents: [agent('dev', 1, {status: 'working', task: 't-0'})], tasks: many})).keys('t', 'G');
		reads = 0;
		expect(drawn(driver).rows.join('\n')).toContain('t-1998');
		expect(reads).toBeGreaterThan(10);
		expect(reads).toBeLessThan(100);
	});
});

test('what waits for a task or for you is blocked in any stage, and a failed task is not called done', () => {
	const waits = {state: 'blocked', decision: 'checks', waitReason: 'NOT READY: scope'};
	const tasks = [
		task('t-1', {...waits, stage: 'merge'}),
		task('t-2', {...waits, stage: 'review', decision: 'rounds'}),
		task('t-3', {state: 'failed', attempt: 1, failures: 3, updatedAt: ago(60)}),
	];
	const snapshot = room({tasks});
	const columns = boardColumns(snapshot, NOW, {filter: '', sort: 'order'});
	expect(columns.find(({name}) => name === 'blocked')?.all).toBe(snapshot.team.counts.blocked);
	expect(NAMES.done).toBe('Done, failed');
	expect(tasks.map(attemptCount)).toEqual(['1 of 3', '1 of 3', '3 of 3 failed']);
});

test('recent merges come from the tasks where their events are no longer kept', () => {
	const merged = task('t-1', {state: 'merged', mergedCommit: 'a41c0ff', doneAt: ago(210)});
	expect(mergeOrders(room({tasks: [merged]}))).toEqual([{at: ago(210), task: 't-1', kind: 'merged', text: 'a41c0ff'}]);
});

test('a task that is blocked is told its blocker once, and its page what the two answers are', async () => {
	const blocked = task('t-1', {state: 'blocked', decision: 'blocked', waitReason: 'blocked: no key', title: 'Sign in'});
	const terminal = open(createTestStore(room({tasks: [blocked]})), {columns: 80, rows: 24});
	await terminal.shows('ROOM │');
	terminal.type('t');
	await terminal.shows('blocked · no key');
	terminal.type('\r');
	await terminal.shows('continue or answer: space opens it');
});

test('columns without cards keep their heading and give the others their width', async () => {
	const tasks = [task('t-1'), task('t-2', {state: 'blocked', after: 't-1'}), task('t-3', {state: 'merged', doneAt: ago(60)})];
	const terminal = open(createTestStore(room({tasks})), {columns: 160, rows: 45});
	await terminal.shows('ROOM │');
	terminal.type('t');
	await terminal.shows('Queued 1');
	const widths = (): readonly number[] => (terminal.rows()[1] ?? '').split(/[╮┓]/).map(edge => edge.length + 1);
	expect(widths().slice(0, 6)).toEqual([35, 36, 18, 18, 18, 35]);
	// Where five of full width fitted, all six do.
	terminal.resize(128, 40);
	await terminal.shows(() => /Done, failed 1/.test(terminal.rows()[1] ?? ''));
	expect(terminal.text()).toMatch(/│ No agents +│/);
});

test('a row has one age, that of its state; below, the whole time says what it is', async () => {
	const tasks = [
		task('t-1', {state: 'leased', owner: 'agent:dev:001', startedAt: ago(2400), stageAt: ago(2400), attempt: 1}),
		task('t-2', {state: 'merged', startedAt: ago(1500), doneAt: ago(60), attempt: 1}),
	];
	const snapshot = room({agents: [agent('dev', 1, {status: 'working', statusAt: ago(300)})], tasks});
	const terminal = open(createTestStore(snapshot), {columns: 80, rows: 24});
	await terminal.shows('ROOM │');
	terminal.type('t');
	await terminal.shows('attempt 1 of 3 · started 40m ago');
	const row = terminal.rows().find(text => /┃▸.. t-1 /.test(text)) ?? '';
	expect(row.match(/\b\d+[smh]\b/g)).toHaveLength(1);
	terminal.type('lll');
	await terminal.shows('attempt 1 of 3 · took 24m');
	expect(terminal.rows().find(text => /┃▸.. t-2 /.test(text))).not.toMatch(/\b\d+[smh]\b/);
});
