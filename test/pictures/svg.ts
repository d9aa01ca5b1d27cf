import {type CellRow, type Screen, STYLE} from '../../source/core/text/screen.ts';
import {createCellRow} from '../../source/terminal/text/cells.ts';
import {isStroke, strokesOf} from './strokes.ts';

const CELL = {width: 8.4, height: 17, font: 14} as const;

/** Colours of a terminal: plain text, its background, and the 16 of ANSI as most themes show them. */
export type Look = {readonly foreground: string; readonly background: string; readonly edge: string; readonly ansi: readonly string[]};
export const LOOKS = {
	dark: {
		...{foreground: '#d4d7dd', background: '#14161a', edge: '#2b2f36'},
		ansi: [
			...['#3b4048', '#e06c75', '#98c379', '#e5c07b', '#61afef', '#c678dd', '#56b6c2', '#abb2bf'],
			...['#5c6370', '#ff7b86', '#b5e890', '#ffd68a', '#7cc0ff', '#dd95f0', '#6fd3e0', '#ffffff'],
		],
	},
	light: {
		...{foreground: '#24292f', background: '#ffffff', edge: '#d0d7de'},
		ansi: [
			...['#24292f', '#b3202a', '#116329', '#f2cc60', '#0550ae', '#8250df', '#1b7c83', '#d0d7de'],
			...['#57606a', '#a40e26', '#1a7f37', '#9a6700', '#218bff', '#a475f9', '#3192aa', '#ffffff'],
		],
	},
} as const satisfies Readonly<Record<string, Look>>;

const hex = (red: number, green: number, blue: number): string =>
	`#${[red, green, blue].map(part => part.toString(16).padStart(2, '0')).join('')}`;

/** A colour of a cell: -1, 0 to 255 of the palette, or `0x1000000 | rgb`. */
const colorOf = (color: number, plain: string, {ansi}: Look): string => {
	if (color < 0) return plain;
	if (color >= 0x1000000) return hex((color >> 16) & 255, (color >> 8) & 255, color & 255);
	const named = ansi[color];
	if (named) return named;
	if (color >= 232) return hex(8 + (color - 232) * 10, 8 + (color - 232) * 10, 8 + (color - 232) * 10);
	const level = (step: number): number => (step === 0 ? 0 : 55 + step * 40);
	const index = color - 16;
	return hex(level(Math.floor(index / 36)), level(Math.floor(index / 6) % 6), level(index % 6));
};

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

type Kind = 'text' | 'strokes' | 'alone';
type Run = {
	readonly x: number;
	readonly kind: Kind;
	columns: number;
	text: string;
	readonly foreground: string;
	readonly background: string;
	readonly style: number;
};

/** Lines are drawn. What is not ASCII stands alone, so that no font shifts what follows it. */
const kindOf = (text: string, width: number): Kind => (isStroke(text) ? 'strokes' : width > 1 || text > '~' ? 'alone' : 'text');

/** Neighbouring cells that look alike. */
const runsOf = (row: CellRow, look: Look): readonly Run[] => {
	const runs: Run[] = [];
	for (const [x, width] of row.width.entries()) {
		if (width === 0) continue;
		const style = row.style[x] ?? 0;
		const colors = [
			colorOf(row.foreground[x] ?? -1, look.foreground, look),
			colorOf(row.background[x] ?? -1, look.background, look),
		] as const;
		const [foreground, background] = style & STYLE.inverse ? [colors[1], colors[0]] : colors;
		const text = row.text[x] || ' ';
		const kind = kindOf(text, width);
		const last = runs.at(-1);
		const isLike = last && kind !== 'alone' && last.kind === kind && last.foreground === foreground && last.background === background;
		if (isLike && last.style === style) {
			last.text += text;
			last.columns += 1;
		} else runs.push({x, kind, columns: width, text, foreground, background, style});
	}
	return runs;
};

const number = (value: number): string => String(Math.round(value * 100) / 100);

/** What is behind the runs of a row: one shape for neighbours, so that no seam is seen between them. */
const behind = (runs: readonly Run[], y: number, look: Look): string => {
	const shapes: {x: number; columns: number; background: string}[] = [];
	for (const {x, columns, background} of runs) {
		const last = shapes.at(-1);
		if (last?.background === background) last.columns += columns;
		else shapes.push({x, columns, background});
	}
	return shapes
		.filter(({background}) => background !== look.background)
		.map(
			({x, columns, background}) =>
				`<rect x="${number(x * CELL.width)}" y="${y * CELL.height}" width="${number(columns * CELL.width)}" height="${CELL.height}" fill="${background}"/>`,
		)
		.join('');
};

