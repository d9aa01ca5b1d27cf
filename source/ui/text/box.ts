import type {Rect} from './layout.ts';
import {fill, type Line, lineWidth, span, type Tone} from './text.ts';

/** A framed piece of the screen as data: rows exactly fill its rectangle. */
export type BoxContent = {
	readonly rect: Rect;
	readonly title: Line;
	readonly titleRight?: Line;
	readonly footer?: Line;
	readonly lines: readonly Line[];
	/** The row of each line, which a click selects by id; '' for a heading. */
	readonly ids?: readonly string[];
	/** Index of the inverse row, -1 for none. */
	readonly selected: number;
	/** How many rows are inverse from there on, one if missing. */
	readonly band?: number;
	/** Heavy lines mark the focus without colour. */
	readonly isHeavy: boolean;
	readonly tone: Tone;
};

const LIGHT = {corner: ['╭', '╮', '╰', '╯'], across: '─', down: '│'} as const;
const HEAVY = {corner: ['┏', '┓', '┗', '┛'], across: '━', down: '┃'} as const;

/** Text in an edge: `start` after its left corner, `end` before the right one if there is room. */
export type Edge = {
	readonly place: 'top' | 'bottom';
	readonly isHeavy: boolean;
	readonly start: Line;
	readonly end: Line;
	readonly columns: number;
	readonly tone: Tone;
};

export const sideOf = (isHeavy: boolean): string => (isHeavy ? HEAVY : LIGHT).down;

export const edgeOf = ({place, isHeavy, start, end, columns, tone}: Edge): Line => {
	const {corner, across} = isHeavy ? HEAVY : LIGHT;
	const [left = '', right = ''] = place === 'top' ? corner.slice(0, 2) : corner.slice(2);
	const inner = columns - 2;
	const endSpans: Line = end.length > 0 && lineWidth(end) + 4 <= inner ? [span(' ', tone), ...end, span(` ${across}`, tone)] : [];
	const room = inner - lineWidth(endSpans) - 1;
	const whole: Line = start.length > 0 ? [span(across, tone), ...start, span(' ', tone)] : [];
	const startSpans = lineWidth(whole) <= room + 1 ? whole : cutTo(whole, room);
	const between = inner - lineWidth(startSpans) - lineWidth(endSpans);
	return [span(left, tone), ...startSpans, span(across.repeat(Math.max(0, between)), tone), ...endSpans, span(right, tone)];
};

const cutTo = (line: Line, columns: number): Line => (lineWidth(line) <= columns ? line : fill(line, Math.max(0, columns)));

/** First of `height` visible lines out of `total`, with the selected one among them. */
export const windowStart = (total: number, height: number, selected: number): number =>
	Math.max(0, Math.min(total - height, selected - Math.floor(height / 2)));
