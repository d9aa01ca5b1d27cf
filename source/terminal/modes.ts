import type {PaneModes} from '../core/screen.ts';

/** Modes of a terminal in which nothing was asked for; the room itself stands in bracketed paste and focus events beside them. */
export const NO_MODES: PaneModes = {
	applicationCursor: false,
	bracketedPaste: false,
	mouse: 'none',
	sgrMouse: false,
	focusEvents: false,
	applicationKeypad: false,
	kittyKeyboard: 0,
	otherKeys: 0,
	cursorShape: 0,
};

const MOUSE_MODES: Readonly<Record<PaneModes['mouse'], string>> = {none: '', x10: '9', vt200: '1000', drag: '1002', any: '1003'};

/**
 * Bytes that take the person's terminal from one pane's modes to another's (`NO_MODES` for the room). Focus events and bracketed
 * paste stay on: the room needs both, and gives a pane only what it asked for.
 */
export const paneModeBytes = (from: PaneModes, to: PaneModes): string => {
	let bytes = '';
	if (from.applicationCursor !== to.applicationCursor) bytes += to.applicationCursor ? '\x1b[?1h' : '\x1b[?1l';
	if (from.applicationKeypad !== to.applicationKeypad) bytes += to.applicationKeypad ? '\x1b=' : '\x1b>';
	// Set, not pushed: however often another program has had the terminal in between, no level is left over.
	if (from.kittyKeyboard !== to.kittyKeyboard) bytes += `\x1b[=${to.kittyKeyboard};1u`;
	if (from.otherKeys !== to.otherKeys) bytes += `\x1b[>4;${to.otherKeys}m`;
	if (from.cursorShape !== to.cursorShape) bytes += `\x1b[${to.cursorShape} q`;
	if (from.mouse !== to.mouse) {
		if (from.mouse !== 'none') bytes += `\x1b[?${MOUSE_MODES[from.mouse]}l`;
		if (to.mouse !== 'none') bytes += `\x1b[?${MOUSE_MODES[to.mouse]}h`;
	}
	// The room reads the mouse in one form only; `mouseBytes` gives the pane the form that it asked for.
	const [was, is] = [from.mouse !== 'none', to.mouse !== 'none'];
	if (was !== is) bytes += is ? '\x1b[?1006h' : '\x1b[?1006l';
	return bytes;
};

/** How a terminal can send keys: in the kitty protocol, with modifyOtherKeys at best, or only as terminals always have. */
export type KeyboardKind = 'kitty' | 'other' | 'old';

/** The shapes that do not blink. */
const STEADY = [2, 2, 2, 4, 4, 6, 6] as const;

/**
 * The modes in which a person's terminal is while that person types into a pane. `own` are the room's. Where the terminal has no kitty protocol,
 * modifyOtherKeys gives at least the keys that would come like others (shift+enter), for `kitty-keys.ts` to tell them on.
 */
export const modesToType = (pane: PaneModes, own: PaneModes, keyboard: KeyboardKind, isStill: boolean): PaneModes => ({
	...pane,
	mouse: pane.mouse === 'none' ? own.mouse : pane.mouse,
	kittyKeyboard: keyboard === 'kitty' ? pane.kittyKeyboard : 0,
	otherKeys: keyboard === 'old' ? 0 : keyboard === 'other' && pane.kittyKeyboard > 0 ? 2 : pane.otherKeys,
	cursorShape: isStill ? STEADY[pane.cursorShape] : pane.cursorShape,
});
