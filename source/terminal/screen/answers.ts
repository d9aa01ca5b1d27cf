import type {PaneModes, Screen} from '../../core/text/screen.ts';

/** Limit of pushed levels, which bounds memory. */
const MOST = 16;
/** Disambiguate, event types, alternate keys, all keys as sequences, associated text. */
const ALL_FLAGS = 31;

/** The part of a parser that handles sequences: a handler that returns false passes the sequence on. */
type Hearing = {
	registerCsiHandler(
		id: {final: string; prefix?: string},
		handler: (params: {readonly params: Int32Array; readonly length: number}) => boolean,
	): unknown;
	registerEscHandler(id: {final: string}, handler: () => boolean): unknown;
};

export type Keyboard = {
	/** Flags of the kitty protocol, 0 if off; main and alternate screen have their own. */
	readonly kitty: number;
	readonly otherKeys: number;
};

/**
 * Tracks how a program wants keys: the kitty protocol (`CSI > u` pushes, `CSI < u` pops, `CSI = u` sets, `CSI ? u` asks) and
 * modifyOtherKeys (`CSI > 4 m`). The reply holds for every terminal: `input/router.ts` converts keys of those without the protocol.
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
		// Drops the oldest level if there are too many, like kitty.
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

/** Limit of replies a second: a stream of queries would otherwise cause a flood of replies. */
const REPLIES_A_SECOND = 200;

export type ReplyGate = {
	/** Keeps a reply, or drops it above the limit. */
	offer(reply: string): void;
	/** Replies since the last call, in order. */
	take(): readonly string[];
};

/** Holds the replies of one parse and limits their rate; `now` in ms. */
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

/** Modes of a fresh terminal. The room itself also enables bracketed paste and focus events. */
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
 * Returns bytes that switch the user's terminal from one pane's modes to another's (`NO_MODES` for the room). Focus events and bracketed
 * paste stay on: the room needs both, and filters them for panes.
 */
export const paneModeBytes = (from: PaneModes, to: PaneModes): string => {
	let bytes = '';
	if (from.applicationCursor !== to.applicationCursor) bytes += to.applicationCursor ? '\x1b[?1h' : '\x1b[?1l';
	if (from.applicationKeypad !== to.applicationKeypad) bytes += to.applicationKeypad ? '\x1b=' : '\x1b>';
	// Set, not pushed: no level is left over if another program used the terminal in between.
	if (from.kittyKeyboard !== to.kittyKeyboard) bytes += `\x1b[=${to.kittyKeyboard};1u`;
	if (from.otherKeys !== to.otherKeys) bytes += `\x1b[>4;${to.otherKeys}m`;
	if (from.cursorShape !== to.cursorShape) bytes += `\x1b[${to.cursorShape} q`;
	if (from.mouse !== to.mouse) {
		if (from.mouse !== 'none') bytes += `\x1b[?${MOUSE_MODES[from.mouse]}l`;
		if (to.mouse !== 'none') bytes += `\x1b[?${MOUSE_MODES[to.mouse]}h`;
	}
	// The room reads the mouse in one form; `mouseBytes` encodes the pane's.
	const [was, is] = [from.mouse !== 'none', to.mouse !== 'none'];
	if (was !== is) bytes += is ? '\x1b[?1006h' : '\x1b[?1006l';
	return bytes;
};

/** Bytes that put another screen of ours into these modes, whatever it was in before. */
export const allModes = (modes: PaneModes): string => {
	const set = (mode: string, isOn: boolean): string => `\x1b[?${mode}${isOn ? 'h' : 'l'}`;
	return [
		...[set('1', modes.applicationCursor), modes.applicationKeypad ? '\x1b=' : '\x1b>', set('2004', modes.bracketedPaste)],
		...[set('1003', false), modes.mouse === 'none' ? '' : set(MOUSE_MODES[modes.mouse], true), set('1006', modes.sgrMouse)],
		...[set('1004', modes.focusEvents), `\x1b[=${modes.kittyKeyboard};1u`, `\x1b[>4;${modes.otherKeys}m`, `\x1b[${modes.cursorShape} q`],
	].join('');
};

/** How a terminal sends keys: kitty protocol, modifyOtherKeys at best, or legacy only. */
export type KeyboardKind = 'kitty' | 'other' | 'old';

const STEADY = [2, 2, 2, 4, 4, 6, 6] as const;

/**
 * Modes of the user's terminal while typing into a pane. `own` are the room's. Without the kitty protocol, modifyOtherKeys at least tells
 * ambiguous keys apart (shift+enter), which `input/router.ts` converts.
 */
export const modesToType = (pane: PaneModes, own: PaneModes, keyboard: KeyboardKind, isStill: boolean): PaneModes => ({
	...pane,
	mouse: pane.mouse === 'none' ? own.mouse : pane.mouse,
	kittyKeyboard: keyboard === 'kitty' ? pane.kittyKeyboard : 0,
	otherKeys: keyboard === 'old' ? 0 : keyboard === 'other' && pane.kittyKeyboard > 0 ? 2 : pane.otherKeys,
	cursorShape: isStill ? STEADY[pane.cursorShape] : pane.cursorShape,
});

/** Start of an agent CLI's input: maybe a frame, then a sign and a blank. */
const BEGINNING = /^[\s│┃|]*[❯›>]\s/;
/** Rows to follow an input upwards. */
const MOST_ROWS = 12;

/**
 * Returns the text before the cursor in the program's input; '' if empty. Text after the cursor is a suggestion in these programs.
 * Undefined if the cursor is in no known input.
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
