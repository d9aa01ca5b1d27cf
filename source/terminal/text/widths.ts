import unicode11 from '@xterm/addon-unicode11';
import type {IUnicodeVersionProvider} from '@xterm/headless';

/** Extracts the width table from the addon, which only exposes it to a terminal. */
const readTable = (): IUnicodeVersionProvider => {
	let table: IUnicodeVersionProvider | undefined;
	const unicode = {
		register: (provider: IUnicodeVersionProvider) => {
			table = provider;
		},
	};
	// The addon only uses `unicode` of a terminal.
	new unicode11.Unicode11Addon().activate({unicode} as never);
	if (!table) throw new Error('@xterm/addon-unicode11 registers no width table: install the version of the lock file');
	return table;
};

/** Range of emoji added since Unicode 11, which programs and terminals draw two cells wide. */
const [FIRST_PICTURE, LAST_PICTURE] = [0x1f300, 0x1fb00];

const withNewEmoji = (table: IUnicodeVersionProvider): IUnicodeVersionProvider => {
	const added = new Set<number>();
	for (let codePoint = FIRST_PICTURE; codePoint < LAST_PICTURE; codePoint++)
		if (table.wcwidth(codePoint) === 1 && /\p{Emoji_Presentation}/u.test(String.fromCodePoint(codePoint))) added.add(codePoint);
	return {
		version: table.version,
		wcwidth: codePoint => (codePoint >= FIRST_PICTURE && added.has(codePoint) ? 2 : table.wcwidth(codePoint)),
		charProperties: (codePoint, preceding) => table.charProperties(codePoint, preceding),
	};
};

/** The one width table (Unicode 11 plus newer emoji), by character; `clusterTable` measures sequences. */
export const widthTable: IUnicodeVersionProvider = withNewEmoji(readTable());

/**
 * Effect on following characters: none; can be widened to an emoji, also by a skin tone; half of a flag; pictograph; pictograph with
 * joiner.
 */
const [PLAIN, NARROW_EMOJI, NARROW_HAND, HALF_FLAG, PICTOGRAPH, JOINED] = [0, 1, 2, 3, 4, 5];

const ZERO_WIDTH_JOINER = 0x200d;
const EMOJI_SELECTOR = 0xfe0f;
const isTone = (codePoint: number): boolean => codePoint >= 0x1f3fb && codePoint <= 0x1f3ff;

const kindAsked = (codePoint: number, width: number): number => {
	const text = String.fromCodePoint(codePoint);
	if (/\p{Regional_Indicator}/u.test(text)) return HALF_FLAG;
	if (width === 2) return /\p{Extended_Pictographic}/u.test(text) ? PICTOGRAPH : PLAIN;
	if (width !== 1 || !/\p{Emoji}/u.test(text)) return PLAIN;
	return /\p{Emoji_Modifier_Base}/u.test(text) ? NARROW_HAND : NARROW_EMOJI;
};

const UNASKED = 255;
const capabilities = new Uint8Array(0x20000).fill(UNASKED);
/** Kind and width in one number, `kind << 2 | width`: computed for every non-ASCII character. */
const capabilitiesOf = (codePoint: number): number => {
	const known = capabilities[codePoint];
	if (known !== undefined && known !== UNASKED) return known;
	const width = widthTable.wcwidth(codePoint);
	if (codePoint >= capabilities.length) return (PLAIN << 2) | width;
	const asked = (kindAsked(codePoint, width) << 2) | width;
	capabilities[codePoint] = asked;
	return asked;
};
const kindOf = (codePoint: number): number => capabilitiesOf(codePoint) >> 2;

/** xterm's packing: kind, width of the cluster, and whether the character joins the previous one. */
const pack = (kind: number, width: number, joins: boolean): number => (kind << 3) | (width << 1) | (joins ? 1 : 0);

/**
 * The width table with clusters that count as one emoji of two cells: emoji selector (`⚠️`), skin tone, flag, U+200D. tmux and agent CLIs
 * count so; otherwise rows with one would break their frame.
 */
