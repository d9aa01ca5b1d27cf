import {describe, expect, test} from 'vitest';
import {agentId} from '../../../source/core/agent/agent.ts';
import type {TeamSnapshot} from '../../../source/core/team/snapshot.ts';
import {drawn} from '../fixtures/drawn.ts';
import {drive} from '../fixtures/driver.ts';
import {columnOf, devPane, open, withTerminals} from '../fixtures/open.ts';
import {agent, ago, busyRoom, NOW, room, task} from '../fixtures/room.ts';
import {createTestStore} from '../fixtures/store.ts';
import {until} from '../fixtures/terminal.ts';

withTerminals();

describe('the room at 160x45', () => {
	test('shows agents by urgency, the pane, queue, locks, events and what the room decides', async () => {
		const terminal = open(createTestStore(busyRoom(), devPane('$ npm i decimal.js')), {columns: 160, rows: 45});
		await terminal.shows('ROOM │');
		const rows = terminal.rows();
		expect(rows[0]).toMatch(
			/^ agent-room {2}shop@main {2}▲6 for you {2}●2 working {2}◆1 review {2}»2 merging {2}○1 idle {2}‖1 paused +queued 6 {2}merging 3 {2}merged 1\/h {3}14:32 $/,
		);
		expect(rows[1]).toContain('┏━1 Agents 11 ━━━━━━━━━━━━━━━━━━━━━━━━━━ by urgency ━┓╭─0 dev-3 ▲ NEEDS INPUT ─ t-2 Tax rounding');
		expect(rows[3]?.slice(0, 54)).toBe('┃▸▲A dev-3   t-2  Bash(npm i decimal.js) Do you   2m ┃');
		expect(rows[2]).toContain('$ npm i decimal.js');
		for (const shown of ['NEEDS YOU 6', 'REVIEW / MERGE 3', 'WORKING 2', 'PAUSED / IDLE 2']) expect(terminal.text()).toContain(shown);
		for (const why of ['→ dev-8', '⊘ by t-8', 'retry in 3s', 'blocked: yo', '✗ failed', 'to review'])
			expect(terminal.text()).toContain(why);
		expect(terminal.text()).toContain('▸repository main   merge-1  <5s');
		expect(terminal.text()).toContain('4 Events  heartbeats 2s · live ─╮');
		expect(terminal.text()).toContain('14:28 ▲ dev-3 needs input');
		expect(terminal.text()).toContain('14:27 ✓ t-1 merged');
		expect(terminal.text()).toContain('◆ Next: t-11 Checkout 500s to dev-8.');
		expect(rows[43]).toMatch(
			/^ ▲ dev-3 t-2 needs input: Bash\(npm i decimal.js\) Do you want to proceed\? {3}waiting 2m {3}\+5 more +a answer $/,
		);
		expect(rows[44]).toMatch(
			/^ ROOM │ ↵ answer {2}i type {2}space peek {2}a answer {2}n new task .* X freeze all .*\? keys {2}: commands $/,
		);
	});

	test('shows who waits behind a lock, as many as fit and how many more, and how many locks are contended', async () => {
		const snapshot = busyRoom();
		const wait = (number: number, seconds: number, name = 'path:db') => {
			const agent = agentId('dev', number);
			const since = NOW - seconds * 1000;
			return [`${agent} ${name}`, {name, agent, since, until: since + 600_000}] as const;
		};
		const show = (waiters: TeamSnapshot['waiters'], size: {readonly columns: number; readonly rows: number}) =>
			open(createTestStore({...snapshot, team: {...snapshot.team, waiters}}), size);
		const two = show(new Map([wait(4, 180), wait(1, 120)]), {columns: 160, rows: 45});
		await two.shows('task t-5');
		expect(two.text()).toMatch(/3 Locks 4 ─+ 1 contended ─╮/);
		expect(two.text()).toMatch(/│!db\/migrations +dev-5 +58m │/);
		expect(two.text()).toMatch(/│ {2}waiting: dev-4 3m, dev-1 2m +│/);
		expect(two.text()).toMatch(/●W dev-1 +t-5 +Stock webhook lock db held b… /);
		expect(columnOf(two.rows(), 29, 12, 159)).toBe('│'.repeat(12));
		const many = show(new Map(Array.from({length: 9}, (_, index) => wait(index + 1, 180))), {columns: 80, rows: 24});
		await many.shows('ROOM │');
		expect(many.rows()[1]).toContain('3 Locks 4 !1');
		many.type('3');
		await many.shows('waiting: ');
		// dev-5 holds it: it does not wait for itself.
		expect(many.text()).toMatch(/waiting: dev-1 3m, dev-2 3m, .* \+\d ?/);
	});

	test('keeps every border in its column', async () => {
		const terminal = open(createTestStore(busyRoom()), {columns: 160, rows: 45});
		await terminal.shows('ROOM │');
		expect(columnOf(terminal.rows(), 2, 28, 0)).toBe('┃'.repeat(28));
		expect(columnOf(terminal.rows(), 2, 28, 53)).toBe('┃'.repeat(28));
		expect(columnOf(terminal.rows(), 2, 25, 159)).toBe('│'.repeat(25));
	});
});

