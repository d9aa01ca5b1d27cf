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

/** The key of a control byte. Newline is `ctrl+j`: enter sends a carriage return. */
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

/** `mask` is the sum of modifiers: shift 1, alt 2, ctrl 4, super 8. */
const withModifiers = (key: string, mask: number): string =>
	`${mask & 4 ? 'ctrl+' : ''}${mask & 2 ? 'alt+' : ''}${mask & 8 ? 'super+' : ''}${mask & 1 ? 'shift+' : ''}${key}`;

/** Drops caps lock and num lock (64, 128). */
const maskOf = (parameter: string | undefined): number => ((Number(parameter) || 1) - 1) & 15;

/** Key and text of a code point with modifiers, from `CSI u` or `CSI 27;m;c~`. */
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

/** Modifier keys alone, which a program in all-keys mode receives. */
const isModifier = (code: number): boolean => code >= 57441 && code <= 57454;

/** A key with its kitty event: 1 press, 2 repeat, 3 release. */
const withEvent = ({key, text}: {readonly key: string; readonly text: string}, event: string | undefined, bytes: Uint8Array): Token => {
	if (event === '3') return {type: 'release', key, bytes};
	return event === '2' ? {type: 'key', key, text, isRepeat: true, bytes} : {type: 'key', key, text, bytes};
};

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
	// Replies start with ? or >, or are a position; `CSI 1;2R` to `CSI 1;16R` is F3 with modifiers: the room never asks for a position.
	if (/^[?>=]/.test(body) || /^(?!1;(?:[2-9]|1[0-6])R)\d+;\d+R$/.test(body) || /^[\d;]*\$?[cnty]$/.test(body))
		return {type: 'reply', bytes};
	const unicode = /^(\d+)(?::\d*)?(?::(\d+))?(?:;(\d*)(?::(\d+))?(?:;[\d:]*)?)?u$/.exec(body);
	if (unicode) {
		const mask = maskOf(unicode[3]);
		// With ctrl the base layout's key counts, so that ctrl+] also works on a Cyrillic keyboard.
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

/** One input from a terminal. `bytes` are unchanged: all tokens together equal the stream. */
export type Token =
	/** `key` is its name (`j`, `G`, `enter`, `esc`, `shift+tab`, `ctrl+d`, `space`, `alt+x`); `text` is what it types, '' for none. */
	| {
			readonly type: 'key';
			readonly key: string;
			readonly text: string;
			/** A repeat of a held key, if the terminal reports it. */
			readonly isRepeat?: boolean;
			readonly bytes: Uint8Array;
	  }
	/** A released key or a modifier alone, if the terminal reports it. */
	| {readonly type: 'release'; readonly key: string; readonly bytes: Uint8Array}
	| {readonly type: 'paste'; readonly text: string; readonly bytes: Uint8Array}
	/** Cells from 0. `button` 0 to 2; 64 and 65 for the wheel. */
	| {
			readonly type: 'mouse';
			readonly action: 'press' | 'release' | 'move' | 'wheel';
			readonly button: number;
			readonly x: number;
			readonly y: number;
			readonly bytes: Uint8Array;
	  }
	| {readonly type: 'focus'; readonly isIn: boolean; readonly bytes: Uint8Array}
	/** A reply of the terminal: device attributes, modes, colours, cursor position. */
	| {readonly type: 'reply'; readonly bytes: Uint8Array}
	/** An unknown sequence, or invalid text. */
	| {readonly type: 'unknown'; readonly bytes: Uint8Array};
