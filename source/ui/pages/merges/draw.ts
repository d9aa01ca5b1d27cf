import {agentName} from '../../../core/agent/agent.ts';
import {strayText} from '../../../core/queue/stray.ts';
import {checkLines} from '../../draw/check.ts';
import type {Drawing} from '../../draw/context.ts';
import {keyOf} from '../../keymap/keymap.ts';
import {redText} from '../../model/attention.ts';
import {isHeld, type TrainRow, type TrainTurn, trainRows, trainTurns} from '../../model/merges.ts';
import {clock} from '../../model/time.ts';
import {NO_OVERFLOW, type PageContent} from '../../state/descriptor.ts';
import type {Page} from '../../state/pages.ts';
import {checkOf} from '../../state/reading.ts';
import {lookOf} from '../../state/state.ts';
import {field, paragraph, times} from '../../text/blocks.ts';
import {type BoxContent, windowStart} from '../../text/box.ts';
import {inside, type Rect} from '../../text/layout.ts';
import {cut, dropRight, type Line, lineWidth, said, span, spread, type Tone, wrap} from '../../text/text.ts';
import {whereOf} from '../task/facts.ts';
import {baseOf, short, tableOf} from './table.ts';

type TrainPage = Extract<Page, {kind: 'train'}>;

const TURNS: Readonly<Record<TrainTurn['kind'], {readonly glyph: string; readonly tone: Tone; readonly word: string}>> = {
	merged: {glyph: '✓', tone: 'good', word: 'landed'},
	ejected: {glyph: '✗', tone: 'warning', word: 'thrown out'},
	flaky: {glyph: '◌', tone: 'stalled', word: 'flaky'},
	base: {glyph: '!', tone: 'warning', word: ''},
	off: {glyph: '✗', tone: 'warning', word: 'is off'},
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
	const health: Line = team.control.stray
		? [span('✗ moved by an agent', 'dead')]
		: team.control.red
			? [span('✗ red', 'dead')]
			: isTested
				? [span('✓ green', 'good')]
				: [span('not tested yet', 'dim')];
	return [span(`${at} `, 'strong'), ...health];
};

