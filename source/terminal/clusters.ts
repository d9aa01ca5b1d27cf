import type {IUnicodeVersionProvider} from '@xterm/headless';
import {widthTable} from './widths.ts';

/** What a character does to those after it: nothing, may be widened to an emoji, is a pictograph, is a pictograph with a joiner. */
const [PLAIN, NARROW_EMOJI, PICTOGRAPH, JOINED] = [0, 1, 2, 3];

const ZERO_WIDTH_JOINER = 0x200d;
const EMOJI_SELECTOR = 0xfe0f;
const isTone = (codePoint: number): boolean => codePoint >= 0x1f3fb && codePoint <= 0x1f3ff;

const UNASKED = 255;
const kinds = new Uint8Array(0x20000).fill(UNASKED);
const kindOf = (codePoint: number): number => {
	if (codePoint >= kinds.length) return PLAIN;
	const known = kinds[codePoint] ?? PLAIN;
	if (known !== UNASKED) return known;
	const text = String.fromCodePoint(codePoint);
	const isPictograph = /\p{Extended_Pictographic}/u.test(text) && widthTable.wcwidth(codePoint) === 2;
	const kind = isPictograph ? PICTOGRAPH : /\p{Emoji}/u.test(text) && widthTable.wcwidth(codePoint) === 1 ? NARROW_EMOJI : PLAIN;
	kinds[codePoint] = kind;
	return kind;
};

/** As xterm packs it: a kind of ours, the width of the whole cluster, and whether the character joins the one before. */
const pack = (kind: number, width: number, joins: boolean): number => (kind << 3) | (width << 1) | (joins ? 1 : 0);

/**
 * The width table with the clusters that programs count as one emoji of two cells: with an emoji selector (`⚠️`), with a skin tone, joined
 * by U+200D. tmux and the libraries of agent CLIs count so; cell by cell a row with one of them would stand beside its frame.
 */
export const clusterTable: IUnicodeVersionProvider = {
	version: `${widthTable.version}-clusters`,
	wcwidth: codePoint => widthTable.wcwidth(codePoint),
	charProperties: (codePoint, preceding) => {
		const before = preceding >> 3;
		const widthBefore = (preceding >> 1) & 3;
		if (codePoint === EMOJI_SELECTOR && before === NARROW_EMOJI) return pack(PICTOGRAPH, 2, true);
		if (before >= PICTOGRAPH && widthBefore === 2) {
			if (codePoint === ZERO_WIDTH_JOINER) return pack(JOINED, 2, true);
			if (codePoint === EMOJI_SELECTOR || isTone(codePoint)) return pack(PICTOGRAPH, 2, true);
			if (before === JOINED && kindOf(codePoint) !== PLAIN) return pack(PICTOGRAPH, 2, true);
		}
		const width = widthTable.wcwidth(codePoint);
		if (width === 0 && widthBefore > 0) return pack(PLAIN, widthBefore, true);
		return pack(kindOf(codePoint), width, false);
	},
};

/** Whether a cell's text is a narrow character that an emoji selector has made two cells wide. */
export const isWidened = (text: string): boolean => {
	const base = text.codePointAt(0) ?? 0;
	return kindOf(base) === NARROW_EMOJI && text.codePointAt(base > 0xffff ? 2 : 1) === EMOJI_SELECTOR;
};
