import {type Drawing, teamNow} from '../draw/context.ts';
import {keyLabel} from '../keymap/keymap.ts';
import {beats} from '../model/events.ts';
import {age} from '../model/time.ts';
import {eventRows, lockRows, queueRows} from '../state/rows.ts';
import {LISTS, type List} from '../state/state.ts';
import {type BoxContent, windowStart} from '../text/box.ts';
import type {Rect} from '../text/layout.ts';
import {cut, type Line, lineWidth, span} from '../text/text.ts';
import {agentsList} from './agents.ts';
import {conflictsList, decisionsList, eventsList, type ListContent, locksList, queueList} from './lists.ts';

const PANEL_NAMES: Readonly<Record<List, string>> = {1: 'Agents', 2: 'Queue', 3: 'Locks', 4: 'Events', 5: 'Orchestrator', 6: 'Conflicts'};

/** Lines of a list for a width; `height`: where it can fold what does not fit. */
export const listContent = (list: List, drawing: Drawing, columns: number, hasGroups = true, height?: number): ListContent => {
	if (list === 1) return agentsList(drawing, columns, hasGroups, height);
	if (list === 2) return queueList(drawing, columns);
	if (list === 3) return locksList(drawing, columns);
	if (list === 6) return conflictsList(drawing, columns);
	return list === 4 ? eventsList(drawing, columns) : decisionsList(drawing, columns);
};

/** The part of a list that fits, and the selected row within it; a list that follows its end shows its end. */
export const windowed = (
	content: ListContent,
	height: number,
	followsEnd: boolean,
): {readonly lines: readonly Line[]; readonly selected: number; readonly start: number} => {
	const at = content.selected >= 0 ? content.selected : followsEnd ? content.lines.length - 1 : 0;
	const start = windowStart(content.lines.length, height, at);
	// The heading of the first group belongs to the first row.
	const from = start === 1 && at < height - 1 ? 0 : start;
	return {lines: content.lines.slice(from, from + height), selected: content.selected < 0 ? -1 : content.selected - from, start: from};
};

/** `3-12 of 40`: which rows are in sight, counted in rows and not in lines; '' where all are, or stand folded under their headings. */
export const sightOf = ({ids, lines, total}: ListContent, start: number, height: number): string => {
	if (lines.length <= height) return '';
	if (!ids) return `${start + 1}-${Math.min(total, start + height)} of ${total}`;
	const rows = [...new Set(ids.filter(id => id !== ''))];
	const shown = ids.slice(start, start + height).filter(id => id !== '');
	return `${rows.indexOf(shown[0] ?? '') + 1}-${rows.indexOf(shown.at(-1) ?? '') + 1} of ${total}`;
};

/** How many locks somebody waits for. */
const contendedIn = ({state, snapshot}: Drawing): number => lockRows(state, snapshot).filter(row => row.waiters.length > 0).length;

const noteOf = (list: List, drawing: Drawing): Line => {
	const {state, snapshot, now} = drawing;
	// What it shows is as old as the connection is away.
	if (!snapshot.redis.isConnected && list !== 5) return [span(`${age(now - snapshot.redis.lostAt)} old`, 'warning')];
	if (state.filters[list]) return [span(`/${cut(state.filters[list], 16)}`, 'strong')];
	const marked = list < 3 ? state.marks[list === 1 ? 1 : 2].length : 0;
	if (marked > 0) return [span(`${marked} marked`, 'strong'), span(' · esc', 'dim')];
	if (list === 1) return [span(`by ${state.sorts[1]}`, 'dim')];
	if (list === 2) {
		if (state.sorts[2] !== 'order') return [span(`by ${state.sorts[2]}`, 'dim')];
		const rows = queueRows(state, snapshot, now);
		const {counts} = snapshot.team;
		const ready = counts.ready - rows.filter(row => row.task.state === 'ready' && row.task.hold).length;
		const {blocked} = counts;
		return rows.length > 0 ? [span(`ready ${ready}${blocked > 0 ? ` ⊘${blocked}` : ''}`, 'dim')] : [];
	}
	if (list === 3) {
		const contended = contendedIn(drawing);
		return contended > 0 ? [span(`${contended} contended`, 'warning')] : [];
	}
	if (list === 4) {
		const {text, isLate} = beats(snapshot, teamNow(drawing));
		const isLive = state.selected[4] === '' || eventRows(state, snapshot).at(-1)?.event.id === state.selected[4];
		return [...(text ? [span(text, isLate ? 'warning' : 'dim'), span(' · ', 'dim')] : []), span(isLive ? 'live' : 'G live', 'dim')];
	}
	return [];
};

