import type {Token} from '../../terminal/input/keys.ts';
import {type Keymap, keyLabel} from '../keymap/keymap.ts';
import type {Target} from '../state/descriptor.ts';
import {scopesOf, type ViewState} from '../state/state.ts';
import type {Layout, Panel, Rect} from '../text/layout.ts';

type Mouse = Token & {readonly type: 'mouse'};

/** Input of a click: the visible rows, one character a cell, and the view's data. */
export type Pointed = {
	readonly rows: readonly string[];
	readonly state: ViewState;
	readonly layout: Layout;
	readonly hole: Rect | undefined;
	readonly keymap: Keymap;
	readonly isAscii: boolean;
	/** Click targets. */
	readonly targets: readonly Target[];
	/** Id of the selection on the page or in the focused list; none in the pane. */
	readonly chosen: string;
};

/** A key, or a selected target of a page. */
export type Pressed = string | Pick<Target, 'column' | 'id'>;

const NOTCH = 3;
const SIDES = '│┃';

const isIn = ({x, y, columns, rows}: Rect, at: Mouse): boolean => at.x >= x && at.x < x + columns && at.y >= y && at.y < y + rows;

const keyOf = ({keymap}: Pointed, action: string): string =>
	keymap.rows.find(row => row.scope === 'room' && row.action === action)?.keys[0] ?? '';

/** Parts of a row separated by two blanks, with their start. */
const partsOf = (row: string): readonly {readonly text: string; readonly at: number}[] =>
	[...row.matchAll(/\S+(?: \S+)*/g)].map(({0: text, index: at}) => ({text, at}));

/** The key of the hint under the pointer; '' if none. Only keys that currently work are buttons, whatever else the row says. */
const hinted = (pointed: Pointed, {x, y}: Mouse): string => {
	const {keymap, state, isAscii, rows} = pointed;
	const scopes = scopesOf(state);
	const keys = [...keymap.rows.filter(row => scopes.includes(row.scope)).flatMap(row => row.keys), ...keymap.leaders, 'esc'];
	const part = partsOf(rows[y] ?? '').find(({text, at}) => x >= at && x < at + text.length);
	let at = part?.at ?? 0;
	for (const word of part?.text.split(' ') ?? []) {
		// In a joint hint, `J/K`, the key under the pointer; beside them the first.
		const several = word.length > 2 ? word.split('/') : [word];
		const below = word.length > 2 && x < at + word.length ? word.slice(0, Math.max(0, x - at + 1)).split('/').length - 1 : 0;
		const named = several[below] || several[0];
		const found = keys.find(key => keyLabel(key, isAscii) === word) ?? keys.find(key => keyLabel(key, isAscii) === named);
		if (found) return found;
		at += word.length + 1;
	}
	return '';
};

/** The number in a title or tab under the pointer, which is its key; '' if none. */
const titled = (pointed: Pointed, {x, y}: Mouse): string => {
	const row = pointed.rows[y] ?? '';
	if (y !== pointed.layout.tabRow && !/[─━]{2}/.test(row)) return '';
	const found = [...row.matchAll(/\[?\b(\d) [A-Za-z][\w.-]*[^─━\][|]*?(?=\]|\s{2}| \[| ?[─━=]| -|$)\]?/g)].find(
		({0: text, index}) => x >= index && x < index + text.length,
	);
	return found?.[1] ? keyOf(pointed, `panel-${found[1]}`) : '';
};

/** The column after the left border of the pointer's box; 0 for a list without one. */
const boxStart = (row: string, x: number): number => {
	for (let at = Math.min(x, row.length - 1); at >= 0; at--) if (SIDES.includes(row[at] ?? ' ') && (at === 0 || at < x)) return at + 1;
	return 0;
};

/**
 * Rows from the list's marked row to the pointer (0: on it), without headings; undefined without a visible mark. The mark is in every
 * list's first column.
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

/** Marks a row by moving step by step; a click on the marked row opens it. */
const chosen = (pointed: Pointed, at: Mouse): readonly string[] => {
	const steps = rowsFromMark(pointed, at);
	if (steps === undefined) return [];
	return steps === 0 ? [keyOf(pointed, 'open') || 'enter'] : times(steps > 0 ? 'down' : 'up', steps);
};

/** The page's target under the pointer; undefined for none. */
const targetOf = ({targets}: Pointed, at: Mouse): Target | undefined => targets.find(({rect}) => isIn(rect, at));

/** A click selects a target; a second opens it. */
const pressed = (pointed: Pointed, {column, id}: Target): readonly Pressed[] =>
	id !== '' && id === pointed.chosen ? [keyOf(pointed, 'open') || 'enter'] : [{column, id}];

/** The panel under the pointer; of a shared place, the shown one. */
const panelAt = ({layout}: Pointed, at: Mouse): Panel | undefined => {
	const own = [...layout.panels].find(([, rect]) => isIn(rect, at))?.[0];
	if (own !== undefined || !layout.tabbed || !isIn(layout.tabbed, at)) return own;
	return layout.shown;
};

const wheelOnPage = (pointed: Pointed, at: Mouse, key: string): readonly Pressed[] => {
	const target = targetOf(pointed, at);
	if (!target) return times(key, NOTCH);
	// A card is one notch high. In another column the wheel starts at its first card.
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
	// Scrollback scrolls under its cursor, which only follows at the edge.
	const view = pointed.keymap.rows.find(row => row.scope === 'scroll' && row.action === `view-${key}`)?.keys[0] ?? key;
	if (state.pages.length === 0 && state.scroll !== undefined) return times(view, NOTCH);
	if (state.pages.length > 0) return wheelOnPage(pointed, at, key);
	const panel = panelAt(pointed, at);
	if (panel === 0) return key === 'up' ? [keyOf(pointed, 'scroll'), ...times(view, NOTCH)] : [];
	return panel === undefined ? [] : [...(state.focus === panel ? [] : [keyOf(pointed, `panel-${panel}`)]), ...times(key, NOTCH)];
};

/**
 * Turns a mouse event into the keys for it: the mouse can do nothing that keys cannot, or that a key would refuse. A click marks a row,
 * panel or tab, and opens a marked row; hints and the attention bar are buttons. Foreign text in the rows can at most mark or open a row.
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
	// A click on the pane focuses it; a second types into it.
	if (clicked === 0) return focus.length > 0 ? focus : [keyOf(pointed, 'open')];
	const rows = chosen(pointed, at);
	const opens = rows.length === 1 && rows[0] === keyOf(pointed, 'open');
	return focus.length > 0 && opens ? focus : [...focus, ...rows];
};
