import {Box} from 'ink';
import {agentName} from '../../../core/agent/agent.ts';
import type {RoomEvent} from '../../../core/event/event.ts';
import {type Drawing, onceFor, teamNow} from '../../draw/context.ts';
import {usePage} from '../../hooks/page.ts';
import {keyOf} from '../../keymap/keymap.ts';
import {eventRow, rowOf} from '../../model/events.ts';
import {age, clock, clockSeconds, dayOf, momentText} from '../../model/time.ts';
import {boxData, PanelOf} from '../../parts/box.tsx';
import type {PageContent} from '../../state/descriptor.ts';
import {chosenEvent} from '../../state/page-task.ts';
import type {EventsPage} from '../../state/pages.ts';
import {field, heading} from '../../text/blocks.ts';
import {type BoxContent, windowStart} from '../../text/box.ts';
import {cell, cut, dropRight, type Line, lineWidth, said, span, spread, widthOf, wrap} from '../../text/text.ts';
import {isLive} from './events.ts';

/** Splits an event's sentence into subject and rest. */
const partsOf = (event: RoomEvent): {readonly who: string; readonly what: string; readonly isQuiet: boolean} => {
	const {text} = eventRow(event);
	const agent = event.agent ? agentName(event.agent) : '';
	if (text === '') return {who: agent || event.task, what: event.type.replaceAll('_', ' '), isQuiet: true};
	// A sentence with two subjects has none.
	const leads = (name: string): boolean =>
		name !== '' && (text.startsWith(`${name}: `) || (text.startsWith(`${name} `) && !text.startsWith(`${name} and `)));
	const who = [agent, event.task].find(leads) ?? '';
	return {who, what: who ? text.slice(who.length).replace(/^:? /, '') : text, isQuiet: false};
};

/** One line an event: time, type, subject, text; the subject column fits these events. */
export const entryLines = (events: readonly RoomEvent[], drawing: Drawing, columns: number, chosen = -1): readonly Line[] => {
	const {clockOffset} = drawing.snapshot;
	const hasDays = events.some(({at}) => dayOf(at - clockOffset) !== dayOf(drawing.now));
	const parts = events.map(partsOf);
	const names = Math.min(14, Math.max(3, ...parts.map(({who}) => widthOf(said(who)))));
	return events.map((event, index): Line => {
		const {glyph, tone} = eventRow(event);
		const {who, what, isQuiet} = parts[index] ?? {who: '', what: '', isQuiet: true};
		const when = event.at - clockOffset;
		const time = columns < 50 ? clockSeconds(when).slice(0, 5) : `${hasDays ? `${dayOf(when)} ` : ''}${clockSeconds(when)}`;
		return [
			span(index === chosen ? '▸' : ' '),
			span(`${time} `, 'dim'),
			span(glyph, tone),
			span(` ${cell(who, names)} `, isQuiet ? 'dim' : 'strong'),
			span(cell(what, columns - time.length - names - 5), isQuiet ? 'dim' : 'plain'),
		];
	});
};

/** A field's value; server times also as a date. */
const valueText = (name: string, value: string, {snapshot, now}: Drawing): string =>
	/(?:At|until|Until|since)$/.test(name) && /^\d{13}$/.test(value)
		? `${momentText(Number(value) - snapshot.clockOffset, now)} (${value})`
		: value || '(empty)';

const fieldLines = (event: RoomEvent, drawing: Drawing, columns: number): readonly Line[] => {
	const {snapshot, now} = drawing;
	const title = snapshot.team.tasks.get(event.task)?.title ?? '';
	const options = {names: 9, most: 6};
	const groups = [
		['TASK', event.taskFields],
		['AGENT', event.agentFields],
		['LOCK', event.lockFields],
		['ORDERS', event.controlFields],
		['FEATURE', event.featureFields],
	] as const;
	return [
		...field('what', eventRow(event).text || event.type.replaceAll('_', ' '), columns, {...options, tone: 'strong'}),
		...field('when', `${momentText(event.at - snapshot.clockOffset, now)}, ${age(teamNow(drawing) - event.at)} ago`, columns, options),
		...field('task', event.task ? `${event.task}${title ? ` ${title}` : ''}` : '', columns, options),
		...field('agent', event.agent ? agentName(event.agent) : '', columns, options),
		...field('was', event.was, columns, options),
		...field('text', event.text, columns, options),
		...field('type', event.type, columns, options),
		...field('entry', event.id, columns, options),
		...groups.flatMap(([name, fields]): readonly Line[] => {
			const rows = Object.entries(fields);
			if (rows.length === 0) return [];
			const names = Math.min(16, Math.max(9, ...rows.map(([key]) => widthOf(said(key)))));
			return [
				[],
				heading(`${name} ${rows.length}`, columns),
				...rows.flatMap(([key, value]) => field(cell(key, names), valueText(key, value, drawing), columns, {names, most: 6})),
			];
		}),
	];
};

const FIELDS_BESIDE = 56;

const reachText = ({log: {reach}}: EventsPage, {snapshot, layout, now}: Drawing): string => {
	if (!reach || reach.from === 0) return '';
	const from = momentText(reach.from - snapshot.clockOffset, now);
	if (layout.columns < 100) return `back to ${from}${reach.gone > 0 ? ', older deleted' : ''}`;
	const why = reach.gone > 0 ? `${reach.gone.toLocaleString('en')} older events deleted: about 20,000 are kept` : 'the oldest event';
	return `back to ${from}, ${why}`;
};

