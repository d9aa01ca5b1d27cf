import {median} from '../../../core/task/estimate.ts';
import type {FigureHour, Figures} from '../../../core/team/figures.ts';
import {dollars} from '../../../core/text/format.ts';
import type {Drawing} from '../../draw/context.ts';
import {judgedText, percentOf, type Success, shareOf, successOf} from '../../model/figures.ts';
import {age, clock, dayOf} from '../../model/time.ts';
import {heading} from '../../text/blocks.ts';
import {bar, columnChart} from '../../text/chart.ts';
import {cell, cut, type Line, said, span, type Tone, widthOf} from '../../text/text.ts';

const HOUR_MS = 3_600_000;

/** A chart's place: columns, and rows of its bars. */
export type ChartSize = {readonly columns: number; readonly rows: number};

/** What stands in a chart: `name` in its axis, `text` for a screen reader. */
type Point = {readonly name: string; readonly value: number; readonly text: string};

const AXIS = 7;

/** Items with a dot between, none of them broken at the end of a row; at most so many rows. */
const inRows = (items: readonly string[], columns: number, most: number): readonly string[] => {
	const rows: string[] = [];
	for (const item of items) {
		const last = rows.at(-1);
		const next = last === undefined ? item : `${last} · ${item}`;
		if (last !== undefined && widthOf(next) <= columns) rows[rows.length - 1] = next;
		else rows.push(item);
	}
	return rows.slice(0, most);
};

/** Bars with the highest value at the left, names below, and all numbers in words: no bar has to be read. */
const chart = (title: string, note: string, points: readonly Point[], size: ChartSize, tone: Tone, {isAscii}: Drawing): readonly Line[] => {
	const room = Math.max(8, size.columns - AXIS - 1);
	const width = Math.max(1, Math.min(6, Math.floor(room / Math.max(1, points.length))));
	const shown = points.slice(-Math.floor(room / width));
	const rows = columnChart(
		shown.map(({value}) => value),
		size.rows,
		width,
		isAscii,
	);
	const most = shown.reduce<Point | undefined>((top, point) => (point.value > (top?.value ?? 0) ? point : top), undefined);
	const every = Math.max(1, Math.ceil(6 / width));
	const names = shown
		.map(({name}, at) => (at % every === 0 && (at + every <= shown.length || at === 0) ? cell(name, width * every) : ''))
		.join('');
	const told = shown.filter(({value}) => value > 0).map(({name, text}) => `${name} ${text}`);
	return [
		heading(title, size.columns, note),
		...(most
			? [
					...rows.map((row, at): Line => [span(`${(at === 0 ? most.text : '').padStart(AXIS - 1)} `, 'dim'), span(row, tone)]),
					[span(`${' '.repeat(AXIS)}${names}`, 'dim')] as Line,
					...inRows(told, size.columns - 2, 4).map((row): Line => [span(` ${row}`, 'dim')]),
				]
			: [[span(' Nothing yet.', 'dim')] as Line]),
		[],
	];
};

const hourPoints = (
	hours: readonly FigureHour[],
	count: number,
	value: (hour: FigureHour) => number,
	text: (value: number) => string,
): readonly Point[] => hours.slice(-count).map(hour => ({name: clock(hour.hour * HOUR_MS), value: value(hour), text: text(value(hour))}));

/** Spending by local day. */
const dayPoints = (hours: readonly FigureHour[]): readonly Point[] => {
	const days = new Map<string, number>();
	for (const {hour, micros} of hours) days.set(dayOf(hour * HOUR_MS), (days.get(dayOf(hour * HOUR_MS)) ?? 0) + micros);
	return [...days].map(([name, value]) => ({name, value, text: dollars(value)}));
};

const DAY = 24;

export const mergeChart = ({hours}: Figures, size: ChartSize, drawing: Drawing): readonly Line[] => {
	const points = hourPoints(hours, DAY, ({merged}) => merged, String);
	const all = points.reduce((sum, {value}) => sum + value, 0);
	return chart('MERGES BY HOUR', `${all} in ${points.length}h`, points, size, 'good', drawing);
};

export const leadChart = ({hours, lead}: Figures, size: ChartSize, drawing: Drawing): readonly Line[] => {
	const points = hourPoints(hours, DAY, ({leads}) => median(leads), age);
	const note = lead.count > 0 ? `median ${age(lead.medianMs)}, p90 ${age(lead.highMs)} of ${lead.count}` : '';
	return chart('LEAD TIME, ADDED TO MERGED', note, points, size, 'working', drawing);
};

export const queueChart = ({hours}: Figures, size: ChartSize, drawing: Drawing): readonly Line[] => {
	const points = hourPoints(hours, DAY, ({queued}) => queued, String);
	return chart('WAITING TASKS BY HOUR', `${points.at(-1)?.value ?? 0} now`, points, size, 'warning', drawing);
};

export const moneyChart = ({hours}: Figures, size: ChartSize, drawing: Drawing): readonly Line[] => {
	const points = dayPoints(hours);
	const all = points.reduce((sum, {value}) => sum + value, 0);
	return chart('SPENT BY DAY', all > 0 ? dollars(all) : '', points, size, 'plain', drawing);
};

/** Merged work as a share of what was judged. */
export const successLines = (figures: Figures, {columns}: ChartSize, drawing: Drawing, most: number): readonly Line[] => {
	const rows = successOf(figures, drawing.snapshot);
	const names = Math.min(24, Math.max(8, Math.floor(columns / 3)));
	const cells = Math.min(20, Math.max(4, columns - names - 42));
	const line = ({name, of}: Success): Line => [
		span(` ${cell(said(name, 60), names)} `),
		span(bar(shareOf(of), cells), 'good'),
		span(` ${percentOf(of).padStart(4)} `),
		span(cut(judgedText(of), Math.max(0, columns - names - cells - 8)), 'dim'),
	];
	return [
		heading('SUCCESS BY MODEL AND AGENT', columns, rows.length > most ? `${most} of ${rows.length}` : ''),
		...(rows.length > 0 ? rows.slice(0, most).map(line) : [[span(' Nothing yet.', 'dim')] as Line]),
		[],
	];
};
