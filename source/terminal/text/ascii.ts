import {clustersOf, widthTable} from './widths.ts';

/** ASCII replacements for our signs and those of agent CLIs; each is one cell wide. */
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
		// Light shade is the empty part of a bar and must differ from the filled one.
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
		// Flag letters.
		...Object.fromEntries(
			Array.from({length: 26}, (_, letter) => [String.fromCharCode(65 + letter), String.fromCodePoint(0x1f1e6 + letter)]),
		),
		R: `↺⟳${String.fromCodePoint(0x1f1f7)}`,
	}).flatMap(([ascii, signs]) => [...signs].map(sign => [sign, ascii] as const)),
);

const isAscii = /^[\x20-\x7e]*$/;

/** One character in ASCII of equal width: a similar sign, the letter without accent, or `?`. */
const asciiOf = (character: string): string => {
	const known = SIGNS.get(character);
	if (known !== undefined) return known;
	const plain = character.normalize('NFKD').replace(/\p{M}/gu, '');
	const width = widthTable.wcwidth(character.codePointAt(0) ?? 0);
	return isAscii.test(plain) && plain.length === width ? plain : '?'.repeat(width);
};

/** Converts a text to ASCII up to 0x7e of the same width. Drops marks and other zero-width characters. */
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
