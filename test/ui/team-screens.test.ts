import {describe, expect, test} from 'vitest';
import {withoutTexts} from '../../source/core/task.ts';
import type {RoomSnapshot} from '../../source/store/room.ts';
import {columnOf, open, withTerminals} from './fixtures/open.ts';
import {ago, busyRoom, event, room, task} from './fixtures/room.ts';
import {createTestStore, type TestStore} from './fixtures/store.ts';
import {askingRoom, foreseen, plan, replanned, reviews, texts, trainRoom} from './fixtures/team.ts';
import {type Attached, until} from './fixtures/terminal.ts';

withTerminals();

const storeOf = (snapshot: RoomSnapshot): TestStore => {
	const store = createTestStore(snapshot);
	for (const [id, long] of texts) store.texts.set(id, long);
	return store;
};
/** The sizes of the screens, each with how a frame that fills it must stand. */
const SIZES = [
	{columns: 160, rows: 45},
	{columns: 100, rows: 30},
	{columns: 80, rows: 24},
	{columns: 40, rows: 15},
] as const;

describe('tasks that ask', () => {
	test('stand among what needs a person, in the attention bar and in the queue', async () => {
		const terminal = open(storeOf(askingRoom()), {columns: 160, rows: 45});
		await terminal.shows('NEEDS YOU 3');
		expect(terminal.rows()[3]).toContain('▲A —      login Add login wi… asks: accept i…   2m');
		expect(terminal.rows()[0]).toContain('▲3 need you');
		expect(terminal.text()).toContain('▲ plan waits for you'.slice(0, 10));
		expect(terminal.text()).toContain('asks you: waits for you: accept its plan');
		expect(terminal.rows()[43]).toMatch(/^ ▲ login asks: accept its plan\? {3}waiting 2m {3}\+2 more +a look and answer $/);
	});

	test('show the plan in order, with dependencies by number, and the chosen task in full', async () => {
		const terminal = open(storeOf(askingRoom()), {columns: 160, rows: 45});
		await terminal.shows('ROOM │');
		terminal.type('a');
		await terminal.shows('Plan of login ▲');
		for (const words of [
			'4 tasks to add  proposed by orch-1, 2m ago',
			'▸1 P1 login-hash  Hash passwords with scrypt',
			'⊘ 1 t-8  frontend',
			'⊘ 2 3    documentation-writer',
			'touches     src/auth/**',
			'· No password is stored in the clear',
			'PLAN │ y accept  e edit  n reject…',
		])
			expect(terminal.text()).toContain(words);
		terminal.type('jj');
		await terminal.shows('▸3 P2 login-limit');
		expect(terminal.text()).toContain('after       login-hash (Hash passwords with scrypt)');
	});

	test('show what a new plan adds and cancels', async () => {
		const store = storeOf(askingRoom());
		store.texts.set('login', {proposal: JSON.stringify(replanned)});
		const terminal = open(store, {columns: 80, rows: 24});
		await terminal.shows('ROOM │');
		terminal.type('a');
		await terminal.shows('1 task to add, 1 to cancel');
		expect(terminal.text()).toMatch(/- P2 login-form The login form {2}is cancelled, dev-1 works on it/);
	});

	test('say that an editor cannot be opened, and take the words of a rejection', async () => {
		const terminal = open(storeOf(askingRoom()), {columns: 80, rows: 24});
		await terminal.shows('ROOM │');
		terminal.type('a');
		await terminal.shows('PLAN │');
		// A key counts once the plan has stood on the screen.
		await until(() => {
			terminal.type('e');
			return terminal.text().includes('! This terminal can open no editor.');
		}, terminal.text);
		terminal.type('n');
		await terminal.shows('REJECT │ ↵ send  esc back (words are kept)');
		terminal.type('too many');
		await terminal.shows('too many');
	});

	test('show the rounds of review that are used up, must-fix first', async () => {
		const terminal = open(storeOf(askingRoom()), {columns: 80, rows: 24});
		await terminal.shows('ROOM │');
		terminal.type('a\t');
		await terminal.shows('DECIDE │ y accept  n send back…');
		const text = terminal.text();
		expect(text).toContain('✗ round 2 rev-2 wants changes (1 must-fix) at 9d771c3, 2m ago');
		expect(text.indexOf('must-fix  src/cart/total.ts:46')).toBeGreaterThan(0);
		expect(text.indexOf('nit       src/cart/types.ts:3')).toBeGreaterThan(text.indexOf('src/cart/total.ts:46'));
	});
});

