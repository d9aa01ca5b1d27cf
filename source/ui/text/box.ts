import type {Rect} from './layout.ts';
import {fill, type Line, lineWidth, type Span, span, type Tone} from './text.ts';

/** A framed piece of the screen as data: its rows are exactly as wide and as many as its rectangle. */
export type BoxContent = {
	readonly rect: Rect;
	readonly title: Line;
	readonly titleRight?: Line;
	readonly footer?: Line;
	readonly lines: readonly Line[];
	/** The row that each line is of, where a click chooses it by its id; '' for a heading. */
	readonly ids?: readonly string[];
	/** Index of the inverted row, -1 for none. */
	readonly selected: number;
	/** Heavy lines mark the focus; they do so without colour. */
	readonly isHeavy: boolean;
	readonly tone: Tone;
};

/** One row of the chrome. */
export type Row = {readonly line: Line; readonly selected?: boolean};

const LIGHT = {corner: ['╭', '╮', '╰', '╯'], across: '─', down: '│'} as const;
const HEAVY = {corner: ['┏', '┓', '┗', '┛'], across: '━', down: '┃'} as const;

const edge = (columns: number, left: string, right: string, across: string, start: Line, end: Line, tone: Tone): Line => {
	const inner = columns - 2;
	const endSpans: Line = end.length > 0 && lineWidth(end) + 4 <= inner ? [span(' ', tone), ...end, span(` ${across}`, tone)] : [];
	const room = inner - lineWidth(endSpans) - 1;
	const startSpans: Line = start.length > 0 ? cutTo([span(across, tone), ...start, span(' ', tone)], room) : [];
	const between = inner - lineWidth(startSpans) - lineWidth(endSpans);
	return [span(left, tone), ...startSpans, span(across.repeat(Math.max(0, between)), tone), ...endSpans, span(right, tone)];
};

const cutTo = (line: Line, columns: number): Line => (lineWidth(line) <= columns ? line : fill(line, Math.max(0, columns)));

/** The rows of a box: title in the upper border, notes in the lower one, lines between, blanks where there are none. */
export const boxRows = (box: BoxContent): readonly (readonly Row[])[] => {
	const {columns, rows} = box.rect;
	const style = box.isHeavy ? HEAVY : LIGHT;
	const [topLeft, topRight, bottomLeft, bottomRight] = style.corner;
	const side: Span = span(style.down, box.tone);
	const body = Array.from({length: Math.max(0, rows - 2)}, (_, index): readonly Row[] => [
		{line: [side]},
		{line: fill(box.lines[index] ?? [], columns - 2), selected: index === box.selected},
		{line: [side]},
	]);
	const top = edge(columns, topLeft, topRight, style.across, box.title, box.titleRight ?? [], box.tone);
	const bottom = edge(columns, bottomLeft, bottomRight, style.across, [], box.footer ?? [], box.tone);
	return [[{line: top}], ...body, [{line: bottom}]];
};

/** Which of `total` lines are shown in `height` rows so that the selected one is among them: its first index. */
export const windowStart = (total: number, height: number, selected: number): number =>
	Math.max(0, Math.min(total - height, selected - Math.floor(height / 2)));