const drawRun = ({x, kind, columns, text, foreground, style}: Run, y: number, look: Look): string => {
	const left = number(x * CELL.width);
	if (text.trim() === '') return '';
	const dim = style & STYLE.dim ? ' opacity="0.6"' : '';
	if (kind === 'strokes') {
		const drawn = strokesOf(text, x * CELL.width, y * CELL.height, CELL, foreground);
		return dim === '' ? drawn : `<g${dim}>${drawn}</g>`;
	}
	const shown = style & STYLE.underline ? text : text.trimEnd();
	const filled = number(kind === 'text' ? shown.length * CELL.width : columns * CELL.width);
	const attributes = [
		foreground === look.foreground ? '' : ` fill="${foreground}"`,
		style & STYLE.bold ? ' font-weight="bold"' : '',
		dim,
		style & STYLE.italic ? ' font-style="italic"' : '',
		style & STYLE.underline ? ' text-decoration="underline"' : '',
	].join('');
	return `<text x="${left}" y="${number((y + 0.76) * CELL.height)}" textLength="${filled}"${kind === 'alone' ? ' lengthAdjust="spacingAndGlyphs"' : ''}${attributes}>${escaped(shown)}</text>`;
};

/** The rows of a screen as they stand, each drawn at the top. */
const rowsOf = (screen: Screen, look: Look, at: (row: number) => number): readonly string[] => {
	const row = createCellRow(screen.columns);
	return Array.from({length: screen.rows}, (_, y) => {
		screen.readRow(y, row);
		const runs = runsOf(row, look);
		return `${behind(runs, at(y), look)}${runs.map(run => drawRun(run, at(y), look)).join('')}`;
	});
};

const EDGE = 10;

/** `title` is read out by screen readers. */
const pictureOf = (size: {readonly columns: number; readonly rows: number}, title: string, look: Look, body: string): string => {
	const [width, height] = [Number(number(size.columns * CELL.width)), size.rows * CELL.height];
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${-EDGE} ${-EDGE} ${width + 2 * EDGE} ${height + 2 * EDGE}" role="img" font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="${CELL.font}" fill="${look.foreground}" xml:space="preserve">
<title>${escaped(title)}</title>
<style>text{white-space:pre}</style>
<rect x="${-EDGE + 0.5}" y="${-EDGE + 0.5}" width="${width + 2 * EDGE - 1}" height="${height + 2 * EDGE - 1}" rx="8" fill="${look.background}" stroke="${look.edge}"/>
${body}
</svg>
`;
};

/** A screen as an SVG picture, cell for cell. */
export const svgOf = (screen: Screen, title: string, look: Look = LOOKS.dark): string =>
	pictureOf(
		screen,
		title,
		look,
		rowsOf(screen, look, y => y)
			.filter(line => line !== '')
			.join('\n'),
	);

/** What stood on a screen, and for how long, ms. */
export type Frame = {readonly rows: readonly string[]; readonly ms: number};
export const frameOf = (screen: Screen, ms: number, look: Look): Frame => ({rows: rowsOf(screen, look, () => 0), ms});

/**
 * Frames as one picture that plays them again and again: all lie on each other, and one is seen at a time. Each row that looks alike is in it
 * once. Whoever wants no motion, and a viewer that knows none, sees the last frame.
 */
export const filmOf = (
	frames: readonly Frame[],
	size: {readonly columns: number; readonly rows: number},
	title: string,
	look: Look,
): string => {
	const known = new Map<string, string>();
	const nameOf = (row: string): string => {
		const name = known.get(row) ?? `r${known.size}`;
		known.set(row, name);
		return name;
	};
	const shown = frames.map(({rows}, at) => {
		const uses = rows.flatMap((row, y) => (row === '' ? [] : [`<use href="#${nameOf(row)}" y="${y * CELL.height}"/>`])).join('');
		return `<g id="f${at}"${at < frames.length - 1 ? ' class="f"' : ''}>${uses}</g>`;
	});
	const whole = frames.reduce((sum, {ms}) => sum + ms, 0);
	let since = 0;
	const rules = frames.map(({ms}, at) => {
		const [from, to] = [since, since + ms].map(moment => number((moment / whole) * 100));
		since += ms;
		const before = at === 0 ? '' : '0%{visibility:hidden}';
		const after = at === frames.length - 1 ? '' : `${to}%{visibility:hidden}`;
		return `@keyframes f${at}{${before}${from}%{visibility:visible}${after}}#f${at}{animation:f${at} ${number(whole / 1000)}s step-end infinite}`;
	});
	const body = `<style>.f{visibility:hidden}${rules.join('')}@media(prefers-reduced-motion:reduce){g{animation:none!important}}</style>
<defs>
${[...known].map(([row, name]) => `<g id="${name}">${row}</g>`).join('\n')}
</defs>
${shown.join('\n')}`;
	return pictureOf(size, title, look, body);
};
