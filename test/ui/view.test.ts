import {afterEach, beforeAll, describe, expect, test} from 'vitest';
import {agent, busyRoom, NOW, room, task} from './fixtures/room.ts';
import {createTestPane, createTestStore, type TestPane} from './fixtures/store.ts';
import {type Attached, attach, until} from './fixtures/terminal.ts';

let attached: Attached | undefined;
const open = (...parts: Parameters<typeof attach>): Attached => {
	attached = attach(...parts);
	return attached;
};
beforeAll(() => {
	process.env.TZ = 'UTC';
});
afterEach(() => attached?.view.close());

/** Columns at which a vertical border stands on every row of a box that begins at `top`, so that nothing within moved it. */
const bordersOf = (rows: readonly string[], top: number, height: number, x: number): string =>
	rows
		.slice(top, top + height)
		.map(row => [...row][x] ?? '')
		.join('');

const devPane = (text = ''): Map<string, TestPane> => {
	const pane = createTestPane(80, 24, true);
	pane.screen.write(text);
	return new Map([['agent:dev:003', pane]]);
};

describe('the room at 160x45', () => {
	test('shows agents by urgency, the pane, queue, locks, events and what the room decides', async () => {
		const terminal = open(createTestStore(busyRoom(), devPane('$ npm i decimal.js')), {columns: 160, rows: 45});
		await terminal.shows('ROOM │');
		const rows = terminal.rows();
		expect(rows[0]).toMatch(
			/^ agent-room  shop@main  ▲2 need you  ✗2 dead  ◌1 stalled  ●2 working  ◆1 review  »2 merging  ○1 idle  ‖1 paused +q6  m3   14:32 $/,
		);
		expect(rows[1]).toContain('┏━1 Agents 11 ━━━━━━━━━━━━━━━━━━━━━━━━━━ by urgency ━┓╭─0 dev-3 ▲ ASKS ─ t-2 Tax rounding');
		expect(rows[3]?.slice(0, 54)).toBe('┃▸▲A dev-3   t-2  Tax rounding  asks: Bash(npm…   2m ┃');
		expect(rows[2]).toContain('$ npm i decimal.js');
		for (const shown of ['NEEDS YOU 5', 'REVIEW / MERGE 3', 'WORKING 2', 'PAUSED / IDLE 2']) expect(terminal.text()).toContain(shown);
		for (const why of ['→ dev-8', '⊘ after t-8', 'delayed 3s', 'held: your', '✗ dead', 'to review']) expect(terminal.text()).toContain(why);
		expect(terminal.text()).toContain('▸repository main   merge-1   3s');
		expect(terminal.text()).toContain('─ beats 2s · live ─╮');
		expect(terminal.text()).toContain('◆ Next: t-11 Checkout 500s to dev-8.');
		expect(rows[43]).toMatch(
			/^ ▲ dev-3 t-2 asks: Bash\(npm i decimal.js\) Do you want to proceed\? {3}waiting 2m {3}\+5 more +a look and answer $/,
		);
		expect(rows[44]).toMatch(/^ ROOM │ ↵\/i type {2}space peek {2}a next▲ {2}n new task .* q quit +\? keys $/);
	});

	test('keeps every border in its column', async () => {
		const terminal = open(createTestStore(busyRoom()), {columns: 160, rows: 45});
		await terminal.shows('ROOM │');
		expect(bordersOf(terminal.rows(), 2, 28, 0)).toBe('┃'.repeat(28));
		expect(bordersOf(terminal.rows(), 2, 28, 53)).toBe('┃'.repeat(28));
		expect(bordersOf(terminal.rows(), 2, 25, 159)).toBe('│'.repeat(25));
	});
});

