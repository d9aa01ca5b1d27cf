import {agentName} from '../../../core/agent.ts';
import type {RoomEvent} from '../../../core/event.ts';
import {age} from '../../model/ages.ts';
import {eventRow} from '../../model/events.ts';
import {clockSeconds, dayOf, momentText} from '../../model/times.ts';
import {field, heading} from '../blocks.ts';
import {type Drawing, teamNow} from '../context.ts';
import {cell, type Line, said, span, widthOf} from '../text.ts';

/** Who an entry is about and what it says of them: the subject at the beginning of its sentence, and the rest. */
const partsOf = (event: RoomEvent): {readonly who: string; readonly what: string; readonly isQuiet: boolean} => {
	const {text} = eventRow(event);
	const agent = event.agent ? agentName(event.agent) : '';
	if (text === '') return {who: agent || event.task, what: event.type.replaceAll('_', ' '), isQuiet: true};
	// A sentence about two of them has no subject of its own.
	const who = [agent, event.task].find(name => name !== '' && text.startsWith(`${name} `) && !text.startsWith(`${name} and `)) ?? '';
	return {who, what: who ? text.slice(who.length + 1) : text, isQuiet: false};
};

/** One line an entry: when, what kind, who, what; the column of names is as wide as these entries need it. */
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

/** A value of a field as people read it: a time of the team's clock beside its number. */
const valueText = (name: string, value: string, {snapshot, now}: Drawing): string =>
	/(?:At|until|Until|since)$/.test(name) && /^\d{13}$/.test(value)
		? `${momentText(Number(value) - snapshot.clockOffset, now)} (${value})`
		: value || '(empty)';

/** Everything that an entry carries. */
export const fieldLines = (event: RoomEvent, drawing: Drawing, columns: number): readonly Line[] => {
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
