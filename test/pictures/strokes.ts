/** What a viewer's font would draw crooked: lines and blocks as shapes of a cell of 1 by 1. */
type Weight = 0 | 1 | 2 | 3;
/** Arms from the middle: up, right, down, left; 0 none, 1 light, 2 heavy, 3 double. */
type Arms = readonly [up: Weight, right: Weight, down: Weight, left: Weight];

const LINES: ReadonlyMap<string, Arms> = new Map(
	Object.entries({
		'0101': '─┄┈╌',
		'0202': '━',
		'1010': '│┆┊╎',
		'2020': '┃',
		'0110': '┌╭',
		'0011': '┐╮',
		'1100': '└╰',
		'1001': '┘╯',
		'0220': '┏',
		'0022': '┓',
		'2200': '┗',
		'2002': '┛',
		'1110': '├',
		'1011': '┤',
		'0111': '┬',
		'1101': '┴',
		'1111': '┼',
		'2220': '┣',
		'2022': '┫',
		'0222': '┳',
		'2202': '┻',
		'2222': '╋',
		'2120': '┠',
		'2021': '┨',
		'1000': '╵',
		'0100': '╶',
		'0010': '╷',
		'0001': '╴',
		'0303': '═',
		'3030': '║',
		'0330': '╔',
		'0033': '╗',
		'3300': '╚',
		'3003': '╝',
	}).flatMap(([arms, characters]) => [...characters].map(one => [one, [...arms].map(Number) as unknown as Arms] as const)),
);

/** The part of a cell that is filled, and how strongly. */
type Filled = {readonly x: number; readonly y: number; readonly width: number; readonly height: number; readonly opacity: number};
const whole: Filled = {x: 0, y: 0, width: 1, height: 1, opacity: 1};

const BLOCKS: ReadonlyMap<string, Filled> = new Map([
	...[...'▁▂▃▄▅▆▇█'].map((one, at): [string, Filled] => [one, {...whole, y: 1 - (at + 1) / 8, height: (at + 1) / 8}]),
	...[...'▏▎▍▌▋▊▉'].map((one, at): [string, Filled] => [one, {...whole, width: (at + 1) / 8}]),
	['▀', {...whole, height: 0.5}],
	['▐', {...whole, x: 0.5, width: 0.5}],
	['░', {...whole, opacity: 0.25}],
	['▒', {...whole, opacity: 0.5}],
	['▓', {...whole, opacity: 0.75}],
]);

export const isStroke = (character: string): boolean => LINES.has(character) || BLOCKS.has(character);

export type Cell = {readonly width: number; readonly height: number};

const number = (value: number): string => String(Math.round(value * 100) / 100);
const WIDTHS = [0, 1, 2, 1] as const;
/** Between the two lines of a double one. */
const APART = 1.5;

type Stroke = readonly [Weight, string];

/** The arms of a cell as lines; an arm reaches its edge, so that the next cell's continues it without a gap. */
const linesAt = ([up, right, down, left]: Arms, x: number, y: number, {width, height}: Cell): readonly Stroke[] => {
	const [cx, cy] = [x + width / 2, y + height / 2];
	const arm = (weight: Weight, across: 'x' | 'y', from: number, to: number): readonly Stroke[] =>
		(weight === 0 ? [] : weight === 3 ? [-APART, APART] : [0]).map((aside): Stroke => {
			const [fixed, start, end] = [number((across === 'x' ? cy : cx) + aside), number(from), number(to)];
			return [weight, across === 'x' ? `M${start} ${fixed}H${end}` : `M${fixed} ${start}V${end}`];
		});
	// A corner is one stroke, so that nothing is missing where its arms meet.
	const isCorner = (up === 0) !== (down === 0) && (left === 0) !== (right === 0) && Math.max(up, down) === Math.max(left, right);
	if (isCorner && up + down !== 3)
		return [[up || down, `M${number(right ? x + width : x)} ${number(cy)}H${number(cx)}V${number(down ? y + height : y)}`]];
	return [
		...(left === right ? arm(left, 'x', x, x + width) : [...arm(left, 'x', x, cx), ...arm(right, 'x', cx, x + width)]),
		...(up === down ? arm(up, 'y', y, y + height) : [...arm(up, 'y', y, cy), ...arm(down, 'y', cy, y + height)]),
	];
};

/** Which way a rounded corner opens. */
const ROUND: Readonly<Record<string, readonly [x: 1 | -1, y: 1 | -1]>> = {'╭': [1, 1], '╮': [-1, 1], '╰': [1, -1], '╯': [-1, -1]};
const RADIUS = 4;
const roundAt = ([toX, toY]: readonly [number, number], x: number, y: number, {width, height}: Cell): readonly Stroke[] => {
	const [cx, cy] = [x + width / 2, y + height / 2];
	const [edgeX, edgeY] = [toX > 0 ? x + width : x, toY > 0 ? y + height : y];
	const parts = [edgeX, cy, cx + toX * RADIUS, cx, cy, cx, cy + toY * RADIUS, edgeY].map(number);
	return [[1, `M${parts[0]} ${parts[1]}H${parts[2]}Q${parts[3]} ${parts[4]} ${parts[5]} ${parts[6]}V${parts[7]}`]];
};

/** Lines and blocks that stand next to each other, as shapes in one colour. `text` holds nothing else. */
export const strokesOf = (text: string, x: number, y: number, cell: Cell, color: string): string => {
	const paths = new Map<Weight, string[]>();
	const blocks: string[] = [];
	const characters = [...text];
	for (let at = 0; at < characters.length; ) {
		const character = characters[at] ?? '';
		const same = characters.slice(at).findIndex(other => other !== character);
		const count = same === -1 ? characters.length - at : same;
		const left = x + at * cell.width;
		const block = BLOCKS.get(character);
		if (block && block.width === 1) {
			const opacity = block.opacity === 1 ? '' : ` opacity="${block.opacity}"`;
			blocks.push(
				`<rect x="${number(left)}" y="${number(y + block.y * cell.height)}" width="${number(count * cell.width)}" height="${number(block.height * cell.height)}" fill="${color}"${opacity}/>`,
			);
		} else if (block) {
			for (let one = 0; one < count; one++)
				blocks.push(
					`<rect x="${number(left + (one + block.x) * cell.width)}" y="${number(y)}" width="${number(block.width * cell.width)}" height="${number(cell.height)}" fill="${color}"/>`,
				);
		} else {
			const arms = LINES.get(character) ?? [0, 0, 0, 0];
			const isLong = arms[0] === 0 && arms[2] === 0 && arms[1] === arms[3];
			const drawn = isLong
				? linesAt(arms, left, y, {...cell, width: cell.width * count})
				: Array.from({length: count}, (_, one) => {
						const [round, at] = [ROUND[character], left + one * cell.width];
						return round ? roundAt(round, at, y, cell) : linesAt(arms, at, y, cell);
					}).flat();
			for (const [weight, path] of drawn) paths.set(weight, [...(paths.get(weight) ?? []), path]);
		}
		at += count;
	}
	const lines = [...paths].map(
		([weight, all]) =>
			`<path d="${all.join('')}" fill="none" stroke="${color}"${WIDTHS[weight] === 1 ? '' : ` stroke-width="${WIDTHS[weight]}"`}/>`,
	);
	return [...blocks, ...lines].join('');
};
