import {describe, expect, test} from 'vitest';
import {withoutTexts} from '../../../source/core/task/task.ts';
import type {RoomSnapshot} from '../../../source/store/room.ts';
import {columnOf, open, withTerminals} from '../fixtures/open.ts';
import {ago, busyRoom, event, room, task} from '../fixtures/room.ts';
import {createTestStore, type TestStore} from '../fixtures/store.ts';
import {askingRoom, foreseen, mergesRoom, replanned, texts} from '../fixtures/team.ts';
import {until} from '../fixtures/terminal.ts';

withTerminals();

const storeOf = (snapshot: RoomSnapshot): TestStore => {
	const store = createTestStore(snapshot);
	for (const [id, long] of texts) store.texts.set(id, long);
	return store;
};
describe('tasks that need approval', () => {
	test('stand among what needs a person, in the attention bar and in the queue', async () => {
		const terminal = open(storeOf(askingRoom()), {columns: 160, rows: 45});
		await terminal.shows('NEEDS YOU 3');
		expect(terminal.rows()[3]).toContain('▲A —      login Add login … approve the plan?   2m');
		expect(terminal.rows()[0]).toContain('▲3 for you');
		expect(terminal.text()).toMatch(/login Add login .* ▲ approval +│/);
		expect(terminal.text()).toContain(' needs approval: approve the plan?');
		expect(terminal.rows()[43]).toMatch(/^ ▲ login needs approval: approve the plan\? {3}waiting 2m {3}\+2 more +a answer $/);
	});

	test('show the plan in order, with dependencies by number, and the chosen task in full', async () => {
		const terminal = open(storeOf(askingRoom()), {columns: 160, rows: 45});
		await terminal.shows('ROOM │');
		terminal.type('a');
		await terminal.shows('Plan for login ▲');
		// The page stands before its texts have come.
		for (const words of [
			'4 tasks to add  proposed by orch-1, 2m ago',
			'▸1 P1 login-hash  Hash passwords with scrypt',
			'⊘ 1 t-8  frontend',
			'⊘ 2 3    Docs writer',
			'scope       src/auth/**',
			'· No password is stored in the clear',
			'PLAN │ y approve  e edit  n reject…',
		])
			await terminal.shows(words);
		terminal.type('jj');
		await terminal.shows('▸3 P2 login-limit');
		await terminal.shows('after       login-hash (Hash passwords with scrypt)');
	});

	test('show what a new plan adds and cancels', async () => {
		const store = storeOf(askingRoom());
		store.texts.set('login', {proposal: JSON.stringify(replanned)});
		const terminal = open(store, {columns: 80, rows: 24});
		await terminal.shows('ROOM │');
		terminal.type('a');
		await terminal.shows('1 task to add, 1 to cancel');
		expect(terminal.text()).toMatch(/- P2 login-form The login form {2}is cancelled; dev-1 is stopped/);
	});

	test('say that an editor cannot be opened, and take the comment of a rejection', async () => {
		const terminal = open(storeOf(askingRoom()), {columns: 80, rows: 24});
		await terminal.shows('ROOM │');
		terminal.type('a');
		await terminal.shows('PLAN │');
		// A key counts once the plan has stood on the screen.
		await until(() => {
			terminal.type('e');
			return terminal.text().includes('! This terminal cannot open an editor.');
		}, terminal.text);
		terminal.type('n');
		await terminal.shows('COMMENT │ ↵ send  esc close (draft kept)');
		terminal.type('too many');
		await terminal.shows('too many');
	});

	test('show the review rounds that are used up, must-fix first', async () => {
		const terminal = open(storeOf(askingRoom()), {columns: 80, rows: 24});
		await terminal.shows('ROOM │');
		terminal.type('a\t');
		await terminal.shows('DECIDE │ y approve  n request changes…');
		await terminal.shows('✗ round 2 rev-2 requests changes (1 must-fix) at 9d771c3, 2m ago');
		const text = terminal.text();
		expect(text.indexOf('must-fix  src/cart/total.ts:46')).toBeGreaterThan(0);
		expect(text.indexOf('nit       src/cart/types.ts:3')).toBeGreaterThan(text.indexOf('src/cart/total.ts:46'));
	});
});

