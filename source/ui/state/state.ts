import type {Action} from '../../core/action.ts';
import type {EventFilter} from '../../core/event-filter.ts';
import type {Plan, PlanProblem} from '../../core/plan.ts';
import type {WholeTask} from '../../core/task.ts';
import type {Direction, EventPage, PastRoom, Target} from '../../store/past.ts';
import type {LookedAt, RoomSnapshot} from '../../store/room.ts';
import {type BaseScope, type Scope, TEXT_SCOPES} from '../key-row.ts';
import type {Keymap} from '../keymap.ts';
import type {Layout, Panel} from '../layout.ts';
import type {Arrangement} from '../model/roster.ts';
import type {AgentSort, QueueSort} from '../model/sorts.ts';
import {NO_SWITCHES, type Switches} from '../model/switches.ts';
import type {Dialog} from './dialogs.ts';
import {type Draft, emptyDraft} from './draft.ts';
import type {Editor} from './editor.ts';
import {type Looks, noLooks} from './looking.ts';
import type {Page} from './page.ts';
import type {PaneText, Scroll} from './scroll.ts';
import type {Seen} from './seen.ts';
import type {Turns} from './turns.ts';

/** Panels whose rows can be selected and filtered. */
export const LISTS = [1, 2, 3, 4, 5, 6] as const satisfies readonly Panel[];
export type List = (typeof LISTS)[number];

/** A plan as its editor left it, taken in place of the proposal; without `plan` where something is wrong with it. */
export type PlanEdit = {readonly text: string; readonly plan: Plan | undefined; readonly problems: readonly PlanProblem[]};

/**
 * A task with its long texts. `asked` is the version of the task for which they were asked last, '' to ask again; `version` the one that they
 * are of. `isMissing`: the last answer was that there is none.
 */
export type Reading = {
	readonly id: string;
	readonly asked: string;
	readonly version: string;
	readonly task: WholeTask | undefined;
	readonly isMissing: boolean;
};

export type Toast = {readonly text: string; readonly isBad: boolean; readonly until: number};

/** All that one view knows beside the room's snapshot. Immutable; changed by `update` alone. */
export type ViewState = {
	readonly focus: Panel;
	/** The panel shown where several share a rectangle. */
	readonly tab: List;
	/** The same of locks and conflicts where only these two do. */
	readonly side: 3 | 6;
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
	/** The shown pane is read: scrolled, searched, copied from. */
	readonly scroll: Scroll | undefined;
	readonly dialog: Dialog | undefined;
	readonly draft: Draft;
	/** Of the repository, for what is written after an `@`; undefined before they were asked for. */
	readonly files: readonly string[] | undefined;
	/** What covers the room, the last on top. */
	readonly pages: readonly Page[];
	readonly reading: Reading | undefined;
	/** What was found where a page looks at tasks. */
	readonly looks: Looks;
	/** By `editName` of the proposal: nothing that was written is lost while a task waits. */
	readonly edits: Readonly<Record<string, PlanEdit>>;
	/** Words of a rejection by task, of a new plan by feature (`wordsOf`). */
	readonly words: Readonly<Record<string, Editor>>;
	/** What was written and sent last: it comes back where the room refuses it. */
	readonly sent: {readonly draft: Draft; readonly isWatched: boolean} | {readonly name: string; readonly words: Editor} | undefined;
	/** Commands that were run from the palette, the last first. */
	readonly recent: readonly string[];
	readonly toast: Toast | undefined;
	/** Until when this person looked; undefined before the first key. */
	readonly seen: Seen | undefined;
	/** When rows and cards lay under the cursor last, server time: by the agent's id, or `task:<id>`. */
	readonly lookedAt: Readonly<Record<string, number>>;
	/** What had been spent at the last key. */
	readonly spentAtKey: number;
	/** When this machine's clock last said that it is time to keep what the next view begins with. */
	readonly keptAt: number;
	/** Ids of marked rows of the agents and the queue. */
	readonly marks: Readonly<Record<1 | 2, readonly string[]>>;
	readonly sorts: {readonly 1: AgentSort; readonly 2: QueueSort};
	/** How this view looks and tells, as far as it can be switched. */
	readonly switches: Switches;
	/** What was ordered about turns in the queue, by task. */
	readonly turns: Turns;
};

