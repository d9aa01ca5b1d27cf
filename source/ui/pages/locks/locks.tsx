import {Box} from 'ink';
import {agentName} from '../../../core/agent/agent.ts';
import {type Drawing, onceFor, teamNow} from '../../draw/context.ts';
import {usePage} from '../../hooks/page.ts';
import type {KeyRow} from '../../keymap/row.ts';
import {type Heartbeat, heartbeats, type LockRow, locks, locksAndLeases} from '../../model/locks.ts';
import {lookNow, STATUS_STYLES} from '../../model/status-styles.ts';
import {age, ageOf, clock} from '../../model/time.ts';
import {boxData, PanelOf} from '../../parts/box.tsx';
import {type Behaviour, moved, type PageContent} from '../../state/descriptor.ts';
import {chosenLock} from '../../state/page-task.ts';
import type {LocksPage} from '../../state/pages.ts';
import {paragraph} from '../../text/blocks.ts';
import {type BoxContent, windowStart} from '../../text/box.ts';
import {cell, cut, dropRight, type Line, lineWidth, said, span, spread, type Tone, widthOf} from '../../text/text.ts';

export const LOCKS_KEYS: readonly KeyRow[] = [
	{
		scope: 'locks',
		keys: ['enter'],
		action: 'open',
		label: 'task',
		help: 'open owner task',
		group: 'SEE',
		order: 1,
		needs: 'any-task',
	},
	{
		scope: 'locks',
		keys: ['tab'],
		action: 'next-panel',
		label: 'heartbeats',
		help: 'switch scrolling',
		group: 'MOVE',
		order: 2,
	},
];

export const locksBehaviour: Behaviour<LocksPage> = {
	move: (page, move, context, state) => {
		if (['left', 'right', 'next-panel', 'previous-panel'].includes(move))
			return {...page, column: move === 'left' ? 0 : move === 'right' ? 1 : page.column === 0 ? 1 : 0};
		if (page.column === 1) {
			const [, end] = context.overflow(state).page;
			return {...page, scroll: moved(move, Math.min(end, page.scroll), end)};
		}
		const names = locksAndLeases(context.snapshot).map(({lock}) => lock.name);
		const at = Math.max(0, names.indexOf(page.selected));
		return {...page, selected: names[moved(move, at, names.length - 1)] ?? ''};
	},
};

/** A lock's remaining time: `9s left`, or how long it is overdue. */
const leftOf = ({until}: LockRow, now: number): {readonly text: string; readonly tone: Tone} => {
	if (until === 0) return {text: 'no expiry', tone: 'dim'};
	return until > now ? {text: `${age(until - now)} left`, tone: 'plain'} : {text: `late ${age(now - until)}`, tone: 'warning'};
};

type Row = {readonly line: Line; readonly lock: string};

const rowsOf = (
	row: LockRow,
	drawing: Drawing,
	columns: number,
	widths: {readonly owners: number; readonly tokens: number},
): readonly Row[] => {
	const now = teamNow(drawing);
	const {lock, label, owner, kind, token, waiters} = row;
	const {text, tone} = leftOf(row, now);
	const left = columns - 1 - 1 - widths.owners - 1 - 5 - 1 - 10 - (widths.tokens > 0 ? widths.tokens + 1 : 0) - 1;
	return [
		{
			lock: lock.name,
			line: [
				span(waiters.length > 0 ? '!' : ' ', 'warning'),
				span(cell(label, left), kind === 'task' ? 'dim' : kind === 'repository' ? 'strong' : 'plain'),
				span(` ${cell(owner, widths.owners)} `),
				span(`${ageOf(lock.takenAt, now).padStart(4)}  `, 'dim'),
				span(cell(text, 9), tone),
				...(widths.tokens > 0 ? [span(` ${cell(token || 'external', widths.tokens)}`, 'dim')] : []),
			],
		},
		...waiters.map(({agent, since, until}, index): Row => {
			const task = drawing.snapshot.team.agents.get(agent)?.task ?? '';
			const patience = until > now ? `, gives up in ${age(until - now)}` : '';
			const words = `${index + 1}. ${agentName(agent)}${task ? ` (${task})` : ''} waits ${ageOf(since, now)}${patience}`;
			return {lock: lock.name, line: [span(`    ${cut(words, columns - 6)}`, 'warning')]};
		}),
	];
};