describe('the smallest screen', () => {
	test('shows what is decided and what is written about it', async () => {
		const terminal = open(storeOf(askingRoom()), {columns: 40, rows: 10});
		await terminal.shows('ROOM │');
		terminal.type('a');
		await terminal.shows('▸1 P1 Hash passwords');
		terminal.type('\t');
		await terminal.shows('n  request changes');
		await terminal.shows('✗ round 2');
		await until(() => {
			terminal.type('n');
			return terminal.text().includes('COMMENT │');
		}, terminal.text);
		terminal.type('too many');
		await terminal.shows('too many');
	});
});

describe('a task in full', () => {
	test('says where it stands and why, what was judged, and which keys help', async () => {
		const terminal = open(storeOf(askingRoom()), {columns: 118, rows: 90});
		await terminal.shows('ROOM │');
		terminal.type('jT');
		await terminal.shows('REVIEWS ─');
		for (const words of [
			'agent-room › t-8 Cart totals',
			'1 Timeline   2 Attempts 1  [3 Task]  4 Diff   5 Merge check ✗',
			'stage       review, blocked, after 2 review rounds',
			'waiting     t-6 (blocked)',
			'· Totals equal the sum of the lines in cents',
			'must-fix  src/cart/total.ts:46 fromCents throws over 2^53',
			'last run    failed (exit 1) after 58s',
			'log         t-8-test-2.log · l opens it',
			'flaky       tests failed, then passed on the same commit, once',
			'removed     from merge queue once',
			'real        with 51fe0a2c9 on the base branch; a merge is in progress',
			'dev-3 had it before (attempt 1)',
			'   expected 1000 to be 999',
			'space approve or request changes',
			'D     cancel task…',
			'TASK │ esc back',
		])
			expect(terminal.text()).toContain(words);
		expect(columnOf(terminal.rows(), 2, 85, 117)).toMatch(/^┃+$/);
		terminal.type('1');
		await terminal.shows('● 14:27 dev-5 started (develop)');
	});

	test('is read where the room has not loaded it, and said to be missing where there is none', async () => {
		const events = [event(1, {type: 'task_merged', task: 'old-1'}), event(2, {type: 'task_merged', task: 'old-2'})];
		const store = createTestStore(room({events}));
		store.whole = async id =>
			id === 'old-1' ? {...withoutTexts(task('old-1', {title: 'Long ago', state: 'merged'})), description: 'It was done.'} : undefined;
		const terminal = open(store, {columns: 80, rows: 24});
		await terminal.shows('ROOM │');
		terminal.type('4g\r');
		await terminal.shows('It was done.');
		terminal.type('\x1b');
		await terminal.shows('ROOM │');
		terminal.type('G\r');
		await terminal.shows('No task `old-2`. esc goes back.');
	});
});

describe('the plan of a feature, as a task', () => {
	test('counts plans that were not valid, not review rounds', async () => {
		const store = createTestStore(
			room({tasks: [task('login', {stage: 'plan', firstStage: 'plan', state: 'blocked', decision: 'plan', rounds: 2})]}),
		);
		const terminal = open(store, {columns: 80, rows: 24});
		await terminal.shows('ROOM │');
		terminal.type('T');
		await terminal.shows('stage       plan, blocked, after 2 plans that were not valid');
	});
});