/** Where there is more about a list than it has place for: its page. */
const moreOf = (list: List, {keymap, isAscii, state}: Drawing, {columns}: Rect, isCut: boolean): Line => {
	const key = (action: string): string =>
		keyLabel(keymap.rows.find(row => row.scope === 'room' && row.action === action)?.keys[0] ?? '', isAscii);
	const text = list === 4 ? `${key('events')} all` : list === 3 && state.focus === 3 ? `${key('open')} leases` : '';
	return text && columns >= 30 ? [span(`${isCut ? ' · ' : ''}${text}`, 'dim')] : [];
};

/** A list in its frame. */
export const listBox = (list: List, drawing: Drawing, rect: Rect, title: Line | undefined = undefined): BoxContent => {
	const {state, snapshot} = drawing;
	const isFocused = state.focus === list;
	const height = Math.max(0, rect.rows - 2);
	const content = listContent(list, drawing, rect.columns - 2, true, height);
	const shown = windowed(content, height, list === 4);
	const count = list === 5 ? '' : list === 1 ? ` ${snapshot.team.agents.size}` : ` ${content.total}`;
	const sight = sightOf(content, shown.start, height);
	const heading = title ?? [span(`${list} ${PANEL_NAMES[list]}${list === 4 ? '' : count}`, isFocused ? 'strong' : 'plain')];
	const note = noteOf(list, drawing);
	return {
		rect,
		title: heading,
		// Beside tabs a note has its place only where it hides none of them.
		titleRight: title && lineWidth(heading) + lineWidth(note) + 8 > rect.columns ? [] : note,
		footer: [...(sight ? [span(sight, 'dim')] : []), ...moreOf(list, drawing, rect, sight !== '')],
		lines: shown.lines,
		...(list === 1 && content.ids ? {ids: content.ids.slice(shown.start, shown.start + height)} : {}),
		selected: isFocused ? shown.selected : -1,
		isHeavy: isFocused && state.typing === '' && !state.dialog,
		tone: 'plain',
	};
};

const SHORT_NAMES: Readonly<Record<List, string>> = {...PANEL_NAMES, 5: 'Orch.', 6: 'Confl.'};

/**
 * The tabs of panels that share a rectangle, the shown one in brackets; conflicts only where there are some. What does not fit in `columns`
 * loses its long names, then its counts.
 */
export const tabLine = (drawing: Drawing, tabs: readonly number[], shown: number, hasCounts: boolean, columns: number): Line => {
	const lists = LISTS.filter(list => tabs.includes(list) && (list !== 6 || shown === 6 || drawing.snapshot.conflicts.length > 0));
	const draw = (names: Readonly<Record<List, string>>, counts: boolean): Line =>
		lists.map(list => {
			const text = `${list} ${names[list]}${counts || list === 6 ? countText(list, drawing) : ''}`;
			const tone = list === shown ? 'strong' : list === 6 ? 'warning' : 'dim';
			return span(list === shown ? `[${text}]` : ` ${text} `, tone);
		});
	const variants = [...(hasCounts ? [draw(PANEL_NAMES, true), draw(SHORT_NAMES, true)] : []), draw(PANEL_NAMES, false)];
	return variants.find(line => lineWidth(line) <= columns) ?? draw(SHORT_NAMES, false);
};

/** ` 12`, and ` !2` for locks that somebody waits for; '' where a panel has no count. */
const countText = (list: List, drawing: Drawing): string => {
	if (list === 4 || list === 5) return '';
	const total = list === 1 ? drawing.snapshot.team.agents.size : listContent(list, drawing, 40).total;
	const contended = list === 3 ? contendedIn(drawing) : 0;
	return ` ${total}${contended > 0 ? ` !${contended}` : ''}`;
};
