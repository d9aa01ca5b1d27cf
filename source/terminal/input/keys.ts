const CONTROLS: Readonly<Record<number, string>> = {
	0: 'ctrl+space',
	8: 'backspace',
	9: 'tab',
	10: 'ctrl+j',
	13: 'enter',
	27: 'esc',
	28: 'ctrl+\\',
	29: 'ctrl+]',
	30: 'ctrl+^',
	31: 'ctrl+_',
	127: 'backspace',
};

/** The key of a control byte. A newline is `ctrl+j`: enter sends a carriage return. */
export const keyOfControl = (byte: number): {readonly key: string; readonly text: string} => ({
	key: CONTROLS[byte] ?? `ctrl+${String.fromCharCode(byte + 0x60)}`,
	text: '',
});

const LETTERS: Readonly<Record<string, string>> = {
	A: 'up',
	B: 'down',
	C: 'right',
	D: 'left',
	E: 'begin',
	F: 'end',
	H: 'home',
	M: 'enter',
	P: 'f1',
	Q: 'f2',
	R: 'f3',
	S: 'f4',
};
const NUMBERS: Readonly<Record<number, string>> = {
	1: 'home',
	2: 'insert',
	3: 'delete',
	4: 'end',
	5: 'pgup',
	6: 'pgdn',
	7: 'home',
	8: 'end',
	11: 'f1',
	12: 'f2',
	13: 'f3',
	14: 'f4',
	15: 'f5',
	17: 'f6',
	18: 'f7',
	19: 'f8',
	20: 'f9',
	21: 'f10',
	23: 'f11',
	24: 'f12',
};

/** `mask` is the sum of the modifiers (shift 1, alt 2, ctrl 4, super 8) as terminals send it less one. */
const withModifiers = (key: string, mask: number): string =>
	`${mask & 4 ? 'ctrl+' : ''}${mask & 2 ? 'alt+' : ''}${mask & 8 ? 'super+' : ''}${mask & 1 ? 'shift+' : ''}${key}`;

/** Caps lock and num lock (64, 128) change nothing about which key it is. */
const maskOf = (parameter: string | undefined): number => ((Number(parameter) || 1) - 1) & 15;

/** Key and text of a code point with modifiers, as `CSI u` and `CSI 27;m;c~` tell it. */
const keyOfCode = (code: number, mask: number): {key: string; text: string} => {
	if (code <= 31 || code === 127) return {key: withModifiers(keyOfControl(code).key, mask), text: ''};
	if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000) || (code >= 0xe000 && code < 0xf900)) return {key: `code-${code}`, text: ''};
	const character = String.fromCodePoint(code);
	if (code === 32) return {key: withModifiers('space', mask), text: mask & ~1 ? '' : ' '};
	// Shift is part of the character.
	const shifted = mask & 1 ? character.toUpperCase() : character;
	return mask & ~1 ? {key: withModifiers(character.toLowerCase(), mask), text: ''} : {key: shifted, text: shifted};
};

const mouse = (match: RegExpExecArray, bytes: Uint8Array): Token => {
	const code = Number(match[1]);
	const button = code & ~(4 | 8 | 16 | 32);
	return {
		type: 'mouse',
		action: code & 64 ? 'wheel' : code & 32 ? 'move' : match[4] === 'm' ? 'release' : 'press',
		button,
		x: Number(match[2]) - 1,
		y: Number(match[3]) - 1,
		bytes,
	};
};

/** Shift, control and their like, where a program has asked for all keys: pressed alone they are none. */
const isModifier = (code: number): boolean => code >= 57441 && code <= 57454;

/** A key as the kitty protocol tells it: event 1 is a press, 2 a repetition, 3 the key let go. */
const withEvent = ({key, text}: {readonly key: string; readonly text: string}, event: string | undefined, bytes: Uint8Array): Token => {
	if (event === '3') return {type: 'release', key, bytes};
	return event === '2' ? {type: 'key', key, text, isRepeat: true, bytes} : {type: 'key', key, text, bytes};
};

