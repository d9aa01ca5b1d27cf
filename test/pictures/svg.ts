import {type CellRow, type Screen, STYLE} from '../../source/core/text/screen.ts';
import {createCellRow} from '../../source/terminal/text/cells.ts';

const CELL = {width: 8.4, height: 17, font: 14} as const;
const PLAIN = {foreground: '#d4d7dd', background: '#14161a'} as const;
/** The 16 ANSI colours as most dark themes show them. */
const ANSI = [
	...['#3b4048', '#e06c75', '#98c379', '#e5c07b', '#61afef', '#c678dd', '#56b6c2', '#abb2bf'],
	...['#5c6370', '#ff7b86', '#b5e890', '#ffd68a', '#7cc0ff', '#dd95f0', '#6fd3e0', '#ffffff'],
] as const;

const hex = (failingBase: number, green: number, blue: number): string =>
	`#${[failingBase, green, blue].map(part => part.toString(16).padStart(2, '0')).join('')}`;

/** A colour of a cell: -1, 0 to 255 of the palette, or `0x1000000 | rgb`. */
const colorOf = (color: number, plain: string): string => {
	if (color < 0) return plain;
	if (color >= 0x1000000) return hex((color >> 16) & 255, (color >> 8) & 255, color & 255);
	const named = ANSI[color];
	if (named) return named;
	if (color >= 232) return hex(8 + (color - 232) * 10, 8 + (color - 232) * 10, 8 + (color - 232) * 10);
	const level = (step: number): number => (step === 0 ? 0 : 55 + step * 40);
	const index = color - 16;
	return hex(level(Math.floor(index / 36)), level(Math.floor(index / 6) % 6), level(index % 6));
};

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

type Run = {
	readonly x: number;
	columns: number;
	text: string;
	readonly foreground: string;
	readonly background: string;
	readonly style: number;
};

/** Neighbouring cells that look alike. */
const runsOf = (row: CellRow): readonly Run[] => {
	const runs: Run[] = [];
	for (const [x, width] of row.width.entries()) {
		if (width === 0) continue;
		const style = row.style[x] ?? 0;
		const colors = [colorOf(row.foreground[x] ?? -1, PLAIN.foreground), colorOf(row.background[x] ?? -1, PLAIN.background)] as const;
		const [foreground, background] = style & STYLE.inverse ? [colors[1], colors[0]] : colors;
		const last = runs.at(-1);
		// A wide character stands alone, so that its two cells are its own.
		const isLike =
			last && width === 1 && last.columns === [...last.text].length && last.foreground === foreground && last.background === background;
		if (isLike && last.style === style) {
			last.text += row.text[x] || ' ';
			last.columns += 1;
		} else runs.push({x, columns: width, text: row.text[x] || ' ', foreground, background, style});
	}
	return runs;
};

const number = (value: number): string => String(Math.round(value * 100) / 100);

const drawRun = ({x, columns, text, foreground, background, style}: Run, y: number): string => {
	const [left, width] = [number(x * CELL.width), number(columns * CELL.width)];
	const behind =
		background === PLAIN.background
			? ''
			: `<rect x="${left}" y="${y * CELL.height}" width="${width}" height="${CELL.height}" fill="${background}"/>`;
	if (text.trim() === '') return behind;
	const attributes = [
		foreground === PLAIN.foreground ? '' : ` fill="${foreground}"`,
		style & STYLE.bold ? ' font-weight="bold"' : '',
		style & STYLE.dim ? ' opacity="0.6"' : '',
		style & STYLE.italic ? ' font-style="italic"' : '',
		style & STYLE.underline ? ' text-decoration="underline"' : '',
	].join('');
	return `${behind}<text x="${left}" y="${number((y + 0.76) * CELL.height)}" textLength="${width}"${attributes}>${escaped(text)}</text>`;
};

/** A screen as an SVG picture, cell for cell; `title` is read out by screen readers. */
export const svgOf = (screen: Screen, title: string): string => {
	const row = createCellRow(screen.columns);
	const lines = Array.from({length: screen.rows}, (_, y) => {
		screen.readRow(y, row);
		return runsOf(row)
			.map(run => drawRun(run, y))
			.join('');
	});
	const [width, height] = [number(screen.columns * CELL.width), screen.rows * CELL.height];
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-10 -10 ${Number(width) + 20} ${height + 20}" role="img" font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="${CELL.font}" fill="${PLAIN.foreground}" xml:space="preserve">
<title>${escaped(title)}</title>
<rect x="-10" y="-10" width="${Number(width) + 20}" height="${height + 20}" rx="8" fill="${PLAIN.background}"/>
${lines.filter(line => line !== '').join('\n')}
</svg>
`;
};