const pageHeader = (rows: readonly TrainRow[], drawing: Drawing): Line => {
	const {layout, now, snapshot} = drawing;
	const isLong = layout.columns >= 100;
	const lock = [...snapshot.team.locks.values()].find(({name}) => name === `repository:${snapshot.repository.base}`);
	const count = (...states: ReadonlyArray<TrainRow['state']>): number => rows.filter(({state}) => states.includes(state)).length;
	const holdKey = keyOf(drawing.keymap, 'train.hold-merges', drawing.isAscii);
	const held: readonly Line[] = isHeld(snapshot)
		? [[span(`‖ ${isLong ? 'merges ' : ''}held: ${holdKey} ${layout.columns < 60 ? 'goes on' : 'lets them go on'}`, 'frozen')]]
		: [];
	const parts: readonly Line[] = [
		// What may not be left out comes first where there is no room for both.
		...(layout.columns < 60 ? [...held, baseWords(drawing)] : [baseWords(drawing), ...held]),
		...(
			[
				[count('testing', 'building'), 'testing'],
				[count('passed', 'landing'), 'passed'],
				[count('failed'), 'failed'],
				[count('asks'), 'asks you'],
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

const plainBox = (rect: Rect, title: Line, lines: readonly Line[], more: Partial<BoxContent> = {}): BoxContent => ({
	...{rect, title, lines, selected: -1, isHeavy: false, tone: 'plain'},
	...more,
});

/** How the space below the table is shared: the chosen car, what its tests print, and what happened lately; the last two may be left out. */
const placesOf = (columns: number, y: number, rest: number): {readonly chosen: Rect; readonly output?: Rect; readonly lately?: Rect} => {
	const whole = {x: 0, y, columns, rows: rest};
	if (columns < 100) {
		const rows = rest >= 11 ? rest - Math.max(3, Math.floor(rest / 4)) : rest;
		return {chosen: {...whole, rows}, ...(rest > rows ? {lately: {...whole, y: y + rows, rows: rest - rows}} : {})};
	}
	const left = Math.floor(columns / 2);
	const right = {x: left, columns: columns - left};
	if (rest < 22) {
		const rows = Math.ceil(rest / 2);
		if (rest < 8) return {chosen: {...whole, columns: left}, lately: {...whole, ...right}};
		return {
			chosen: {...whole, columns: left},
			output: {...whole, ...right, rows},
			lately: {...whole, ...right, y: y + rows, rows: rest - rows},
		};
	}
	const rows = rest - Math.min(12, Math.floor(rest / 3));
	return {
		chosen: {...whole, columns: left, rows},
		output: {...whole, ...right, rows},
		lately: {...whole, y: y + rows, rows: rest - rows},
	};
};

/** The tests of the chosen car: the live pane of who runs them, or the end of their log. */
const outputBox = (
	chosen: TrainRow | undefined,
	drawing: Drawing,
	rect: Rect,
): {readonly box: BoxContent; readonly pane?: PageContent['pane']} => {
	const {task} = chosen ?? {};
	const runner = task?.state === 'leased' && task.stage === 'test' ? task.owner : '';
	if (runner !== '' && drawing.snapshot.panes.has(runner))
		return {
			box: plainBox(rect, [span(`Tests of ${said(task?.id ?? '')} by ${agentName(runner)}`)], [], {titleRight: [span('live', 'dim')]}),
			pane: {agent: runner, rect: inside(rect)},
		};
	const log = task ? lookOf(drawing.state, 'log', task.id) : undefined;
	const shown = log?.lines.slice(-(rect.rows - 2)).map((line): Line => [span(` ${cut(line, rect.columns - 4)}`)]) ?? [];
	const empty = task?.testLog ? 'Reading its log…' : 'Its tests have not run yet.';
	return {
		box: plainBox(rect, [span('Tests')], shown.length > 0 ? shown : [[span(` ${task ? empty : 'Nothing is tested.'}`, 'dim')]], {
			titleRight: log ? [span(`${cut(log.log, 40)} · ${keyOf(drawing.keymap, 'log', drawing.isAscii)} all of it`, 'dim')] : [],
		}),
	};
};

/** The chosen car: why it is where it is, its merge check, and what the train knows of it. */
const chosenLines = (row: TrainRow, drawing: Drawing, columns: number): readonly Line[] => {
	const {task, state} = row;
	return [
		...checkLines(checkOf(task, drawing), columns),
		[],
		...field('why', state === 'building' ? 'its candidate is being built' : whereOf(task, drawing), columns, {most: 3, tone: 'strong'}),
		...field('candidate', task.candidate ? `${short(task.candidate)} on ${baseOf(task, drawing)}` : '', columns),
		...field('flaky', task.flaky > 0 ? `${times(task.flaky)} failed, then passed on the same commit` : '', columns),
		...field('thrown out', task.ejections > 0 ? `${times(task.ejections)}; last: ${task.reason || 'see its log'}` : '', columns, {most: 3}),
	];
};

/** The merge train, head first, with what waits behind it; below, the chosen car, what its tests print, and what happened lately. */
export const trainPage = (drawing: Drawing, page: TrainPage): PageContent => {
	const {layout, state, snapshot} = drawing;
	const rows = trainRows(snapshot);
	const chosen = rows.find(({task}) => task.id === page.selected) ?? rows[0];
	const body = layout.rows - 2 - Math.max(1, layout.attention.length);
	const columns = layout.columns - 2;
	const {head, lineOf} = tableOf(rows, chosen?.task.id ?? '', drawing, columns);
	const {control} = snapshot.team;
	const red = control.stray
		? paragraph(
				`${snapshot.repository.base} ${strayText(control)}. ${keyOf(drawing.keymap, 'undo-base', drawing.isAscii)} takes it back, ${keyOf(drawing.keymap, 'keep-base', drawing.isAscii)} keeps it.`,
				columns,
				3,
				'dead',
			)
		: control.red
			? paragraph(
					`${snapshot.repository.base} ${redText(snapshot)}. Nothing is blamed on a task; one at a time is tried until one passes. Mend ${snapshot.repository.base}, or let a task do it.`,
					columns,
					3,
					'dead',
				)
			: [];
	const most = Math.max(3, Math.min(body - 3, Math.max(Math.floor(body * 0.45), body - 16)));
	const least = layout.rows >= 36 ? Math.floor(body * 0.25) : 6;
	// On a small screen the chosen one is told in what the list leaves.
	const small = rows.length === 0 ? body : Math.min(body, Math.max(4, Math.min(rows.length + red.length + 3, body - 4)));
	const height = layout.rows < 20 ? small : Math.min(most, Math.max(least, rows.length + red.length + 3));
	const room = Math.max(1, height - 2 - red.length - 1);
	const at = chosen ? rows.indexOf(chosen) : -1;
	const from = windowStart(rows.length, room, Math.max(0, at));
	const inTrain = rows.filter(({place}) => place > 0).length;
	const table = plainBox(
		{x: 0, y: 1, columns: layout.columns, rows: height},
		[span(`Train ${inTrain}`, 'strong'), ...(rows.length > inTrain ? [span(` + ${rows.length - inTrain} behind it`)] : [])],
		rows.length > 0 ? [...red, head, ...rows.slice(from, from + room).map(lineOf)] : [...red, ...emptyTrain(drawing, columns)],
		{
			titleRight: rows.length > room ? [span(`${from + 1}-${Math.min(rows.length, from + room)} of ${rows.length}`, 'dim')] : [],
			selected: rows.length > 0 ? red.length + 1 + at - from : -1,
			isHeavy: !state.dialog,
		},
	);
	const header = pageHeader(rows, drawing);
	const rest = body - height;
	if (rest < 3) return {header, boxes: [table], overflow: NO_OVERFLOW};
	const places = placesOf(layout.columns, 1 + height, rest);
	const {chosen: where, lately} = places;
	const told = chosen ? chosenLines(chosen, drawing, where.columns - 2) : [];
	const left = told.length - (where.rows - 2);
	const detail = plainBox(
		where,
		[span(chosen ? cut(`${chosen.task.id} ${chosen.task.title}`, where.columns - 6) : 'Nothing chosen')],
		told,
		left > 0 ? {footer: [span(`${left} more · ${keyOf(drawing.keymap, 'open', drawing.isAscii)} all of it`, 'dim')]} : {},
	);
	const output = places.output ? outputBox(chosen, drawing, places.output) : undefined;
	const turns = lately ? turnLines(drawing, lately.columns - 2, lately.rows - 2) : [];
	const nothing: Line = [span(' Nothing has landed or was thrown out lately.', 'dim')];
	return {
		header,
		boxes: [
			table,
			detail,
			...(output ? [output.box] : []),
			...(lately && lately.rows >= 3 ? [plainBox(lately, [span('Lately')], turns.length > 0 ? turns : [nothing])] : []),
		],
		overflow: NO_OVERFLOW,
		pane: output?.pane,
	};
};
