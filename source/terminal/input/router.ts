import type {PaneModes} from '../../core/text/screen.ts';
import type {Leader} from './bytes.ts';
import type {Token} from './keys.ts';
import {createTokenizer} from './tokenizer.ts';

/** Flags that change how a key press is encoded. Terminals without the protocol report no release. */
const [ALTERNATES, ALL_KEYS, WITH_TEXT] = [4, 8, 16];

/** Keys with their own code. Enter, tab and backspace stay legacy unless all keys are asked for or a modifier is held. */
const CODES: Readonly<Record<string, number>> = {esc: 27, enter: 13, tab: 9, backspace: 127, space: 32};
const STAYING: Readonly<Record<string, string>> = {enter: '\r', tab: '\t', backspace: '\x7f'};
/** Keys that end in a letter, except F3, whose letter became the reply to a query. */
const LETTERS: Readonly<Record<string, string>> = {
	up: 'A',
	down: 'B',
	right: 'C',
	left: 'D',
	begin: 'E',
	end: 'F',
	home: 'H',
	f1: 'P',
	f2: 'Q',
	f4: 'S',
};
const F3 = '13';

const MODIFIERS: Readonly<Record<string, number>> = {shift: 1, alt: 2, ctrl: 4, super: 8};
const NAME = /^((?:(?:ctrl|alt|super|shift)\+)*)(.+)$/u;

