import {expect, test} from 'vitest';
import {ENTER, RESTORE} from '../../../source/attach/protocol.ts';
import {DEFAULT_DISPLAY} from '../../../source/core/config/display.ts';
import type {PaneModes} from '../../../source/core/text/screen.ts';
import {mouseBytes} from '../../../source/terminal/input/bytes.ts';
import {createTokenizer} from '../../../source/terminal/input/tokenizer.ts';
import {NO_MODES, paneModeBytes} from '../../../source/terminal/screen/answers.ts';
import {capabilitiesOf} from '../../../source/ui/view/capabilities.ts';
import {createNoticeBook} from '../../../source/ui/view/notices.ts';
import {createOwnTerminal} from '../../../source/ui/view/terminal.ts';
import {room} from '../../ui/fixtures/room.ts';
import {screenOf, textsOf} from '../screens.ts';

const typing: PaneModes = {
	applicationCursor: true,
	bracketedPaste: true,
	mouse: 'any',
	sgrMouse: true,
	focusEvents: true,
	applicationKeypad: true,
	kittyKeyboard: 5,
	otherKeys: 2,
	cursorShape: 5,
};

test('leaving gives back the own screen, the cursor and every mode, from any state', () => {
	const terminal = screenOf(20, 4, 'my shell $ ');
	const before = {texts: textsOf(terminal), cursor: terminal.cursor, modes: terminal.modes};
	terminal.write(ENTER);
	expect([terminal.isAlternate, terminal.cursor.visible, terminal.modes.bracketedPaste, terminal.modes.focusEvents]).toEqual([
		true,
		false,
		true,
		true,
	]);
	terminal.write(`${paneModeBytes(NO_MODES, typing)}\x1b[?2026h\x1b[2;3r\x1b[31m\x1b[4;4Hhalf a frame`);
	terminal.write(RESTORE);
	expect({texts: textsOf(terminal), cursor: terminal.cursor, modes: terminal.modes}).toEqual(before);
	expect([terminal.isAlternate, terminal.isUpdating]).toEqual([false, false]);
});

test('the order of leaving: keyboard, mouse, focus, paste, update, margins, attributes, cursor, screen', () => {
	const order = [
		'\x1b[<9u',
		'\x1b[?9l',
		'\x1b[?1000l',
		'\x1b[?1002l',
		'\x1b[?1003l',
		'\x1b[?1006l',
		'\x1b[?1004l',
		'\x1b[?2004l',
		'\x1b[?2026l',
		'\x1b[r',
		'\x1b[0m',
		'\x1b[?25h',
		'\x1b[?1049l',
	];
	const places = order.map(sequence => RESTORE.indexOf(sequence));
	expect(places).not.toContain(-1);
	expect(places).toEqual([...places].sort((a, b) => a - b));
});

test('a terminal takes on the modes of a pane and gives them up again', () => {
	const terminal = screenOf(20, 4, ENTER);
	const room = terminal.modes;
	for (const mouse of ['x10', 'vt200', 'drag', 'any'] as const) {
		terminal.write(paneModeBytes(NO_MODES, {...typing, mouse, sgrMouse: false}));
		expect(terminal.modes).toMatchObject({applicationCursor: true, mouse, sgrMouse: true});
		terminal.write(paneModeBytes({...typing, mouse, sgrMouse: false}, NO_MODES));
		expect(terminal.modes).toEqual(room);
	}
	expect(paneModeBytes(typing, typing)).toBe('');
});

test('a pane gets the mouse in its own cells and its own form', () => {
	const [token] = createTokenizer().feed(new TextEncoder().encode('\x1b[<4;12;7M'));
	if (token?.type !== 'mouse') throw new Error('no mouse token');
	const pane = {x: 10, y: 5, columns: 20, rows: 5, modes: typing};
	expect(new TextDecoder().decode(mouseBytes(token, pane))).toBe('\x1b[<4;2;2M');
	expect(mouseBytes(token, {...pane, modes: {...typing, sgrMouse: false}})).toEqual(Uint8Array.of(0x1b, 0x5b, 0x4d, 36, 34, 34));
	expect(mouseBytes(token, {...pane, modes: NO_MODES})).toBeUndefined();
	expect(mouseBytes(token, {...pane, x: 12})).toBeUndefined();
});

test('whatever a view or the pane in it can switch on is switched off at the end', () => {
	const capabilities = capabilitiesOf({TERM: 'xterm-kitty', AGENT_ROOM_MOUSE: '1', AGENT_ROOM_REDUCE_MOTION: '1'});
	const own = createOwnTerminal({
		...{capabilities, environment: {}, notify: DEFAULT_DISPLAY.notify, book: createNoticeBook(), answerKey: 'a'},
		...{write: () => undefined, now: () => 0, snapshot: room()},
	});
	const mice = ['x10', 'vt200', 'drag', 'any'] as const;
	const panes = mice.map(mouse => paneModeBytes(NO_MODES, {...typing, mouse, applicationKeypad: true, kittyKeyboard: 31, otherKeys: 2}));
	const all = ENTER + own.enter() + panes.join('');
	const on = [...all.matchAll(/\x1b\[\?(\d+)h/g)].map(([, mode]) => mode);
	expect(on).toEqual(expect.arrayContaining(['1000', '1006', '1049', '2004', '1004', '2031', '1']));
	for (const mode of on) expect(RESTORE, `mode ${mode}`).toContain(`\x1b[?${mode}l`);
	const others: readonly (readonly [on: string, off: string])[] = [
		['\x1b[2 q', '\x1b[0 q'],
		['\x1b=', '\x1b>'],
		['\x1b[>4;2m', '\x1b[>4;0m'],
		['\x1b[=31;1u', '\x1b[<9u'],
		['\x1b[22;0t', '\x1b[23;0t'],
		['\x1b[?25l', '\x1b[?25h'],
	];
	for (const [begun, ended] of others) {
		expect(all).toContain(begun);
		expect(RESTORE).toContain(ended);
	}
	own.close();
});