const header = (page: EventsPage, drawing: Drawing): Line => {
	const {layout, now, state} = drawing;
	const isLong = layout.columns >= 100;
	const {log} = page;
	const more = log.has.older || log.has.newer;
	const count = log.entries.length;
	const reaches = reachText(page, drawing);
	const parts: readonly Line[] = [
		isLive(page) ? [span('live', 'good')] : [span('not following', 'warning'), span(' G live')],
		[span(`${count.toLocaleString('en')}${more ? ' read, more exist' : count === 1 ? ' entry' : ' entries'}`)],
		...(state.filters[4] ? [[span(`/${cut(state.filters[4], 30)}`, 'strong')] as Line] : []),
		...(page.hasQuiet ? [[span('all events', 'dim')] as Line] : []),
		...(log.isAway ? [[span('Redis disconnected', 'danger')] as Line] : []),
		...(reaches ? [[span(reaches, 'dim')] as Line] : []),
	];
	const name: Line = [span(isLong ? ' agent-room › events  ' : ' events  ', 'strong')];
	const right: Line = [span(`  ${clock(now)} `)];
	return spread([...name, ...dropRight(parts, layout.columns - lineWidth(name) - lineWidth(right), '   ')], right, layout.columns);
};

const empty = ({log}: EventsPage, {state, keymap, isAscii}: Drawing): readonly string[] => {
	if (log.isAway) return ['Redis disconnected: the event log loads when it reconnects.'];
	if (log.asked || log.has.older) return ['Reading event log…'];
	if (state.filters[4]) return [`No events match \`${cut(state.filters[4], 30)}\`. ${keyOf(keymap, 'back', isAscii)} clears the filter.`];
	return ['No events yet. Claims, questions, reviews and merges appear here.', `${keyOf(keymap, 'new-task', isAscii)}  new task`];
};

const endOf = ({log: {reach}}: EventsPage): string =>
	reach && reach.gone > 0 ? `${reach.gone.toLocaleString('en')} older events deleted` : 'from the start';

const panels = onceFor((drawing, page: EventsPage) => {
	const {layout, state} = drawing;
	const {columns} = layout;
	const body = layout.rows - 2 - Math.max(1, layout.attention.length);
	const event = chosenEvent(page);
	const isBeside = columns >= 120 && event !== undefined;
	const below = event && !isBeside && body >= 17 ? Math.max(7, Math.floor(body * 0.4)) : 0;
	const list = {x: 0, y: 1, columns: isBeside ? columns - FIELDS_BESIDE : columns, rows: body - below};
	const height = list.rows - 2;
	const {entries, has} = page.log;
	const at = rowOf(entries, page.selected);
	const from = windowStart(entries.length, height, at);
	const shown = entries.slice(from, from + height);
	const isFocused = !state.dialog;
	const box: BoxContent = {
		rect: list,
		title: [span('Events', 'strong')],
		titleRight: [span(from > 0 ? 'oldest first' : has.older ? '↑ reading older events…' : endOf(page), 'dim')],
		footer:
			entries.length > height
				? [span(`${from + 1}-${from + shown.length} of ${entries.length}${has.older || has.newer ? '+' : ''}`, 'dim')]
				: [],
		lines: event
			? entryLines(shown, drawing, list.columns - 2, at - from)
			: [[], ...empty(page, drawing).flatMap(text => wrap(text, list.columns - 4, 3).map((row): Line => [span(` ${row}`, 'dim')]))],
		selected: event ? at - from : -1,
		isHeavy: isFocused && page.column === 0,
		tone: 'plain',
	};
	if (!event || (!isBeside && below === 0)) return {isBeside, entries: box, fields: undefined, over: 0};
	const rect = isBeside ? {x: list.columns, y: 1, columns: FIELDS_BESIDE, rows: body} : {x: 0, y: 1 + list.rows, columns, rows: below};
	const told = fieldLines(event, drawing, rect.columns - 2);
	const over = Math.max(0, told.length - (rect.rows - 2));
	const scroll = Math.min(page.scroll, over);
	const detail: BoxContent = {
		rect,
		title: [span(cut(event.type.replaceAll('_', ' '), rect.columns - 8))],
		titleRight: over > 0 && page.column === 0 ? [span(`${keyOf(drawing.keymap, 'next-panel', drawing.isAscii)} scrolls`, 'dim')] : [],
		footer: over > 0 ? [span(`${scroll + 1}-${scroll + rect.rows - 2} of ${told.length}`, 'dim')] : [],
		lines: told.slice(scroll, scroll + rect.rows - 2),
		selected: -1,
		isHeavy: isFocused && page.column === 1,
		tone: 'plain',
	};
	return {isBeside, entries: box, fields: detail, over};
});

/** The event log, oldest first, with the chosen event's fields beside or below. */
export const EventsPanels = () => {
	const page = usePage('events', shown);
	return (
		page && (
			<Box flexDirection={page.isBeside ? 'row' : 'column'}>
				<PanelOf box={page.entries} />
				<PanelOf box={page.fields} />
			</Box>
		)
	);
};
const shown = (drawing: Drawing, page: EventsPage) => {
	const {isBeside, entries, fields} = panels(drawing, page);
	return {isBeside, entries: boxData(entries), fields: fields && boxData(fields)};
};

export const eventsPage = (drawing: Drawing, page: EventsPage): PageContent => ({
	header: header(page, drawing),
	overflow: [0, panels(drawing, page).over],
});
