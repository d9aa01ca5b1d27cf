import type {PaneModes} from '../../core/text/screen.ts';
import type {Leader} from './bytes.ts';
import type {Token} from './keys.ts';
import {createTokenizer} from './tokenizer.ts';

/** Flags of the protocol that change how a key is sent; a terminal without it knows of no key that is let go. */
const [ALTERNATES, ALL_KEYS, WITH_TEXT] = [4, 8, 16];

/** Keys with a code of their own; enter, tab and backspace stay what they are until all keys are asked for, unless a modifier is held. */
const CODES: Readonly<Record<string, number>> = {esc: 27, enter: 13, tab: 9, backspace: 127, space: 32};
const STAYING: Readonly<Record<string, string>> = {enter: '\r', tab: '\t', backspace: '\x7f'};
/** Keys that end in a letter, and the one whose letter became the answer to a question. */
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

/** What the protocol itself sends: it is told on as it is. */
const IS_PROTOCOL = /^\x1b\[(?!27;\d+;\d+~|Z$|1;\d+R$)/;

/** A character with modifiers: the code is that of the key without shift, as far as a letter tells it. */
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
 * The bytes of a key for a program that asked for the kitty protocol with these flags (0: none), whatever form the user's terminal sent it
 * in. What it did not tell (which of two keys gave the same byte, a key let go) stays untold; a key without a name, and every other token,
 * stays as it came.
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

/** Where bytes go: keys to the room, or everything to the pane that a human types into. */
export type InputMode = 'room' | 'type';

export type InputRouterOptions = {
	readonly leaders: readonly Leader[];
	/** Keys, pastes and mouse events in ROOM, one call each. */
	readonly onRoomKey: (token: Token) => void;
	/** Bytes for the pane in TYPE, untouched and in order. */
	readonly onPaneBytes: (bytes: Uint8Array) => void;
	/**
	 * A leader: to `room`, the mode has changed already; to `type`, the user wants back into the pane (answer false if there is none, and it
	 * stays ROOM).
	 */
	readonly onLeader: (to: InputMode, key: string) => boolean;
	/** Turns a mouse event in TYPE into bytes of the pane's own coordinates; undefined drops it. As it came, if left out. */
	readonly onPaneMouse?: (token: Token & {type: 'mouse'}) => Uint8Array | undefined;
	/** What the pane asked for: focus events reach it only then, a paste comes without its marks where it did not ask for them. */
	readonly paneModes?: () => PaneModes;
	/** The terminal sends keys in another form than the pane may have asked for: they are brought into that. */
	readonly isOldKeyboard?: () => boolean;
	/** The terminal got or lost the focus. */
	readonly onFocus?: (isIn: boolean) => void;
	/** An answer of the user's terminal; never the pane's. */
	readonly onReply?: (bytes: Uint8Array) => void;
	readonly escapeMs?: number;
	/** Milliseconds that only grow. */
	readonly now?: () => number;
	/** Calls back once after `ms`; returns the way to cancel. */
	readonly schedule?: (ms: number, run: () => void) => () => void;
};

export type InputRouter = {
	readonly mode: InputMode;
	setMode(mode: InputMode): void;
	/** Bytes of the user's terminal as they come, cut anywhere. */
	feed(bytes: Uint8Array): void;
	dispose(): void;
};

/** A second leader within this long is meant for the program in the pane. */
const DOUBLE_MS = 300;
/** A paste that stands still for this long has lost its end. */
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
 * Decides where every byte of a terminal goes. In TYPE all of them reach the pane as they came, except a leader (in each of its
 * encodings, inside a chunk too, never inside a paste), what the terminal itself says, and keys of an old keyboard for a program that asked
 * for the kitty protocol.
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
			// One press leaves at once: nothing waits to see whether a second one comes.
			mode = 'room';
			leftAt = now();
			options.onLeader('room', leader.key);
			return;
		}
		const isDouble = now() - leftAt <= DOUBLE_MS;
		leftAt = Number.NEGATIVE_INFINITY;
		if (!options.onLeader('type', leader.key)) return;
		mode = 'type';
		// A program that asked for the kitty protocol gets the key in its words, as from a terminal.
		if (isDouble) toPane.push(options.paneModes?.().kittyKeyboard ? leader.kitty : leader.bytes);
	};

	/** What a token is for the pane, as bytes; nothing where it is not for it. */
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
			// Held down or let go it is no second press, and no program sees it.
			if (token.type === 'key' && !token.isRepeat) takeLeader(leader);
			return;
		}
		// Two leaders are one only without a key between them.
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
			// A key of the room may lead into a pane: the rest of this chunk is the pane's already, in order.
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
