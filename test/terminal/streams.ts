import fc from 'fast-check';

const text = fc.constantFrom(
	'a',
	'bc',
	' ',
	'      ',
	'你',
	'好x',
	'é',
	'e\u0301',
	'👨\u200d👩',
	'❤\ufe0f',
	'│',
	'─',
	'\t',
	'\r\n',
	'\u202e',
	'\u0300',
);
const control = fc.oneof(
	fc.tuple(fc.nat(12), fc.nat(30)).map(([row, column]) => `\x1b[${row};${column}H`),
	fc.constantFrom(
		'\x1b[m',
		'\x1b[1m',
		'\x1b[7m',
		'\x1b[4;31m',
		'\x1b[42m',
		'\x1b[38;5;99m',
		'\x1b[48;2;9;8;7m',
		'\x1b[2;3;9m',
		'\x1b[22;39m',
	),
	fc.constantFrom('\x1b[K', '\x1b[2J', '\x1b[L', '\x1b[3P', '\x1b[2@', '\x1b[S', '\x1bM', '\x1b[?1049h', '\x1b[?1049l', '\n', '\x1b[5X'),
);
/** What a program may print: text of all widths, attributes, moves, erasing, scrolling, the alternate screen. */
export const stream = fc.array(fc.oneof({weight: 3, arbitrary: text}, control), {maxLength: 60}).map(parts => parts.join(''));

const of = (...texts: readonly string[]) => fc.constantFrom(...texts);
const sgr = of(
	'',
	'0',
	'1',
	'2',
	'3',
	'4',
	'5',
	'7',
	'8',
	'9',
	'22',
	'23',
	'24',
	'25',
	'27',
	'28',
	'29',
	'31',
	'93',
	'38;5;99',
	'39',
	'38;2;1;2;3',
	'38:5:99',
).map(code => `\x1b[${code}m`);
const strings = of('\x1b]0;t\x07', '\x1b]52;c;aGk=\x07', '\x1bPq#0\x1b\\', '\x1b_x\x1b\\', '\x1b[c', '\x1b[6n', '\x1b[>q', '\x07');
const joined = (...parts: readonly {readonly weight: number; readonly arbitrary: fc.Arbitrary<string>}[]) =>
	fc.array(fc.oneof(...parts), {maxLength: 40}).map(all => all.join(''));

/**
 * What tmux and our screens must show alike: text with attributes that wraps and scrolls. A widened emoji in the last column, which tmux
 * squeezes in there and we take to the next row, is left to `clusters.test.ts`.
 */
export const printed = joined(
	{weight: 6, arbitrary: of('a', 'bc', 'hello ', ' ', '    ', '│', '─', '你', '好x', 'e\u0301', '👍', 'שלום')},
	{weight: 1, arbitrary: of('\r⚠️ ', '\r👨‍👩‍👧 ', '\r👍🏽 ')},
	{weight: 2, arbitrary: of('\r\n', '\t', '\r\n\r\n', '\r\n\t')},
	{weight: 2, arbitrary: sgr},
	{weight: 1, arbitrary: strings},
);

/** Where to begin, so that nothing is done behind the last column. */
const column = fc.nat({max: 39}).map(x => `\x1b[${x + 1}G`);
const number = of('', '0', '1', '2', '3', '5', '9', '30', '99999');
const steps = fc.oneof(
	fc.tuple(fc.nat(15), of('', '2', '5')).map(([x, count]) => `\x1b[${x + 1}G\x1b[${count}@`),
	fc.tuple(column, number, of('A', 'B', 'C', 'D', 'E', 'F', 'd', 'P', 'X')).map(([at, count, final]) => `${at}\x1b[${count}${final}`),
	fc.tuple(column, of('', '0', '1', '2'), of('J', 'K')).map(([at, what, final]) => `${at}\x1b[${what}${final}`),
	fc
		.tuple(column, of('\x1bD', '\x1bM', '\x1bE', '\x1b7', '\x1b8', '\x1b[s', '\x1b[u', '\x1bH', '\x1b[g', '\x1b[Z'))
		.map(parts => parts.join('')),
);

/**
 * The same of a program that draws its screen. Where tmux 3.5a differs we follow xterm, and leave it out here:
 * - it knows no CHT, HPR, VPR, DECSTR and no mode 1048;
 * - CSI L and CSI M leave its cursor in its column (xterm: the first), and work outside of the scroll region too;
 * - CSI S and CSI T fill with the colour of the background (xterm.js: with none), CSI S keeps what scrolls out;
 * - behind the last column it counts one more: a move, an erasing or a saved place there is one to the right;
 * - a row that comes by wrapping at the bottom is not filled with the colour of the background;
 * - of a wide character whose half is overwritten it may keep the other half, and the row is told shifted;
 * - of more cells than fit, put in near the edge, it leaves some as they were;
 * - CSI b repeats marks too; a mark without a character before it is dropped;
 * - the alternate screen of modes 47 and 1047 is not filled with the colour of the background.
 */
export const drawn = joined(
	{weight: 4, arbitrary: of('a', 'bc', 'hello', ' ', '    ', '│', '─', 'e\u0301')},
	{weight: 1, arbitrary: of('\r', '\r\n', '\t', 'x\x1b[3b')},
	{weight: 2, arbitrary: sgr},
	{weight: 2, arbitrary: fc.tuple(number, number, of('H', 'f')).map(([row, at, final]) => `\x1b[${row};${at}${final}`)},
	{weight: 4, arbitrary: steps},
	{weight: 1, arbitrary: steps.map(step => `\x1b[3G\x1b[42mxy${step}\x1b[49m`)},
	{weight: 1, arbitrary: of('\x1b[r\x1b[2L\r', '\x1b[r\x1b[M\r', '\x1b[3;8r\x1b[5;1H\x1b[L\r', '\x1b[2;r', '\x1b[;6r', '\x1b[r')},
	{
		weight: 1,
		arbitrary: of('\x1b[4h', '\x1b[4l', '\x1b[?6h', '\x1b[?6l', '\x1b[?7h', '\x1b[?7l', '\x1b[?25l', '\x1b[?25h', '\x1b[?1h', '\x1b[?1l'),
	},
	{weight: 1, arbitrary: of('\x1b[?1049h', '\x1b(0', '\x1b(B', '\x0e', '\x0f', '\x1b)0', '\x1b)B')},
	{weight: 1, arbitrary: strings},
);
