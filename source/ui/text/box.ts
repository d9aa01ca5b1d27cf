import type {Rect} from './layout.ts';
import {fill, type Line, lineWidth, span, type Tone} from './text.ts';

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

const LIGHT = {corner: ['╭', '╮', '╰', '╯'], across: '─', down: '│'} as const;
const HEAVY = {corner: ['┏', '┓', '┗', '┛'], across: '━', down: '┃'} as const;

/** What the upper or the lower edge of a frame says: `start` behind its left corner, `end` before the right one where there is room for it. */
export type Edge = {
	readonly place: 'top' | 'bottom';
	readonly isHeavy: boolean;
	readonly start: Line;
	readonly end: Line;
	readonly columns: number;
	readonly tone: Tone;
};

export const sideOf = (isHeavy: boolean): string => (isHeavy ? HEAVY : LIGHT).down;

/** An edge of a frame, exactly `columns` cells. */
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

/** Which of `total` lines are shown in `height` rows so that the selected one is among them: its first index. */
export const windowStart = (total: number, height: number, selected: number): number =>
	Math.max(0, Math.min(total - height, selected - Math.floor(height / 2)));