const perList = {1: '', 2: '', 3: '', 4: '', 5: '', 6: ''} as const;

export const initialState: ViewState = {
	focus: 1,
	tab: 1,
	side: 3,
	selected: perList,
	filters: perList,
	arrangement: [],
	lastKeyAt: 0,
	isZoomed: false,
	typing: '',
	lastTyped: '',
	knowsWayBack: false,
	scroll: undefined,
	dialog: undefined,
	draft: emptyDraft,
	files: undefined,
	pages: [],
	reading: undefined,
	looks: noLooks,
	edits: {},
	words: {},
	sent: undefined,
	recent: [],
	toast: undefined,
	seen: undefined,
	lookedAt: {},
	spentAtKey: 0,
	keptAt: 0,
	marks: {1: [], 2: []},
	sorts: {1: 'urgency', 2: 'order'},
	switches: NO_SWITCHES,
	turns: {},
};

/** What the view must do after an update. */
export type Command =
	| {readonly type: 'dispatch'; readonly action: Action}
	/** Many at once, told of together: `3 paused, 1 was gone`. */
	| {readonly type: 'dispatch-all'; readonly actions: readonly Action[]; readonly word: string}
	/** Open the branch or commit of a task where the repository is on the web. */
	| {readonly type: 'web'; readonly task: string}
	/** A shell in a tree of one's own with the merge of a task. */
	| {readonly type: 'trial'; readonly task: string}
	/** Give the keys to this agent's pane, or back to the room with ''. */
	| {readonly type: 'type'; readonly agent: string}
	| {readonly type: 'redraw'}
	/** A switch of this view has another value. */
	| {readonly type: 'switched'}
	/** Read a task in full; answered by `read`. */
	| {readonly type: 'read'; readonly task: string; readonly version: string}
	/** Look at a task; answered by `looked`. */
	| {readonly type: 'look'; readonly what: keyof LookedAt; readonly task: string}
	/** Open a text in the person's editor; answered by `edited`. */
	| {readonly type: 'edit'; readonly name: string; readonly text: string}
	| {readonly type: 'forget'; readonly name: string}
	/** Read the names of the repository's files; answered by `files`. */
	| {readonly type: 'files'}
	/** Keep what the next view of this person begins with. */
	| {readonly type: 'keep'}
	/** Show a log in the person's pager. */
	| {readonly type: 'page'; readonly log: string}
	/** Copy a text to the person's clipboard; `what` names it in the answer: `the id t-3`. */
	| {readonly type: 'copy'; readonly text: string; readonly what: string}
	/** Open an address in the person's browser, or copy it where there is none. */
	| {readonly type: 'browse'; readonly url: string}
	/** A shell in a folder, or the editor on a folder or a file. */
	| {readonly type: 'work'; readonly tool: 'shell' | 'trial' | 'editor'; readonly path: string}
	/** The terminal goes back to its shell until `fg`. */
	| {readonly type: 'suspend'}
	/** Show a text in the person's editor; nothing comes back. */
	| {readonly type: 'open-text'; readonly name: string; readonly text: string}
	/** Read entries of the record beyond one; answered by `entries`. */
	| {readonly type: 'entries'; readonly from: string; readonly direction: Direction; readonly filter: EventFilter}
	/** See the room as it was; answered by `looked-back`. */
	| {readonly type: 'look-back'; readonly to: Target; readonly filter: EventFilter}
	/** Look at the clock again after so many ms. */
	| {readonly type: 'wake'; readonly ms: number}
	/** The person has pressed the way back from a pane: it is not taught again. */
	| {readonly type: 'learned'}
	| {readonly type: 'detach'}
	| {readonly type: 'stop'; readonly how: 'now' | 'kill'};

export type Updated = {readonly state: ViewState; readonly commands: readonly Command[]};

