import {agentName} from '../../../core/agent.ts';
import {clock} from '../../model/ages.ts';
import {redText} from '../../model/attention.ts';
import {type TrainRow, type TrainTurn, trainRows, trainTurns} from '../../model/train.ts';
import type {Page} from '../../state/page.ts';

import {field, paragraph, times} from '../blocks.ts';
import {type BoxContent, windowStart} from '../box.ts';
import {type Drawing, teamNow} from '../context.ts';
import {cut, dropRight, type Line, lineWidth, said, span, spread, type Tone, wrap} from '../text.ts';
import {NO_OVERFLOW, type PageContent} from './page.ts';
import {testText, whereOf} from './task-facts.ts';
import {baseOf, short, tableOf} from './train-table.ts';

type TrainPage = Extract<Page, {kind: 'train'}>;

const detailLines = (row: TrainRow, drawing: Drawing, columns: number): readonly Line[] => {
	const {task, state} = row;
	return [
		...field('why', state === 'building' ? 'its candidate is being built' : whereOf(task, drawing), columns, {most: 3, tone: 'strong'}),
		...field('tests', testText(task, drawing, teamNow(drawing)), columns),
		...field('log', task.testLog ? `${task.testLog} · l opens it` : '', columns),
		...field(
			'review',
			task.reviewedCommit ? `${agentName(task.reviewer) || 'somebody'} approved ${short(task.reviewedCommit)}` : 'none',
			columns,
		),
		...field('candidate', task.candidate ? `${short(task.candidate)} on ${baseOf(task, drawing)}` : '', columns),
		...field('flaky', task.flaky > 0 ? `${times(task.flaky)} failed, then passed on the same commit` : '', columns),
		...field('thrown out', task.ejections > 0 ? `${times(task.ejections)}; last: ${task.reason || 'see its log'}` : '', columns, {most: 3}),
	];
};

const TURNS: Readonly<Record<TrainTurn['kind'], {readonly glyph: string; readonly tone: Tone; readonly word: string}>> = {
	merged: {glyph: '✓', tone: 'good', word: 'landed'},
	ejected: {glyph: '✗', tone: 'warning', word: 'thrown out'},
	flaky: {glyph: '◌', tone: 'stalled', word: 'flaky'},
	base: {glyph: '!', tone: 'warning', word: ''},
};

const turnLines = (drawing: Drawing, columns: number, most: number): readonly Line[] => {
	const {clockOffset} = drawing.snapshot;
	return trainTurns(drawing.snapshot)
		.flatMap(({at, task, kind, text}) => {
			const {glyph, tone, word} = TURNS[kind];
			const landed = `${task} landed${text ? ` as ${short(text)}` : ''}`;
			const told = kind === 'merged' ? landed : kind === 'base' ? text : `${task} ${word}${text ? `: ${text}` : ''}`;
			return wrap(told, Math.max(8, columns - 11), 2).map(
				(row, index): Line => [
					span(index === 0 ? ` ${clock(at - clockOffset)} ` : ' '.repeat(7), 'dim'),
					span(index === 0 ? glyph : ' ', tone),
					span(` ${row}`),
				],
			);
		})
		.slice(0, most);
};

/** `main@51fe0a2 green`, and who holds its merge lock. */
const baseWords = ({snapshot}: Drawing): Line => {
	const {repository, team} = snapshot;
	const at = `${said(repository.base)}@${short(repository.baseCommit)}`;
	const isTested = [...team.tasks.values()].some(task => task.landed !== '' && task.landed === repository.baseCommit);
	const health: Line = team.control.red ? [span('✗ red', 'dead')] : isTested ? [span('✓ green', 'good')] : [span('not tested yet', 'dim')];
	return [span(`${at} `, 'strong'), ...health];
};

const pageHeader = (rows: readonly TrainRow[], drawing: Drawing): Line => {
	const {layout, now, snapshot} = drawing;
	const isLong = layout.columns >= 100;
	const lock = [...snapshot.team.locks.values()].find(({name}) => name === `repository:${snapshot.repository.base}`);
	const count = (...states: ReadonlyArray<TrainRow['state']>): number => rows.filter(({state}) => states.includes(state)).length;
	const parts: readonly Line[] = [
		[...baseWords(drawing)],
		...(
			[
				[count('testing', 'building'), 'testing'],
				[count('passed', 'landing'), 'passed'],
				[count('failed'), 'failed'],
				[count('aside'), 'aside'],
				[count('waits', 'derailed'), 'wait'],
			] as const
		)
			.filter(([number]) => number > 0)
			.map(([number, word]): Line => [span(`${number} ${word}`)]),
		...(lock ? [[span(cut(`lock held by ${agentName(lock.owner.split(' ')[0] ?? '')}`, 40), 'dim')] as Line] : []),
	];
	const name: Line = [span(isLong ? ' agent-room › merges  ' : ' merges  ', 'strong')];
	const right: Line = [span(`  ${clock(now)} `)];
	return spread([...name, ...dropRight(parts, layout.columns - lineWidth(name) - lineWidth(right), '  ')], right, layout.columns);
};

