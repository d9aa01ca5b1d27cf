import type {Token} from '../../terminal/input/keys.ts';
import {type Keymap, keyLabel} from '../keymap/keymap.ts';
import type {Target} from '../state/descriptor.ts';
import {scopesOf, type ViewState} from '../state/state.ts';
import type {Layout, Panel, Rect} from '../text/layout.ts';

type Mouse = Token & {readonly type: 'mouse'};

/** What a click is judged by: the rows that are shown, one character a cell, and what the view knows of them. */
export type Pointed = {
	readonly rows: readonly string[];
	readonly state: ViewState;
	readonly layout: Layout;
	/** The dialog's rectangle. */
	readonly hole: Rect | undefined;
	readonly keymap: Keymap;
	readonly isAscii: boolean;
	/** What can be pointed at by itself. */
	readonly targets: readonly Target[];
	/** Id of what is chosen, on the page or in the list that has the focus; of the pane nothing is. */
	readonly chosen: string;
};

/** A key, or something of a page that is chosen. */
export type Pressed = string | Pick<Target, 'column' | 'id'>;

/** Rows that one notch of the wheel moves. */
const NOTCH = 3;
/** Borders at the side of a box. */
const SIDES = '│┃';

const isIn = ({x, y, columns, rows}: Rect, at: Mouse): boolean => at.x >= x && at.x < x + columns && at.y >= y && at.y < y + rows;

const keyOf = ({keymap}: Pointed, action: string): string =>
	keymap.rows.find(row => row.scope === 'room' && row.action === action)?.keys[0] ?? '';

/** Parts of a row between at least two blanks, with where they start. */
const partsOf = (row: string): readonly {readonly text: string; readonly at: number}[] =>
	[...row.matchAll(/\S+(?: \S+)*/g)].map(({0: text, index: at}) => ({text, at}));

/** The key of the hint below the pointer; '' if there is none. Only keys that count now are buttons, whatever else the row says. */
const hinted = (pointed: Pointed, {x, y}: Mouse): string => {
	const {keymap, state, isAscii, rows} = pointed;
	const scopes = scopesOf(state);
	const keys = [...keymap.rows.filter(row => scopes.includes(row.scope)).flatMap(row => row.keys), ...keymap.leaders, 'esc'];
	const part = partsOf(rows[y] ?? '').find(({text, at}) => x >= at && x < at + text.length);
	let at = part?.at ?? 0;
	for (const word of part?.text.split(' ') ?? []) {
		// Of the keys of one hint, `J/K`, the one below the pointer; next to them the first.
		const several = word.length > 2 ? word.split('/') : [word];
		const below = word.length > 2 && x < at + word.length ? word.slice(0, Math.max(0, x - at + 1)).split('/').length - 1 : 0;
		const named = several[below] || several[0];
		const found = keys.find(key => keyLabel(key, isAscii) === word) ?? keys.find(key => keyLabel(key, isAscii) === named);
		if (found) return found;
		at += word.length + 1;
	}
	return '';
};

/** The number in a title or a tab below the pointer, which is its key; '' if there is none. */
const titled = (pointed: Pointed, {x, y}: Mouse): string => {
	const row = pointed.rows[y] ?? '';
	if (y !== pointed.layout.tabRow && !/[─━]{2}/.test(row)) return '';
	const found = [...row.matchAll(/\[?\b(\d) [A-Za-z][\w.-]*[^─━\][|]*?(?=\]|\s{2}| \[| ?[─━=]| -|$)\]?/g)].find(
		({0: text, index}) => x >= index && x < index + text.length,
	);
	return found?.[1] ? keyOf(pointed, `panel-${found[1]}`) : '';
};

/** Where the box around the pointer starts: the column behind its left border, 0 for a list without one. */
const boxStart = (row: string, x: number): number => {
	for (let at = Math.min(x, row.length - 1); at >= 0; at--) if (SIDES.includes(row[at] ?? ' ') && (at === 0 || at < x)) return at + 1;
	return 0;
};

/**
 * How many rows the pointer is below the marked row of its list (0: on it), headings not counted; undefined if its list has no mark in
 * sight. The mark stands in the first column of every list.
 */
const rowsFromMark = ({rows}: Pointed, {x, y}: Mouse): number | undefined => {
	const start = boxStart(rows[y] ?? '', x);
	const isOfBox = (row: string): boolean => start === 0 || SIDES.includes(row[start - 1] ?? ' ');
	const isHeading = (row: string): boolean => /^[^│┃]*─{3}/.test(row.slice(start));
	for (const by of [1, -1] as const) {
		let passed = 0;
		for (let at = y; at >= 0 && at < rows.length && isOfBox(rows[at] ?? ''); at += by) {
			const row = rows[at] ?? '';
			if (row[start] === '▸') return by === 1 ? -passed : passed;
			if (!isHeading(row)) passed++;
		}
	}
	return undefined;
};