describe('a task in full', () => {
	test('says where it stands and why, what was judged, and which keys help', async () => {
		const terminal = open(storeOf(askingRoom()), {columns: 160, rows: 45});
		await terminal.shows('ROOM │');
		terminal.type('jt');
		await terminal.shows('REVIEWS ─');
		for (const words of [
			'agent-room › t-8 Cart totals',
			'stands at   review, blocked, after 2 rounds of changes',
			'waiting     t-6 (blocked)',
			'· Totals equal the sum of the lines in cents',
			'must-fix  src/cart/total.ts:46 fromCents throws over 2^53',
			'last run    failed (exit 1) after 58s',
			'log         t-8-test-2.log · l opens it',
			'flaky       once its tests failed and then passed on the same commit',
			'thrown out  of the train once, with proof',
			'real        with 51fe0a2c9 on the base; a merge is in progress',
			'dev-3 had it before (attempt 1)',
			'   expected 1000 to be 999',
			'14:27 ● dev-5 takes t-8 (develop)',
			'space decide: accept or reject',
			'D     cancel a task…',
			'TASK │ esc back',
		])
			expect(terminal.text()).toContain(words);
		expect(columnOf(terminal.rows(), 2, 40, 159)).toMatch(/^┃+$/);
	});

	test('is read where the room does not know it by heart, and said to be missing where there is none', async () => {
		const events = [event(1, {type: 'task_merged', task: 'old-1'}), event(2, {type: 'task_merged', task: 'old-2'})];
		const store = createTestStore(room({events}));
		store.whole = async id =>
			id === 'old-1' ? {...withoutTexts(task('old-1', {title: 'Long ago', state: 'merged'})), brief: 'It was done.'} : undefined;
		const terminal = open(store, {columns: 80, rows: 24});
		await terminal.shows('ROOM │');
		terminal.type('4g\r');
		await terminal.shows('It was done.');
		terminal.type('\x1b');
		await terminal.shows('ROOM │');
		terminal.type('G\r');
		await terminal.shows('There is no task old-2. esc goes back.');
	});
});

describe('the merge train', () => {
	test('shows its cars in order with their tests, and what waits behind', async () => {
		const terminal = open(storeOf(trainRoom()), {columns: 160, rows: 45});
		await terminal.shows('ROOM │');
		terminal.type('m');
		await terminal.shows('Train 4 + 2 behind it');
		const rows = terminal.rows();
		expect(rows[0]).toMatch(
			/^ agent-room › merges {2}main@51fe0a2 ✓ green {2}1 testing {2}2 passed {2}1 failed {2}1 aside {2}1 wait {2}lock held by merge-1/,
		);
		expect(rows[3]).toMatch(/^┃▸ {2}1 t-1 {2}Login throttle +dev-1 +» landing {2}passed in 58s +✓ rev-1 +1cand00 +main +3m +┃$/);
		expect(rows[4]).toMatch(/2 t-2 {2}Cache headers .* ✓ passed +passed in 61s .* 2cand00 +t-1 +1 /);
		expect(rows[5]).toMatch(/3 t-3 {2}Stripe upgrade .* ● testing +running 64s/);
		expect(rows[6]).toMatch(/4 t-4 {2}Guest orders .* ✗ failed +failed \(exit 1\) after 12s/);
		expect(rows[7]).toMatch(/· t-5 {2}Alt texts .* » aside/);
		expect(rows[8]).toMatch(/· t-6 {2}Sitemap .* · waits/);
		expect(terminal.text()).toContain('✗ t-7 thrown out: tests failed twice, the car before it passed:');
		expect(terminal.text()).toContain('✓ t-0 landed as 51fe0a2');
		terminal.type('jjjj');
		await terminal.shows('conflicts with t-3 ahead of it in the train (package.json)');
	});

	test('says that the base is red, what that means, and what to do', async () => {
		const control = {red: '51fe0a2c9d', redAt: ago(120), redWhy: 'npm test fails there too'};
		const terminal = open(storeOf(trainRoom({control})), {columns: 80, rows: 24});
		await terminal.shows('✗ main is red at 51fe0a2');
		terminal.type('a');
		await terminal.shows('MERGES │');
		expect(terminal.rows()[0]).toContain('main@51fe0a2 ✗ red');
		expect(terminal.text()).toContain('Nothing is blamed on a ');
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
		await none.shows('5 Orchestrator');
		expect(none.text()).not.toContain('Conflicts');
		none.type('6');
		await none.shows('No conflicts in sight.');
	});
});