const emptyTrain = ({snapshot}: Drawing, columns: number): readonly Line[] => {
	const words = snapshot.hasTestCommand
		? 'Nothing to merge. What is reviewed comes here: its merge with the base is tested, and lands when it passes.'
		: 'Nothing can be merged: there is no test command. Set `test:` in agent-room.yaml.';
	return [[], ...paragraph(words, columns, 3, 'dim')];
};

/** The merge train, head first, with what waits behind it; below, the chosen car and what happened lately. */
export const trainPage = (drawing: Drawing, page: TrainPage): PageContent => {
	const {layout, state, snapshot} = drawing;
	const rows = trainRows(snapshot);
	const chosen = rows.find(({task}) => task.id === page.selected) ?? rows[0];
	const body = layout.rows - 2 - Math.max(1, layout.attention.length);
	const columns = layout.columns - 2;
	const {head, lines} = tableOf(rows, chosen?.task.id ?? '', drawing, columns);
	const red = snapshot.team.control.red
		? paragraph(
				`${snapshot.repository.base} ${redText(snapshot)}. Nothing is blamed on a task; one at a time is tried until one passes. Mend ${snapshot.repository.base}, or let a task do it.`,
				columns,
				3,
				'dead',
			)
		: [];
	const isSplit = layout.columns >= 100;
	const most = Math.max(3, Math.min(body - 3, Math.max(Math.floor(body * 0.45), body - 16)));
	const height = layout.rows < 20 ? body : Math.min(most, Math.max(6, lines.length + red.length + 3));
	const room = Math.max(1, height - 2 - red.length - 1);
	const at = chosen ? rows.indexOf(chosen) : -1;
	const from = windowStart(lines.length, room, Math.max(0, at));
	const inTrain = rows.filter(({place}) => place > 0).length;
	const isFocused = !state.dialog;
	const table: BoxContent = {
		rect: {x: 0, y: 1, columns: layout.columns, rows: height},
		title: [span(`Train ${inTrain}`, 'strong'), ...(rows.length > inTrain ? [span(` + ${rows.length - inTrain} behind it`)] : [])],
		titleRight: lines.length > room ? [span(`${from + 1}-${Math.min(lines.length, from + room)} of ${lines.length}`, 'dim')] : [],
		lines: rows.length > 0 ? [...red, head, ...lines.slice(from, from + room)] : [...red, ...emptyTrain(drawing, columns)],
		selected: rows.length > 0 ? red.length + 1 + at - from : -1,
		isHeavy: isFocused,
		tone: 'plain',
	};
	const rest = body - height;
	if (rest < 3) return {header: pageHeader(rows, drawing), boxes: [table], overflow: NO_OVERFLOW};
	const y = 1 + height;
	const left = isSplit ? Math.floor(layout.columns / 2) : layout.columns;
	const detailRows = isSplit ? rest : Math.ceil(rest / 2) < 5 ? rest : Math.ceil(rest / 2);
	const detail: BoxContent = {
		rect: {x: 0, y, columns: left, rows: detailRows},
		title: [span(chosen ? cut(`${chosen.task.id} ${chosen.task.title}`, left - 6) : 'Nothing chosen')],
		lines: chosen ? detailLines(chosen, drawing, left - 2) : [],
		selected: -1,
		isHeavy: false,
		tone: 'plain',
	};
	const lastly = isSplit
		? {x: left, y, columns: layout.columns - left, rows: rest}
		: {x: 0, y: y + detailRows, columns: layout.columns, rows: rest - detailRows};
	const turns = turnLines(drawing, lastly.columns - 2, Math.max(0, lastly.rows - 2));
	const history: readonly BoxContent[] =
		lastly.rows < 3
			? []
			: [
					{
						rect: lastly,
						title: [span('Lately')],
						lines: turns.length > 0 ? turns : [[span(' Nothing has landed or was thrown out lately.', 'dim')]],
						selected: -1,
						isHeavy: false,
						tone: 'plain',
					},
				];
	return {header: pageHeader(rows, drawing), boxes: [table, detail, ...history], overflow: NO_OVERFLOW};
};
