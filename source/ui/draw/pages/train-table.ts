import {agentName} from '../../../core/agent.ts';
import type {Task} from '../../../core/task.ts';
import {ageOf} from '../../model/ages.ts';
import {TRAIN_LOOKS, type TrainRow, trainRows} from '../../model/train.ts';
import {type Drawing, teamNow} from '../context.ts';
import {cell, type Line, said, span, type Tone, widthOf} from '../text.ts';
import {testText} from './task-facts.ts';

/** A commit as people read it. */
export const short = (commit: string): string => commit.slice(0, 7);

const verdictOf = (task: Task): string => (task.reviewedCommit ? `✓ ${agentName(task.reviewer) || 'reviewed'}` : '—');

/** Columns of the table; those with a `least` width of the screen are left out below it. */
const COLUMNS: ReadonlyArray<{
	readonly name: string;
	readonly columns: number;
	readonly least: number;
	readonly text: (row: TrainRow, drawing: Drawing) => string;
	readonly tone?: (row: TrainRow) => Tone;
}> = [
	{name: 'agent', columns: 8, least: 100, text: ({task}) => agentName(task.author)},
	{
		name: 'state',
		columns: 10,
		least: 0,
		text: ({state}) => `${TRAIN_LOOKS[state].glyph} ${TRAIN_LOOKS[state].word}`,
		tone: ({state}) => TRAIN_LOOKS[state].tone,
	},
	{name: 'tests', columns: 26, least: 76, text: ({task}, drawing) => testText(task, drawing, teamNow(drawing)) || '—'},
	{name: 'review', columns: 10, least: 90, text: ({task}) => verdictOf(task)},
	{name: 'candidate', columns: 9, least: 120, text: ({task}) => short(task.candidate) || '—'},
	{name: 'on', columns: 12, least: 130, text: ({task}, drawing) => baseOf(task, drawing)},
	{name: 'flaky', columns: 5, least: 140, text: ({task}) => (task.flaky > 0 ? String(task.flaky) : '')},
	{name: 'out', columns: 3, least: 140, text: ({task}) => (task.ejections > 0 ? String(task.ejections) : '')},
	{name: 'waits', columns: 5, least: 110, text: ({task}, drawing) => ageOf(task.stageAt, teamNow(drawing))},
];

/** What a candidate stands on: the base, or the car before it. */
export const baseOf = (task: Task, {snapshot}: Drawing): string => {
	if (!task.candidate) return '—';
	if (task.candidateBase === snapshot.repository.baseCommit) return snapshot.repository.base;
	const before = trainRows(snapshot).find(row => row.task.candidate === task.candidateBase);
	return before ? before.task.id : short(task.candidateBase);
};

/** The cars as rows below a head; columns that a narrow screen has no place for are left out. */
export const tableOf = (
	rows: readonly TrainRow[],
	selected: string,
	drawing: Drawing,
	columns: number,
): {readonly head: Line; readonly lines: readonly Line[]} => {
	const shown = COLUMNS.filter(({least}) => drawing.layout.columns >= least);
	const ids = Math.min(columns >= 100 ? 16 : 10, Math.max(4, ...rows.slice(0, 300).map(({task}) => widthOf(said(task.id)))));
	const fixed = shown.reduce((sum, column) => sum + column.columns + 1, 0);
	const left = Math.max(0, columns - 5 - ids - 1 - fixed - 1);
	const head: Line = [
		span(`   # ${cell('task', ids)} ${cell('title', left)}${shown.map(column => ` ${cell(column.name, column.columns)}`).join('')}`, 'dim'),
	];
	const lines = rows.map((row): Line => {
		const {task, place} = row;
		return [
			span(task.id === selected ? '▸' : ' '),
			span(`${(place > 0 ? String(place) : '·').padStart(3)} `, place > 0 ? 'strong' : 'dim'),
			span(`${cell(task.id, ids)} ${cell(task.title, left)}`),
			...shown.flatMap(column => [span(' '), span(cell(column.text(row, drawing), column.columns), column.tone?.(row) ?? 'plain')]),
		];
	});
	return {head, lines};
};