describe('hostile text', () => {
	const hostile = '\x1b[2J\x1b]0;owned\x07 漢字かな\r\n\tשלום\u202e 👩‍👩‍👧‍👦 \ud800';
	const bad = hostile.repeat(40);
	const poisoned = (): TestStore => {
		const snapshot = askingRoom({changes: {conflicts: [{tasks: ['t-8', bad], files: [bad, bad], since: 1}]}});
		const tasks = new Map(
			[...snapshot.team.tasks].map(([id, one]) => [
				id,
				{...one, title: bad, hold: bad, branch: bad, progress: bad, reason: bad, testLog: bad, after: [bad]},
			]),
		);
		const car = task('t-20', {title: bad, stage: 'test', state: 'ready', hold: bad, author: bad, reviewer: bad, reviewedCommit: bad});
		const store = createTestStore({
			...snapshot,
			team: {...snapshot.team, tasks: new Map([...tasks, [car.id, car]]), control: {...snapshot.team.control, red: 'abc', redWhy: bad}},
		});
		const [first] = plan.tasks;
		const worst = {...first, id: bad, title: bad, brief: bad, acceptance: [bad], after: [bad], needs: [bad], paths: [bad], role: bad};
		store.texts.set('login', {proposal: JSON.stringify({summary: bad, tasks: [worst, worst], cancel: [bad, 't-5']})});
		const comments = [{file: bad, line: 3, severity: 'must-fix' as const, text: bad}];
		store.texts.set('t-8', {
			brief: bad,
			acceptance: [bad],
			handover: bad,
			feedback: bad,
			reviews: reviews.map(round => ({...round, reviewer: bad, text: bad, comments})),
		});
		return store;
	};

	/** The cells of a row, each where it stands. */
	const cellsOf = ({screen}: Attached, y: number): string[] => {
		const {columns} = screen;
		const text = Array<string>(columns).fill('');
		const numbers = {foreground: new Int32Array(columns), background: new Int32Array(columns), style: new Uint16Array(columns)};
		screen.readRow(y, {text, width: new Uint8Array(columns), ...numbers});
		return text;
	};
	/** The heavy box has both its sides on each of its rows. */
	const expectWhole = (terminal: Attached): void => {
		const rows = Array.from({length: terminal.screen.rows}, (_, y) => cellsOf(terminal, y));
		const top = rows.findIndex(row => row.includes('┏'));
		const bottom = rows.findIndex(row => row.includes('┗'));
		const [left, right] = [rows[top]?.indexOf('┏') ?? -1, rows[top]?.indexOf('┓') ?? -1];
		expect(bottom - top).toBeGreaterThan(3);
		const sides = rows.slice(top + 1, bottom).map(row => `${row[left]}${row[right]}`);
		expect(sides, terminal.text()).toEqual(sides.map(() => '┃┃'));
	};

	test.each(SIZES)('breaks no row of a plan, a decision, a task or the train at %o', async size => {
		const terminal = open(poisoned(), size);
		await terminal.shows('ROOM │');
		const holds = async (keys: string, word: string): Promise<void> => {
			terminal.type(keys);
			await terminal.shows(word);
			expectWhole(terminal);
			const foreign = terminal
				.output()
				.replaceAll(/\x1b\]2;\d*▲? ?\d+● agent-room\x07/g, '')
				.match(/\x1b\]|\x07|\x1b\[2J|\r|\n/g);
			expect(foreign).toBeNull();
		};
		await holds('a', 'PLAN │');
		terminal.type('jj');
		// A key counts once the plan has stood on the screen.
		await until(() => {
			terminal.type('n');
			return terminal.text().includes('REJECT │');
		}, terminal.text);
		expectWhole(terminal);
		await holds('\x1b', 'PLAN │');
		await holds('\t', 'DECIDE │');
		await holds('t', 'TASK │');
		await holds('m', 'MERGES │');
	});
});
