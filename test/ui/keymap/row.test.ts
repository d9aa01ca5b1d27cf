import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {parseLeader} from '../../../source/terminal/input/bytes.ts';
import {createInputRouter, type InputRouter} from '../../../source/terminal/input/router.ts';
import {NO_MODES} from '../../../source/terminal/screen/answers.ts';
import type {Message} from '../../../source/ui/state/message.ts';
import {drive} from '../fixtures/driver.ts';
import {devPane, open, withTerminals} from '../fixtures/open.ts';
import {busyRoom} from '../fixtures/room.ts';
import {createTestStore} from '../fixtures/store.ts';
import {until} from '../fixtures/terminal.ts';

withTerminals();

/** Keys whose meaning hangs on nothing but what was pressed before. A lone ESC is left out: a program cannot tell it from the beginning of another key. */
const ESC = '\x1b[27u';
const inRoom = [
	'j',
	'k',
	'G',
	'g',
	'h',
	'\x1b[C',
	'\x1b[B',
	'\x1bOA',
	'\t',
	'\x1b[Z',
	'0',
	'2',
	'3',
	'4',
	'z',
	'\x04',
	'\x1b[5~',
	'P',
	ESC,
];
const dialogs = [
	`x${ESC}`,
	'x\r',
	`?zoom${ESC}`,
	':drain\r',
	`:${ESC}`,
	'/t-1\r',
	`/dev${ESC}`,
	"'dev-5\r",
	`nFix é\tyes…${ESC}`,
	'c\r',
	`q${ESC}`,
	'm',
	'mjj',
	'\x10pause all\r',
];
/** Into the pane of dev-3, past the lesson where it was not learnt, some typing, and out again. */
const typing = ['q', '漢字', '\x1b[A', '\x03', '\x00', '\x1b[200~two\nlines\x1b[201~'].map(text => `${ESC}'dev-3\ri\x1d${text}\x1b[93;5u`);
const row = fc.array(
	fc.oneof({weight: 3, arbitrary: fc.constantFrom(...inRoom)}, fc.constantFrom(...dialogs), fc.constantFrom(...typing)),
	{
		minLength: 1,
		maxLength: 14,
	},
);

/** A router over the reducer without a screen: what came of the bytes. */
const reduce = (chunks: readonly Buffer[]): string => {
	const driver = drive(busyRoom());
	let typed = '';
	let obeyed = 0;
	const send = (message: Message): void => {
		driver.send(message);
		for (const command of driver.commands.slice(obeyed)) if (command.type === 'type') router.setMode(command.agent ? 'type' : 'room');
		obeyed = driver.commands.length;
	};
	const router: InputRouter = createInputRouter({
		leaders: [parseLeader('ctrl+]')].filter(found => found !== undefined),
		onRoomKey: token => {
			if (token.type === 'key') send({type: 'key', key: token.key, text: token.text});
			if (token.type === 'paste') send({type: 'paste', text: token.text});
		},
		onPaneBytes: bytes => {
			typed += Buffer.from(bytes).toString('latin1');
		},
		onLeader: (to, key) => {
			send(to === 'room' ? {type: 'leader'} : {type: 'key', key, text: ''});
			return driver.state.typing !== '';
		},
		paneModes: () => ({...NO_MODES, bracketedPaste: true}),
		now: () => 0,
		schedule: () => () => {},
	});
	for (const chunk of chunks) router.feed(chunk);
	return JSON.stringify({state: driver.state, commands: driver.commands, typed});
};

const watch = () => {
	const panes = devPane();
	const store = createTestStore(busyRoom(), panes);
	const terminal = open(store, {columns: 100, rows: 30});
	const typed = (): string => panes.get('agent:dev:003')?.written() ?? '';
	const {actions} = store;
	return {terminal, actions, all: () => JSON.stringify({typed: typed(), actions, controls: terminal.controls, text: terminal.text()})};
};

