import {roleLabel} from '../../core/agent/role-label.ts';
import {dollars} from '../../core/text/format.ts';
import {type Drawing, teamNow} from '../draw/context.ts';
import {foldParts, type Part} from '../draw/fold.ts';
import {keyOf} from '../keymap/keymap.ts';
import {activityOf, MOST_ACTIVITY} from '../model/activity.ts';
import type {AgentSort} from '../model/agents.ts';
import {toldAt} from '../model/board.ts';
import {GROUP_TITLES, GROUPS, type Group, STATUS_STYLES} from '../model/status-styles.ts';
import {ageInList} from '../model/time.ts';
import {type AgentRow, agentRows, selectedId} from '../state/rows.ts';
import {isMarked} from '../state/unread.ts';
import {bar, sparkline} from '../text/chart.ts';
import {cell, cut, type Line, said, span, type Tone, widthOf, wrap} from '../text/text.ts';
import {type ListContent, type ListKind, leadOf} from './list.ts';

/** Column widths: names, ids and cost (0 for none). */
type Widths = {readonly names: number; readonly ids: number; readonly costs: number};

/** From these columns on the rows of those at work end with what they did lately. */
const WITH_ACTIVITY = 50;

const BAR = 5;
/** So many words say what the numbers count; longer ones are told rather than the bar. */
const COUNTED = 12;
/** `██░░░ step 12/60`: progress that names its end, as a bar before its words, or before its numbers alone; else the words. */
const withBar = (text: string, columns: number): string => {
	const [whole = '', done = '', all = ''] = /\b(\d{1,6}) ?(?:\/| of ) ?(\d{1,6})\b/.exec(text) ?? [];
	const share = Number(done) / Number(all);
	if (!(share >= 0 && share <= 1)) return text;
	const numbers = `${done}/${all}`;
	const short = widthOf(text) - widthOf(whole) <= COUNTED ? [numbers] : [];
	const told = [text, ...short].find(words => widthOf(words) + BAR + 1 <= columns);
	return told === undefined ? text : `${bar(share, BAR)} ${told}`;
};

/** What the glyph and the group say already. */
const NAMED_BY_GLYPH = /^(?:needs input|needs approval|turn ended|blocked|failed(?: after \d+ attempts?)?): /;
const LEAST_TITLE = 10;
/** Rows for a reason that one does not hold, where the panel has rows to spare. */
const MOST_ROWS = 3;

/** The row of an agent; `wrapped`: the same with a reason that is cut in up to so many rows, if it is. */
const rowLines = (
	row: AgentRow,
	columns: number,
	{names, ids, costs}: Widths,
	lead: string,
	now: number,
	isFresh: boolean,
	lately: string,
): {readonly line: Line; readonly wrapped?: (rows: number) => readonly Line[]} => {
	const {badge, tone, group} = STATUS_STYLES[row.look];
	const end = columns >= 48 ? ' ' : '';
	const money = costs > 0 ? ` ${cell(row.agent && row.agent.spent > 0 ? dollars(row.agent.spent) : '', costs)}` : '';
	const left =
		columns - lead.length - 2 - 1 - names - 1 - ids - 1 - 1 - 4 - end.length - money.length - (lately === '' ? 0 : lately.length + 1);
	const isNeed = group === 'needs';
	const text = isNeed ? said(row.text.replace(NAMED_BY_GLYPH, '')) : row.text;
	// What needs you tells why first: the title stays only beside a reason that is whole.
	const rest = left - 1 - Math.min(left, widthOf(text));
	const hasText = isNeed ? rest >= LEAST_TITLE : left >= 24;
	const share = isNeed ? Math.max(rest, Math.floor(left * 0.46)) : Math.floor(left * 0.46);
	const title = hasText ? Math.min(28, isNeed ? rest : left, Math.max(LEAST_TITLE, share)) : left;
	const words = row.task && (hasText || !isNeed) ? row.task.title : hasText ? '' : text;
	const textTone: Tone = tone === 'badge' ? 'strong' : row.look === 'crashed' ? 'danger' : group === 'idle' ? 'dim' : 'plain';
	const lineOf = (words: string): Line => [
		span(lead, lead.endsWith('*') ? 'strong' : 'plain'),
		span(badge, tone),
		span(` ${cell(row.name, names)} `, tone === 'badge' ? 'strong' : 'plain'),
		span(`${cell(row.task?.id ?? '—', ids)} `, row.task ? 'plain' : 'dim'),
		span(cell(words, title), tone === 'badge' ? 'strong' : 'plain'),
		...(hasText ? [span(' '), span(cell(isNeed ? text : withBar(said(text), left - title - 1), left - title - 1), textTone)] : []),
		span(lately && ` ${lately}`, 'working'),
		span(money, 'dim'),
		span(isFresh ? '•' : ' ', 'strong'),
		span(`${ageInList(row.since, now).padStart(4)}${end}`, 'dim'),
	];
	if (!isNeed || hasText || widthOf(text) <= left) return {line: lineOf(words)};
	const indent = ' '.repeat(lead.length + 2 + 1 + names + 1 + ids + 1);
	return {
		line: lineOf(words),
		wrapped: rows => {
			const [first = '', ...rest] = wrap(text, left, rows);
			return [lineOf(first), ...rest.map((part): Line => [span(`${indent}${part}`, tone === 'badge' ? 'strong' : 'plain')])];
		},
	};
};

