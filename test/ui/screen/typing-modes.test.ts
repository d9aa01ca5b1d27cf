import {expect, test} from 'vitest';
import {open, withTerminals} from '../fixtures/open.ts';
import {busyRoom} from '../fixtures/room.ts';
import {createTestPane, createTestStore} from '../fixtures/store.ts';
import {type Attached, until} from '../fixtures/terminal.ts';

withTerminals();

/** Asks for the kitty keyboard and a bar as its cursor. */
const ASKED = '\x1b[>1u\x1b[6 q';

const paneRoom = (asked = ASKED) => {
	const pane = createTestPane(80, 24);
	pane.screen.write(`${asked}a program`);
	return {pane, store: createTestStore(busyRoom(), new Map([['agent:dev:003', pane]]))};
};

const modesOf = ({screen: {modes}}: Attached) => ({
	kittyKeyboard: modes.kittyKeyboard,
	otherKeys: modes.otherKeys,
	cursorShape: modes.cursorShape,
});
const has = (terminal: Attached, wanted: Partial<ReturnType<typeof modesOf>>) =>
	until(
		() => Object.entries(wanted).every(([name, value]) => modesOf(terminal)[name as keyof typeof wanted] === value),
		() => `the terminal is in ${JSON.stringify(modesOf(terminal))}, not in ${JSON.stringify(wanted)}`,
	);

test('a terminal with the kitty protocol takes it on and gives every key as it came; leaving takes it back', async () => {
	const {pane, store} = paneRoom();
	const terminal = open(store, {columns: 100, rows: 30});
	await terminal.shows('ROOM │');
	terminal.type('i\x1d');
	await has(terminal, {kittyKeyboard: 1, otherKeys: 0, cursorShape: 6});
	terminal.type('\x1b[97;5u\x1b[13;2u\x1bOA\x01');
	expect(pane.written()).toBe('\x1b[97;5u\x1b[13;2u\x1bOA\x01');
	// Held down and let go it is no second press.
	terminal.type('\x1b[93;5u\x1b[93;5:3u');
	await terminal.shows('ROOM │');
	expect(modesOf(terminal)).toEqual({kittyKeyboard: 0, otherKeys: 0, cursorShape: 0});
});

test('a terminal without it gives what it can, and the program gets its keys in the protocol all the same', async () => {
	const {pane, store} = paneRoom();
	const [with_, without] = [open(store, {columns: 100, rows: 30}), open(store, {columns: 100, rows: 30}, {isFar: true})];
	for (const terminal of [with_, without]) {
		await terminal.shows('ROOM │');
		terminal.type('i\x1d');
	}
	await has(with_, {kittyKeyboard: 1, otherKeys: 0});
	await has(without, {kittyKeyboard: 0, otherKeys: 2, cursorShape: 6});
	with_.type('a\x1b[99;5u\x1b[13;2u\x1b[27u');
	const wanted = pane.written();
	without.type('a\x03\x1b[27;2;13~\x1b');
	await until(
		() => pane.written() === wanted + wanted,
		() => `the program got ${JSON.stringify(pane.written())}`,
	);
	without.type('\x1d');
	await without.shows('ROOM │');
	expect(modesOf(without)).toEqual({kittyKeyboard: 0, otherKeys: 0, cursorShape: 0});
	// The other one stays where it is.
	expect(modesOf(with_).kittyKeyboard).toBe(1);
});

test('a terminal that answers late is brought into the protocol while the person types', async () => {
	const {store} = paneRoom();
	const terminal = open(store, {columns: 100, rows: 30}, {isFar: true});
	await terminal.shows('ROOM │');
	terminal.type('i\x1d');
	await has(terminal, {kittyKeyboard: 0, otherKeys: 2});
	terminal.answers();
	await has(terminal, {kittyKeyboard: 1, otherKeys: 0});
});

test('a terminal that prints what it does not know is asked for nothing and gets nothing', async () => {
	const {store} = paneRoom('\x1b[>1u\x1b[>4;2m');
	const terminal = open(store, {columns: 100, rows: 30}, {environment: {TERM: 'linux'}});
	await terminal.shows('ROOM │');
	terminal.type('i\x1d');
	await terminal.shows('TYPING INTO');
	expect(terminal.output()).not.toMatch(/\x1b\[[=?>][\d;]*[um]/);
});

test('the cursor has the shape that the program gives it, as long as the person types, and stands still where motion is reduced', async () => {
	const {pane, store} = paneRoom();
	const terminal = open(store, {columns: 100, rows: 30});
	const still = open(store, {columns: 100, rows: 30}, {environment: {TERM: 'xterm', AGENT_ROOM_REDUCE_MOTION: '1'}});
	for (const each of [terminal, still]) {
		await each.shows('ROOM │');
		each.type('i\x1d');
		await has(each, {cursorShape: 6});
	}
	pane.screen.write('\x1b[3 q');
	await has(terminal, {cursorShape: 3});
	await has(still, {cursorShape: 4});
	// Reading what stands there is the room's again; so is everything after the view has ended.
	terminal.type('\x1d[');
	await terminal.shows('SCROLL');
	expect(modesOf(terminal).cursorShape).toBe(0);
	terminal.type('q\x1d');
	await has(terminal, {cursorShape: 3});
	terminal.view.close();
	still.view.close();
	expect([modesOf(terminal).cursorShape, modesOf(still).cursorShape]).toEqual([0, 2]);
});

test('while a person types, the bar says the leader and the key: the key alone is for the agent', async () => {
	const {pane, store} = paneRoom('');
	const terminal = open(store, {columns: 160, rows: 45});
	await terminal.shows(text => / {2}a answer/.test(text));
	terminal.type('i\x1d');
	await terminal.shows('^] a answer');
	terminal.type('a');
	expect(pane.written()).toBe('a');
	terminal.type('\x1da');
	await terminal.shows('PEEK │');
});
