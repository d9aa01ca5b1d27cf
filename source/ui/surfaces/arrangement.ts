import type {Drawing} from '../draw/context.ts';
import type {PartProps} from '../hooks/kinds.ts';
import {BareList, listPanel, SharedPanel, Tabs} from '../panels/lists.tsx';
import {PaneFrame} from '../panels/pane-frame.tsx';
import {LISTS, listBox} from '../panels/panels.ts';
import {kindOf, pageContent, pageKindOf} from '../screen/registry.ts';
import type {Target, Tile} from '../state/descriptor.ts';
import {shownAgent} from '../state/selection.ts';
import {type List, shownPage} from '../state/state.ts';
import {inside, type Panel, type Rect} from '../text/layout.ts';
import type {Place} from './part.ts';
import {Attention, Header, Hints, Refused} from './strips.tsx';

const PANELS = new Map<Panel, Place['Part']>([
	[0, PaneFrame],
	...LISTS.map((list): [List, (props: PartProps) => React.ReactNode] => [list, listPanel(list)]),
]);

/** Where everything is, from layout and state alone, before drawing. */
export type Arrangement = {
	/** Later ones cover earlier ones. */
	readonly places: readonly Place[];
	/** The pane's agent and cells; undefined if none is shown. */
	readonly pane: Tile | undefined;
	/** Further live panes, below that one. */
	readonly tiles: readonly Tile[];
	/** Click targets. */
	targets(): readonly Target[];
};

const targetsOf = (list: Panel, rect: Rect, drawing: Drawing): readonly Target[] =>
	list !== 1
		? []
		: (listBox(list, drawing, rect).ids ?? []).map((id, row) => ({
				rect: {x: rect.x + 1, y: rect.y + 1 + row, columns: rect.columns - 2, rows: 1},
				column: String(list),
				id,
			}));

const shared = ({layout: {tabbed, tabRow, kind, columns}}: Drawing): readonly Place[] => {
	if (tabbed && (kind === 'wide' || kind === 'medium')) return [{id: 'shared', rect: tabbed, Part: SharedPanel}];
	const tabs = tabRow === undefined ? [] : [{id: 'tabs', rect: {x: 0, y: tabRow, columns, rows: 1}, Part: Tabs}];
	return [...(tabbed ? [{id: 'list', rect: tabbed, Part: BareList}] : []), ...tabs];
};

export const arrange = (drawing: Drawing): Arrangement => {
	const {layout, state, snapshot} = drawing;
	const {columns, rows, kind, attention, hints} = layout;
	const strip = (y: number, height = 1): Rect => ({x: 0, y, columns, rows: height});
	if (kind === 'refused')
		return {places: [{id: 'refused', rect: strip(0, rows), Part: Refused}], pane: undefined, tiles: [], targets: () => []};
	const content = pageContent(drawing);
	const page = content && shownPage(state);
	const Dialog = state.dialog && kindOf(state.dialog).Part;
	const top = attention[0] ?? hints;
	const panels = [...layout.panels];
	const agent = shownAgent(state, drawing);
	const paneRect = layout.panels.get(0);
	const body: readonly Place[] = page
		? [{id: 'page', rect: strip(1, top - 1), Part: pageKindOf(page).Part}]
		: [...panels.flatMap(([panel, rect]) => ({id: `panel-${panel}`, rect, Part: PANELS.get(panel) ?? PaneFrame})), ...shared(drawing)];
	return {
		places: [
			{id: 'header', rect: strip(0), Part: Header},
			...body,
			...(attention.length > 0 ? [{id: 'attention', rect: strip(top, attention.length), Part: Attention}] : []),
			{id: 'hints', rect: strip(hints), Part: Hints},
			...(Dialog ? [{id: 'dialog', rect: strip(0, rows), isOver: true, isFitted: true, Part: Dialog}] : []),
		],
		pane: page ? content?.pane : paneRect && agent && snapshot.panes.has(agent) ? {agent, rect: inside(paneRect)} : undefined,
		tiles: content?.tiles ?? [],
		targets: () => (page ? (content?.targets ?? []) : panels.flatMap(([panel, rect]) => targetsOf(panel, rect, drawing))),
	};
};
