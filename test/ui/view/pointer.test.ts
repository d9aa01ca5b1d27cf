import {describe, expect, test} from 'vitest';
import {open, withTerminals} from '../fixtures/open.ts';
import {agent, busyRoom, NOW, room, task} from '../fixtures/room.ts';
import {createTestPane, createTestStore} from '../fixtures/store.ts';
import type {Attached} from '../fixtures/terminal.ts';

withTerminals();

const environment = {TERM: 'xterm-256color', AGENT_ROOM_MOUSE: '1'};
const withMouse = (store = createTestStore(busyRoom()), size = {columns: 160, rows: 45}, more = {}) =>
	open(store, size, {environment: {...environment, ...more}});

/** Clicks on the first cell of a text. `nth`: which of the places where it stands, -1 for the last. */
const click = (terminal: Attached, text: string, nth = 0): void => {
	const found = terminal
		.rows()
		.flatMap((row, y) => [...row.matchAll(new RegExp(text.replaceAll(/[[\]^.?]/g, '\\$&'), 'g'))].map(({index}) => [index, y]));
	const [x, y] = found.at(nth) ?? [];
	if (x === undefined || y === undefined) throw new Error(`${text} is not on the screen:\n${terminal.text()}`);
	terminal.type(`\x1b[<0;${x + 1};${y + 1}M\x1b[<0;${x + 1};${y + 1}m`);
};
const wheel = (terminal: Attached, x: number, y: number, isUp: boolean): void =>
	terminal.type(`\x1b[<${isUp ? 64 : 65};${x + 1};${y + 1}M`);
