import type {Drawing} from '../draw/context.ts';
import type {KeyRow} from '../keymap/row.ts';
import {age} from '../model/time.ts';
import {idsOf} from '../state/rows.ts';
import type {List, ViewState} from '../state/state.ts';
import {type BoxContent, windowStart} from '../text/box.ts';
import type {OwnPanels, Panel, Rect} from '../text/layout.ts';
import {cut, type Line, lineWidth, span} from '../text/text.ts';
import {AGENTS} from './agents.ts';
import {CONFLICTS} from './conflicts.ts';
import {DECISIONS} from './decisions.ts';
import {EVENTS} from './events.ts';
import type {ListContent, ListKind} from './list.ts';
import {LOCKS} from './locks.ts';
import {QUEUE} from './queue.ts';

const KINDS: Readonly<Record<List, ListKind>> = {1: AGENTS, 2: QUEUE, 3: LOCKS, 4: EVENTS, 5: DECISIONS, 6: CONFLICTS};

export const LISTS = Object.keys(KINDS).map(Number) as readonly List[];
/** Lists without a place of their own in the layout: tabs. */
export const OWN_LISTS = LISTS.filter((list): list is keyof OwnPanels => list > 5);

export const LIST_KEYS: readonly KeyRow[] = LISTS.map(list => ({
	...{scope: 'room', keys: [String(list)], action: `panel-${list}`, label: '', help: KINDS[list].name, group: 'MOVE'},
}));

export const rowIds = (list: List, state: ViewState, {snapshot, now}: Pick<Drawing, 'snapshot' | 'now'>): readonly string[] =>
	KINDS[list].rows?.(state, snapshot, now) ?? idsOf(list, state, snapshot, now);

/** A list's lines for a width; `height`: folds what does not fit. */
export const listContent = (list: List, drawing: Drawing, columns: number, hasGroups = true, height?: number): ListContent =>
	KINDS[list].content(drawing, columns, hasGroups, height);

/** The visible part of a list with its selected row; a live list shows its end. */
export const windowed = (
	content: ListContent,
	height: number,
	isLive: boolean,
): {readonly lines: readonly Line[]; readonly selected: number; readonly start: number} => {
	const at = content.selected >= 0 ? content.selected : isLive ? content.lines.length - 1 : 0;
	const start = windowStart(content.lines.length, height, at);
	// Keeps the first group's heading with the first row.
	const from = start === 1 && at < height - 1 ? 0 : start;
	return {lines: content.lines.slice(from, from + height), selected: content.selected < 0 ? -1 : content.selected - from, start: from};
};

/** `3-12 of 40`: the visible rows; '' if all are visible or folded. */
export const sightOf = ({ids, lines, total}: ListContent, start: number, height: number): string => {
	if (lines.length <= height) return '';
	if (!ids) return `${start + 1}-${Math.min(total, start + height)} of ${total}`;
	const rows = [...new Set(ids.filter(id => id !== ''))];
	const shown = ids.slice(start, start + height).filter(id => id !== '');
	return `${rows.indexOf(shown[0] ?? '') + 1}-${rows.indexOf(shown.at(-1) ?? '') + 1} of ${total}`;
};

export const isLive = (list: List): boolean => KINDS[list].isLive === true;

const noteOf = (list: List, drawing: Drawing): Line => {
	const {state, snapshot, now} = drawing;
	const {isOwn, note} = KINDS[list];
	// The content's age is that of the lost connection.
	if (!snapshot.redis.isConnected && !isOwn) return [span(`${age(now - snapshot.redis.lostAt)} old`, 'warning')];
	const filter = state.filters[list];
	if (filter) return [span(`/${cut(filter, 16)}`, 'strong')];
	const marked = list < 3 ? state.marks[list === 1 ? 1 : 2].length : 0;
	if (marked > 0) return [span(`${marked} marked`, 'strong'), span(' · esc', 'dim')];
	return note?.(drawing) ?? [];
};

const totalText = (list: List, drawing: Drawing, content: () => ListContent): string => {
	const total = KINDS[list].total?.(drawing, content);
	return total === undefined ? '' : ` ${total}`;
};

export const listBox = (list: List, drawing: Drawing, rect: Rect, title: Line | undefined = undefined): BoxContent => {
	const {state} = drawing;
	const isFocused = state.focus === list;
	const height = Math.max(0, rect.rows - 2);
	const content = listContent(list, drawing, rect.columns - 2, true, height);
	const shown = windowed(content, height, isLive(list));
	const sight = sightOf(content, shown.start, height);
	const heading = title ?? [span(`${list} ${KINDS[list].name}${totalText(list, drawing, () => content)}`, isFocused ? 'strong' : 'plain')];
	const note = noteOf(list, drawing);
	const more = rect.columns >= 30 ? (KINDS[list].more?.(drawing) ?? '') : '';
	return {
		rect,
		title: heading,
		// A note is only shown if it hides nothing of the title or the tabs.
		titleRight: lineWidth(heading) + lineWidth(note) + (title ? 8 : 6) > rect.columns ? [] : note,
		footer: [sight, more].filter(Boolean).map((text, index) => span(`${index > 0 ? ' · ' : ''}${text}`, 'dim')),
		lines: shown.lines,
		...(list === 1 && content.ids ? {ids: content.ids.slice(shown.start, shown.start + height)} : {}),
		selected: isFocused ? shown.selected : -1,
		...(content.band === undefined || content.band === 1 ? {} : {band: content.band}),
		isHeavy: isFocused && state.typing === '' && !state.dialog,
		tone: 'plain',
	};
};

/** Visible tabs: conflicts only if there are some or it is open. */
export const tabsShown = ({snapshot}: Drawing, tabs: readonly Panel[], shown: List): readonly List[] =>
	LISTS.filter(list => tabs.includes(list) && (list !== 6 || shown === 6 || snapshot.conflicts.length > 0));

/** Tabs of a shared rectangle, the shown one in brackets. If too wide, loses long names, then counts. */
export const tabLine = (drawing: Drawing, tabs: readonly Panel[], shown: List, hasCounts: boolean, columns: number): Line => {
	const lists = tabsShown(drawing, tabs, shown);
	const draw = (isShort: boolean, counts: boolean): Line =>
		lists.map(list => {
			const {name, short = name} = KINDS[list];
			const text = `${list} ${isShort ? short : name}${counts || list === 6 ? countText(list, drawing) : ''}`;
			const tone = list === shown ? 'strong' : list === 6 ? 'warning' : 'dim';
			return span(list === shown ? `[${text}]` : ` ${text} `, tone);
		});
	const variants = [...(hasCounts ? [draw(false, true), draw(true, true)] : []), draw(false, false)];
	return variants.find(line => lineWidth(line) <= columns) ?? draw(true, false);
};

/** ` 12`, and ` !2` for locks with waiters; '' without a count. */
const countText = (list: List, drawing: Drawing): string => {
	const {total, alarm} = KINDS[list];
	return total ? `${totalText(list, drawing, () => listContent(list, drawing, 40))}${alarm?.(drawing) ?? ''}` : '';
};
