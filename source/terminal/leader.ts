/** A key that brings a person back from a pane to the room. */
export type Leader = {
	/** As the tokenizer names it, `ctrl+]`; every encoding of the key comes as this name. */
	readonly key: string;
	/** What a program in a pane gets when the key is meant for it. */
	readonly bytes: Uint8Array;
	/** The same in the kitty keyboard protocol. */
	readonly kitty: Uint8Array;
};

/** Keys that terminals cannot tell from others: tab, enter, newline, backspace, escape. */
const TAKEN = new Set(['h', 'i', 'j', 'm', '[', '?']);

/** Reads `ctrl+<character>`. Undefined for what is no control key, or one that looks like tab, enter, backspace or escape. */
export const parseLeader = (text: string): Leader | undefined => {
	const character = /^ctrl[+-](.|space)$/.exec(text.trim().toLowerCase())?.[1];
	if (!character || TAKEN.has(character)) return undefined;
	const kitty = (code: number): Uint8Array => new TextEncoder().encode(`\x1b[${code};5u`);
	if (character === 'space' || character === '@') return {key: 'ctrl+space', bytes: Uint8Array.of(0), kitty: kitty(32)};
	const code = character.toUpperCase().charCodeAt(0);
	if (code < 0x40 || code > 0x5f) return undefined;
	return {key: `ctrl+${character}`, bytes: Uint8Array.of(code & 0x1f), kitty: kitty(character.charCodeAt(0))};
};