const times = (key: string, count: number): readonly string[] => new Array<string>(Math.abs(count)).fill(key);

/** A row is marked by as many steps as lead to it; on the marked row the click opens it. */
const chosen = (pointed: Pointed, at: Mouse): readonly string[] => {
	const steps = rowsFromMark(pointed, at);
	if (steps === undefined) return [];
	return steps === 0 ? [keyOf(pointed, 'open') || 'enter'] : times(steps > 0 ? 'down' : 'up', steps);
};

/** What of a page stands below the pointer; undefined if nothing does that is a target by itself. */
const targetOf = ({targets}: Pointed, at: Mouse): Target | undefined => targets.find(({rect}) => isIn(rect, at));

/** A target is chosen; a second click opens it. */
const pressed = (pointed: Pointed, {column, id}: Target): readonly Pressed[] =>
	id !== '' && id === pointed.chosen ? [keyOf(pointed, 'open') || 'enter'] : [{column, id}];

/** The panel below the pointer, where several share a place the shown one. */
const panelAt = ({layout, state}: Pointed, at: Mouse): Panel | undefined => {
	const own = [...layout.panels].find(([, rect]) => isIn(rect, at))?.[0];
	if (own !== undefined || !layout.tabbed || !isIn(layout.tabbed, at)) return own;
	const wanted = layout.kind === 'wide' ? state.side : state.tab;
	return layout.tabs.includes(wanted) ? wanted : layout.tabs[0];
};

const wheelOnPage = (pointed: Pointed, at: Mouse, key: string): readonly Pressed[] => {
	const target = targetOf(pointed, at);
	if (!target) return times(key, NOTCH);
	// A card is as high as a notch. In another column the wheel starts at its first card.
	const isHere = pointed.targets.some(({column, id}) => column === target.column && id === pointed.chosen);
	const first = pointed.targets.find(({column}) => column === target.column);
	return [...(isHere || !first ? [] : [{column: first.column, id: first.id}]), ...times(key, target.rect.rows === 1 ? NOTCH : 1)];
};

const wheel = (pointed: Pointed, at: Mouse): readonly Pressed[] => {
	const {state, hole} = pointed;
	const key = at.button === 64 ? 'up' : 'down';
	if (state.dialog)
		return hole && isIn(hole, at)
			? times(state.dialog.kind === 'peek' ? (key === 'up' ? 'pgup' : 'pgdn') : key, state.dialog.kind === 'peek' ? 1 : NOTCH)
			: [];
	// What is read moves under its cursor, which goes along only at the edge.
	const view = pointed.keymap.rows.find(row => row.scope === 'scroll' && row.action === `view-${key}`)?.keys[0] ?? key;
	if (state.pages.length === 0 && state.scroll !== undefined) return times(view, NOTCH);
	if (state.pages.length > 0) return wheelOnPage(pointed, at, key);
	const panel = panelAt(pointed, at);
	if (panel === 0) return key === 'up' ? [keyOf(pointed, 'scroll'), ...times(view, NOTCH)] : [];
	return panel === undefined ? [] : [...(state.focus === panel ? [] : [keyOf(pointed, `panel-${panel}`)]), ...times(key, NOTCH)];
};

/**
 * What a mouse event means, as keys that a human would have pressed for it: nothing can be done with the mouse alone, and nothing happens
 * that a key would refuse. A click marks the row, panel or tab that it is on, on a marked row it opens; hints and the attention bar are
 * buttons; the wheel moves what is below it. It goes by the rows that are shown, since that is what was clicked; what they quote of others
 * can at most mark or open a row.
 */
export const keysOfMouse = (at: Mouse, pointed: Pointed): readonly Pressed[] => {
	const {state, layout, hole} = pointed;
	if (at.action === 'wheel') return wheel(pointed, at);
	if (at.action !== 'press' || at.button !== 0) return [];
	if (at.y === layout.hints) return [hinted(pointed, at)].filter(Boolean);
	if (state.dialog) return hole && isIn(hole, at) ? chosen(pointed, at) : [];
	if (layout.attention.includes(at.y)) return [keyOf(pointed, 'next-attention')].filter(Boolean);
	const target = targetOf(pointed, at);
	if (target) return pressed(pointed, target);
	const title = titled(pointed, at);
	if (title) return [title];
	if (state.pages.length > 0) return chosen(pointed, at);
	const clicked = panelAt(pointed, at);
	if (clicked === undefined) return [];
	const focus = state.focus === clicked ? [] : [keyOf(pointed, `panel-${clicked}`)];
	// A click on the pane marks it; the second one types into it.
	if (clicked === 0) return focus.length > 0 ? focus : [keyOf(pointed, 'open')];
	const rows = chosen(pointed, at);
	const opens = rows.length === 1 && rows[0] === keyOf(pointed, 'open');
	return focus.length > 0 && opens ? focus : [...focus, ...rows];
};
