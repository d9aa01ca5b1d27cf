import type {PaneModes} from '../core/screen.ts';

/** Modes of a terminal in which nothing was asked for; the room itself stands in bracketed paste and focus events beside them. */
export const NO_MODES: PaneModes = {applicationCursor: false, bracketedPaste: false, mouse: 'none', sgrMouse: false, focusEvents: false};

/** Keyboard protocols a program may have left on: kitty flags popped to none, modifyOtherKeys off. */
const PLAIN_KEYBOARD = '\x1b[<u\x1b[>4;0m';

/**
 * Takes a terminal over: title saved, alternate screen, cursor hidden, bracketed paste and focus events on. The screen is not
 * cleared; the first paint writes every cell.
 */
export const ENTER_TERMINAL =
	'\x1b[22;0t\x1b[?1049h\x1b[?25l\x1b[?7h\x1b[?1l\x1b>\x1b[r\x1b[?6l\x1b[4l\x1b(B\x0f\x1b[m\x1b[?2004h\x1b[?1004h';

/**
 * Gives a terminal back as it was, whatever state it is in: keyboard, mouse, focus, paste, update mark, margins, attributes, cursor,
 * and the person's own screen last. Written synchronously, before termios is restored; safe to write twice.
 */
export const LEAVE_TERMINAL = [
	PLAIN_KEYBOARD,
	'\x1b[?1l\x1b>',
	'\x1b[?9l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l',
	'\x1b[?1004l',
	'\x1b[?2004l',
	'\x1b[?2026l',
	'\x1b[r',
	'\x1b[?7h',
	'\x1b[m',
	'\x1b[?25h',
	'\x1b[?1049l',
	'\x1b[23;0t',
].join('');

const MOUSE_MODES: Readonly<Record<PaneModes['mouse'], string>> = {none: '', x10: '9', vt200: '1000', drag: '1002', any: '1003'};

/**
 * Bytes that take the person's terminal from one pane's modes to another's (`NO_MODES` for the room). Focus events and bracketed
 * paste stay on: the room needs both, and gives a pane only what it asked for.
 */
export const paneModeBytes = (from: PaneModes, to: PaneModes): string => {
	let bytes = '';
	if (from.applicationCursor !== to.applicationCursor) bytes += to.applicationCursor ? '\x1b[?1h' : '\x1b[?1l';
	if (from.mouse !== to.mouse) {
		if (from.mouse !== 'none') bytes += `\x1b[?${MOUSE_MODES[from.mouse]}l`;
		if (to.mouse !== 'none') bytes += `\x1b[?${MOUSE_MODES[to.mouse]}h`;
	}
	// The room reads the mouse in one form only; `mouseBytes` gives the pane the form that it asked for.
	const [was, is] = [from.mouse !== 'none', to.mouse !== 'none'];
	if (was !== is) bytes += is ? '\x1b[?1006h' : '\x1b[?1006l';
	return bytes;
};
