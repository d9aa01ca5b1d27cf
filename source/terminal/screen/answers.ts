import type {PaneModes, Screen} from '../../core/text/screen.ts';

/** Levels that a program may push; more are none, so that no stream makes the room hold more. */
const MOST = 16;
/** Disambiguate, event types, alternate keys, all keys as sequences, text with them: what there is. */
const ALL_FLAGS = 31;

/** What of a parser is needed to hear sequences: a handler that answers false leaves the sequence to the others. */
type Hearing = {
	registerCsiHandler(
		id: {final: string; prefix?: string},
		handler: (params: {readonly params: Int32Array; readonly length: number}) => boolean,
	): unknown;
	registerEscHandler(id: {final: string}, handler: () => boolean): unknown;
};

export type Keyboard = {
	/** Flags of the kitty keyboard protocol, 0 if it is off; main and alternate screen have their own. */
	readonly kitty: number;
	/** Level of xterm's modifyOtherKeys: 0 to 2. */
	readonly otherKeys: number;
};

/**
 * How a program wants keys to be sent: the kitty protocol (`CSI > u` pushes, `CSI < u` pops, `CSI = u` sets, `CSI ? u` asks) and
 * modifyOtherKeys (`CSI > 4 m`). The answer holds for every terminal that is ever attached: keys of one without the protocol are brought into it
 * (`input/router.ts`), so a program may rely on what it was told.
 */
export const createKeyboard = (core: Hearing, isAlternate: () => boolean, answer: (reply: string) => void): Keyboard => {
	const fresh = () => ({main: [0], alternate: [0], otherKeys: 0});
	let state = fresh();
	const stack = (): number[] => (isAlternate() ? state.alternate : state.main);
	const put = (flags: number): void => {
		const levels = stack();
		levels[levels.length - 1] = flags & ALL_FLAGS;
	};
	core.registerCsiHandler({prefix: '>', final: 'u'}, ({params}) => {
		const levels = stack();
		// As in kitty itself, the oldest level goes where there are too many.
		if (levels.length >= MOST) levels.shift();
		levels.push((params[0] ?? 0) & ALL_FLAGS);
		return true;
	});
	core.registerCsiHandler({prefix: '<', final: 'u'}, ({params}) => {
		const levels = stack();
		levels.length = Math.max(0, levels.length - Math.max(1, params[0] ?? 1));
		if (levels.length === 0) levels.push(0);
		return true;
	});
	core.registerCsiHandler({prefix: '=', final: 'u'}, ({params, length}) => {
		const flags = params[0] ?? 0;
		const how = length > 1 ? (params[1] ?? 1) : 1;
		const now = stack().at(-1) ?? 0;
		put(how === 2 ? now | flags : how === 3 ? now & ~flags : flags);
		return true;
	});
	core.registerCsiHandler({prefix: '?', final: 'u'}, () => {
		answer(`\x1b[?${stack().at(-1) ?? 0}u`);
		return true;
	});
	core.registerCsiHandler({prefix: '>', final: 'm'}, ({params, length}) => {
		if (length === 0 || params[0] === 4) state.otherKeys = length > 1 ? Math.max(0, Math.min(2, params[1] ?? 0)) : 0;
		return true;
	});
	core.registerEscHandler({final: 'c'}, () => {
		state = fresh();
		return false;
	});
	return {
		get kitty() {
			return stack().at(-1) ?? 0;
		},
		get otherKeys() {
			return state.otherKeys;
		},
	};
};

/** Replies a second that a program gets at most; a stream of nothing but questions would else come back as a flood of answers. */
const REPLIES_A_SECOND = 200;

export type ReplyGate = {
	/** Takes a reply, or drops it when too many came within a second. */
	offer(reply: string): void;
	/** What was taken since the last call, in order. */
	take(): readonly string[];
};

/** Holds the replies of one parse and bounds how many there are; `now` in ms. */
export const createReplyGate = (now: () => number = () => performance.now()): ReplyGate => {
	let waiting: string[] = [];
	let windowAt = Number.NEGATIVE_INFINITY;
	let used = 0;
	return {
		offer: reply => {
			const at = now();
			if (at - windowAt >= 1000) {
				windowAt = at;
				used = 0;
			}
			if (used++ < REPLIES_A_SECOND) waiting.push(reply);
		},
		take: () => {
			if (waiting.length === 0) return waiting;
			const taken = waiting;
			waiting = [];
			return taken;
		},
	};
};

/** Modes of a terminal in which nothing was asked for; the room itself stands in bracketed paste and focus events next to them. */
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
 * Bytes that take the user's terminal from one pane's modes to another's (`NO_MODES` for the room). Focus events and bracketed paste stay
 * on: the room needs both, and gives a pane only what it asked for.
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
 * The modes in which a human's terminal is while that person types into a pane. `own` are the room's. Where the terminal has no kitty
 * protocol, modifyOtherKeys gives at least the keys that would come like others (shift+enter), for `input/router.ts` to tell them on.
 */
export const modesToType = (pane: PaneModes, own: PaneModes, keyboard: KeyboardKind, isStill: boolean): PaneModes => ({
	...pane,
	mouse: pane.mouse === 'none' ? own.mouse : pane.mouse,
	kittyKeyboard: keyboard === 'kitty' ? pane.kittyKeyboard : 0,
	otherKeys: keyboard === 'old' ? 0 : keyboard === 'other' && pane.kittyKeyboard > 0 ? 2 : pane.otherKeys,
	cursorShape: isStill ? STEADY[pane.cursorShape] : pane.cursorShape,
});

/** How the input of an agent CLI starts: perhaps a frame, then a sign and a blank. */
const BEGINNING = /^[\s│┃|]*[❯›>]\s/;
/** An input of several lines is followed upwards this far. */
const MOST_ROWS = 12;

/**
 * What stands before the cursor in the input of the program on a screen; '' for an empty one. What stands behind the cursor is no text but
 * a suggestion, as these programs draw it. Undefined if the cursor is in no input that is known.
 */
export const inputBeforeCursor = ({textOf, cursor}: Pick<Screen, 'textOf' | 'cursor'>): string | undefined => {
	const lines: string[] = [];
	for (let row = cursor.y; row >= 0 && lines.length < MOST_ROWS; row--) {
		const line = row === cursor.y ? textOf(row).padEnd(cursor.x).slice(0, cursor.x) : textOf(row);
		const beginning = BEGINNING.exec(`${line} `);
		if (beginning) {
			lines.unshift(line.slice(beginning[0].length));
			return lines.join('\n').trim();
		}
		if (line.trim() === '' && row !== cursor.y) return undefined;
		lines.unshift(line);
	}
	return undefined;
};