describe('the room at smaller sizes', () => {
	test('has tabs, a list and the pane at 80x24', async () => {
		const terminal = open(createTestStore(busyRoom(), devPane('hello')), {columns: 80, rows: 24});
		await terminal.shows('ROOM │');
		const rows = terminal.rows();
		expect(rows[1]?.trimEnd()).toBe('[1 Agents 11] 2 Queue 8  3 Locks 4  4 Events  5 Plan                  1-9 of 13');
		expect(rows[2]).toBe('▸▲A dev-3   t-2  Tax round… Bash(npm i decimal.js) Do you want to proceed?   2m ');
		expect(rows[11]).toMatch(/^╭─0 dev-3 ▲ NEEDS INPUT ─ t-2 Tax rounding ─+ claude · heartbeat 2s ─╮$/);
		expect(rows[12]).toContain('│hello');
		expect(rows[22]).toMatch(/a answer $/);
		expect(rows[23]).toMatch(/^ ROOM │ .*\? keys {2}: commands $/);
	});

	test('has the list and two attention rows at 40x15', async () => {
		const terminal = open(createTestStore(busyRoom()), {columns: 40, rows: 15});
		await terminal.shows('ROOM │');
		const rows = terminal.rows();
		expect(rows[1]).toBe('▸▲A dev-3   t-2  Bash(npm i decima…   2m');
		expect(rows[12]).toMatch(/^ ▲ dev-3 needs input: Bash/);
		expect(rows[13]).toMatch(/\+5 +a answer $/);
		expect(rows[14]).toMatch(/\? keys $/);
	});

	test('says its size below 40x10', async () => {
		const terminal = open(createTestStore(busyRoom()), {columns: 38, rows: 9});
		await terminal.shows(text => text.replace(/\s+/g, ' ').includes('Terminal is 38x9. agent-room needs 40x10.'));
	});

	test('leaves the right size after a storm of resizes, with no ghost of another', async () => {
		const terminal = open(createTestStore(busyRoom()), {columns: 160, rows: 45});
		for (const [columns, rows] of [
			[80, 24],
			[120, 40],
			[40, 15],
			[38, 9],
			[200, 60],
			[99, 20],
			[80, 24],
		] as const)
			terminal.resize(columns, rows);
		await terminal.shows(text => text.includes('[1 Agents 11]') && text.includes('ROOM │'));
		const storm = terminal.text();
		terminal.view.close();
		const fresh = open(createTestStore(busyRoom()), {columns: 80, rows: 24});
		await fresh.shows('ROOM │');
		expect(storm).toBe(fresh.text());
	});
});

describe('a huge room', () => {
	test('shows a queue of a hundred thousand tasks and moves to its end', async () => {
		const tasks = Array.from({length: 100_000}, (_, index) => task(`t-${index}`, {title: `Task ${index}`, createdAt: index + 1}));
		const terminal = open(createTestStore(room({tasks})), {columns: 160, rows: 45});
		await terminal.shows('2 Queue 100000');
		terminal.type('2G');
		await terminal.shows('▸P2 t-99999');
	});
});

describe('a room that has loaded only the head of its queue', () => {
	test('counts all, and says how many more there are', async () => {
		const tasks = Array.from({length: 10}, (_, index) => task(`t-${index}`, {title: `Task ${index}`, createdAt: index + 1}));
		const snapshot = room({agents: [agent('dev', 1)], tasks});
		const team = {...snapshot.team, counts: {...snapshot.team.counts, ready: 90_000, blocked: 10_000, merged: 7}};
		const terminal = open(createTestStore({...snapshot, team}), {columns: 240, rows: 45});
		await terminal.shows('2 Queue 100000');
		expect(terminal.text()).toContain('queued 100000');
		expect(terminal.text()).toContain('ready 90000 ⊘10000');
		expect(terminal.text()).toContain('… 99,990 more');
		expect(terminal.text()).toContain('7 merged');
		terminal.type('2G');
		await terminal.shows('▸P2 t-9');
	});
});

