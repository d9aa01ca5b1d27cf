import {joinBytes, unfinishedTail} from '../text/utf8.ts';
import {keyOfControl, keyOfSequence, type Token} from './keys.ts';

/** Length of the sequence at the start of the bytes; `more` if incomplete, `none` if it is no sequence. */
type Span = number | 'more' | 'none';

/** `ESC [`, parameters, intermediates, a final byte; also the Linux console's `ESC [ [ A`. */
const readCsi = (bytes: Uint8Array, limit: number): Span => {
	let at = bytes[2] === 0x5b ? 3 : 2;
	for (; at < bytes.length; at++) {
		if (at >= limit) return 'none';
		const byte = bytes[at] ?? 0;
		if (byte >= 0x40 && byte < 0x7f) return at + 1;
		if (byte < 0x20 || byte > 0x3f) return 'none';
	}
	return 'more';
};

/** `ESC ]`, `ESC P` and the like up to BEL or `ESC \`. None if longer than `limit` or cut off by another sequence. */
const readString = (bytes: Uint8Array, limit: number): Span => {
	for (let at = 2; at < bytes.length; at++) {
		if (at >= limit) return 'none';
		const byte = bytes[at] ?? 0;
		if (byte === 0x07) return at + 1;
		if (byte === 0x1b) {
			const next = bytes[at + 1];
			return next === undefined ? 'more' : next === 0x5c ? at + 2 : 'none';
		}
		// Replies are plain text: a line end or control means that a human typed alt and a bracket.
		if (byte < 0x20 || byte === 0x7f) return 'none';
	}
	return 'more';
};

export type Tokenizer = {
	/** Returns the complete tokens; the rest waits for more bytes. */
	feed(bytes: Uint8Array): Token[];
	/**
	 * Resolves what is pending: a lone ESC is the key, an unfinished sequence becomes a token, a paste yields what arrived. Call it
	 * `escapeMs` after the last bytes.
	 */
	flush(): Token[];
	/** Whether `flush` would resolve anything. */
	readonly hasPending: boolean;
	/** Inside an unfinished paste, nothing is a key. */
	readonly isInPaste: boolean;
	/** Stops waiting for a paste's end; what follows are keys. */
	endPaste(): void;
	/**
	 * Delay of `flush` after the last bytes. A lone ESC, or ESC with a character, may be typed: 25 ms, more on a slow line. The start of a
	 * longer sequence or character is not typed by hand: eight times as long.
	 */
	readonly escapeMs: number;
};

/** Longer pastes come in pieces, which bounds memory. */
const MAX_HELD = 1 << 20;
const MAX_STRING = 4096;
const MAX_SEQUENCE = 64;

const PASTE_END = new TextEncoder().encode('\x1b[201~');
const decoder = new TextDecoder('utf-8', {ignoreBOM: true});

const indexOf = (bytes: Uint8Array, wanted: Uint8Array, from: number): number => {
	for (let at = bytes.indexOf(0x1b, from); at >= 0; at = bytes.indexOf(0x1b, at + 1)) {
		if (wanted.every((byte, index) => bytes[at + index] === byte)) return at;
	}
	return -1;
};

/** Length of a partial paste end mark at the end of `bytes`. */
const endTail = (bytes: Uint8Array): number => {
	for (let length = Math.min(PASTE_END.length - 1, bytes.length); length > 0; length--) {
		if (PASTE_END.subarray(0, length).every((byte, index) => bytes[bytes.length - length + index] === byte)) return length;
	}
	return 0;
};

/**
 * Turns bytes into tokens, without stream or clock. How the bytes are split changes no
 * token, except that a long paste comes in other pieces (see MAX_HELD).
 */