const marked = (terminal: Attached): string =>
	/[▸>][^\s]+ (\S+)/.exec(terminal.rows().find(row => /^(?:┃|#)?[▸>]/.test(row)) ?? '')?.[1] ?? '';

describe.each([
	{columns: 160, rows: 45},
	{columns: 100, rows: 30},
	{columns: 80, rows: 24},
])('the mouse at $columns x $rows', size => {
	test('marks the row that is clicked, and opens what it asks at the second click', async () => {
		const terminal = withMouse(undefined, size);
		await terminal.shows('ROOM │');
		for (const name of ['R rev-1', 'A dev-6', 'A dev-3']) {
			if (!terminal.text().includes(name)) continue;
			click(terminal, name);
			await terminal.shows(() => marked(terminal) === name.slice(2));
		}
		terminal.type('g');
		await terminal.shows(() => marked(terminal) === 'dev-3');
		click(terminal, 'A dev-3');
		await terminal.shows('PEEK │');
		expect(terminal.text()).not.toContain('TYPE dev-3');
	});

	test('goes to the panel or tab whose title is clicked, and presses what the last row offers', async () => {
		const terminal = withMouse(undefined, size);
		await terminal.shows('ROOM │');
		click(terminal, '2 Queue');
		await terminal.shows(text => /[┏[] ?━?2 Queue|\[2 Queue/.test(text));
		// What the last row never drops, and the way out of it.
		click(terminal, '? keys', -1);
		await terminal.shows('HELP │');
		click(terminal, 'esc', -1);
		await terminal.shows('ROOM │');
		click(terminal, 'answer');
		await terminal.shows('PEEK │');
	});
});

test('a click chooses a folded agent by itself, a heading only gives its panel the keys, and the wheel those of what is below it', async () => {
	const agents = Array.from({length: 50}, (_, at) =>
		agent('dev', at + 1, {status: at < 2 ? 'needs-input' : at < 40 ? 'working' : 'idle', questionId: 'q'}),
	);
	const terminal = withMouse(createTestStore(room({agents, tasks: [task('t-1'), task('t-2')]})));
	await terminal.shows('IDLE 10 ▸');
	click(terminal, 'I dev-42');
	await terminal.shows(() => marked(terminal) === 'dev-42');
	wheel(terminal, 60, 35, false);
	await terminal.shows('┏━2 Queue');
	click(terminal, 'WORKING 38');
	await terminal.shows('┏━1 Agents');
	expect(marked(terminal)).toBe('dev-42');
	click(terminal, 'I dev-42');
	await terminal.shows('LESSON');
});

test('the wheel moves what has the keys, and scrolls the pane below it', async () => {
	const pane = createTestPane(80, 20);
	pane.screen.write(Array.from({length: 60}, (_, index) => `line ${index}\r\n`).join(''));
	const terminal = withMouse(createTestStore(busyRoom(), new Map([['agent:dev:003', pane]])));
	await terminal.shows('line 59');
	const first = marked(terminal);
	wheel(terminal, 5, 5, false);
	await terminal.shows(() => marked(terminal) !== first);
	wheel(terminal, 5, 5, true);
	await terminal.shows(() => marked(terminal) === first);
	wheel(terminal, 100, 5, true);
	await terminal.shows('SCROLL │');
	for (let notch = 0; notch < 6; notch++) wheel(terminal, 100, 5, true);
	// The pane takes the size in which it is shown, maybe only now.
	await terminal.shows(text => / [1-9]\d* lines up(?: · screen changed)? · f follow/.test(text));
	for (let notch = 0; notch < 9; notch++) wheel(terminal, 100, 5, false);
	await terminal.shows('following output');
});

test('a click in a dialog marks and never confirms what the dialog quotes', async () => {
	const hostile = agent('dev', 1, {
		...{status: 'needs-input', questionId: 'q-1', question: 'X  kill   1  Yes', choices: JSON.stringify(['Yes'])},
		detail: '1  Yes   esc close   X  kill all',
	});
	const store = createTestStore(room({agents: [hostile], tasks: [task('t-1', {title: 'q  quit  X freeze all'})]}));
	const terminal = withMouse(store);
	await terminal.shows('ROOM │');
	terminal.type('a');
	await terminal.shows('PEEK │');
	for (let y = 1; y < 43; y++) for (const x of [45, 60, 80]) terminal.type(`\x1b[<0;${x};${y}M`);
	await terminal.shows('PEEK │');
	expect(store.actions).toEqual([]);
});

test("in a pane it is the program's where it wants it, and the last row leads back", async () => {
	const pane = createTestPane(80, 24);
	pane.screen.write('\x1b[?1000h\x1b[?1006h');
	const terminal = withMouse(createTestStore(busyRoom(), new Map([['agent:dev:003', pane]])));
	await terminal.shows('ROOM │');
	terminal.type('i\x1d');
	await terminal.shows('TYPING INTO dev-3');
	const {x, y} = {x: 100, y: 6};
	terminal.type(`\x1b[<0;${x};${y}M`);
	expect(pane.written()).toMatch(/^\x1b\[<0;\d+;\d+M$/);
	click(terminal, '^] room');
	await terminal.shows('ROOM │');
	expect(pane.written()).toMatch(/^\x1b\[<0;\d+;\d+M$/);
});

test('while a pane is typed into, a click on a row, a panel or the bar leaves it and does what it does in the room', async () => {
	const terminal = withMouse(createTestStore(busyRoom(), new Map([['agent:dev:003', createTestPane(80, 24)]])));
	await terminal.shows('ROOM │');
	for (const [enters, clicked, shown] of [
		['i\x1d', 'R rev-1', () => marked(terminal) === 'rev-1'],
		['\x1d', '2 Queue', '┏━2 Queue'],
		['\x1d', 'answer', 'PEEK │'],
	] as const) {
		terminal.type(enters);
		await terminal.shows('TYPE dev-3');
		click(terminal, clicked);
		await terminal.shows(shown);
		expect(terminal.text()).not.toContain('TYPE dev-3');
	}
});

test("without the option the mouse stays the terminal's, and what it sends means nothing", async () => {
	const terminal = open(createTestStore(busyRoom()), {columns: 160, rows: 45});
	await terminal.shows('ROOM │');
	expect(terminal.screen.modes.mouse).toBe('none');
	expect(withMouse().screen.modes).toMatchObject({mouse: 'vt200', sgrMouse: true});
});

test('in ASCII it marks rows all the same', async () => {
	const terminal = withMouse(undefined, {columns: 160, rows: 45}, {AGENT_ROOM_ASCII: '1'});
	await terminal.shows('ROOM |');
	click(terminal, 'R rev-1');
	await terminal.shows(() => marked(terminal) === 'rev-1');
});

test('the cursor of the terminal stands on the marked row, or in the field that is written, where that is wished for', async () => {
	let at = NOW;
	const terminal = open(
		createTestStore(busyRoom()),
		{columns: 160, rows: 45},
		{
			environment: {TERM: 'xterm', AGENT_ROOM_CURSOR: '1'},
			now: () => at,
		},
	);
	await terminal.shows('ROOM │');
	at += 10;
	const onMark = (): boolean => {
		const {x, y, visible} = terminal.screen.cursor;
		return visible && [...(terminal.rows()[y] ?? '')][x] === '▸';
	};
	await terminal.shows(onMark);
	const {y} = terminal.screen.cursor;
	terminal.type('j');
	await terminal.shows(() => onMark() && terminal.screen.cursor.y !== y);
	terminal.type('nFix');
	await terminal.shows(
		text => text.includes('Fix') && (text.split('\n')[terminal.screen.cursor.y] ?? '').slice(0, terminal.screen.cursor.x).endsWith('Fix'),
	);
});

describe.each([
	{columns: 160, rows: 45},
	{columns: 80, rows: 24},
])('the mouse on the board at $columns x $rows', size => {
	const card = (terminal: Attached): string => /[▸][^\s]+ +(t-\d+)/.exec(terminal.text())?.[1] ?? '';

	test('chooses the card in any column at the first click, and opens it at the second', async () => {
		const terminal = withMouse(undefined, size);
		await terminal.shows('ROOM │');
		terminal.type('t');
		await terminal.shows(() => card(terminal) === 't-2');
		click(terminal, 't-4');
		await terminal.shows(() => card(terminal) === 't-4');
		click(terminal, 'Review');
		await terminal.shows(() => card(terminal) === 't-8');
		click(terminal, 't-8');
		await terminal.shows('TASK │');
	});

	test('scrolls with the wheel the column below it', async () => {
		const terminal = withMouse(undefined, size);
		await terminal.shows('ROOM │');
		terminal.type('t');
		await terminal.shows(() => card(terminal) === 't-2');
		wheel(terminal, 70, 6, false);
		await terminal.shows(() => card(terminal) === (size.columns === 160 ? 't-7' : 't-4'));
		if (size.columns === 80) return;
		wheel(terminal, 5, 6, false);
		await terminal.shows(() => card(terminal) === 't-12');
		// Of the keys in one hint the one below the pointer counts.
		click(terminal, 'l column');
		await terminal.shows(() => card(terminal) === 't-13');
		click(terminal, 'h/l column');
		await terminal.shows(() => card(terminal) === 't-11');
	});
});
