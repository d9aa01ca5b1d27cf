import type {Line, Tone} from './text.ts';

/**
 * SGR parameters of a tone: the 16 ANSI colours only, always together with an attribute or a letter on the screen that says the
 * same, because the compositor drops colours under NO_COLOR and keeps the attributes.
 */
const SGR: Readonly<Record<Tone, string>> = {
	plain: '',
	dim: '2',
	strong: '1',
	badge: '1;30;43',
	dead: '1;31',
	stalled: '35',
	good: '32',
	working: '36',
	paused: '34',
	frozen: '7;34',
	typing: '7;36',
	warning: '1;33',
	cursor: '7',
};

/** Characters of the chrome that ASCII terminals get otherwise. Each is one cell wide on both sides. */
const ASCII: Readonly<Record<string, string>> = {
	'▲': '!',
	'✗': 'x',
	'◌': '~',
	'◆': '%',
	'»': '>',
	'●': '*',
	'‖': '=',
	'○': '.',
	'✓': '+',
	'⊘': '#',
	'▸': '>',
	'→': '>',
	'←': '<',
	'↑': '^',
	'↓': 'v',
	'↵': '<',
	'·': '-',
	'…': '~',
	'—': '-',
	'›': '>',
	'─': '-',
	'━': '=',
	'│': '|',
	'┃': '#',
};

/** Text with no byte above 0x7e, cell for cell as wide as before. */
export const toAscii = (text: string, widthOf: (character: string) => number): string =>
	text.replace(/[^\x20-\x7e]/gu, character => ASCII[character] ?? (/[╭╮╰╯┏┓┗┛]/.test(character) ? '+' : '?'.repeat(widthOf(character))));

/** One row as the chrome's terminal reads it; `isSelected` inverts the whole row, whatever its tones. */
export const paint = (line: Line, isSelected: boolean): string =>
	line
		.map(({text, tone}) => {
			const parameters = [SGR[tone], isSelected && !SGR[tone].startsWith('7') && tone !== 'badge' ? '7' : ''].filter(Boolean).join(';');
			return parameters ? `\x1b[${parameters}m${text}\x1b[0m` : text;
		})
		.join('');
