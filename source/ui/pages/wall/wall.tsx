import {agentName} from '../../../core/agent/agent.ts';
import {counted} from '../../../core/text/format.ts';
import type {PageKind} from '../../hooks/kinds.ts';
import type {KeyRow} from '../../keymap/row.ts';
import type {Move} from '../../state/descriptor.ts';
import {typeInto} from '../../state/focus.ts';
import {withMarks} from '../../state/marks.ts';
import {type Context, refuse, say, type Updated, unchanged} from '../../state/message.ts';
import {replaceTop} from '../../state/open.ts';
import type {WallPage} from '../../state/pages.ts';
import {selectionOf} from '../../state/selection.ts';
import type {ViewState} from '../../state/state.ts';
import type {Rect} from '../../text/layout.ts';
import {said} from '../../text/text.ts';
import {WallPanels, wallContent} from './draw.tsx';
import {bodyOf, LEAST, otherGrid, placesOf, tileRects, tilesOf} from './tiles.ts';

const WALL_KEYS: readonly KeyRow[] = [
	{scope: 'wall', keys: ['enter', 'z'], action: 'zoom', label: 'zoom', help: 'zoom pane', group: '', order: 1, needs: 'agent'},
	{scope: 'wall', keys: ['i'], action: 'type', label: 'type', help: 'type into tile', group: '', order: 2, needs: 'program'},
	{scope: 'wall', keys: ['tab'], action: 'next-panel', label: 'next', help: 'next tile', group: '', order: 3},
	{scope: 'wall', keys: ['V'], action: 'pin', label: 'pin', help: 'pin / unpin', group: '', order: 4, needs: 'agent'},
	{scope: 'wall', keys: ['v'], action: 'mark', label: 'mark', help: 'mark / unmark', group: '', order: 5, needs: 'agent'},
	{scope: 'wall', keys: ['*'], action: 'mark-all', label: 'mark', help: 'mark all tiles', group: '', order: 5, needs: 'agent'},
	{scope: 'wall', keys: ['+', '='], action: 'more', label: 'tiles', help: 'more tiles', group: '', order: 6},
	{scope: 'wall', keys: ['-'], action: 'fewer', label: 'tiles', help: 'fewer tiles', group: '', order: 6},
];

const kept = (page: WallPage, {pins, typing}: ViewState, context: Context): WallPage => {
	const body = bodyOf(context.layout);
	const held = typing || page.selected;
	const places = placesOf(page.places, pins, held, agents => tileRects(body, agents, page.tiles).length, context);
	const shown = places.slice(0, tileRects(body, places.length, page.tiles).length);
	const selected = shown.includes(held) ? held : (shown[0] ?? '');
	return places === page.places && selected === page.selected ? page : {...page, places, selected};
};

/** The tile whose middle is nearest in that direction; the present one if there is none. */
const beside = (page: WallPage, move: Move, {layout}: Context): string => {
	const all = tilesOf(page, layout);
	const from = all.find(({agent}) => agent === page.selected);
	if (!from) return all[0]?.agent ?? '';
	const middle = ({x, y, columns, rows}: Rect) => ({x: x + columns / 2, y: (y + rows / 2) * 2});
	const at = middle(from.rect);
	const isThere = (to: {readonly x: number; readonly y: number}): boolean =>
		move === 'left' ? to.x < at.x - 1 : move === 'right' ? to.x > at.x + 1 : move === 'up' ? to.y < at.y - 1 : to.y > at.y + 1;
	const far = (to: {readonly x: number; readonly y: number}): number => {
		const [along, aside] = move === 'left' || move === 'right' ? [to.x - at.x, to.y - at.y] : [to.y - at.y, to.x - at.x];
		return Math.abs(along) + 4 * Math.abs(aside);
	};
	const [nearest] = all.filter(({rect}) => isThere(middle(rect))).sort((a, b) => far(middle(a.rect)) - far(middle(b.rect)));
	return nearest?.agent ?? page.selected;
};

