import {nameIn} from '../../core/agent/agent.ts';
import {attemptCount} from '../../core/task/attempts.ts';
import type {Task} from '../../core/task/task.ts';
import {dollars} from '../../core/text/format.ts';
import {type Drawing, paneOf, teamNow} from '../draw/context.ts';
import {keyLabel, keyOf} from '../keymap/keymap.ts';
import {hasProgram, isTypingOff} from '../model/agents.ts';
import {attention, needsYou} from '../model/attention.ts';
import {neededText} from '../model/decision-words.ts';
import {counts} from '../model/queue.ts';
import {lookNow, lookOf, reasonText, STATUS_STYLES} from '../model/status-styles.ts';
import {ageOf, clock} from '../model/time.ts';
import {selectedId} from '../state/rows.ts';
import {selectionOf, shownAgent} from '../state/selection.ts';
import type {BoxContent} from '../text/box.ts';
import {inside, type Rect} from '../text/layout.ts';
import {cut, type Line, said, span, spread, wrap} from '../text/text.ts';
import {beatText} from './locks.ts';
import {scrollFooter, scrollTitle} from './scroll.ts';

/** The pane's frame. The compositor fills in the cells, so it only has text without a pane. */
export const paneBox = (drawing: Drawing, rect: Rect): BoxContent => {
	const {state, snapshot, layout} = drawing;
	const id = shownAgent(state, drawing);
	const agent = snapshot.team.agents.get(id);
	const isTyping = state.typing !== '' && state.typing === id;
	const isFocused = isTyping || state.focus === 0 || layout.kind === 'zoom';
	const common = {rect, selected: -1, isHeavy: isFocused && !state.dialog, tone: isTyping ? ('typing' as const) : ('plain' as const)};
	if (!agent) return {...common, title: [span('0 pane', isFocused ? 'strong' : 'plain')], lines: emptyPane(drawing, rect)};
	const info = paneOf(drawing, id);
	const task = snapshot.team.tasks.get(agent.task);
	const kind = lookNow(agent, snapshot.team, teamNow(drawing));
	const look = STATUS_STYLES[kind];
	const name = said(nameIn(id, snapshot.team.agents));
	const {columns, rows} = inside(rect);
	const {scroll} = state;
	if (scroll?.agent === id && !isTyping) {
		const {left, right} = scrollTitle(scroll, {columns, rows}, drawing);
		return {
			...common,
			isHeavy: !state.dialog || state.dialog.kind === 'search',
			title: left,
			titleRight: right,
			footer: scrollFooter(scroll, {columns, rows}),
			lines: [],
		};
	}
	const title: Line = isTyping
		? [span(`TYPING INTO ${name}`, 'typing')]
		: [
				span(`0 ${name} `, isFocused ? 'strong' : 'plain'),
				span(`${look.badge.slice(0, 1)} ${kind.replaceAll('-', ' ').toUpperCase()}`, look.tone),
				...(task ? [span(` ─ ${said(task.id)} ${cut(task.title, Math.max(8, Math.floor(columns / 3)))}`)] : []),
			];
	const beat = beatText(snapshot.beats.get(id), teamNow(drawing));
	const spent = agent.spent > 0 ? dollars(agent.spent) : '';
	const right: Line = isTyping
		? [span(`${said(agent.harness)} · ${columns}x${rows}`, 'typing')]
		: columns >= 60
			? [span([said(agent.harness), task && columns >= 90 ? said(task.branch) : '', spent, beat].filter(Boolean).join(' · '), 'dim')]
			: [span(beat, 'dim')];
	return {...common, title, titleRight: right, footer: footer(drawing, id, isTyping), lines: info ? [] : missingPane(drawing, id, rect)};
};

/** Where no program runs, nothing is live and nobody reads what one types. */
const footer = ({keymap, isAscii, snapshot}: Drawing, agent: string, isTyping: boolean): Line => {
	const problem = snapshot.panes.get(agent)?.elsewhere?.problem ?? '';
	if (isTyping && problem !== '') return [span(said(problem, 200), 'warning')];
	if (isTyping) return [span(`${keyLabel(keymap.leader, isAscii)} back to room`, 'typing')];
	const scroll = `${keyOf(keymap, 'scroll', isAscii)} scroll`;
	if (!hasProgram(agent, snapshot)) return [span(`not running · ${scroll}`, 'dim')];
	const type = isTypingOff(agent, snapshot) ? 'no typing from here' : `${keyOf(keymap, 'type', isAscii)} type`;
	return [span(`live · ${scroll} · ${type}`, 'dim')];
};

