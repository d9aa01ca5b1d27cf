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
