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

/** The one width table (Unicode 11): every screen, `fit` and the compositor measure with it. */
export const widthTable: IUnicodeVersionProvider = readTable();

/** Cells that a text without control characters takes on our screens. */
export const cellWidth = (text: string): number => {
	let width = 0;
	for (const character of text) width += widthTable.wcwidth(character.codePointAt(0) ?? 0);
	return width;
};