describe('an empty room', () => {
	test('says what to do', async () => {
		const terminal = open(createTestStore(room()), {columns: 160, rows: 45});
		await terminal.shows('No agents yet.');
		for (const words of ['No tasks yet. n adds one', 'nothing needs you']) expect(terminal.text()).toContain(words);
		// Empty panels are a title line each, and open with their keys.
		expect(terminal.rows()[42]).toMatch(/╭─2 Queue 0 ─+╮╭─3 Locks 0 ─+╮╭─4 Events ─+/);
		for (const [key, words] of [
			['2', 'Task queue is empty.'],
			['3', 'No locks held.'],
			['4', 'No events yet.'],
		] as const) {
			terminal.type(key);
			await terminal.shows(words);
		}
	});

	test('offers to ask for a plan where the team has a Planner, and cuts no sentence at any size', async () => {
		const planned = room({agents: [agent('orch', 1, {role: 'orchestrator'})]});
		const terminal = open(createTestStore(planned), {columns: 80, rows: 24});
		await terminal.shows('ROOM │');
		terminal.type('2');
		await terminal.shows('o  ask the Planner');
		for (const key of ['1', '2', '3', '4', '6', 't', 'w', 'c']) {
			const driver = drive(room(), {columns: 40, rows: 15}).keys(key);
			const said = drawn(driver)
				.rows.slice(1, 12)
				.filter(row => !/What changed|since you|quit…/.test(row));
			expect(said.join('\n')).not.toMatch(/…[ ┃]*$/m);
		}
	});
});

describe('fifty agents', () => {
	const looks = [
		'needs-input',
		'crashed',
		'stalled',
		...Array.from({length: 37}, () => 'working'),
		...Array.from({length: 10}, () => 'idle'),
	];
	const fifty = () =>
		room({
			agents: looks.map((status, at) =>
				agent('dev', at + 1, {status, statusAt: ago(at), questionId: 'q', task: status === 'idle' ? '' : `t-${at + 1}`}),
			),
		});

	test.each([
		[160, 45],
		[100, 30],
	])('stand folded at %ix%i: all that need you, some running, some idle, and the selected one', async (columns, rows) => {
		const terminal = open(createTestStore(fifty()), {columns, rows});
		await terminal.shows('ROOM │');
		const shown = Number(/WORKING 37 ▸ (\d+) shown/.exec(terminal.text())?.[1]);
		const working = () => [...terminal.text().matchAll(/●W (dev-\d+)/g)].map(([, name]) => name);
		expect(working().length).toBe(shown);
		expect(terminal.text()).toMatch(/PAUSED \/ IDLE 10 ▸ \d shown/);
		terminal.type("'31\r");
		await terminal.shows('▸●W dev-31');
		expect(working().length).toBe(shown);
		expect(terminal.text()).toMatch(/WORKING 37 ▸ \d+-\d+ shown/);
		terminal.type('G');
		await terminal.shows('▸○I dev-50');
		for (const badge of ['▲A dev-1', '✗D dev-2', '◌S dev-3']) expect(terminal.text()).toContain(badge);
		expect(terminal.rows().every(row => [...row].length === columns)).toBe(true);
	});

	test('say at 80 columns which of them are in sight, counted in rows', async () => {
		const terminal = open(createTestStore(fifty()), {columns: 80, rows: 24});
		await terminal.shows('1-9 of 50');
		terminal.type('G');
		await terminal.shows('42-50 of 50');
	});

	test('lose in the header at 40 columns the repository, idle agents and the cents, but none that needs you', async () => {
		const snapshot = fifty();
		const costly = {...snapshot, team: {...snapshot.team, control: {...snapshot.team.control, spent: 18_420_000, budget: 50_000_000}}};
		const terminal = open(createTestStore(costly), {columns: 40, rows: 15});
		await terminal.shows('ROOM │');
		expect(terminal.rows()[0]).toBe(' room  ▲3 ●37 ○10     q0 m0  $18  14:32 ');
	});
});