const step = (page: WallPage, move: Move, context: Context): string => {
	const shown = tilesOf(page, context.layout).map(({agent}) => agent);
	const at = shown.indexOf(page.selected);
	if (move === 'first') return shown[0] ?? '';
	if (move === 'last') return shown.at(-1) ?? '';
	if (move === 'next-panel') return shown[(at + 1) % shown.length] ?? '';
	if (move === 'previous-panel') return shown[(at - 1 + shown.length) % shown.length] ?? '';
	return beside(page, move, context);
};

const others =
	(by: 1 | -1) =>
	(state: ViewState, page: WallPage, context: Context): Updated => {
		const tiles = otherGrid(bodyOf(context.layout), page.places.length, page.tiles, by);
		if (tiles === undefined) return refuse(state, by === 1 ? 'No more tiles fit, or all agents have one.' : 'One tile is left.', context);
		return unchanged(replaceTop(state, {...page, tiles}));
	};

/** Pins an agent to the wall, or gives its tile back to urgency. */
const pinned = (state: ViewState, agent: string, {now}: Context): Updated => {
	const isPinned = state.pins.includes(agent);
	const pins = isPinned ? state.pins.filter(id => id !== agent) : [...state.pins, agent];
	return unchanged(say({...state, pins}, `${said(agentName(agent))} ${isPinned ? 'is no longer pinned' : 'keeps its tile'}`, now));
};

/** The room's `V`: the selected agent gets a tile for as long as it is pinned. */
export const pinSelected = (state: ViewState, context: Context): Updated => {
	const {agent} = selectionOf(state, context);
	return agent ? pinned(state, agent.id, context) : refuse(state, 'No agent is selected.', context);
};

/** Many live panes at once, each with its agent, state and age: filled by urgency, or pinned. */
export const WALL: PageKind<WallPage> = {
	word: 'WALL',
	title: 'wall',
	keys: WALL_KEYS,
	opens: {
		key: {
			...{scope: 'room', keys: ['#'], action: 'wall', words: ['tiles', 'panes', 'grid', 'all panes']},
			...{label: 'wall', help: 'wall of panes', group: 'SEE', order: 13},
		},
		first: (state, context) => {
			const {columns, rows} = context.layout;
			if (columns < LEAST.columns || rows < LEAST.rows)
				return `The wall needs a terminal of ${LEAST.columns}x${LEAST.rows}; this one is ${columns}x${rows}.`;
			const page = {kind: 'wall', selected: selectionOf(state, context).agent?.id ?? '', places: [], tiles: 0} as const;
			return kept(page, state, context);
		},
	},
	orders: {
		zoom: (state, page) =>
			unchanged({
				...{...state, isZoomed: true, leftWall: page, pages: [], focus: 1, tab: 1, scroll: undefined},
				...{filters: {...state.filters, 1: ''}, selected: {...state.selected, 1: page.selected}},
			}),
		type: (state, page, context) => typeInto(state, page.selected, context),
		pin: (state, page, context) => pinned(state, page.selected, context),
		more: others(1),
		fewer: others(-1),
		mark: (state, page) => {
			const marks = state.marks[1];
			const {selected} = page;
			return unchanged(withMarks(state, 1, marks.includes(selected) ? marks.filter(id => id !== selected) : [...marks, selected]));
		},
		'mark-all': (state, page, context) => {
			const shown = tilesOf(page, context.layout).map(({agent}) => agent);
			const rest = shown.filter(id => !state.marks[1].includes(id));
			const marks = rest.length === 0 ? state.marks[1].filter(id => !shown.includes(id)) : [...state.marks[1], ...rest];
			return unchanged(
				say(withMarks(state, 1, marks), marks.length === 0 ? 'marks cleared' : `${counted(marks.length, 'agent')} marked`, context.now),
			);
		},
		/** Clears the marks, then closes the page. */
		back: state => unchanged(state.marks[1].length > 0 ? withMarks(state, 1, []) : {...state, pages: state.pages.slice(0, -1)}),
	},
	kept,
	move: (page, move, context) => ({...page, selected: step(page, move, context)}),
	choose: (page, {id}) => (id === '' ? page : {...page, selected: id}),
	content: wallContent,
	Part: WallPanels,
	isOfCells: true,
};