const emptyPane = (drawing: Drawing, {columns}: Rect): readonly Line[] => {
	const {state, snapshot, now} = drawing;
	const chosen = selectionOf(state, drawing).task;
	const row = selectedId(1, state, snapshot, now);
	const task =
		chosen?.decision || chosen?.state === 'failed' ? chosen : row.startsWith('task:') ? snapshot.team.tasks.get(row.slice(5)) : undefined;
	if (task?.decision) return askingPane(drawing, task, columns);
	const need = attention(snapshot, teamNow(drawing)).find(({id}) => id === row);
	if (!task && need && state.focus === 1)
		return [
			[],
			[span(` ${said(need.name)} ${need.task && chosen ? cut(chosen.title, columns - 20) : ''}`, 'strong')],
			[],
			...wrap(need.text, columns - 4, 6).map((line): Line => [span(` ${line}`, 'warning')]),
			[],
			[span(` ${keyOf(drawing.keymap, 'peek', drawing.isAscii)} peek`)],
		];
	if (!task) return [[], [span(' No pane. Select an agent to see its terminal.', 'dim')]];
	const text = (label: string, value: string, rows: number): readonly Line[] =>
		wrap(value, columns - 16, rows).map((row, index): Line => [span(` ${(index === 0 ? label : '').padEnd(10)} `, 'dim'), span(row)]);
	return [
		[],
		[span(` ${said(task.id)} ${cut(task.title, columns - 20)} has failed`, 'danger')],
		[],
		...text('why', task.reason || 'no reason given', 3),
		...text('attempts', `${attemptCount(task)}, ${ageOf(task.updatedAt, now + snapshot.clockOffset)} ago`, 1),
		...text('branch', task.branch || 'none', 1),
		...text('last', lastRows(task.last, 12).join('\n') || '—', 12),
		[],
		[span(` ${keyOf(drawing.keymap, 'retry', drawing.isAscii)} retry    ${keyOf(drawing.keymap, 'peek', drawing.isAscii)} peek`)],
	];
};

/** The last rows of what an agent printed: how it ended says more than how it began. */
export const lastRows = (text: string, most: number): readonly string[] =>
	text
		.split(/\r?\n/)
		.filter(row => row.trim() !== '')
		.slice(-most);

/** A selected task that asks a person has no pane: what it asks, and which key opens that. */
const askingPane = ({keymap, isAscii, ...drawing}: Drawing, task: Task, columns: number): readonly Line[] => {
	const key = keyLabel(keymap.rows.find(row => row.scope === 'room' && row.action === 'peek')?.keys[0] ?? '', isAscii);
	const age = ageOf(task.stageAt || task.updatedAt, drawing.now + drawing.snapshot.clockOffset);
	return [
		[],
		[span(` ${said(task.id)} ${cut(task.title, columns - 20)}`, 'strong')],
		[],
		...wrap(neededText(task, reasonText(task)), columns - 4, 4).map((row): Line => [span(` ${row}`, 'warning')]),
		...(age ? [[span(` for ${age}`, 'dim')] as Line] : []),
		[],
		[span(` ${key} decide    t open task`)],
	];
};

const missingPane = ({snapshot}: Drawing, id: string, {columns}: Rect): readonly Line[] => {
	const agent = snapshot.team.agents.get(id);
	const elsewhere =
		agent?.room && agent.room !== snapshot.room.id
			? `Its room${agent.host ? ` on ${said(agent.host, 40)}` : ''} has stopped or is gone. Its pane appears here when the room is back.`
			: '';
	const outside = agent?.room === '' ? 'External agent: it uses Redis directly and has no pane.' : '';
	const text = elsewhere || outside || 'Not started yet. Its terminal appears here.';
	return [[], ...wrap(text, columns - 4, 3).map((row): Line => [span(` ${row}`, 'dim')])];
};

/** `▲2 for you`: everything that needs a human. */
export const needsYouLine = (count: number, hasWords: boolean): Line => [
	span(`▲${count}`, 'badge'),
	...(hasWords ? [span(' for you')] : []),
];

/** The top row of a zoomed pane: whose it is, on what, where. */
export const zoomHeader = (drawing: Drawing): Line => {
	const {state, snapshot, layout, now} = drawing;
	const id = shownAgent(state, drawing);
	const agent = snapshot.team.agents.get(id);
	const task = snapshot.team.tasks.get(agent?.task ?? '');
	const isLong = layout.columns >= 100;
	const look = agent ? STATUS_STYLES[lookOf(agent)] : undefined;
	const {queued, merging} = counts(snapshot);
	const needs = needsYou(snapshot, teamNow(drawing));
	const lost: Line = snapshot.redis.isConnected ? [] : [span(' REDIS LOST ', 'badge')];
	const right: Line = [
		...lost,
		...(needs > 0 ? [span(' '), ...needsYouLine(needs, isLong), span(isLong ? ' ' : '')] : []),
		span(`  ${beatText(snapshot.beats.get(id), teamNow(drawing))}`, 'dim'),
		span(isLong ? `   queued ${queued}  merging ${merging}   ${clock(now)} ` : `  ${clock(now)} `),
	];
	const left: Line = [
		span(isLong ? ' agent-room › ' : ' ', 'strong'),
		span(`${said(nameIn(id, snapshot.team.agents))} `, 'strong'),
		...(look && agent ? [span(`${look.badge.slice(0, 1)}${isLong ? ` ${STATUS_STYLES[lookOf(agent)].word}` : ''}`, look.tone)] : []),
		...(task ? [span(`   ${said(task.id)} ${cut(task.title, 60)}`), span(isLong ? `   ${said(task.branch)}` : '', 'dim')] : []),
	];
	return spread(left, right, layout.columns);
};