/** Sequences already in the protocol pass unchanged. */
const IS_PROTOCOL = /^\x1b\[(?!27;\d+;\d+~|Z$|1;\d+R$)/;

/** A character with modifiers: the code is that of the unshifted key, as far as a letter tells. */
const sendCharacter = (character: string, modifiers: number, flags: number): string => {
	const base = character.toLowerCase();
	const isUpper = [...base].length === 1 && base !== character;
	const mask = modifiers | (isUpper ? 1 : 0);
	if ((mask & ~1) === 0 && !(flags & ALL_KEYS)) return character;
	const code = (isUpper ? base : character).codePointAt(0) ?? 0;
	const shifted = flags & ALTERNATES && isUpper ? `:${character.codePointAt(0)}` : '';
	const text = flags & WITH_TEXT && flags & ALL_KEYS && (mask & ~1) === 0 ? `;${character.codePointAt(0)}` : '';
	return `\x1b[${code}${shifted}${mask > 0 || text ? `;${mask > 0 ? mask + 1 : ''}` : ''}${text}u`;
};

/**
 * Encodes a key for a program with these kitty flags (0: none), from any encoding of the user's terminal. What the terminal did not report
 * (ambiguous bytes, releases) stays unknown; unnamed keys and other tokens pass unchanged.
 */
export const kittyBytes = (token: Token, flags: number): Uint8Array => {
	if (flags === 0 || token.type !== 'key') return token.bytes;
	if (IS_PROTOCOL.test(String.fromCharCode(...token.bytes.subarray(0, 64)))) return token.bytes;
	const [, held = '', name = ''] = NAME.exec(token.key) ?? [];
	const modifiers = held.split('+').reduce((sum, modifier) => sum | (MODIFIERS[modifier] ?? 0), 0);
	const suffix = modifiers > 0 ? `;${modifiers + 1}` : '';
	const letter = LETTERS[name];
	const code = CODES[name];
	const bytes = ((): string | undefined => {
		if (letter) return modifiers > 0 ? `\x1b[1${suffix}${letter}` : `\x1b[${letter}`;
		if (name === 'f3') return `\x1b[${F3}${suffix}~`;
		if (name === 'space') return sendCharacter(' ', modifiers, flags);
		if (code !== undefined) return (modifiers === 0 && !(flags & ALL_KEYS) && STAYING[name]) || `\x1b[${code}${suffix}u`;
		return [...name].length === 1 ? sendCharacter(name, modifiers, flags) : undefined;
	})();
	return bytes === undefined ? token.bytes : new TextEncoder().encode(bytes);
};

/** `room`: keys control the room. `type`: everything goes to the pane. */
export type InputMode = 'room' | 'type';

export type InputRouterOptions = {
	readonly leaders: readonly Leader[];
	/** Called for each key, paste and mouse event in ROOM. */
	readonly onRoomKey: (token: Token) => void;
	/** Bytes for the pane in TYPE, unchanged and in order. */
	readonly onPaneBytes: (bytes: Uint8Array) => void;
	/** A leader. To `room`: the mode has already changed. To `type`: returns false if there is no pane, and ROOM stays. */
	readonly onLeader: (to: InputMode, key: string) => boolean;
	/** Encodes a mouse event for the pane in TYPE; undefined drops it. Default: unchanged. */
	readonly onPaneMouse?: (token: Token & {type: 'mouse'}) => Uint8Array | undefined;
	/** The pane's modes: it gets focus events only if it asked for them, and paste marks likewise. */
	readonly paneModes?: () => PaneModes;
	/** True if the terminal lacks the kitty protocol: keys are converted to the form the pane asked for. */
	readonly isOldKeyboard?: () => boolean;
	readonly onFocus?: (isIn: boolean) => void;
	/** A reply of the user's terminal; never for the pane. */
	readonly onReply?: (bytes: Uint8Array) => void;
	readonly escapeMs?: number;
	/** Monotonic milliseconds. */
	readonly now?: () => number;
	/** Calls back once after `ms`; returns its cancel function. */
	readonly schedule?: (ms: number, run: () => void) => () => void;
};

export type InputRouter = {
	readonly mode: InputMode;
	setMode(mode: InputMode): void;
	/** Bytes of the user's terminal, split anywhere. */
	feed(bytes: Uint8Array): void;
	dispose(): void;
};

/** A second leader within this time is for the pane's program. */
const DOUBLE_MS = 300;
/** A paste silent for this long has lost its end mark. */
const PASTE_LOST_MS = 3000;

const later = (ms: number, run: () => void): (() => void) => {
	const timer = setTimeout(run, ms);
	return () => clearTimeout(timer);
};

const concat = (parts: readonly Uint8Array[]): Uint8Array => {
	const [first] = parts;
	if (parts.length === 1 && first) return first;
	const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
	let at = 0;
	for (const part of parts) {
		all.set(part, at);
		at += part.length;
	}
	return all;
};

/**
 * Routes every byte of a terminal. In TYPE all reach the pane unchanged, except a leader (in any encoding, also inside a chunk, never
 * inside a paste), the terminal's own replies, and keys converted for a program that asked for the kitty protocol.
 */
export const createInputRouter = (options: InputRouterOptions): InputRouter => {
	const now = options.now ?? (() => performance.now());
	const schedule = options.schedule ?? later;
	const tokenizer = createTokenizer(options.escapeMs === undefined ? {} : {escapeMs: options.escapeMs});
	let mode: InputMode = 'room';
	let leftAt = Number.NEGATIVE_INFINITY;
	let fedAt = Number.NEGATIVE_INFINITY;
	let cancel = (): void => {};
	let toPane: Uint8Array[] = [];

	const sendToPane = (): void => {
		if (toPane.length === 0) return;
		const bytes = concat(toPane);
		toPane = [];
		options.onPaneBytes(bytes);
	};

	const takeLeader = (leader: Leader): void => {
		sendToPane();
		if (mode === 'type') {
			// The first press leaves at once, without waiting for a second.
			mode = 'room';
			leftAt = now();
			options.onLeader('room', leader.key);
			return;
		}
		const isDouble = now() - leftAt <= DOUBLE_MS;
		leftAt = Number.NEGATIVE_INFINITY;
		if (!options.onLeader('type', leader.key)) return;
		mode = 'type';
		// A program that asked for the kitty protocol gets the key in it.
		if (isDouble) toPane.push(options.paneModes?.().kittyKeyboard ? leader.kitty : leader.bytes);
	};

	/** A token as bytes for the pane; undefined if it is not for the pane. */
	const paneBytes = (token: Token): Uint8Array | undefined => {
		if (token.type === 'focus') return options.paneModes?.().focusEvents ? token.bytes : undefined;
		if (token.type === 'mouse' && options.onPaneMouse) return options.onPaneMouse(token);
		if (token.type === 'key' && options.isOldKeyboard?.()) return kittyBytes(token, options.paneModes?.().kittyKeyboard ?? 0);
		if (token.type === 'paste' && options.paneModes?.().bracketedPaste === false) return new TextEncoder().encode(token.text);
		return token.bytes;
	};

	const route = (token: Token): void => {
		const leader = 'key' in token ? options.leaders.find(({key}) => key === token.key) : undefined;
		if (leader) {
			// A repeat or release is no second press, and no program gets it.
			if (token.type === 'key' && !token.isRepeat) takeLeader(leader);
			return;
		}
		// A key in between ends the double press.
		if (token.type === 'key') leftAt = Number.NEGATIVE_INFINITY;
		if (token.type === 'focus') options.onFocus?.(token.isIn);
		if (token.type === 'reply') options.onReply?.(token.bytes);
		else if (mode === 'type') {
			const bytes = paneBytes(token);
			if (bytes) toPane.push(bytes);
		} else if (token.type !== 'focus' && token.type !== 'unknown' && token.type !== 'release') options.onRoomKey(token);
	};

	const take = (tokens: readonly Token[]): void => {
		for (const token of tokens) {
			// A room key may focus a pane: the rest of this chunk is then the pane's, in order.
			route(token);
		}
		sendToPane();
	};

	const wait = (): void => {
		cancel();
		cancel = tokenizer.hasPending ? schedule(tokenizer.escapeMs, () => take(tokenizer.flush())) : () => {};
	};

	return {
		get mode() {
			return mode;
		},
		setMode: next => {
			sendToPane();
			mode = next;
			leftAt = Number.NEGATIVE_INFINITY;
		},
		feed: bytes => {
			const at = now();
			if (tokenizer.isInPaste && at - fedAt > PASTE_LOST_MS) tokenizer.endPaste();
			fedAt = at;
			take(tokenizer.feed(bytes));
			wait();
		},
		dispose: () => cancel(),
	};
};