/** A whole sequence that starts with ESC as a token. */
export const keyOfSequence = (bytes: Uint8Array): Token => {
	const text = String.fromCharCode(...bytes.subarray(0, 64));
	const key = (name: string, typed = ''): Token => ({type: 'key', key: name, text: typed, bytes});
	if (!text.startsWith('\x1b[')) {
		if (!text.startsWith('\x1bO')) return {type: 'reply', bytes};
		const name = LETTERS[text[2] ?? ''];
		return name ? key(name) : {type: 'unknown', bytes};
	}
	const body = text.slice(2);
	if (body === 'I' || body === 'O') return {type: 'focus', isIn: body === 'I', bytes};
	if (body === 'Z') return key('shift+tab');
	const click = /^<(\d+);(\d+);(\d+)([Mm])$/.exec(body);
	if (click) return mouse(click, bytes);
	// Answers start with ? or >, or are a position; `CSI 1;2R` to `CSI 1;16R` is F3 with modifiers: nothing here asks for a position.
	if (/^[?>=]/.test(body) || /^(?!1;(?:[2-9]|1[0-6])R)\d+;\d+R$/.test(body) || /^[\d;]*\$?[cnty]$/.test(body))
		return {type: 'reply', bytes};
	const unicode = /^(\d+)(?::\d*)?(?::(\d+))?(?:;(\d*)(?::(\d+))?(?:;[\d:]*)?)?u$/.exec(body);
	if (unicode) {
		const mask = maskOf(unicode[3]);
		// With ctrl the place on the keyboard counts, where the terminal tells it: ctrl+] is that on a keyboard of Cyrillic letters too.
		const code = Number((mask & 4 ? unicode[2] : undefined) ?? unicode[1]);
		return withEvent(keyOfCode(code, mask), isModifier(code) ? '3' : unicode[4], bytes);
	}
	const other = /^27;(\d+);(\d+)~$/.exec(body);
	if (other) {
		const {key: name, text: typed} = keyOfCode(Number(other[2]), maskOf(other[1]));
		return key(name, typed);
	}
	const special = /^(?:(\d+)(?:;(\d+)(?::(\d+))?)?)?([A-HP-S~])$/.exec(body);
	const name = special?.[4] === '~' ? NUMBERS[Number(special[1])] : LETTERS[special?.[4] ?? ''];
	if (name) return withEvent({key: withModifiers(name, maskOf(special?.[2])), text: ''}, special?.[3], bytes);
	return {type: 'unknown', bytes};
};

/** One thing that came from a terminal. `bytes` are exactly what came; all tokens of a stream together are the stream. */
export type Token =
	/** `key` names it (`j`, `G`, `enter`, `esc`, `shift+tab`, `ctrl+d`, `space`, `alt+x`); `text` is what it types, '' for none. */
	| {
			readonly type: 'key';
			readonly key: string;
			readonly text: string;
			/** Held down and sent again, where the terminal tells it. */
			readonly isRepeat?: boolean;
			readonly bytes: Uint8Array;
	  }
	/** A key was let go, or a modifier pressed alone, where the terminal tells it: no press. */
	| {readonly type: 'release'; readonly key: string; readonly bytes: Uint8Array}
	| {readonly type: 'paste'; readonly text: string; readonly bytes: Uint8Array}
	/** Cells from 0. `button` 0 to 2, or 64 and 65 for the wheel. */
	| {
			readonly type: 'mouse';
			readonly action: 'press' | 'release' | 'move' | 'wheel';
			readonly button: number;
			readonly x: number;
			readonly y: number;
			readonly bytes: Uint8Array;
	  }
	| {readonly type: 'focus'; readonly isIn: boolean; readonly bytes: Uint8Array}
	/** An answer of the terminal (device attributes, modes, colours, cursor position). */
	| {readonly type: 'reply'; readonly bytes: Uint8Array}
	/** A sequence that means nothing here, or bytes that are no text. */
	| {readonly type: 'unknown'; readonly bytes: Uint8Array};
