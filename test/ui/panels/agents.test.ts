import {describe, expect, test} from 'vitest';
import {exitCodeOf} from '../../../source/commands/show/status.ts';
import {statusText} from '../../../source/commands/show/status-text.ts';
import {statusLine} from '../../../source/core/protocol/output.ts';
import {agentsList} from '../../../source/ui/panels/agents.ts';
import {slackMs} from '../../helpers/wait.ts';
import {type Driver, drive} from '../fixtures/driver.ts';
import {columnOf, open, withTerminals} from '../fixtures/open.ts';
import {agent, ago, busyRoom, event, NOW, room, task} from '../fixtures/room.ts';
import {CHANGE, limited, sessionsRoom} from '../fixtures/sessions.ts';
import {createTestStore} from '../fixtures/store.ts';
import {type Attached, until} from '../fixtures/terminal.ts';

withTerminals();

const PGDN = '\x1b[6~';
const PGUP = '\x1b[5~';
/** Presses a key until it has done something: one typed before the card stood there is dropped. */
const press = (terminal: Attached, key: string, isDone: () => boolean): Promise<void> =>
	until(
		() => {
			if (!isDone()) terminal.type(key);
			return isDone();
		},
		() => terminal.text(),
	);
const at = (columns: number, rows: number, snapshot = sessionsRoom()) => open(createTestStore(snapshot), {columns, rows});

describe('a team of agent CLIs', () => {
	test('is listed by urgency at 160x45, with its rate limit, its cost and its session', async () => {
		const terminal = at(160, 45);
		await terminal.shows('ROOM │');
		const rows = terminal.rows();
		expect(rows[0]).toMatch(
			/^ agent-room {2}shop@main {3}‖ account work LIMITED 28m {3}▲4 for you {2}●1 working {2}◆1 review {2}‖L1 rate-limited +queued 1 {2}merging 0 {3}\$13\.47 of \$50 {3}14:32 $/,
		);
		expect(rows.slice(2, 16).map(row => row.slice(0, 54))).toEqual([
			'┃ NEEDS YOU 4 ───────────────────────────────────────┃',
			'┃▸▲A dev-1 t-1 May it change src/cart/total.ts?  40s ┃',
			'┃ ▲L dev-3 —   logged out: run `claude` and       5m ┃',
			'┃              /login                                ┃',
			'┃ ▲T dev-2 t-2 Its turn is over, and it has not   3m ┃',
			'┃              said that t-2 is done. What now?      ┃',
			'┃ ◌? dev-4 t-4 its screen says idle, its last     4m ┃',
			'┃              hook says working                     ┃',
			'┃ REVIEW / MERGE 1 ──────────────────────────────────┃',
			'┃ ◆R rev-1 t-7 Cart totals    review             30s ┃',
			'┃ WORKING 1 ─────────────────────────────────────────┃',
			'┃ ●W dev-6 t-6 PDF invoice    Bash(npm test)      5s ┃',
			'┃ PAUSED / IDLE 1 ───────────────────────────────────┃',
			'┃ ‖L dev-5 —                  work is rate-lim…  60s ┃',
		]);
		expect(rows[1]).toMatch(/─0 dev-1 ▲ NEEDS INPUT ─ t-1 Tax rounding ─+ claude · \$1\.42 · heartbeat 2s ─╮$/);
		expect(terminal.text()).toMatch(/t-8 CSV limits +‖ limited/);
		const plan = rows
			.slice(28)
			.map(row => row.slice(1, 53))
			.join(' ')
			.replace(/\s+/g, ' ');
		expect(plan).toContain('‖ work is rate-limited until 15:00 (reported by dev-5)');
		expect(terminal.text()).toContain('‖ t-8 CSV limits waits: work is rate-limited');
		terminal.resize(110, 45);
		terminal.type('T');
		await terminal.shows('session     claude 5f1c');
		expect(terminal.text()).toContain('used        $1.42 · 900k in (91% cached), 12k out');
	});

	test('has a column of what each has spent at 80x24', async () => {
		const terminal = at(80, 24);
		await terminal.shows('ROOM │');
		const rows = terminal.rows();
		expect(rows[0]).toBe(' room  shop@main  ‖ work LIMITED 28m  ▲4 ●1 ◆1 ‖L1      q1 m0  $13.47/50  14:32 ');
		expect(rows[2]).toBe('▸▲A dev-1 t-1 Tax rounding         May it change src/cart/total.ts? $1.42   40s ');
		expect(rows[8]).toBe(' ‖L dev-5 —                            work is rate-limited until … $12.05  60s ');
	});

	test('fits 100x30 and 40x15', async () => {
		const medium = at(100, 30);
		await medium.shows('ROOM │');
		expect(medium.rows()[0]).toMatch(/^ agent-room {2}shop@main {3}‖ account work LIMITED 28m .* \$13\.47\/50 {3}14:32 $/);
		expect(columnOf(medium.rows(), 2, 25, 41)).toBe('┃'.repeat(25));
		const small = at(40, 15);
		await small.shows('ROOM │');
		expect(small.rows()[0]).toMatch(/^ room {3}‖ LIMITED 28m {2}▲4 .*q1 $/);
		expect(small.rows()[4]).toBe(' ◌? dev-4 t-4 its screen says idle…   4m');
	});

	test('is told in ASCII where the terminal has no more', async () => {
		const store = createTestStore(sessionsRoom());
		const terminal = open(store, {columns: 100, rows: 30}, {environment: {TERM: 'xterm', AGENT_ROOM_ASCII: '1'}});
		await terminal.shows('ROOM |');
		expect(terminal.text()).not.toMatch(/[^\n\x20-\x7e]/);
		for (const badge of ['!A dev-1', '!L dev-3', '!T dev-2', '~? dev-4', '=L dev-5', '= account work LIMITED 28m'])
			expect(terminal.text()).toContain(badge);
		terminal.type(' ');
		await terminal.shows('PEEK |');
		expect(terminal.text()).not.toMatch(/[^\n\x20-\x7e]/);
	});
});