describe('a degraded room', () => {
	test('says that Redis is lost, since when, and what still works', async () => {
		const problem = 'connect ECONNREFUSED 127.0.0.1:6379';
		const redis = {isConnected: false, lostAt: NOW - 4000, address: 'redis://127.0.0.1:6379', problem, retryAt: NOW + 1600};
		const store = createTestStore(room({agents: [agent('dev', 1)], changes: {redis}}));
		const terminal = open(store, {columns: 160, rows: 45});
		await terminal.shows(
			'✗ Redis disconnected 4s ago (127.0.0.1:6379, ECONNREFUSED). Agents keep running; queue and locks are frozen, values are 4s old. retrying in 2s · R now',
		);
		expect(terminal.rows()[0]).toContain('REDIS DISCONNECTED 4s');
		for (const title of ['1 Agents 1 ', '2 Queue 0 ', '3 Locks 0 ', '4 Events '])
			expect(terminal.rows().some(row => new RegExp(`${title}[─━]+ 4s old [─━]`).test(row))).toBe(true);
		terminal.type('R');
		await until(
			() => store.actions.length > 0,
			() => terminal.text(),
		);
		expect(store.actions).toEqual([{type: 'reconnect'}]);
		for (const [columns, rows, words] of [
			[100, 30, '✗ Redis disconnected 4s ago (ECONNREFUSED): agents keep running. retrying in 2s · R now'],
			[80, 24, '✗ Redis disconnected 4s ago: agents keep running. R retries'],
			[40, 15, '✗ Redis disconnected 4s ago. R retries'],
		] as const) {
			terminal.resize(columns, rows);
			await terminal.shows(words);
		}
	});

	test('says that it is frozen or drained', async () => {
		const terminal = open(createTestStore(busyRoom({control: {frozen: true}})), {columns: 160, rows: 45});
		await terminal.shows('‖ FROZEN 9 agents ‖  X resume or kill…');
		expect(terminal.text()).toContain('Next after resuming: t-11 Checkout 500s to');
		expect(terminal.text()).toContain('You froze everything.');
	});

	test('names the agent whose heartbeat is late', async () => {
		const beats = new Map([['agent:dev:001', NOW - 20_000]]);
		const terminal = open(createTestStore(room({agents: [agent('dev', 1)], changes: {beats}})), {columns: 160, rows: 45});
		await terminal.shows('dev-1 late 20s');
	});
});

describe('colours', () => {
	const sgr = (output: string): string[] => [...output.matchAll(/\x1b\[([\d;]*)m/g)].flatMap(match => (match[1] ?? '').split(';'));

	test('are gone under NO_COLOR; bold and inverse stay', async () => {
		const terminal = open(createTestStore(busyRoom()), {columns: 160, rows: 45}, {environment: {TERM: 'xterm-256color', NO_COLOR: '1'}});
		await terminal.shows('ROOM │');
		const codes = new Set(sgr(terminal.output()));
		expect([...codes].filter(code => /^(3[0-7]|4[0-7]|9[0-7]|10[0-7]|38|48)$/.test(code))).toEqual([]);
		expect([...codes]).toEqual(expect.arrayContaining(['1', '7']));
	});

	test('mark what needs input in yellow and what has failed in red', async () => {
		const terminal = open(createTestStore(busyRoom()), {columns: 160, rows: 45});
		await terminal.shows('ROOM │');
		expect(sgr(terminal.output())).toEqual(expect.arrayContaining(['43', '91']));
	});

	test('and boxes are ASCII where the terminal asks for it', async () => {
		const terminal = open(createTestStore(busyRoom()), {columns: 160, rows: 45}, {environment: {TERM: 'xterm', AGENT_ROOM_ASCII: '1'}});
		await terminal.shows('ROOM |');
		terminal.type('?');
		await terminal.shows('HELP |');
		expect(terminal.text()).not.toMatch(/[^\n\x20-\x7e]/);
		expect(terminal.text()).toContain('!A dev-6');
	});
});

test('an agent that has left is in the list with why, and no idle one in the header', () => {
	const left = agent('dev', 2, {status: 'stopped', reason: 'removed by you'});
	const {rows} = drawn(drive(room({agents: [agent('dev', 1), left]}), {columns: 160, rows: 45}));
	expect(rows[0]).toContain('○1 idle');
	expect(rows.join('\n')).toMatch(/dev-2 .*removed by you/);
});