/** `▁▃▆▂ █`: output and tool calls of the last minutes, of those at work. */
const lately = ({agent, group}: AgentRow, {snapshot, isAscii, ...drawing}: Drawing): string => {
	const known =
		agent && (group === 'working' || group === 'review')
			? activityOf(agent.id, snapshot, teamNow({...drawing, snapshot, isAscii}))
			: undefined;
	return known ? sparkline(known, isAscii, MOST_ACTIVITY) : '';
};

const empty = ({keymap, isAscii}: Drawing, columns: number): readonly Line[] => {
	const key = (action: string): string => keyOf(keymap, action, isAscii);
	const why = 'The room starts the agents of `team` in agent-room.yaml, or installed CLIs such as claude, codex and gemini.';
	const hints = [`${key('new-task')}  new task`, `${key('help')}  keys`, `${key('quit')}  quit…`];
	return [
		[span(' No agents yet.', 'strong')],
		[],
		...wrap(why, columns - 2, 4).map((row): Line => [span(` ${row}`, 'dim')]),
		[],
		[span(` ${hints.join('    ')}`)],
	];
};

const partOf = (heading: string, tone: Tone, members: readonly AgentRow[], group?: Group): Part => ({
	...{heading, tone, members, note: ''},
	...(group ? {group} : {}),
});

/**
 * `NEEDS YOU 2`, and ` · WORKING 1` for a row that only keeps its place under the fingers: a heading says what its rows are now, and a
 * group that asks says so even when none of its own is left.
 */
const headingOf = (group: Group, members: readonly AgentRow[]): string => {
	const counts = Map.groupBy(members, ({look}): Group => STATUS_STYLES[look].group);
	return [group, ...GROUPS.filter(other => other !== group)]
		.flatMap(one => (counts.has(one) ? [`${GROUP_TITLES[one]} ${counts.get(one)?.length}`] : []))
		.join(' · ');
};

/** The one group that all of these are in now; undefined if they are in several. */
const onlyGroup = (members: readonly AgentRow[]): Group | undefined => {
	const groups = new Set(members.map(({look}) => STATUS_STYLES[look].group));
	return groups.size === 1 ? [...groups][0] : undefined;
};

/** Rows under headings: groups by urgency or by role; other orders have none. */
const partsOf = (rows: readonly AgentRow[], sort: AgentSort): readonly Part[] => {
	if (sort === 'urgency')
		return GROUPS.reduce((parts: readonly Part[], group): readonly Part[] => {
			const members = rows.filter(row => row.group === group);
			if (members.length === 0) return parts;
			// Rows that keep their place may be what the next group is: the same heading twice would read as two groups.
			const before = parts.at(-1)?.members ?? [];
			const isSame = onlyGroup(members) !== undefined && onlyGroup(members) === onlyGroup(before);
			const all = isSame ? [...before, ...members] : members;
			return [...(isSame ? parts.slice(0, -1) : parts), partOf(headingOf(group, all), group === 'needs' ? 'strong' : 'dim', all, group)];
		}, []);
	if (sort !== 'role') return [partOf('', 'dim', rows)];
	const roles = Map.groupBy(rows, ({agent, task}) => agent?.role ?? task?.role ?? '');
	return [...roles].map(([role, members]) => partOf(`${said(roleLabel(role), 40).toUpperCase()} ${members.length}`, 'dim', members));
};

