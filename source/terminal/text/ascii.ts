import {clustersOf, widthTable} from './widths.ts';

/** Signs of our screens and of agents' programs that ASCII terminals get otherwise. Each is one cell wide on both sides. */
const SIGNS: ReadonlyMap<string, string> = new Map(
	Object.entries({
		'!': '▲⚠',
		x: '✗✘×✕✖',
		'~': '◌…∼≈',
		u: 'µμ',
		'%': '◆◇',
		'>': '»▸›→❯⏵▶►⎿',
		'<': '←‹«◀◂↵⏎',
		'^': '↑△',
		v: '↓▼▾▽',
		'*': '●•◉⏺∙⁕✻✽✶✳✢★☆⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏',
		// The light shade is what is left of a bar: it must not look like the part that is done.
		'.': '○◦░',
		'=': '‖━═',
		'+': '✓✔╭╮╰╯┏┓┗┛┌┐└┘├┤┬┴┼┣┫┳┻╋╔╗╚╝╠╣╦╩╬',
		'#': '⊘█▓▒┃║▌▐▀▄▏▎▍▋▊▉▁▂▃▅▆▇■□▪▫',
		'-': '─—–‐‑‒―┄┈╌╴╶−·⋅',
		'|': '│┆┊╎╵╷¦',
		'/': '╱⁄',
		'\\': '╲',
		o: '◎⊙',
		'"': '“”„',
		"'": '‘’‚′',
		' ': '\u00a0',
		// The letters of flags.
		...Object.fromEntries(
			Array.from({length: 26}, (_, letter) => [String.fromCharCode(65 + letter), String.fromCodePoint(0x1f1e6 + letter)]),
		),
		R: `↺⟳${String.fromCodePoint(0x1f1f7)}`,
	}).flatMap(([ascii, signs]) => [...signs].map(sign => [sign, ascii] as const)),
);

const isAscii = /^[\x20-\x7e]*$/;

/** One character in as many ASCII characters as it has cells: a sign of its kind, a letter without its accent, else `?`. */
const asciiOf = (character: string): string => {
	const known = SIGNS.get(character);
	if (known !== undefined) return known;
	const plain = character.normalize('NFKD').replace(/\p{M}/gu, '');
	const width = widthTable.wcwidth(character.codePointAt(0) ?? 0);
	return isAscii.test(plain) && plain.length === width ? plain : '?'.repeat(width);
};

/** Text with no byte above 0x7e, cell for cell as wide as before. Marks and other characters without a cell of their own are left out. */
export const toAscii = (text: string): string =>
	isAscii.test(text)
		? text
		: clustersOf(text.normalize('NFC'))
				.map(({text: cluster, width}) =>
					[...cluster]
						.map(one => (isAscii.test(one) ? one : asciiOf(one)))
						.join('')
						.slice(0, width)
						.padEnd(width),
				)
				.join('');
