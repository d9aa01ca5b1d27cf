import unicode11 from '@xterm/addon-unicode11';
import type {IUnicodeVersionProvider} from '@xterm/headless';

/** Takes the width table out of the addon, which gives it to nothing but a terminal. */
const readTable = (): IUnicodeVersionProvider => {
	let table: IUnicodeVersionProvider | undefined;
	const unicode = {
		register: (provider: IUnicodeVersionProvider) => {
			table = provider;
		},
	};
	// The addon reads nothing of a terminal but `unicode`.
	new unicode11.Unicode11Addon().activate({unicode} as never);
	if (!table) throw new Error('@xterm/addon-unicode11 registers no width table: install the version of the lock file');
	return table;
};

/** Where emoji stand of which Unicode 11 did not know, and which programs and terminals have since drawn over two cells. */
const [FIRST_PICTURE, LAST_PICTURE] = [0x1f300, 0x1fb00];

/** The table, with the emoji that were added to Unicode since. */
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

/** The one width table (Unicode 11, and all emoji): every screen, `fit` and the compositor measure with it. */
export const widthTable: IUnicodeVersionProvider = withNewEmoji(readTable());

/** Cells that a text without control characters takes on our screens. */
export const cellWidth = (text: string): number => {
	let width = 0;
	for (const character of text) width += widthTable.wcwidth(character.codePointAt(0) ?? 0);
	return width;
};
