import {agentName} from '../../../core/agent/agent.ts';
import type {Patch} from '../../../core/change/diff.ts';
import {cancelledText, readAndWritten} from '../../../core/protocol/cost.ts';
import {attemptCount} from '../../../core/task/attempts.ts';
import {historyOf, type TaskHistory, type TaskRecord} from '../../../core/task/history.ts';
import type {WholeTask} from '../../../core/task/task.ts';
import {dollars} from '../../../core/text/format.ts';
import {type Drawing, teamNow} from '../../draw/context.ts';
import {eventRow} from '../../model/events.ts';
import {age, clock} from '../../model/time.ts';
import {lookOf} from '../../state/state.ts';
import {field} from '../../text/blocks.ts';
import {cell, cut, type Line, said, span, type Tone, wrap} from '../../text/text.ts';
import {whereOf} from './facts.ts';

type Row = {readonly at: number; readonly glyph: string; readonly tone: Tone; readonly text: string};

const noRecord: TaskRecord = {events: [], owner: ''};

/** Events of a task known here, until its full record is read. */
export const recordFor = (task: WholeTask, {state, snapshot}: Drawing): TaskRecord =>
	lookOf(state, 'record', task.id) ?? {...noRecord, events: snapshot.team.events.filter(event => event.task === task.id)};

const histories = new WeakMap<TaskRecord, {readonly id: string; readonly now: number; readonly history: TaskHistory}>();

/** The history, computed once a second: records may have a thousand events. */
export const taskHistory = (task: WholeTask, drawing: Drawing): TaskHistory => {
	const record = recordFor(task, drawing);
	const now = Math.floor((task.doneAt > 0 ? task.doneAt : teamNow(drawing)) / 1000) * 1000;
	const known = histories.get(record);
	if (known?.id === task.id && known.now === now) return known.history;
	const history = historyOf(record, task.id, now);
	histories.set(record, {id: task.id, now, history});
	return history;
};

/** Drops the task's own id, which is in the title. */
const withoutId = (text: string, id: string): string =>
	text.startsWith(`${id} `) || text.startsWith(`${id}: `)
		? text.slice(id.length).replace(/^:? /, '')
		: text.replace(` at ${id}`, '').replace(` ${id}: `, ': ').replace(` ${id} `, ' ');

const rowsOf = (task: WholeTask, drawing: Drawing): readonly Row[] => {
	const {state} = drawing;
	const told = recordFor(task, drawing)
		.events.map(eventRow)
		.filter(({text}) => text !== '')
		.map(({event, glyph, tone, text}) => ({at: event.at, glyph, tone, text: withoutId(text, task.id)}));
	const commits = (lookOf(state, 'patch', task.id)?.commits ?? []).map(
		({id, at, subject}): Row => ({
			at: at + drawing.snapshot.clockOffset,
			glyph: '·',
			tone: 'plain',
			text: `commit ${id.slice(0, 7)}  ${subject}`,
		}),
	);
	const queued = told.some(({text}) => text.startsWith('queued'))
		? []
		: [{at: task.createdAt, glyph: '+', tone: 'plain', text: 'queued'} as const];
	return [...queued, ...told, ...commits].toSorted((one, other) => one.at - other.at);
};

type Told = {readonly id: string; readonly columns: number; readonly patch: Patch | undefined; readonly lines: readonly Line[]};
/** Cache of formatted records of a thousand events. */
const told = new WeakMap<TaskRecord, Told>();

const toldLines = (task: WholeTask, drawing: Drawing, columns: number): readonly Line[] => {
	const record = lookOf(drawing.state, 'record', task.id);
	const patch = lookOf(drawing.state, 'patch', task.id);
	const known = record && told.get(record);
	if (known?.id === task.id && known.columns === columns && known.patch === patch) return known.lines;
	const offset = drawing.snapshot.clockOffset;
	const lines = rowsOf(task, drawing).flatMap(({at, glyph, tone, text}) =>
		wrap(text, Math.max(8, columns - 10), 3).map(
			(row, index): Line => [
				span(index === 0 ? glyph : '│', index === 0 ? tone : 'dim'),
				span(index === 0 ? ` ${clock(at - offset)} ` : ' '.repeat(7), 'dim'),
				span(row),
			],
		),
	);
	if (record) told.set(record, {id: task.id, columns, patch, lines});
	return lines;
};

export const timelineLines = (task: WholeTask, drawing: Drawing, columns: number): readonly Line[] => {
	const rows = toldLines(task, drawing, columns);
	const isOver = task.doneAt > 0;
	return [...rows, ...(isOver ? [] : [[], ...field('next', whereOf(task, drawing), columns, {names: 5, tone: 'dim'})])];
};

const ORDER = ['queue', 'work', 'review', 'merge'] as const;

export const spentLines = (task: WholeTask, drawing: Drawing, columns: number): readonly Line[] => {
	const {times, spentBy} = taskHistory(task, drawing);
	const all = ORDER.reduce((sum, name) => sum + times[name], 0);
	const parts = ORDER.filter(name => times[name] >= 1000).map(name => `${name} ${age(times[name])}`);
	const by = [...spentBy].filter(([, micros]) => micros > 0).toSorted((one, other) => other[1] - one[1]);
	const cost = by.length > 0 ? ` = ${by.map(([agent, micros]) => `${agentName(agent) || 'unknown'} ${dollars(micros)}`).join(' + ')}` : '';
	const tokens = [task.tokensIn + task.tokensOut > 0 ? readAndWritten(task) : '', cancelledText(task)].filter(Boolean).join(' · ');
	return [
		...field('time', all > 0 ? `${age(all)}${parts.length > 0 ? ` (${parts.join(' ')})` : ''}` : '', columns, {names: 6}),
		...field('cost', task.spent > 0 ? `${dollars(task.spent)}${by.length > 1 ? cost : ''}` : '', columns, {names: 6}),
		...field('tokens', tokens, columns, {names: 6}),
	];
};

const RESULT_TONES: Readonly<Record<string, Tone>> = {
	failed: 'danger',
	lost: 'danger',
	changes: 'warning',
	running: 'working',
	submitted: 'good',
	merged: 'good',
};

/** One row for each attempt, with the reason if it ended badly. */
export const attemptLines = (task: WholeTask, drawing: Drawing, columns: number): readonly Line[] => {
	const {tries} = taskHistory(task, drawing);
	const now = teamNow(drawing);
	const limit = task.attempt > 0 ? [[span(` attempt ${attemptCount(task)}`, 'dim')] as Line] : [];
	if (tries.length === 0) return [[span(task.attempt === 0 ? ' Not started.' : ' Attempts no longer recorded.', 'dim')], ...limit];
	const head: Line = [span(` ${cell('#', 3)}${cell('agent', 9)}${cell('time', 6)}${cell('cost', 8)}result`, 'dim')];
	return [
		head,
		...tries.flatMap(({number, agent, from, to, spent, result, cause}): readonly Line[] => {
			const took = age((to || now) - from);
			const row: Line = [
				span(to === 0 ? '▸' : ' '),
				span(cell(number > 0 ? String(number) : '·', 3)),
				span(cell(agentName(agent), 9)),
				span(cell(took, 6)),
				span(cell(spent > 0 ? dollars(spent) : '', 8)),
				span(result, RESULT_TONES[result] ?? 'plain'),
			];
			const why = cause === '' ? [] : wrap(said(cause), Math.max(8, columns - 6), 2);
			return [row, ...why.map((text): Line => [span(`     ${cut(text, columns - 6)}`, 'dim')])];
		}),
		...limit,
	];
};