/** The Agents panel: groups by urgency with counts, one row an agent or failed task. Folds groups to fit `height`, if given. */
export const agentsList = (drawing: Drawing, columns: number, hasGroups = true, height?: number): ListContent => {
	const {state, snapshot, now} = drawing;
	const rows = agentRows(state, snapshot, now);
	if (rows.length === 0) {
		const lines = state.filters[1]
			? [[span(` No agent matches \`${cut(state.filters[1], 20)}\`. ${keyOf(drawing.keymap, 'back', drawing.isAscii)} shows all.`, 'dim')]]
			: empty(drawing, columns);
		return {lines, selected: -1, total: 0, first: 0};
	}
	const selected = selectedId(1, state, snapshot, now);
	const names = Math.min(18, Math.max(...rows.slice(0, 500).map(row => widthOf(row.name))));
	const ids = Math.min(10, Math.max(...rows.slice(0, 500).map(row => widthOf(row.task?.id ?? '—'))));
	const spent = rows.slice(0, 500).map(({agent}) => (agent && agent.spent > 0 ? dollars(agent.spent).length : 0));
	const costs = columns >= 76 ? Math.max(0, ...spent) : 0;
	const lines: Line[] = [];
	const lineIds: string[] = [];
	let [selectedLine, selectedRows] = [-1, 1];
	const parts = partsOf(rows, state.sorts[1]);
	const linesOf = (row: AgentRow): ReturnType<typeof rowLines> =>
		rowLines(
			row,
			columns,
			{names, ids, costs},
			leadOf(row.id === selected, state.marks[1], row.id),
			teamNow(drawing),
			isMarked(toldAt(row), [row.id], state, drawing),
			columns >= WITH_ACTIVITY ? lately(row, drawing) : '',
		);
	// A second row for each cut reason comes before the rows of those that need nothing: their groups fold for it.
	const needs = parts.find(({group}) => group === 'needs')?.members ?? [];
	const cuts = height === undefined ? 0 : needs.filter(row => linesOf(row).wrapped).length;
	const kept = needs.length + 1 + cuts <= (height ?? 0) ? cuts : 0;
	const folded = height !== undefined && state.sorts[1] === 'urgency' ? foldParts(parts, height - kept, selected) : parts;
	const taken = folded.reduce((sum, {heading, members}) => sum + members.length + (hasGroups && heading !== '' ? 1 : 0), 0);
	let spare = Math.max(kept, (height ?? 0) - taken);
	let waiting = kept;
	for (const {heading, tone, note, members} of folded) {
		if (hasGroups && heading !== '') {
			lines.push([span(` ${heading}${note} `, tone), span('─'.repeat(columns), 'dim')]);
			lineIds.push('');
		}
		for (const row of members) {
			const {line, wrapped} = linesOf(row);
			// One more for each reason before any has two more.
			if (wrapped) waiting = Math.max(0, waiting - 1);
			const own = spare > 0 && wrapped ? wrapped(Math.min(MOST_ROWS, 1 + Math.max(1, spare - waiting))) : [line];
			if (row.id === selected) [selectedLine, selectedRows] = [lines.length, own.length];
			spare -= own.length - 1;
			lines.push(...own);
			lineIds.push(...own.map(() => row.id));
		}
	}
	// A group's rule extends to the border and is not cut text.
	const ruled = lines.map(line =>
		line[1]?.text.startsWith('─') && line[0] ? [line[0], span('─'.repeat(Math.max(0, columns - widthOf(line[0].text))), 'dim')] : line,
	);
	return {lines: ruled, ids: lineIds, selected: selectedLine, band: selectedRows, total: rows.length, first: 0};
};

export const AGENTS: ListKind = {
	name: 'Agents',
	content: agentsList,
	total: ({snapshot}) => snapshot.team.agents.size,
	note: ({state}) => [span(`by ${state.sorts[1]}`, 'dim')],
};
