import {agentName} from '../../../core/agent/agent.ts';
import type {ChangeFacts} from '../../../core/change/change.ts';
import type {CheckName} from '../../../core/merge/checks.ts';
import {type MergeCheck, VERDICT_WORDS} from '../../../core/merge/verdict.ts';
import type {Task} from '../../../core/task/task.ts';
import {CHECK_SIGNS, verdictTone} from '../../draw/check.ts';
import {type Drawing, teamNow} from '../../draw/context.ts';
import {MERGE_STYLES, type MergeRow, mergeRows} from '../../model/merges.ts';
import {ageInList} from '../../model/time.ts';
import {checkOf} from '../../state/reading.ts';
import {lookOf} from '../../state/state.ts';
import {cell, type Line, said, span, type Tone, widthOf} from '../../text/text.ts';

export const short = (commit: string): string => commit.slice(0, 7);

type Row = {readonly row: MergeRow; readonly check: MergeCheck; readonly facts: ChangeFacts | undefined};
type Told = {readonly text: string; readonly tone?: Tone};

const checked =
	(name: CheckName) =>
	({check}: Row): Told => {
		const found = check.checks.find(one => one.name === name);
		const {glyph, tone} = CHECK_SIGNS[found?.state ?? 'waits'];
		return {text: `${glyph} ${found?.word ?? ''}`, tone};
	};

const changed = ({facts}: Row): Told => ({text: facts && facts.commit !== '' ? `+${facts.added} -${facts.removed}` : '—'});

/** Table columns; one with `least` is dropped on narrower screens. */
const COLUMNS: ReadonlyArray<{
	readonly name: string;
	readonly columns: number;
	readonly least: number;
	readonly of: (row: Row, drawing: Drawing) => Told;
}> = [
	{name: 'agent', columns: 8, least: 100, of: ({row}) => ({text: row.task.author === 'person' ? 'you' : agentName(row.task.author)})},
	{name: 'verdict', columns: 9, least: 0, of: ({check}) => ({text: VERDICT_WORDS[check.verdict], tone: verdictTone(check)})},
	{
		name: 'state',
		columns: 10,
		least: 70,
		of: ({row: {state}}) => ({text: `${MERGE_STYLES[state].glyph} ${MERGE_STYLES[state].word}`, tone: MERGE_STYLES[state].tone}),
	},
	{name: 'tests', columns: 10, least: 76, of: checked('tests')},
	{name: 'review', columns: 9, least: 100, of: checked('review')},
	{name: 'conflicts', columns: 9, least: 120, of: checked('conflicts')},
	{name: 'base', columns: 9, least: 110, of: checked('base')},
	{name: 'scope', columns: 8, least: 140, of: checked('scope')},
	{name: 'secrets', columns: 9, least: 150, of: checked('secrets')},
	{name: '+/-', columns: 11, least: 130, of: changed},
	{name: 'on', columns: 10, least: 150, of: ({row}, drawing) => ({text: baseOf(row.task, drawing)})},
	{name: 'waits', columns: 5, least: 110, of: ({row}, drawing) => ({text: ageInList(row.task.stageAt, teamNow(drawing))})},
];

/** A candidate's base: the base branch, or the entry ahead. */
export const baseOf = (task: Task, {snapshot}: Drawing): string => {
	if (!task.candidate) return '—';
	if (task.candidateBase === snapshot.repository.baseCommit) return snapshot.repository.base;
	const before = mergeRows(snapshot).find(row => row.task.candidate === task.candidateBase);
	return before ? before.task.id : short(task.candidateBase);
};

export const tableOf = (
	rows: readonly MergeRow[],
	selected: string,
	drawing: Drawing,
	columns: number,
): {readonly head: Line; lineOf(row: MergeRow): Line} => {
	const shown = COLUMNS.filter(({least}) => drawing.layout.columns >= least);
	const ids = Math.min(
		columns >= 100 ? 16 : columns >= 70 ? 14 : 10,
		Math.max(4, ...rows.slice(0, 300).map(({task}) => widthOf(said(task.id)))),
	);
	const fixed = shown.reduce((sum, column) => sum + column.columns + 1, 0);
	const left = Math.max(0, columns - 5 - ids - 1 - fixed - 1);
	const head: Line = [
		span(`   # ${cell('task', ids)} ${cell('title', left)}${shown.map(column => ` ${cell(column.name, column.columns)}`).join('')}`, 'dim'),
	];
	const lineOf = (row: MergeRow): Line => {
		const {task, place} = row;
		const known = {row, check: checkOf(task, drawing), facts: lookOf(drawing.state, 'facts', task.id)};
		return [
			span(task.id === selected ? '▸' : ' '),
			span(`${(place > 0 ? String(place) : '·').padStart(3)} `, place > 0 ? 'strong' : 'dim'),
			span(`${cell(task.id, ids)} ${cell(task.title, left)}`),
			...shown.flatMap(column => {
				const {text, tone} = column.of(known, drawing);
				return [span(' '), span(cell(said(text), column.columns), tone ?? 'plain')];
			}),
		];
	};
	return {head, lineOf};
};