export const clusterTable: IUnicodeVersionProvider = {
	version: `${widthTable.version}-clusters`,
	wcwidth: codePoint => widthTable.wcwidth(codePoint),
	charProperties: (codePoint, preceding) => {
		const before = preceding >> 3;
		const widthBefore = (preceding >> 1) & 3;
		if (before === NARROW_EMOJI || before === NARROW_HAND) {
			if (codePoint === EMOJI_SELECTOR || (before === NARROW_HAND && isTone(codePoint))) return pack(PICTOGRAPH, 2, true);
		}
		const capabilitiesNow = capabilitiesOf(codePoint);
		const kind = capabilitiesNow >> 2;
		if (before === HALF_FLAG && kind === HALF_FLAG) return pack(PLAIN, 2, true);
		if (before >= PICTOGRAPH && widthBefore === 2) {
			if (codePoint === ZERO_WIDTH_JOINER) return pack(JOINED, 2, true);
			if (codePoint === EMOJI_SELECTOR || isTone(codePoint)) return pack(PICTOGRAPH, 2, true);
			if (before === JOINED && kind !== PLAIN) return pack(PICTOGRAPH, 2, true);
		}
		const width = capabilitiesNow & 3;
		if (width === 0 && widthBefore > 0) return pack(PLAIN, widthBefore, true);
		return pack(kind, width, false);
	},
};

/** Splits a text into clusters with widths: a character with its marks, a whole emoji. */
export const clustersOf = (text: string): ReadonlyArray<{readonly text: string; readonly width: number}> => {
	const clusters: Array<{text: string; width: number}> = [];
	let before = 0;
	for (const character of text) {
		const now = clusterTable.charProperties(character.codePointAt(0) ?? 0, before);
		const last = clusters.at(-1);
		const width = (now >> 1) & 3;
		if (last && (now & 1) === 1) {
			last.text += character;
			last.width = width;
		} else clusters.push({text: character, width});
		before = now;
	}
	return clusters;
};

/** Width of a text without control characters, in cells. */
export const cellWidth = (text: string): number => {
	let [width, before] = [0, 0];
	for (const character of text) {
		const now = clusterTable.charProperties(character.codePointAt(0) ?? 0, before);
		width += ((now >> 1) & 3) - ((now & 1) === 1 ? (before >> 1) & 3 : 0);
		before = now;
	}
	return width;
};

const ONE = '\\p{Extended_Pictographic}(?:\\ufe0f|\\p{Emoji_Modifier})?';
/** Joined pictographs, two-letter flags, keycaps, and the three flags made of tags; nothing else with a joiner is an emoji. */
const EMOJI = new RegExp(
	`^(?:${ONE}(?:\\u200d${ONE}){0,5}|\\p{Regional_Indicator}{2}|[0-9#*]\\ufe0f\\u20e3|\\u{1f3f4}\\u{e0067}\\u{e0062}(?:\\u{e0065}\\u{e006e}\\u{e0067}|\\u{e0073}\\u{e0063}\\u{e0074}|\\u{e0077}\\u{e006c}\\u{e0073})\\u{e007f})$`,
	'u',
);

/** Whether a multi-character text is one emoji. Longer texts than any emoji are none. */
export const isEmoji = (text: string): boolean => text.length <= 32 && EMOJI.test(text);

/** Whether the text is a narrow character widened by an emoji selector. */
export const isWidened = (text: string): boolean => {
	const base = text.codePointAt(0) ?? 0;
	const kind = kindOf(base);
	return (kind === NARROW_EMOJI || kind === NARROW_HAND) && text.codePointAt(base > 0xffff ? 2 : 1) === EMOJI_SELECTOR;
};

/** Cells that an emoji may take on a terminal that draws its characters separately. */
export const mostCells = (text: string): number => {
	let cells = 0;
	for (const character of text) {
		const codePoint = character.codePointAt(0) ?? 0;
		cells += codePoint === EMOJI_SELECTOR ? 0 : kindOf(codePoint) === PLAIN ? Math.max(1, widthTable.wcwidth(codePoint)) : 2;
	}
	return Math.max(2, cells);
};