describe('the merge queue', () => {
	test('shows its entries in order with their tests, and what waits behind', async () => {
		const terminal = open(storeOf(mergesRoom()), {columns: 160, rows: 45});
		await terminal.shows('ROOM │');
		terminal.type('m');
		await terminal.shows('Merge queue 4 + 2 waiting');
		const rows = terminal.rows();
		expect(rows[0]).toMatch(
			/^ agent-room › merges {2}main@51fe0a2 ✓ passing {2}1 testing {2}2 passed {2}1 failed {2}1 skipped {2}1 waiting {2}locked by merge-1/,
		);
		expect(rows[3]).toMatch(/^┃▸ {2}1 t-1 {2}Login throttle +dev-1 +RUNNING {3}» merging {2}✓ 58s .* main +3m +┃$/);
		expect(rows[4]).toMatch(/2 t-2 {2}Cache headers .* ✓ passed +✓ 1m .* t-1 +3m/);
		expect(rows[5]).toMatch(/3 t-3 {2}Stripe upgrade .* RUNNING {3}● testing +… 1m/);
		expect(rows[6]).toMatch(/4 t-4 {2}Guest orders .* NOT READY ✗ failed/);
		expect(rows[7]).toMatch(/· t-5 {2}Alt texts .* NOT READY » skipped/);
		expect(rows[8]).toMatch(/· t-6 {2}Sitemap .* NOT READY · waits/);
		expect(terminal.text()).toContain('✗ t-7 removed: tests failed twice, the entry before it passed:');
		expect(terminal.text()).toContain('✓ t-0 merged as 51fe0a2');
		terminal.type('jjjj');
		await terminal.shows('conflicts with t-3 ahead in the merge queue (package.json)');
	});

	test('says that the base branch fails, what that means, and what to do', async () => {
		const control = {failingBase: '51fe0a2c9d', failingSince: ago(120), failingWhy: 'npm test fails there too'};
		const events = [event(1, {type: 'base_failing', task: 't-1', text: 'main fails: its own tests fail'})];
		const terminal = open(storeOf(mergesRoom({control, events})), {columns: 80, rows: 45});
		await terminal.shows('✗ main fails its tests at 51fe0a2');
		terminal.type('a');
		await terminal.shows('MERGES │');
		expect(terminal.rows()[0]).toContain('main@51fe0a2 ✗ failing');
		expect(terminal.text()).toMatch(/No task is +┃\n┃ blamed: agent-room tries one at a time/);
		expect(terminal.text()).toContain('14:27 ! main fails: its own');
	});

	test('says what comes here while it is empty, and what is missing without a test command', async () => {
		const terminal = open(storeOf(room()), {columns: 80, rows: 24});
		await terminal.shows('ROOM │');
		terminal.type('m');
		await terminal.shows('Nothing to merge.');
		const without = open(storeOf(room({changes: {hasTestCommand: false}})), {columns: 80, rows: 24});
		await without.shows('ROOM │');
		without.type('m');
		await without.shows('Set `test:` in');
	});
});

describe('conflicts that are foreseen', () => {
	test('are named with their files beside the locks, with their number in the title', async () => {
		const terminal = open(storeOf(busyRoom({changes: {conflicts: foreseen}})), {columns: 160, rows: 45});
		await terminal.shows('[3 Locks 4] 6 Conflicts 2 ');
		terminal.type('6');
		await terminal.shows('3 Locks 4 [6 Conflicts 2]');
		expect(terminal.text()).toMatch(/▸t-5 and t-8 +dev-1, re… +4m/);
		expect(terminal.text()).toContain('src/cart/total.ts +2');
		expect(terminal.text()).toMatch(/!t-5 and main +dev-1 +30s/);
	});

	test('are a tab where there is less room, and say what comes there while there are none', async () => {
		const terminal = open(storeOf(busyRoom({changes: {conflicts: foreseen}})), {columns: 80, rows: 24});
		await terminal.shows('6 Conflicts 2');
		const none = open(storeOf(busyRoom()), {columns: 80, rows: 24});
		await none.shows('5 Plan');
		expect(none.text()).not.toContain('Conflicts');
		none.type('6');
		await none.shows('No conflicts predicted.');
	});
});

describe('a terminal that shows ASCII only, or no colour', () => {
	test('gets every page and dialog in ASCII', async () => {
		const terminal = open(
			storeOf(askingRoom({changes: {conflicts: foreseen}})),
			{columns: 160, rows: 45},
			{environment: {TERM: 'xterm', AGENT_ROOM_ASCII: '1'}},
		);
		await terminal.shows('ROOM |');
		for (const [keys, word] of [
			['a', 'PLAN |'],
			['\t', 'DECIDE |'],
			['t', 'TASK |'],
			['m', 'MERGES |'],
			['6', 'ROOM |'],
		] as const) {
			terminal.type(keys);
			await terminal.shows(word);
			expect(terminal.text()).not.toMatch(/[^\n\x20-\x7e]/);
		}
	});

	test('tells a failing base branch and a plan by words and bold where there is no colour', async () => {
		const control = {failingBase: '51fe0a2c9d', failingSince: ago(120), failingWhy: ''};
		const terminal = open(storeOf(askingRoom({control})), {columns: 80, rows: 24}, {environment: {TERM: 'xterm', NO_COLOR: '1'}});
		await terminal.shows('ROOM │');
		terminal.type('m');
		await terminal.shows('main fails its tests at 51fe0a2');
		const codes = [...terminal.output().matchAll(/\x1b\[([\d;]*)m/g)].flatMap(match => (match[1] ?? '').split(';'));
		expect(codes.filter(code => /^(3[0-7]|4[0-7]|9[0-7]|10[0-7]|38|48)$/.test(code))).toEqual([]);
	});
});