const cut = (bytes: Buffer, places: readonly number[]): Buffer[] => {
	const at = [0, ...places.map(place => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
	return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
};

describe('keys in one write', () => {
	test('or cut anywhere do what they do one by one: the same state, orders and bytes in the pane', () => {
		fc.assert(
			fc.property(row, fc.array(fc.nat(), {maxLength: 30}), (keys, places) => {
				const single = reduce(keys.map(key => Buffer.from(key)));
				const all = Buffer.from(keys.join(''));
				expect(reduce([all])).toBe(single);
				expect(reduce(cut(all, places))).toBe(single);
			}),
			{numRuns: 150},
		);
	});

	test('or bytes of any kind break nothing, whatever is open', () => {
		const bytes = fc.uint8Array({maxLength: 40}).map(some => Buffer.from(some));
		fc.assert(
			fc.property(
				fc.array(
					fc.oneof(
						row.map(keys => Buffer.from(keys.join(''))),
						bytes,
					),
					{maxLength: 6},
				),
				chunks => {
					expect(reduce(chunks)).toContain('"commands"');
				},
			),
			{numRuns: 100},
		);
	});

	test('show the same screen as one by one', async () => {
		const keys = [...inRoom.slice(0, 8), ...dialogs.slice(0, 6), ...typing.slice(0, 2), '\x1d1', 'z', 'm', 'j', ':mer'];
		const [single, together] = [watch(), watch()];
		for (const key of keys) single.terminal.type(key);
		for (const piece of cut(Buffer.from(keys.join('')), [3, 11, 12, 40, 61])) together.terminal.view.input(piece);
		await until(
			() => single.all() === together.all() && single.terminal.text().includes(': mer'),
			() => `${single.terminal.text()}\n${together.terminal.text()}`,
		);
	});

	test('a whole dialogue in one write queues its task, and what follows is a key of the room again', async () => {
		const {terminal, actions} = watch();
		terminal.type('nFix the login\tIt fails.\x13Gx');
		await terminal.shows('CONFIRM │');
		expect(actions).toEqual([{type: 'add-task', title: 'Fix the login', description: 'It fails.', priority: 50}]);
	});
});

describe('the lesson of the way back', () => {
	test('is shown once to a person, whatever the terminal', async () => {
		let knows = false;
		const hintsSeen = {
			knowsWayBack: () => knows,
			learnWayBack: () => {
				knows = true;
			},
		};
		const first = open(createTestStore(busyRoom(), devPane()), {columns: 80, rows: 24}, {hintsSeen});
		first.type('i');
		await first.shows('returns to the room');
		first.type('\x07');
		await first.shows('The leader key is ctrl+]. To use ctrl+g, set `keys: {leader: ctrl+g}`.');
		first.type(ESC);
		await first.shows('ROOM │');
		expect(knows).toBe(false);
		first.type('i\x1d');
		await first.shows('TYPING INTO dev-3');
		expect(knows).toBe(true);
		const second = open(createTestStore(busyRoom(), devPane()), {columns: 80, rows: 24}, {hintsSeen});
		second.type('i');
		await second.shows('TYPING INTO dev-3');
		expect(second.text()).not.toContain('returns to the room');
	});
});

describe('typing into a pane', () => {
	test('is told by a word, a heavy border with a title and the way out, at every size, with and without colours', async () => {
		const sizes = [
			[160, 45],
			[100, 30],
			[80, 24],
			[40, 15],
			[40, 10],
		] as const;
		for (const [name, value] of [
			['COLORTERM', 'truecolor'],
			['NO_COLOR', '1'],
			['AGENT_ROOM_ASCII', '1'],
		] as const) {
			const environment = {TERM: 'xterm-256color', [name]: value};
			const terminal = open(createTestStore(busyRoom(), devPane()), {columns: 160, rows: 45}, {environment});
			await terminal.shows('ROOM ');
			expect(terminal.text()).not.toContain('TYP');
			terminal.type('i\x1d');
			for (const [columns, rows] of sizes) {
				terminal.resize(columns, rows);
				const border = name === 'AGENT_ROOM_ASCII' ? /[#=]TYPING INTO dev-3/ : /┏━TYPING INTO dev-3/;
				await terminal.shows(text => border.test(text) && / TYPE dev-3 .*\^\] room/.test(text) && !/ROOM/.test(text));
			}
			terminal.resize(39, 9);
			await terminal.shows('TYPE dev-3: ^] room');
			terminal.type('\x1d');
			await terminal.shows(text => text.includes('Terminal is 39x9.') && !text.includes('TYPE'));
			terminal.resize(80, 24);
			await terminal.shows(text => text.includes(' ROOM ') && !text.includes('TYP'));
			terminal.view.close();
		}
	});

	test('is not what the lesson says of itself: no key goes to the agent yet', async () => {
		const panes = devPane();
		const terminal = open(createTestStore(busyRoom(), panes), {columns: 80, rows: 24});
		terminal.type('i');
		await terminal.shows(' LESSON ');
		terminal.type('rm -rf\r');
		expect(panes.get('agent:dev:003')?.written()).toBe('');
		terminal.type('?');
		await terminal.shows('FIRST TIME IN A PANE');
	});
});

describe('keys of a person', () => {
	test('stand wherever a key is named: header, bottom rows, pane, help', async () => {
		const keys = {zoom: 'Z', drain: null, 'next-attention': 'ctrl+n', scroll: 'O', help: 'K', type: 'L', leader: 'ctrl+t'};
		const snapshot = busyRoom({control: {drained: true}});
		const terminal = open(createTestStore(snapshot, devPane()), {columns: 160, rows: 45}, {keys});
		await terminal.shows(':drain  resume');
		for (const words of ['^N answer', 'O scroll · L type', 'K keys', '^N answer']) expect(terminal.text()).toContain(words);
		terminal.type('L\x14');
		await terminal.shows('^T ^N answer   ^T Z zoom');
		expect(terminal.text()).toContain('^T back to room');
		terminal.type('\x14Kdrain');
		await terminal.shows('No matching key. ^P lists every command.');
	});
});

describe('several leaders', () => {
	test('each lead out of the pane, and the first is the one that is shown', async () => {
		for (const leader of ['\x1d', '\x07']) {
			const panes = devPane();
			const terminal = open(createTestStore(busyRoom(), panes), {columns: 80, rows: 24}, {keys: {leader: ['ctrl+]', 'ctrl+g']}});
			terminal.type(`i${leader}a`);
			await terminal.shows('TYPING INTO dev-3');
			expect(terminal.text()).toContain('^] room');
			terminal.type(`${leader}1`);
			await terminal.shows('ROOM │');
			expect(panes.get('agent:dev:003')?.written()).toBe('a');
		}
	});

	test('may come from the environment of one terminal', async () => {
		const environment = {TERM: 'xterm-256color', AGENT_ROOM_LEADER: 'ctrl+t'};
		const terminal = open(createTestStore(busyRoom(), devPane()), {columns: 80, rows: 24}, {environment});
		terminal.type('i');
		await terminal.shows('^T returns to the room');
	});
});