test('of what needs a human there is one number: header, group, bar, title, zoomed pane', async () => {
	const terminal = at(160, 45, busyRoom());
	await terminal.shows('NEEDS YOU 6 ─');
	expect(terminal.rows()[0]).toContain('▲6 for you');
	expect(terminal.text()).toContain('+5 more');
	expect(terminal.output()).toContain('\x1b]2;6▲ ');
	// What is no agent's has its row too, and enter opens it.
	expect(terminal.text()).toMatch(/»! — +t-15 your uncommitted changes/);
	terminal.type('z');
	await terminal.shows(() => / agent-room › dev-3 .*▲6 for you /.test(terminal.rows()[0] ?? ''));
	const budget = {spent: 6_200_000, budget: 6_000_000, reachedAt: ago(60), atBudget: 'hold' as const};
	const spent = drive(room({control: budget}));
	expect(spent.keys('enter').state.dialog?.kind).toBe('cost');
});

const headings = (driver: Driver): readonly string[] =>
	agentsList({...driver.context(), state: driver.state, isAscii: false, paneAge: undefined, tail: () => []}, 60)
		.lines.slice(0, 99)
		.map(line => line.map(({text}) => text).join(''))
		.filter(line => line.includes('──'))
		.map(line => line.replace(/ ─+$/, '').trim());