const locksBox = (drawing: Drawing, page: LocksPage, rect: BoxContent['rect']): BoxContent => {
	const {snapshot, state} = drawing;
	const rows = locksAndLeases(snapshot);
	const columns = rect.columns - 2;
	const widest = (texts: readonly string[], most: number): number => Math.min(most, Math.max(5, ...texts.map(text => widthOf(said(text)))));
	const widths = {
		owners: widest(
			rows.slice(0, 300).map(({owner}) => owner),
			12,
		),
		tokens:
			columns >= 64
				? widest(
						rows.slice(0, 300).map(({token}) => token || 'external'),
						14,
					)
				: 0,
	};
	const all = rows.flatMap(row => rowsOf(row, drawing, columns, widths));
	const chosen = chosenLock(page, snapshot)?.lock.name ?? '';
	const at = all.findIndex(({lock}) => lock === chosen);
	const height = Math.max(1, rect.rows - 3);
	const from = windowStart(all.length, height, Math.max(0, at));
	const shown = all.slice(from, from + height);
	const left = columns - 1 - 1 - widths.owners - 1 - 5 - 1 - 10 - (widths.tokens > 0 ? widths.tokens + 1 : 0) - 1;
	const head: Line = [
		span(
			` ${cell('lock', left)} ${cell('owner', widths.owners)} held  ${cell('lease', 9)}${widths.tokens > 0 ? ` ${cell('token', widths.tokens)}` : ''}`,
			'dim',
		),
	];
	const contended = rows.filter(({waiters}) => waiters.length > 0).length;
	return {
		rect,
		title: [span(`Locks ${rows.length}`, 'strong')],
		titleRight: contended > 0 ? [span(`${contended} contended`, 'warning')] : [],
		footer: all.length > height ? [span(`${from + 1}-${from + shown.length} of ${all.length}`, 'dim')] : [],
		lines:
			rows.length > 0
				? [
						head,
						...shown.map(({line}, index): Line => (from + index === at && line[0]?.text === ' ' ? [span('▸'), ...line.slice(1)] : line)),
					]
				: [
						[],
						[span(' No locks held.', 'strong')],
						...paragraph(
							'A running task is held by a lease. Agents lock paths they need alone; the Merger locks the base branch during a merge. Waiting agents are listed below a lock.',
							columns,
							4,
							'dim',
						),
					],
		selected: rows.length > 0 ? 1 + at - from : -1,
		isHeavy: page.column === 0 && !state.dialog,
		tone: 'plain',
	};
};

const MARKS: Readonly<Record<Heartbeat['state'], {readonly glyph: string; readonly tone: Tone}>> = {
	fresh: {glyph: '●', tone: 'good'},
	late: {glyph: '!', tone: 'warning'},
	over: {glyph: '✗', tone: 'danger'},
	none: {glyph: '·', tone: 'dim'},
};

const beatLine = ({agent, ageMs, state}: Heartbeat, drawing: Drawing, columns: number, names: number): Line => {
	const {snapshot} = drawing;
	const ttl = snapshot.heartbeatTtlMs;
	const {glyph, tone} = MARKS[state];
	const beat = ageMs === undefined ? 'no heartbeat yet' : `${age(ageMs)} of ${age(ttl)}`;
	const left = ageMs === undefined ? '' : state === 'over' ? `late ${age(ageMs - ttl)}` : `${age(ttl - ageMs)} left`;
	const look = STATUS_STYLES[lookNow(agent, snapshot.team, teamNow(drawing))].word;
	const word = state === 'late' ? 'late' : state === 'over' ? 'silent' : look;
	const used = 3 + names + 1 + 16 + 9;
	return [
		span(` ${glyph} `, tone),
		span(`${cell(agentName(agent.id), names)} `),
		span(cell(beat, 16), state === 'fresh' ? 'plain' : tone),
		span(cell(left, 9), state === 'fresh' ? 'dim' : tone),
		span(cut(`${word}${agent.task ? ` ${agent.task}` : ''}`, columns - used), state === 'fresh' || state === 'none' ? 'dim' : tone),
	];
};