export const createTokenizer = (options: {readonly escapeMs?: number} = {}): Tokenizer => {
	let held: Uint8Array = new Uint8Array(0);
	let isInPaste = false;

	const paste = (bytes: Uint8Array, from: number, to: number): Token => ({
		type: 'paste',
		text: decoder.decode(bytes.subarray(from, to)),
		bytes,
	});

	/** Reads one token at the start of `bytes`; undefined if incomplete. */
	const readOne = (bytes: Uint8Array, isFinal: boolean): {token: Token; length: number} | undefined => {
		const first = bytes[0] ?? 0;
		if (first === 0x1b) return readEscape(bytes, isFinal);
		if (first < 0x20 || first === 0x7f) return {token: {...keyOfControl(first), type: 'key', bytes: bytes.subarray(0, 1)}, length: 1};
		if (first < 0x80) {
			const text = String.fromCharCode(first);
			return {token: {type: 'key', key: text === ' ' ? 'space' : text, text, bytes: bytes.subarray(0, 1)}, length: 1};
		}
		const length = first >= 0xf0 && first < 0xf8 ? 4 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xc2 && first < 0xe0 ? 2 : 1;
		if (bytes.length < length && !isFinal && unfinishedTail(bytes) === bytes.length) return undefined;
		const text = decoder.decode(bytes.subarray(0, length));
		if (length === 1 || [...text].length !== 1 || text === '\ufffd')
			return {token: {type: 'unknown', bytes: bytes.subarray(0, 1)}, length: 1};
		return {token: {type: 'key', key: text, text, bytes: bytes.subarray(0, length)}, length};
	};

	const readEscape = (bytes: Uint8Array, isFinal: boolean): {token: Token; length: number} | undefined => {
		const lone = {token: {type: 'key', key: 'esc', text: '', bytes: bytes.subarray(0, 1)} as Token, length: 1};
		const second = bytes[1];
		if (second === undefined) return isFinal ? lone : undefined;
		let span: Span;
		if (second === 0x5b) span = readCsi(bytes, MAX_SEQUENCE);
		else if (second === 0x4f) span = bytes[2] === undefined ? 'more' : bytes[2] >= 0x21 && bytes[2] < 0x7f ? 3 : 'none';
		else if (second === 0x50 || second === 0x5d || second === 0x58 || second === 0x5e || second === 0x5f)
			span = readString(bytes, MAX_STRING);
		else if (second === 0x1b) return lone;
		else span = 'none';
		if (span === 'more' && !isFinal) return undefined;
		if (typeof span === 'number') return {token: keyOfSequence(bytes.subarray(0, span)), length: span};
		// Not a sequence: ESC before a character means alt.
		const rest = readOne(bytes.subarray(1), isFinal);
		if (!rest) return undefined;
		if (rest.token.type !== 'key' || rest.token.key.includes('alt+')) return lone;
		return {
			token: {type: 'key', key: `alt+${rest.token.key}`, text: '', bytes: bytes.subarray(0, rest.length + 1)},
			length: rest.length + 1,
		};
	};

	const isPasteStart = (bytes: Uint8Array): boolean => bytes.length === 6 && decoder.decode(bytes) === '\x1b[200~';

	const run = (isFinal: boolean): Token[] => {
		const tokens: Token[] = [];
		while (held.length > 0) {
			if (isInPaste) {
				const start = isPasteStart(held.subarray(0, 6)) ? 6 : 0;
				const end = indexOf(held, PASTE_END, start);
				if (end >= 0) {
					tokens.push(paste(held.subarray(0, end + PASTE_END.length), start, end));
					held = held.subarray(end + PASTE_END.length);
					isInPaste = false;
					continue;
				}
				if (held.length < MAX_HELD && !isFinal) break;
				const keep = Math.max(endTail(held), unfinishedTail(held));
				if (held.length > keep) tokens.push(paste(held.subarray(0, held.length - keep), start, held.length - keep));
				held = held.slice(held.length - keep);
				break;
			}
			if (isPasteStart(held.subarray(0, 6))) {
				isInPaste = true;
				continue;
			}
			const next = readOne(held, isFinal);
			if (!next) break;
			tokens.push(next.token);
			held = held.subarray(next.length);
		}
		return tokens;
	};

	return {
		feed: bytes => {
			held = joinBytes(held, bytes);
			return run(false);
		},
		flush: () => run(true),
		get hasPending() {
			return held.length > 0;
		},
		get isInPaste() {
			return isInPaste;
		},
		endPaste: () => {
			isInPaste = false;
		},
		get escapeMs() {
			const isLong = held.length > 2 || (held[0] ?? 0) >= 0x80;
			return (options.escapeMs ?? 25) * (isLong ? 8 : 1);
		},
	};
};