test('a row may keep its place after a key, and its heading says what it is now; a frozen agent that asks still needs you', () => {
	const asking = {status: 'needs-input', task: 't-1', questionId: 'q-1', question: 'May I?'};
	const both = (one: Record<string, string>, other: Record<string, string>) =>
		room({agents: [agent('dev', 1, one), agent('dev', 2, other)], tasks: [task('t-1'), task('t-2')]});
	const driver = drive(both(asking, {status: 'idle'}));
	expect(headings(driver)).toEqual(['NEEDS YOU 1', 'PAUSED / IDLE 1']);
	driver.keys('j');
	driver.snapshot = both({status: 'working', task: 't-1'}, {...asking, task: 't-2'});
	driver.send({type: 'snapshot'});
	expect(headings(driver)).toEqual(['WORKING 1', 'NEEDS YOU 1']);
	// What has become the same stands under one heading.
	driver.snapshot = both({status: 'idle'}, {status: 'idle'});
	driver.send({type: 'snapshot'});
	expect(headings(driver)).toEqual(['PAUSED / IDLE 2']);
	driver.snapshot = both({...asking, status: 'paused'}, {status: 'paused'});
	driver.snapshot = {...driver.snapshot, team: {...driver.snapshot.team, control: {...driver.snapshot.team.control, frozen: true}}};
	driver.now += 5000;
	driver.send({type: 'snapshot'});
	expect(headings(driver)).toEqual(['NEEDS YOU 1', 'PAUSED / IDLE 1']);
});

test('a freeze and a kill of all count the same agents', async () => {
	const terminal = at(160, 45, busyRoom({control: {frozen: true}}));
	await terminal.shows('FROZEN 9 agents');
	terminal.type('X');
	await terminal.shows('9 agents frozen in place');
	terminal.type('X');
	await terminal.shows('Kill 9 agents and all their processes?');
});

test('progress is a bar in its row and no event, and events that repeat are one with their number', async () => {
	const step = (at: number) => event(at, {type: 'task_progressed', task: 't-1', agent: 'agent:dev:001', text: `step ${at} of 50`});
	const late = (at: number) =>
		event(at, {type: 'attempt_failed', task: 't-2', agent: 'agent:dev:002', text: 'no quota', taskFields: {state: 'delayed'}});
	const events = [
		event(1, {type: 'task_merged', task: 't-3', taskFields: {state: 'merged'}}),
		...Array.from({length: 12}, (_, at) => [step(at + 2), late(at + 2)]).flat(),
	];
	const terminal = at(
		160,
		45,
		room({
			agents: [agent('dev', 1, {status: 'working', stage: 'develop', task: 't-1', doing: 'step 20/50'})],
			tasks: [task('t-1')],
			events,
		}),
	);
	await terminal.shows('██░░░ step 20/50');
	expect(terminal.text()).toMatch(/failed at t-2.* ×12│/);
	expect(terminal.text()).toContain('✓ t-3 merged');
	expect(terminal.text()).not.toContain('of 50');
});

test('progress has its bar where its words leave too little room for one', () => {
	const rowOf = (doing: string): string => {
		const driver = drive(
			room({agents: [agent('dev', 1, {status: 'working', stage: 'develop', task: 't-1', doing})], tasks: [task('t-1')]}),
		);
		const drawing = {...driver.context(), state: driver.state, isAscii: false, paneAge: undefined, tail: () => []};
		return (agentsList(drawing, 50).lines.slice(1, 2)[0] ?? []).map(({text}) => text).join('');
	};
	expect(rowOf('step 30 of 60')).toMatch(/ ███░░ 30\/60 /);
	expect(rowOf('step 70 of 60')).toContain('step 70 of 60');
	expect(rowOf('reading file 3 of 7 of the parser')).not.toContain('░');
});