const beatsBox = (drawing: Drawing, page: LocksPage, rect: BoxContent['rect']): BoxContent & {readonly over: number} => {
	const all = heartbeats(drawing.snapshot, teamNow(drawing));
	const names = Math.min(12, Math.max(3, ...all.slice(0, 500).map(({agent}) => widthOf(said(agentName(agent.id))))));
	const height = Math.max(1, rect.rows - 2);
	const over = Math.max(0, all.length - height);
	const scroll = Math.min(page.scroll, over);
	const late = all.filter(({state}) => state === 'late' || state === 'over').length;
	return {
		rect,
		title: [span(`Heartbeats ${all.length}`, 'strong')],
		titleRight: late > 0 ? [span(`${late} late`, 'warning')] : all.length > 0 ? [span('all on time', 'dim')] : [],
		footer: over > 0 ? [span(`${scroll + 1}-${scroll + height} of ${all.length}`, 'dim')] : [],
		lines:
			all.length > 0
				? all.slice(scroll, scroll + height).map(beat => beatLine(beat, drawing, rect.columns - 2, names))
				: [[], [span(' No heartbeats: no agent has joined yet.', 'dim')]],
		selected: -1,
		isHeavy: page.column === 1 && !drawing.state.dialog,
		tone: 'plain',
		over,
	};
};

const panels = onceFor((drawing, page: LocksPage) => {
	const {layout, snapshot, now} = drawing;
	const {columns} = layout;
	const body = layout.rows - 2 - Math.max(1, layout.attention.length);
	const isBeside = columns >= 120;
	const right = isBeside ? 58 : columns;
	const below = isBeside ? body : Math.max(4, Math.floor(body * 0.42));
	const isSplit = isBeside || body >= 11;
	const waiting = new Set([...snapshot.team.waiters.values()].map(({agent}) => agent)).size;
	const name: Line = [span(columns >= 100 ? ' agent-room › locks  ' : ' locks  ', 'strong')];
	// Counted like the panel.
	const held = locks(snapshot).length;
	const leased = locksAndLeases(snapshot).length - held;
	const parts: readonly Line[] = [
		[span(`${held} held`)],
		waiting > 0 ? [span(`${waiting} ${waiting === 1 ? 'agent' : 'agents'} waiting`, 'warning')] : [span('none waiting', 'good')],
		...(leased > 0 ? [[span(`${leased} task ${leased === 1 ? 'lease' : 'leases'}`)]] : []),
		[span(`lease ${age(snapshot.leaseMs)}, renewed by heartbeats`, 'dim')],
	];
	const end: Line = [span(`  ${clock(now)} `)];
	const header = spread([...name, ...dropRight(parts, columns - lineWidth(name) - lineWidth(end), '   ')], end, columns);
	const whole = {x: 0, y: 1, columns, rows: body};
	const [first, second] = isBeside
		? [
				{...whole, columns: columns - right},
				{...whole, x: columns - right, columns: right},
			]
		: [
				{...whole, rows: body - below},
				{...whole, y: 1 + body - below, rows: below},
			];
	// A small screen only shows the one that the keys move.
	const beats = isSplit || page.column === 1 ? beatsBox(drawing, page, isSplit ? second : whole) : undefined;
	const locked = isSplit || page.column === 0 ? locksBox(drawing, page, isSplit ? first : whole) : undefined;
	return {header, isBeside, locked, beats};
});

export const LocksPanels = () => {
	const page = usePage('locks', shown);
	return (
		page && (
			<Box flexDirection={page.isBeside ? 'row' : 'column'}>
				<PanelOf box={page.locked} />
				<PanelOf box={page.beats} />
			</Box>
		)
	);
};
const shown = (drawing: Drawing, page: LocksPage) => {
	const {isBeside, locked, beats} = panels(drawing, page);
	return {isBeside, locked: locked && boxData(locked), beats: beats && boxData(beats)};
};

export const locksPage = (drawing: Drawing, page: LocksPage): PageContent => {
	const {header, beats} = panels(drawing, page);
	return {header, overflow: [0, beats?.over ?? 0]};
};
