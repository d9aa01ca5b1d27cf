import {dollars} from '../../core/money.ts';
import {keyOf} from '../keymap.ts';
import {ageOf} from '../model/ages.ts';
import {GROUP_TITLES, GROUPS, LOOKS} from '../model/looks.ts';
import type {AgentSort} from '../model/sorts.ts';
import {toldAt} from '../model/telling.ts';
import {type AgentRow, agentRows, selectedId} from '../state/rows.ts';
import {isMarked} from '../state/seen.ts';
import {type Drawing, teamNow} from './context.ts';
import type {ListContent} from './lists.ts';
import {cell, type Line, said, span, type Tone, widthOf} from './text.ts';

/** Cells of the columns: of names, ids and what was spent (0 for none). */
type Widths = {readonly names: number; readonly ids: number; readonly costs: number};

/** The first cells of a row: the selection, and a mark where some rows are marked. */
export const leadOf = (isSelected: boolean, marks: readonly string[], id: string): string =>
	`${isSelected ? '▸' : ' '}${marks.length === 0 ? '' : marks.includes(id) ? '*' : ' '}`;

const rowLine = (row: AgentRow, columns: number, {names, ids, costs}: Widths, lead: string, now: number, isFresh: boolean): Line => {
	const {badge, tone, group} = LOOKS[row.look];
	const end = columns >= 48 ? ' ' : '';
	const money = costs > 0 ? ` ${cell(row.agent && row.agent.spent > 0 ? dollars(row.agent.spent) : '', costs)}` : '';
	const left = columns - lead.length - 2 - 1 - names - 1 - ids - 1 - 1 - 4 - end.length - money.length;
	const hasText = left >= 24;
	const title = hasText ? Math.min(28, Math.max(10, Math.floor(left * 0.46))) : left;
	const said = row.task ? row.task.title : hasText ? '' : row.text;
	const textTone: Tone = tone === 'badge' ? 'strong' : row.look === 'dead' ? 'dead' : group === 'idle' ? 'dim' : 'plain';
	return [
		span(lead, lead.endsWith('*') ? 'strong' : 'plain'),
		span(badge, tone),
		span(` ${cell(row.name, names)} `, tone === 'badge' ? 'strong' : 'plain'),
		span(`${cell(row.task?.id ?? '—', ids)} `, row.task ? 'plain' : 'dim'),
		span(cell(said, title), tone === 'badge' ? 'strong' : 'plain'),
		...(hasText ? [span(' '), span(cell(row.text, left - title - 1), textTone)] : []),
		span(money, 'dim'),
		span(isFresh ? '•' : ' ', 'strong'),
		span(`${ageOf(row.since, now).padStart(4)}${end}`, 'dim'),
	];
};

const empty: readonly Line[] = [
	[span(' No agents yet.', 'strong')],
	[],
	[span(' The room starts those of `team` in agent-room.yaml,', 'dim')],
	[span(' or what is installed: claude, codex, gemini, …', 'dim')],
	[],
	[span(' n  new task    ?  keys    q  quit…')],
];

type Part = {readonly title: string; readonly tone: Tone; readonly members: readonly AgentRow[]};

/** Rows under their headings: by urgency the groups, by role the roles; other orders have none. */
const partsOf = (rows: readonly AgentRow[], sort: AgentSort): readonly Part[] => {
	if (sort === 'urgency')
		return GROUPS.flatMap((group): readonly Part[] => {
			const members = rows.filter(row => row.group === group);
			return members.length > 0 ? [{title: GROUP_TITLES[group], tone: group === 'needs' ? 'strong' : 'dim', members}] : [];
		});
	if (sort !== 'role') return [{title: '', tone: 'dim', members: rows}];
	const roles = Map.groupBy(rows, ({agent, task}) => agent?.role ?? task?.role ?? '');
	return [...roles].map(([role, members]) => ({title: said(role, 40).toUpperCase(), tone: 'dim', members}));
};

/** The Agents panel: groups by urgency with their counts, one row an agent, dead tasks among those that need a person. */
export const agentsList = (drawing: Drawing, columns: number, hasGroups: boolean): ListContent => {
	const {state, snapshot, now} = drawing;
	const rows = agentRows(state, snapshot, now);
	if (rows.length === 0) {
		const lines = state.filters[1]
			? [[span(` No agent matches \`${state.filters[1]}\`. ${keyOf(drawing.keymap, 'back', drawing.isAscii)} shows all.`, 'dim')]]
			: empty;
		return {lines, selected: -1, total: 0, first: 0};
	}
	const selected = selectedId(1, state, snapshot, now);
	const names = Math.min(12, Math.max(...rows.slice(0, 500).map(row => widthOf(row.name))));
	const ids = Math.min(10, Math.max(...rows.slice(0, 500).map(row => widthOf(row.task?.id ?? '—'))));
	const spent = rows.slice(0, 500).map(({agent}) => (agent && agent.spent > 0 ? dollars(agent.spent).length : 0));
	const costs = columns >= 76 ? Math.max(0, ...spent) : 0;
	const lines: Line[] = [];
	let selectedLine = -1;
	for (const {title, tone, members} of partsOf(rows, state.sorts[1])) {
		if (hasGroups && title !== '') lines.push([span(` ${title} ${members.length} `, tone), span('─'.repeat(columns), 'dim')]);
		for (const row of members) {
			if (row.id === selected) selectedLine = lines.length;
			lines.push(
				rowLine(
					row,
					columns,
					{names, ids, costs},
					leadOf(row.id === selected, state.marks[1], row.id),
					teamNow(drawing),
					isMarked(toldAt(row), [row.id], state, drawing),
				),
			);
		}
	}
	// The rule of a group runs to the border and is no text that was cut.
	const ruled = lines.map(line =>
		line[1]?.text.startsWith('─') && line[0] ? [line[0], span('─'.repeat(Math.max(0, columns - widthOf(line[0].text))), 'dim')] : line,
	);
	return {lines: ruled, selected: selectedLine, total: rows.length, first: 0};
};