describe('the card of a question', () => {
	test('shows what it is about, cleaned, and scrolls through it; the digit answers', async () => {
		const store = createTestStore(sessionsRoom());
		const terminal = open(store, {columns: 80, rows: 24});
		await terminal.shows('ROOM │');
		terminal.type('a');
		await terminal.shows('PEEK │ 1-3 answer');
		const card = terminal.text();
		for (const row of ['│ @@ -40,7 +40,9 @@', '│ - return sum * 100;', '合計は整数で返す', '+ return Math.round(sum * 100);', '1-8 of 46'])
			expect(card).toContain(row);
		expect(card).not.toContain('owned');
		expect(terminal.output()).not.toContain('\x1b]0;owned');
		expect(card).toContain('2  Yes, and every change of files in this session');
		terminal.type(PGDN);
		await terminal.shows('6-13 of 46');
		for (let key = 0; key < 12; key++) terminal.type(PGDN);
		await terminal.shows('39-46 of 46');
		expect(terminal.text()).toContain('line 40 of what surrounds it');
		terminal.type(PGUP);
		await terminal.shows('34-41 of 46');
		await press(terminal, '2\r', () => store.actions.length > 0);
		await terminal.shows('answered dev-1: 2 Yes, and every change of files in this session');
		expect(store.actions).toEqual([{type: 'answer', agent: 'agent:dev:001', questionId: 'q-1', choice: 2}]);
	});

	test('has its choices whole and the reply in sight at 40x15', async () => {
		const terminal = at(40, 15);
		await terminal.shows('ROOM │');
		terminal.type('a');
		await terminal.shows('PEEK │');
		const text = terminal.text();
		expect(text).toContain('2  Yes, and every change of ');
		expect(text).toContain('files in this session');
		expect(text).toContain('or type a reply');
		expect(text).toMatch(/1-\d of 49/);
	});

	test('of a huge detail stays quick and bounded', async () => {
		const huge = agent('dev', 1, {
			...{
				status: 'needs-input',
				question: 'May it?',
				questionId: 'q-9',
				detail: `${'x'.repeat(200_000)}\n`.repeat(3) + 'line\n'.repeat(50_000),
			},
			choices: JSON.stringify(['Yes']),
		});
		const terminal = at(160, 45, room({agents: [huge]}));
		await terminal.shows('ROOM │');
		const since = performance.now();
		terminal.type(' ');
		await terminal.shows('of 400 and more');
		expect(performance.now() - since).toBeLessThan(2000 + slackMs());
	});

	test('of a turn that is over offers what to do, and takes words', async () => {
		const store = createTestStore(sessionsRoom());
		const terminal = open(store, {columns: 80, rows: 24});
		await terminal.shows('ROOM │');
		terminal.type('jj ');
		await terminal.shows('dev-2 turn ended ▲');
		for (const row of ['it has not said that t-2 is done', '│ I fixed the parser', '1  It is done: hand it in', '2  Go on'])
			expect(terminal.text()).toContain(row);
		await terminal.shows('PEEK │ 1-2 answer');
		await press(terminal, 'y', () => terminal.text().includes('› y'));
		terminal.type('\x15yes, the changelog too\r');
		await terminal.shows('answered dev-2');
		expect(store.actions).toEqual([{type: 'answer', agent: 'agent:dev:002', questionId: 'q-2', text: 'yes, the changelog too'}]);
	});
});

describe('the card of an agent', () => {
	test('that is logged out says how to log in, and p resumes it', async () => {
		const store = createTestStore(sessionsRoom());
		const terminal = open(store, {columns: 80, rows: 24});
		await terminal.shows('ROOM │');
		terminal.type('j ');
		await terminal.shows('dev-3 ▲ logged out');
		expect(terminal.text()).toMatch(/CAUSE {4}logged out {3}\(sure\)/);
		expect(terminal.text()).toContain('logged out: run `claude` and /login');
		await terminal.shows('PEEK │');
		await press(terminal, 'p', () => store.actions.length > 0);
		expect(store.actions[0]).toEqual({type: 'resume-agent', agent: 'agent:dev:003'});
	});

	test('of which nothing reliable is known says what was seen, and one that waits for its account how to lift that', async () => {
		const terminal = at(80, 24);
		await terminal.shows('ROOM │');
		terminal.type('jjj ');
		await terminal.shows('dev-4 ◌ unknown');
		expect(terminal.text()).toContain('why      its screen says idle, its last hook says working');
		expect(terminal.text()).toContain('seen     screen: idle against hook PreToolUse 4m ago');
		expect(terminal.text()).not.toContain('clear-rate-limit');
		terminal.type('\x1b');
		await terminal.shows('ROOM │');
		terminal.type('G ');
		await terminal.shows('dev-5 ‖ rate-limited');
		expect(terminal.text()).toContain('agent-room clear-rate-limit work  tries now');
	});
});