/** What an update may look at. `now` is this machine's clock, epoch ms. */
export type Context = {
	readonly snapshot: RoomSnapshot;
	readonly layout: Layout;
	readonly keymap: Keymap;
	readonly now: number;
	/** What an agent's pane holds. */
	paneOf(agent: string): PaneText | undefined;
	/** How many rows of each part that scrolls do not fit, as it would be drawn. */
	overflow(state: ViewState): Overflow;
};

/** `starts`: the first row of each page of a menu. */
export type Overflow = {readonly page: readonly [number, number]; readonly dialog: number; readonly starts: readonly number[]};

export type Message =
	| {readonly type: 'key'; readonly key: string; readonly text: string}
	| {readonly type: 'paste'; readonly text: string}
	/** The snapshot changed, or a second has passed. */
	| {readonly type: 'snapshot'}
	/** What the state says now stands on the person's screen. */
	| {readonly type: 'painted'}
	/** Something of the page on top was pointed at; `id` '' for the column alone. */
	| {readonly type: 'choose'; readonly column: string; readonly id: string}
	/** The leader was pressed in a pane. */
	| {readonly type: 'leader'}
	/** Answer of a dispatch; `code` of a refusal, `ids` of what was made. */
	| {readonly type: 'told'; readonly text: string; readonly isBad: boolean; readonly code?: string; readonly ids?: readonly string[]}
	| {readonly type: 'files'; readonly files: readonly string[]}
	| {readonly type: 'read'; readonly id: string; readonly version: string; readonly task: WholeTask | undefined}
	| {readonly type: 'looked'; readonly what: keyof LookedAt; readonly task: string; readonly value: LookedAt[keyof LookedAt] | undefined}
	| {readonly type: 'edited'; readonly name: string; readonly text: string}
	/** What a tool beside the room did, for the attention bar. */
	| {readonly type: 'said'; readonly text: string}
	| {readonly type: 'entries'; readonly direction: Direction; readonly filter: EventFilter; readonly page: EventPage | undefined}
	/** `to` is the very target that was asked for. */
	| {readonly type: 'looked-back'; readonly to: Target; readonly past: PastRoom | 'gone' | undefined}
	/** A tool of the person could not do it, or gave nothing back. */
	| {readonly type: 'not-edited'; readonly message: string};

/** The dialog, the pane that is typed into, or the room; see `scopesOf` for what lies over the room. */
export const scopeOf = ({dialog, typing}: ViewState): BaseScope =>
	dialog ? ('isWriting' in dialog && dialog.isWriting ? 'words' : dialog.kind) : typing ? 'type' : 'room';

/** What covers the room now; a pane that is typed into covers everything. */
export const pageOf = ({pages, typing}: ViewState): Page | undefined => (typing ? undefined : pages.at(-1));

/** Where keys are looked for, first to last: a page or a focused panel has keys of its own before the room's. */
export const scopesOf = (state: ViewState): readonly Scope[] => {
	const scope = scopeOf(state);
	if (scope !== 'room') return [scope];
	const page = pageOf(state);
	if (!page && state.scroll) return ['scroll', 'room'];
	return page ? [page.kind, 'room'] : state.focus === 2 ? ['queue', 'room'] : ['room'];
};

/** Characters are text now; on a card that asks nothing they are keys. */
export const isTextScope = (state: ViewState): boolean =>
	TEXT_SCOPES.includes(scopeOf(state)) && !(state.dialog?.kind === 'peek' && state.dialog.questionId === '');

export const unchanged = (state: ViewState): Updated => ({state, commands: []});
export const and = (state: ViewState, ...commands: readonly Command[]): Updated => ({state, commands});

const TOAST_MS = 5000;
/** A line that stands in the attention bar for five seconds. */
export const say = (state: ViewState, text: string, now: number, isBad = false): ViewState => ({
	...state,
	toast: {text, isBad, until: now + TOAST_MS},
});
/** What cannot be done now says why. */
export const refuse = (state: ViewState, text: string, {now}: Context): Updated => unchanged(say(state, text, now, true));
