import type {Action} from '../../core/action.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import type {Keymap} from '../keymap.ts';
import type {Scope} from '../keys.ts';
import type {Layout, Panel} from '../layout.ts';
import type {Arrangement} from '../model/roster.ts';
import {type Editor, emptyEditor} from './editor.ts';

/** Panels whose rows can be selected and filtered. */
export const LISTS = [1, 2, 3, 4, 5] as const satisfies readonly Panel[];
export type List = (typeof LISTS)[number];

export const PRIORITIES = [95, 75, 50, 20] as const;
export const FIELDS = ['title', 'what', 'priority', 'needs', 'after'] as const;
export type Field = (typeof FIELDS)[number];

/** A new task while it is written; kept when the form closes. */
export type Draft = {
	readonly title: Editor;
	readonly what: Editor;
	readonly needs: Editor;
	readonly after: Editor;
	/** Index into PRIORITIES, P0 first. */
	readonly priority: number;
	readonly field: Field;
	readonly error: string;
};

export const emptyDraft: Draft = {
	title: emptyEditor,
	what: emptyEditor,
	needs: emptyEditor,
	after: emptyEditor,
	priority: 2,
	field: 'title',
	error: '',
};

export type Dialog =
	| {
			readonly kind: 'peek';
			/** Row of the Agents panel, or `hold:<task>`. */
			readonly row: string;
			/** The question on the card, '' where there is none. An answer goes to this one and no other. */
			readonly questionId: string;
			/** When the card was painted, 0 before: what is typed until then is dropped. */
			readonly paintedAt: number;
			readonly reply: Editor;
	  }
	| {readonly kind: 'form'}
	| {readonly kind: 'stop'; readonly agent: string}
	| {readonly kind: 'reassign'; readonly task: string; readonly chosen: string}
	| {readonly kind: 'unlock'; readonly name: string}
	| {readonly kind: 'quit'}
	| {readonly kind: 'frozen'; readonly at: number}
	| {readonly kind: 'kill-all'}
	| {readonly kind: 'help'; readonly filter: Editor; readonly index: number}
	| {readonly kind: 'filter'; readonly list: List; readonly text: Editor}
	| {readonly kind: 'goto'; readonly text: Editor}
	| {readonly kind: 'lesson'; readonly agent: string};

export type Toast = {readonly text: string; readonly isBad: boolean; readonly until: number};

/** All that one view knows beside the room's snapshot. Immutable; changed by `update` alone. */
export type ViewState = {
	readonly focus: Panel;
	/** The panel shown where several share a rectangle. */
	readonly tab: List;
	/** Selected row of each list by id; '' is the first (of events: the newest, live). */
	readonly selected: Readonly<Record<List, string>>;
	readonly filters: Readonly<Record<List, string>>;
	readonly arrangement: Arrangement;
	readonly lastKeyAt: number;
	readonly isZoomed: boolean;
	/** The agent whose pane gets every key, '' in the room. */
	readonly typing: string;
	readonly lastTyped: string;
	readonly knowsWayBack: boolean;
	/** Lines that the shown pane is scrolled back. */
	readonly scroll: number;
	readonly dialog: Dialog | undefined;
	readonly draft: Draft;
	readonly toast: Toast | undefined;
};

const perList = {1: '', 2: '', 3: '', 4: '', 5: ''} as const;

export const initialState: ViewState = {
	focus: 1,
	tab: 1,
	selected: perList,
	filters: perList,
	arrangement: [],
	lastKeyAt: 0,
	isZoomed: false,
	typing: '',
	lastTyped: '',
	knowsWayBack: false,
	scroll: 0,
	dialog: undefined,
	draft: emptyDraft,
	toast: undefined,
};

/** What the view must do after an update. */
export type Command =
	| {readonly type: 'dispatch'; readonly action: Action}
	/** Give the keys to this agent's pane, or back to the room with ''. */
	| {readonly type: 'type'; readonly agent: string}
	| {readonly type: 'redraw'}
	| {readonly type: 'detach'}
	| {readonly type: 'stop'};

export type Updated = {readonly state: ViewState; readonly commands: readonly Command[]};

/** What an update may look at. `now` is this machine's clock, epoch ms. */
export type Context = {
	readonly snapshot: RoomSnapshot;
	readonly layout: Layout;
	readonly keymap: Keymap;
	readonly now: number;
	/** Lines above the screen of the shown pane. */
	readonly scrollback: number;
};

export type Message =
	| {readonly type: 'key'; readonly key: string; readonly text: string}
	| {readonly type: 'paste'; readonly text: string}
	/** The snapshot changed, or a second has passed. */
	| {readonly type: 'snapshot'}
	/** What the state says now stands on the person's screen. */
	| {readonly type: 'painted'}
	/** The leader was pressed in a pane. */
	| {readonly type: 'leader'}
	/** Answer of a dispatch. */
	| {readonly type: 'told'; readonly text: string; readonly isBad: boolean};

export const scopeOf = (state: ViewState): Scope => state.dialog?.kind ?? (state.typing ? 'type' : 'room');

export const unchanged = (state: ViewState): Updated => ({state, commands: []});
export const and = (state: ViewState, ...commands: readonly Command[]): Updated => ({state, commands});

const TOAST_MS = 5000;
/** A line that stands in the attention bar for five seconds. */
export const say = (state: ViewState, text: string, now: number, isBad = false): ViewState => ({
	...state,
	toast: {text, isBad, until: now + TOAST_MS},
});
