import {describe, expect, test} from 'vitest';
import {open, withTerminals} from '../fixtures/open.ts';
import {agent, busyRoom, room, task} from '../fixtures/room.ts';
import {createTestPane, createTestStore} from '../fixtures/store.ts';

withTerminals();

/** Every key of the room that opens something, each left with esc; what a page or a dialog makes of it is its own. */
const KEYS = [
	'?',
	':',
	't',
	'T',
	'd',
	'm',
	'e',
	'w',
	'c',
	'n',
	'N',
	'a',
	'A',
	'x',
	'r',
	'R',
	'D',
	'F',
	'u',
	'l',
	'o',
	',',
	's',
	'y',
	'v',
	'*',
	'/',
	"'",
	'z',
	'[',
	'p',
	'P',
	'b',
	'i',
];
const PANELS = ['1', '2', '3', '4', '5', '6', '0'];

/** All that a view may ever send beside text: cells' addresses and erasing, colours and attributes, pictures in one piece, modes, title, questions. */
const ALLOWED = new RegExp(
	[
		/\x1b\[(?:\d+(?:;\d+)?)?H/,
		/\x1b\[\d+X/,
		/\x1b\[[\d;]*m/,
		/\x1b\[\?(?:2026|25|1|7|1000|1002|1003|1006|9|2031)[hl]/,
		/\x1b\]2;[^\x00-\x1f\x7f-\x9f]{0,40}\x07/,
		/\x1b\]11;\?\x07/,
		/\x1b\[>q/,
		/\x1b\[5n/,
		/\x1b\[[0-6] q/,
		/\x1b\[\?u/,
		/\x1b[=>]/,
		/\x1b\[=\d+;1u/,
		/\x1b\[>4;\dm/,
		/\x07/,
	]
		.map(({source}) => source)
		.join('|'),
	'g',
);

const hostile = 'Ünïcode — “quoted” ✓ 漢字 \x1b[2J\x1b[3J\x1bc\x9b2J \x1b]0;owned\x07';
const snapshot = () => {
	const busy = busyRoom();
	const extra = room({
		agents: [
			agent('dev', 9, {status: 'needs-input', questionId: 'q-9', question: hostile, detail: hostile, choices: JSON.stringify([hostile])}),
		],
		tasks: [
			task('t-90', {state: 'failed', title: hostile, reason: hostile}),
			task('t-91', {state: 'ready', title: hostile, waitReason: hostile}),
		],
	});
	const {team} = busy;
	return {
		...busy,
		team: {...team, agents: new Map([...team.agents, ...extra.team.agents]), tasks: new Map([...team.tasks, ...extra.team.tasks])},
	};
};

const WIDE = {columns: 160, rows: 45};
const SMALL = {columns: 80, rows: 24};

/** Goes through every screen and comes back; what was sent, and the words that the last row began with. */
const drive = async (
	environment: Readonly<Record<string, string>>,
	...sizes: readonly {readonly columns: number; readonly rows: number}[]
) => {
	const pane = createTestPane(80, 24, true);
	pane.screen.write(`\x1b[38;2;9;99;199m${hostile}\x1b[5mblink ▄▄ é\x1b[0m\r\n`);
	const terminal = open(createTestStore(snapshot(), new Map([['agent:dev:003', pane]])), WIDE, {environment});
	const visited = new Set<string>();
	/** Until the picture stands still: all that a key leads to has been drawn. */
	const settled = async (): Promise<void> => {
		for (let length = -1; length !== terminal.output().length; ) {
			length = terminal.output().length;
			await new Promise(resolve => setTimeout(resolve, 20));
		}
		visited.add(/^ ?([A-Z ]+?) [│|]/.exec(terminal.rows().at(-1) ?? '')?.[1] ?? '');
	};
	await terminal.shows(text => text.includes('ROOM'));
	for (const {columns, rows} of sizes) {
		terminal.resize(columns, rows);
		for (const key of [...PANELS, ...KEYS]) {
			terminal.type(key);
			await settled();
			// As many terminals send a lone escape: nothing waits for what may follow it.
			for (let times = 0; times < 3; times++) terminal.type('\x1b[27u');
		}
	}
	terminal.resize(30, 8);
	await settled();
	return {output: terminal.output(), visited: [...visited]};
};

describe('over all screens and sizes', () => {
	test("nothing is cleared, and nothing but cells, colours and the view's own modes is sent", async () => {
		const {output, visited} = await drive({TERM: 'xterm-256color', COLORTERM: 'truecolor', AGENT_ROOM_MOUSE: '1'}, WIDE, SMALL);
		expect(visited).toEqual(
			expect.arrayContaining(['ROOM', 'HELP', 'BOARD', 'TASK', 'MERGES', 'EVENTS', 'COST', 'FORM', 'PEEK', 'CONFIRM', 'FILTER']),
		);
		expect(output).not.toMatch(/\x1b\[[23]J|\x1bc/);
		expect(output.replaceAll(ALLOWED, '').match(/\p{Cc}[^\p{Cc}]{0,12}/gu)).toBeNull();
	});

	test('NO_COLOR and the theme without colours send no colour, and still mark what is chosen', async () => {
		const {output} = await drive({TERM: 'xterm-256color', COLORTERM: 'truecolor', NO_COLOR: '1'}, SMALL);
		const codes = new Set([...output.matchAll(/\x1b\[([\d;]*)m/g)].flatMap(([, parameters = '']) => parameters.split(';')));
		expect([...codes].filter(code => !/^(?:0|1|2|3|4|5|7|9|)$/.test(code))).toEqual([]);
		expect([...codes]).toEqual(expect.arrayContaining(['1', '2', '7']));
	});

	test('in ASCII no byte above 0x7e is sent, of whatever pane or title', async () => {
		const {output} = await drive({TERM: 'xterm', AGENT_ROOM_ASCII: '1', AGENT_ROOM_REDUCE_MOTION: '1'}, WIDE);
		expect(output.match(/[^\x00-\x7e]/gu)).toBeNull();
		// Nothing blinks.
		expect(output).not.toMatch(/\x1b\[(?:\d+;)*5(?:;\d+)*m/);
	});
});