test('what every badge means is in the help, whole at every size', async () => {
	for (const [columns, rows] of [
		[160, 45],
		[80, 24],
	] as const) {
		const terminal = at(columns, rows);
		await terminal.shows('ROOM │');
		terminal.type('?');
		await terminal.shows('HELP │');
		for (const entry of ['▲A needs input', '▲L logged out', '▲T turn ended', '◌? unknown', '◌C context full', '‖L rate-limited', '○I idle'])
			expect(terminal.text()).toContain(entry);
	}
});

describe('outside of the screen', () => {
	test('the status names the rate limit, and exits with 4 while an agent needs a human', () => {
		const status = statusLine(sessionsRoom(), NOW);
		expect(statusText(status).some(line => /^! work is rate-limited until \d\d:\d\d \(reported by dev-5\)$/.test(line))).toBe(true);
		expect(exitCodeOf(status)).toBe(4);
		const waiting = statusLine(room({agents: [agent('dev', 1, {status: 'waiting', statusAt: ago(1)})]}), NOW);
		expect(exitCodeOf(waiting)).toBe(4);
		expect(exitCodeOf(statusLine(room({agents: [agent('dev', 1)], control: {rateLimits: [limited]}}), NOW))).toBe(0);
		expect(CHANGE).toContain('\x1b');
	});
});

test('a reason that one row does not hold goes on below where there is room, so that no larger terminal tells less', async () => {
	const question = 'Shall rounding be half-even, as in the ledger, or half-up?';
	const asking = {status: 'needs-input', task: 't-1', questionId: 'q-1', question, statusAt: ago(60)};
	const snapshot = room({
		agents: [agent('dev', 1, asking), agent('dev', 2, {status: 'needs-input', task: 't-2', questionId: 'q-2', question: 'May I?'})],
		tasks: [task('t-1', {title: 'Tax rounding'}), task('t-2')],
	});
	const terminal = at(80, 24, snapshot);
	const left = (columns: number): string =>
		terminal
			.rows()
			.slice(2, 7)
			.map(row => row.slice(1, columns))
			.join(' ')
			.replace(/\s+/g, ' ');
	await terminal.shows('ROOM │');
	expect(left(79)).toContain('or half-up?');
	terminal.resize(120, 40);
	await terminal.shows(() => /Shall rounding be .*half-even, .*as in the ledger, .*or half-up\?/.test(left(49)));
	// All of its rows are one band, and a click on any of them selects it.
	const driver = drive(snapshot);
	const {ids, selected, band} = agentsList(
		{...driver.context(), state: driver.state, isAscii: false, paneAge: undefined, tail: () => []},
		38,
		true,
		20,
	);
	expect({selected, band}).toEqual({selected: 1, band: 3});
	expect(ids?.map(id => id.slice(-3))).toEqual(['', '001', '001', '001', '002']);
});

test('a cut reason has its second row where the others fill the panel: who needs nothing folds for it', () => {
	const question = 'Shall rounding be half-even, as now?';
	const asking = (number: number) =>
		agent('dev', number, {status: 'needs-input', task: `t-${number}`, questionId: `q-${number}`, question, statusAt: ago(60)});
	const snapshot = room({
		agents: [asking(1), asking(2), ...[3, 4, 5, 6, 7, 8].map(number => agent('dev', number, {status: 'idle', statusAt: ago(60)}))],
		tasks: [task('t-1'), task('t-2')],
	});
	const driver = drive(snapshot);
	const linesAt = (height: number): readonly string[] =>
		agentsList({...driver.context(), state: driver.state, isAscii: false, paneAge: undefined, tail: () => []}, 44, true, height)
			.lines.slice(0, 99)
			.map(line => line.map(({text}) => text).join(''));
	const text = (lines: readonly string[]): string => lines.join(' ').replace(/\s+/g, ' ');
	// Two headings and eight rows fill ten; in fewer the list scrolls, and who needs nothing is below.
	for (const height of [10, 8, 5]) expect(text(linesAt(height)).match(/as now\?/g), `${height}`).toHaveLength(2);
	expect(linesAt(10)).toHaveLength(10);
	// Not even those who need you have two rows each: each has one.
	expect(text(linesAt(4))).not.toContain('as now?');
});