describe('the room at smaller sizes', () => {
	test('has tabs, a list and the pane at 80x24', async () => {
		const terminal = open(createTestStore(busyRoom(), devPane('hello')), {columns: 80, rows: 24});
		await terminal.shows('ROOM │');
		const rows = terminal.rows();
		expect(rows[1]?.trimEnd()).toBe('[1 Agents 11] 2 Queue 8  3 Locks 4  4 Events  5 Orchestrator');
		expect(rows[2]).toBe('▸▲A dev-3   t-2  Tax rounding               asks: Bash(npm i decimal.js) …   2m ');
		expect(rows[11]).toMatch(/^╭─0 dev-3 ▲ ASKS ─ t-2 Tax rounding ─+ claude · beat 2s ─╮$/);
		expect(rows[12]).toContain('│hello');
		expect(rows[22]).toMatch(/a look and answer $/);
		expect(rows[23]).toMatch(/^ ROOM │ .*\? keys $/);
	});

	test('has the list and two attention rows at 40x15', async () => {
		const terminal = open(createTestStore(busyRoom()), {columns: 40, rows: 15});
		await terminal.shows('ROOM │');
		const rows = terminal.rows();
		expect(rows[1]).toBe('▸▲A dev-3   t-2  Tax rounding         2m');
		expect(rows[12]).toMatch(/^ ▲ dev-3 asks: Bash/);
		expect(rows[13]).toMatch(/\+5 +a look and answer $/);
		expect(rows[14]).toMatch(/\? keys $/);
	});

	test('says its size below 40x10', async () => {
		const terminal = open(createTestStore(busyRoom()), {columns: 38, rows: 9});
		await terminal.shows(text => text.replace(/\s+/g, ' ').includes('Terminal is 38x9.'));
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

describe('an empty room', () => {
	test('says what to do', async () => {
		const terminal = open(createTestStore(room()), {columns: 160, rows: 45});
		await terminal.shows('No agents yet.');
		for (const words of [
			'Queue is empty.',
			'No locks held.',
			'Nothing has happened yet.',
			'Nothing to do yet. n adds a task',
			'nothing needs you',
		]) {
			expect(terminal.text()).toContain(words);
		}
	});
});

describe('a degraded room', () => {
	test('says that Redis is lost, since when, and what still works', async () => {
		const lost = room({agents: [agent('dev', 1)], changes: {redis: {isConnected: false, lostAt: NOW - 4000, address: '127.0.0.1:6379'}}});
		const terminal = open(createTestStore(lost), {columns: 160, rows: 45});
		await terminal.shows('✗ Redis lost 4s ago (127.0.0.1:6379). Agents go on; queue and locks stand still, shown values are 4s old.');
		expect(terminal.rows()[0]).toContain('REDIS LOST 4s');
	});

	test('says that it is frozen or drained', async () => {
		const terminal = open(createTestStore(busyRoom({control: {frozen: true}})), {columns: 160, rows: 45});
		await terminal.shows('‖ FROZEN ‖');
		expect(terminal.text()).toContain('Everything is frozen by you.');
	});

	test('names the agent whose heartbeat is late', async () => {
		const beats = new Map([['agent:dev:001', NOW - 20_000]]);
		const terminal = open(createTestStore(room({agents: [agent('dev', 1)], changes: {beats}})), {columns: 160, rows: 45});
		await terminal.shows('dev-1 no beat 20s');
	});
});

describe('dialogs', () => {
	test('show the exact question with numbered choices, and a digit answers it', async () => {
		const store = createTestStore(busyRoom(), devPane('I will add decimal arithmetic.'));
		const terminal = open(store, {columns: 80, rows: 24});
		await terminal.shows('ROOM │');
		terminal.type('a');
		await terminal.shows('PEEK │ 1-3 answer');
		for (const words of [
			'dev-3 asks ▲ 1 of 2',
			'Bash(npm i decimal.js)',
			'Do you want to proceed?',
			"2  Yes, and don't ask again",
			'just before',
			'I will add decimal',
		]) {
			expect(terminal.text()).toContain(words);
		}
		await until(
			() => {
				terminal.type('2');
				return store.actions.length > 0;
			},
			() => 'the answer was never sent',
		);
		expect(store.actions[0]).toEqual({type: 'answer', agent: 'agent:dev:003', questionId: 'q-1', choice: 2});
	});

	test('let the pane show around them and never through them', async () => {
		const pane = createTestPane(120, 40);
		pane.screen.write(`${'x'.repeat(119)}\r\n`.repeat(39));
		const terminal = open(createTestStore(busyRoom(), new Map([['agent:dev:003', pane]])), {columns: 160, rows: 45});
		await terminal.shows('xxx');
		terminal.type('x');
		await terminal.shows('Stop dev-3?');
		const row = terminal.rows().find(line => line.includes('the running turn')) ?? '';
		expect(row.slice(row.indexOf('the running turn'), row.lastIndexOf('┃'))).not.toContain('x');
		expect(row.slice(row.lastIndexOf('┃') + 1)).toContain('xxx');
	});

	test('print their keys from the table', async () => {
		const terminal = open(createTestStore(busyRoom()), {columns: 160, rows: 45});
		terminal.type('?');
		await terminal.shows('type to filter:');
		expect(terminal.text()).toMatch(/X +FREEZE ALL; again: kill…/);
		terminal.type('zoom');
		await terminal.shows(text => !text.includes('FREEZE ALL') && /▸ z +zoom the pane on \/ off/.test(text));
	});

	test('show a refusal with what to do next', async () => {
		const store = createTestStore(busyRoom());
		store.answer = {ok: false, code: 'gone', message: 'Agent `dev-3` is gone.', hint: 'Choose another.'};
		const terminal = open(store, {columns: 160, rows: 45});
		terminal.type('p');
		await terminal.shows('! Agent `dev-3` is gone. Choose another.');
	});

	test('queue a task that was typed and pasted', async () => {
		const store = createTestStore(room());
		const terminal = open(store, {columns: 80, rows: 24});
		terminal.type('nFix login\t\x1b[200~two\nlines\x1b[201~');
		await terminal.shows('New task');
		terminal.type('\x13');
		await until(() => store.actions.length > 0, terminal.text);
		expect(store.actions).toEqual([{type: 'add-task', title: 'Fix login', brief: 'two\nlines', priority: 50}]);
	});
});

describe('keys', () => {
	test('sent in one write do what they do one by one', async () => {
		const keys = [
			'j',
			'j',
			'\x1b[B',
			'k',
			'2',
			'j',
			'\t',
			'\x1b[Z',
			'/',
			't',
			'-',
			'1',
			'\r',
			'1',
			'4',
			'k',
			'z',
			'z',
			'?',
			'p',
			'a',
			'u',
			'\x1b[B',
			'\x7f',
		];
		const once = open(createTestStore(busyRoom()), {columns: 160, rows: 45});
		once.type(keys.join(''));
		await once.shows('type to filter: pa');
		const together = once.text();
		once.view.close();
		const single = open(createTestStore(busyRoom()), {columns: 160, rows: 45});
		for (const key of keys) single.type(key);
		await single.shows(text => text === together);
	});

	test('of a person are honoured, refused ones are said', async () => {
		const terminal = open(createTestStore(busyRoom()), {columns: 160, rows: 45}, {keys: {zoom: 'x'}});
		await terminal.shows('keys: `x` of `zoom` belongs to `stop` already');
	});

	test('q and enter detach', async () => {
		const terminal = open(createTestStore(busyRoom()), {columns: 80, rows: 24});
		terminal.type('q\r');
		expect(terminal.controls).toEqual(['detach']);
	});
});

describe('typing into a pane', () => {
	test('teaches the way back, gives every key to the agent, resizes its pane and shows the echo at once', async () => {
		const panes = devPane();
		const pane = panes.get('agent:dev:003');
		if (!pane) throw new Error('no pane');
		const terminal = open(createTestStore(busyRoom(), panes), {columns: 160, rows: 45});
		terminal.type('i');
		await terminal.shows('^] brings you back.');
		terminal.type('\x1d');
		await terminal.shows('TYPING INTO dev-3');
		expect(terminal.text()).toContain('TYPE dev-3 │ ^] room   every key goes to the agent');
		expect([pane.screen.columns, pane.screen.rows]).toEqual([104, 25]);
		terminal.type('q?\x03');
		expect(pane.written()).toBe('q?\x03');
		expect(terminal.rows()[2]).toContain('┃q?');
		terminal.type('\x1dz');
		await terminal.shows('agent-room › dev-3');
		expect(pane.written()).toBe('q?\x03');
	});

	test('puts the terminal into the modes of the pane and back', async () => {
		const panes = devPane('\x1b[?1h');
		const terminal = open(createTestStore(busyRoom(), panes), {columns: 160, rows: 45});
		terminal.type('i');
		await terminal.shows('brings you back');
		expect(terminal.output()).not.toContain('\x1b[?1h');
		terminal.type('\x1d');
		await terminal.shows('TYPING INTO');
		expect(terminal.output()).toContain('\x1b[?1h');
		terminal.type('\x1d');
		await terminal.shows('ROOM │');
		expect(terminal.output().lastIndexOf('\x1b[?1l')).toBeGreaterThan(terminal.output().lastIndexOf('\x1b[?1h'));
	});

	test('fills the screen at 80x24', async () => {
		const panes = devPane();
		const terminal = open(createTestStore(busyRoom(), panes), {columns: 80, rows: 24});
		terminal.type('i');
		await terminal.shows('brings you back');
		terminal.type('\x1d');
		await terminal.shows('TYPING INTO dev-3');
		expect(terminal.rows()[1]).toMatch(/^┏━TYPING INTO dev-3 ━+ claude · 78x20 ━┓$/);
		expect(panes.get('agent:dev:003')?.screen.columns).toBe(78);
	});
});

describe('hostile text', () => {
	const hostile = {
		escape: '\x1b[2J\x1b]0;owned\x07\x1b[31mred',
		newline: 'one\r\ntwo\tthree',
		wide: '漢字かな交じり文の題名です、とても長い',
		marks: `${'e\u0301'.repeat(20)} 👩‍👩‍👧‍👦 🇩🇪 \u{1fae0}`,
		rightToLeft: 'שלום \u202eevil\u202c مرحبا',
		megabyte: 'A'.repeat(1 << 20),
		lone: '\ud800 half',
	};

	test.each(Object.entries(hostile))('as a title (%s) moves no border and sends no sequence', async (_name, title) => {
		const snapshot = room({
			agents: [
				agent('dev', 1, {
					status: 'asks',
					task: 't-1',
					question: title,
					choices: JSON.stringify([title]),
					questionId: 'q',
					doing: title,
					reason: title,
				}),
			],
			tasks: [
				task('t-1', {title, state: 'leased', owner: 'agent:dev:001', branch: title}),
				task('t-2', {title, hold: title}),
				task('t-3', {title, state: 'dead', reason: title}),
			],
			changes: {banners: [{id: 'b', severity: 'warning', text: title, since: NOW}]},
		});
		const terminal = open(createTestStore(snapshot), {columns: 160, rows: 45});
		await terminal.shows('ROOM │');
		const cells = (y: number, x: number): string => {
			const row = {
				text: Array<string>(160).fill(''),
				width: new Uint8Array(160),
				foreground: new Int32Array(160),
				background: new Int32Array(160),
				style: new Uint16Array(160),
			};
			terminal.screen.readRow(y, row);
			return row.text[x] ?? '';
		};
		for (let y = 2; y < 29; y++) expect([cells(y, 0), cells(y, 53)]).toEqual(['┃', '┃']);
		for (let y = 31; y < 42; y++) expect([cells(y, 54), cells(y, 159)]).toEqual(['│', '│']);
		terminal.type('a');
		await terminal.shows('PEEK │');
		const foreign = terminal
			.output()
			.replaceAll(/\x1b\]2;\d*▲? ?\d+● agent-room\x07/g, '')
			.match(/\x1b\]|\x07|\x1b\[2J|\r|\n/g);
		expect(foreign).toBeNull();
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

	test('mark what asks in yellow and what is dead in red otherwise', async () => {
		const terminal = open(createTestStore(busyRoom()), {columns: 160, rows: 45});
		await terminal.shows('ROOM │');
		expect(sgr(terminal.output())).toEqual(expect.arrayContaining(['43', '31']));
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

describe('a change of the room', () => {
	test('shows by itself, and rings once for a new question when nobody is at the keys', async () => {
		const store = createTestStore(room({agents: [agent('dev', 1)]}));
		const terminal = open(store, {columns: 160, rows: 45});
		await terminal.shows('○I dev-1');
		const asking = room({agents: [agent('dev', 1, {status: 'asks', question: 'May I?', questionId: 'q-1'})]});
		store.publish(asking);
		await terminal.shows('asks: May I?');
		store.publish({...asking});
		const bells =
			terminal
				.output()
				.replaceAll(/\x1b\][^\x07]*\x07/g, '')
				.split('\x07').length - 1;
		expect(bells).toBe(1);
	});

	test('writes nothing more once the view is closed', async () => {
		const store = createTestStore(room({agents: [agent('dev', 1)]}));
		const terminal = open(store, {columns: 80, rows: 24});
		await terminal.shows('○I dev-1');
		terminal.view.close();
		const length = terminal.output().length;
		store.publish(busyRoom());
		terminal.type('n');
		terminal.resize(100, 30);
		await new Promise(resolve => setImmediate(resolve));
		expect(terminal.output().length).toBe(length);
	});
});
