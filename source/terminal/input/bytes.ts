import type {PaneModes} from '../../core/text/screen.ts';
import {visible} from '../../core/text/visible.ts';
import {withoutControl} from './control-key.ts';
import type {Token} from './keys.ts';

/**
 * Encodes a mouse event in a pane's coordinates and mouse protocol. `x` and `y`: the pane's first cell. Undefined if the pane wants no
 * mouse or the event is outside it.
 */
export const mouseBytes = (
	token: Token & {type: 'mouse'},
	pane: {readonly x: number; readonly y: number; readonly columns: number; readonly rows: number; readonly modes: PaneModes},
): Uint8Array | undefined => {
	const [x, y] = [token.x - pane.x, token.y - pane.y];
	if (pane.modes.mouse === 'none' || x < 0 || y < 0 || x >= pane.columns || y >= pane.rows) return undefined;
	const match = /<(\d+);/.exec(String.fromCharCode(...token.bytes));
	const code = Number(match?.[1] ?? 0);
	const final = token.action === 'release' ? 'm' : 'M';
	if (pane.modes.sgrMouse) return new TextEncoder().encode(`\x1b[<${code};${x + 1};${y + 1}${final}`);
	// The X10 form cannot encode columns above 223, nor which button was released.
	if (x > 222 || y > 222) return undefined;
	const old = token.action === 'release' ? (code & ~3) | 3 : code;
	return Uint8Array.of(0x1b, 0x5b, 0x4d, 32 + old, 33 + x, 33 + y);
};

/**
 * Encodes a text as one bracketed paste. Without escape sequences and control characters, nothing in it can end the paste; line ends and
 * tabs stay.
 */
export const pasteBytes = (text: string): Buffer => Buffer.from(`\u001b[200~${pasteText(text)}\u001b[201~`);

/** The pasteable part of a text: lines and tabs, no escape sequences or controls; invisible characters are written by name. */
export const pasteText = (text: string): string =>
	visible(
		text
			.replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
			.replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_](?:[^\u0007\u001b]|\u001b(?!\\))*(?:\u0007|\u001b\\|$)|[ -/]*[0-~])?/g, '')
			.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, ''),
	).replace(/^\n+|\n+$/g, '');

/** Input without Ctrl-Z. Returns `bytes` itself if there is none. */
export const withoutSuspend = (bytes: Uint8Array): Uint8Array => {
	const typed = Buffer.from(bytes).toString('latin1');
	const left = withoutControl(typed, 'z');
	return left === typed ? bytes : Buffer.from(left, 'latin1');
};

/** A key that returns from a pane to the room. */
export type Leader = {
	/** The tokenizer's name, `ctrl+]`, for every encoding of the key. */
	readonly key: string;
	/** What the pane's program receives when the key is meant for it. */
	readonly bytes: Uint8Array;
	/** The same in the kitty protocol. */
	readonly kitty: Uint8Array;
};

/** Keys that terminals cannot tell from tab, enter, newline, backspace, escape. */
const TAKEN = new Set(['h', 'i', 'j', 'm', '[', '?']);

/** Reads `ctrl+<character>`. Undefined for other keys, and for those that look like tab, enter, backspace or escape. */
export const parseLeader = (text: string): Leader | undefined => {
	const character = /^ctrl[+-](.|space)$/.exec(text.trim().toLowerCase())?.[1];
	if (!character || TAKEN.has(character)) return undefined;
	const kitty = (code: number): Uint8Array => new TextEncoder().encode(`\x1b[${code};5u`);
	if (character === 'space' || character === '@') return {key: 'ctrl+space', bytes: Uint8Array.of(0), kitty: kitty(32)};
	const code = character.toUpperCase().charCodeAt(0);
	if (code < 0x40 || code > 0x5f) return undefined;
	return {key: `ctrl+${character}`, bytes: Uint8Array.of(code & 0x1f), kitty: kitty(character.charCodeAt(0))};
};
