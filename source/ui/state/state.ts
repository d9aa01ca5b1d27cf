import type {Plan, PlanProblem} from '../../core/plan/plan.ts';
import type {WholeTask} from '../../core/task/task.ts';
import type {Inspection} from '../../store/room.ts';
import {type BaseScope, type OwnDialogs, type Scope, TEXT_SCOPES} from '../keymap/row.ts';
import type {AgentSort, Arrangement, QueueSort} from '../model/agents.ts';
import {NO_SWITCHES, type Switches} from '../model/settings.ts';
import type {Editor} from '../text/editor.ts';
import type {OwnPanels, Panel} from '../text/layout.ts';
import {type Draft, emptyDraft} from './draft.ts';
import type {Folds} from './folded.ts';
import type {Confirm} from './open.ts';
import type {Page, WallPage} from './pages.ts';
import type {Turns} from './rows.ts';
import type {OpenScroll, Scroll} from './scroll.ts';
import type {Unread} from './unread.ts';

/** Sort orders of the cost columns. */
export const COST_SORTS = ['money', 'tokens', 'name'] as const;
export type CostSort = (typeof COST_SORTS)[number];

/** The list that moves act on; none for the pane. */
export const listOf = (panel: Panel): List | undefined => (panel === 0 ? undefined : panel);

export type What = keyof Inspection;
export type Wanted = {readonly what: What; readonly task: string};

/** `version` is what was asked for last; `value` may still be of an earlier one. Undefined with `isAsked` false: there is nothing. */
export type Looked<T> = {readonly version: string; readonly isAsked: boolean; readonly value: T | undefined};
/** By kind and task. */
type Looks = {readonly [K in What]: Readonly<Record<string, Looked<Inspection[K]>>>};
const noLooks: Looks = {facts: {}, patch: {}, record: {}, log: {}, web: {}, trial: {}, hosts: {}, figures: {}};

/** What was found of a task, as far as it is known. */
export const lookOf = <K extends What>({looks}: ViewState, what: K, task: string): Inspection[K] | undefined => looks[what][task]?.value;

/** Panels whose rows can be selected and filtered. */
export type List = Exclude<Panel, 0>;
/** One value for each list; missing ones are empty. */
type PerList = Readonly<Record<1 | 2 | 3 | 4 | 5 | 6, string> & Partial<Record<List, string>>>;

/** A plan from the editor, replacing the proposal; no `plan` if it has problems. */
export type PlanEdit = {readonly text: string; readonly plan: Plan | undefined; readonly problems: readonly PlanProblem[]};

/**
 * A task with its long texts. `asked`: the version requested last, '' to request again; `version`: that of the texts. `isMissing`: the last
 * answer was that there is none.
 */
export type Reading = {
	readonly id: string;
	readonly asked: string;
	readonly version: string;
	readonly task: WholeTask | undefined;
	readonly isMissing: boolean;
};

export type Toast = {readonly text: string; readonly isBad: boolean; readonly until: number};

/** A view's state besides the snapshot. Immutable; only `update` changes it. */
export type ViewState = {
	readonly focus: Panel;
	/** The panel shown in the shared rectangle. */
	readonly tab: List;
	/** The same where only locks and conflicts share. */
	readonly side: 3 | keyof OwnPanels;
	/** The same where all but the agents share. */
	readonly lower: Exclude<List, 1>;
	/** Selected row id of each list; '' is the first (of events: the newest, live). */
	readonly selected: PerList;
	readonly filters: PerList;
	readonly arrangement: Arrangement;
	readonly lastKeyAt: number;
	readonly isZoomed: boolean;
	/** The wall that a zoomed pane was chosen from, and that it goes back to. */
	readonly leftWall: WallPage | undefined;
	/** The agent whose pane gets every key, '' in the room. */
	readonly typing: string;
	readonly lastTyped: string;
	readonly knowsWayBack: boolean;
	/** Scrollback of the shown pane. */
	readonly scroll: Scroll | undefined;
	readonly dialog: Dialog | undefined;
	/** The marked answer of the open dialog, once it was moved. */
	readonly offer: {readonly scope: Scope; readonly index: number} | undefined;
	readonly draft: Draft;
	/** The repository's files, for completion after `@`; undefined before requested. */
	readonly files: readonly string[] | undefined;
	/** Pages over the room, the last on top. */
	readonly pages: readonly Page[];
	readonly reading: Reading | undefined;
	/** Results of task lookups. */
	readonly looks: Looks;
	/** By `editName` of the proposal: no edit is lost while a task waits. */
	readonly edits: Readonly<Record<string, PlanEdit>>;
	/** Texts being written, by `nameOf` their dialog; kept until sent. */
	readonly words: Readonly<Record<string, Editor>>;
	/** The last sent draft: it returns if the room refuses it. */
	readonly sent: {readonly draft: Draft; readonly isWatched: boolean} | {readonly name: string; readonly words: Editor} | undefined;
	/** Recent palette commands, newest first. */
	readonly recent: readonly string[];
	readonly toast: Toast | undefined;
	/** What the user has seen; undefined before the first key. */
	readonly seen: Unread | undefined;
	/** When rows and cards were last under the cursor, server time, by agent id or `task:<id>`. */
	readonly lookedAt: Readonly<Record<string, number>>;
	/** What had been spent at the last key. */
	readonly spentAtKey: number;
	/** When this machine's clock last said that it is time to keep what the next view starts with. */
	readonly keptAt: number;
	/** The loss of Redis that this view has asked about by itself. */
	readonly askedOf: string;
	/** Ids of marked rows of the agents and the queue. */
	readonly marks: Readonly<Record<1 | 2, readonly string[]>>;
	/** Agents that keep a tile of the wall, in the order in which they were pinned. */
	readonly pins: readonly string[];
	readonly sorts: {readonly 1: AgentSort; readonly 2: QueueSort};
	/** How this view looks and tells, as far as it can be switched. */
	readonly switches: Switches;
	/** Which panels are empty, so that they fold; undefined before the first snapshot. */
	readonly folds: Folds | undefined;
	/** In the demo whose end has not been shown yet. */
	readonly isDemo: boolean;
	/** Pending queue orders by task. */
	readonly turns: Turns;
};

const perList = {1: '', 2: '', 3: '', 4: '', 5: '', 6: ''} as const;

export const initialState: ViewState = {
	focus: 1,
	tab: 1,
	side: 3,
	lower: 2,
	selected: perList,
	filters: perList,
	arrangement: [],
	lastKeyAt: 0,
	isZoomed: false,
	leftWall: undefined,
	typing: '',
	lastTyped: '',
	knowsWayBack: false,
	scroll: undefined,
	dialog: undefined,
	offer: undefined,
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
	askedOf: '',
	marks: {1: [], 2: []},
	pins: [],
	sorts: {1: 'urgency', 2: 'order'},
	switches: NO_SWITCHES,
	folds: undefined,
	isDemo: false,
	turns: {},
};

/** The dialog, the pane being typed into, or the room; see `scopesOf` for pages and panels. */
export const scopeOf = ({dialog, typing}: ViewState): BaseScope =>
	dialog ? ('isWriting' in dialog && dialog.isWriting ? 'words' : dialog.kind) : typing ? 'type' : 'room';

/** The page over the room; none while typing into a pane. */
export const pageOf = ({pages, typing}: ViewState): Page | undefined => (typing ? undefined : pages.at(-1));

/** The page that is drawn: the wall also while its selected pane is typed into. */
export const shownPage = ({pages, typing}: ViewState): Page | undefined =>
	typing && pages.at(-1)?.kind !== 'wall' ? undefined : pages.at(-1);

/** Scopes in lookup order: a page or a focused panel before the room. */
export const scopesOf = (state: ViewState): readonly Scope[] => {
	const scope = scopeOf(state);
	if (scope !== 'room') return [scope];
	const page = pageOf(state);
	if (!page && state.scroll) return ['scroll', 'room'];
	if (page?.kind === 'task' && page.search !== '') return ['found', 'task', 'room'];
	return page ? [page.kind, 'room'] : state.focus === 2 ? ['queue', 'room'] : ['room'];
};

/** Whether characters are text; in a dialog without a question they are keys. */
export const isTextScope = (state: ViewState): boolean =>
	TEXT_SCOPES.includes(scopeOf(state)) && !(state.dialog?.kind === 'peek' && state.dialog.questionId === '');

export type Dialog =
	| {[K in keyof OwnDialogs]: {readonly kind: K} & OwnDialogs[K]}[keyof OwnDialogs]
	| {
			readonly kind: 'peek';
			/** Row of the Agents panel, or `hold:<task>`. */
			readonly row: string;
			/** The shown question, '' for none. An answer only applies to this one. */
			readonly questionId: string;
			/** When the dialog was painted, 0 before: earlier keys are dropped. */
			readonly paintedAt: number;
			readonly reply: Editor;
			/** When the reply was a digit that answers unless more is typed, 0 for none. */
			readonly digitAt: number;
			/** Detail rows above the first visible one. */
			readonly scroll: number;
	  }
	| {readonly kind: 'form'}
	| {readonly kind: 'settings'; readonly index: number}
	/** `others`: further marked agents to stop. */
	| {readonly kind: 'stop'; readonly agent: string; readonly others: readonly string[]}
	/** `others`: further marked tasks to reassign. */
	| {readonly kind: 'reassign'; readonly task: string; readonly others: readonly string[]; readonly chosen: string}
	| Confirm
	| {readonly kind: 'add-agent'; readonly index: number}
	| {readonly kind: 'ask'; readonly text: Editor}
	| {readonly kind: 'unlock'; readonly name: string}
	| {readonly kind: 'frozen'; readonly at: number}
	/** Ids of agents to resume; `at`: the freeze's time. */
	| {readonly kind: 'unfreeze'; readonly marked: readonly string[]; readonly index: number; readonly at: number}
	/** `stops`: the room ends with its agents. */
	| {readonly kind: 'kill-all'; readonly stops?: true}
	| Menu
	/** For a list, or the top page. */
	| {readonly kind: 'filter'; readonly list: List | 'page'; readonly text: Editor}
	| {readonly kind: 'goto'; readonly text: Editor}
	| {readonly kind: 'hint'; readonly agent: string}
	| {readonly kind: 'cancel'; readonly task: string}
	| {readonly kind: 'replan'; readonly feature: string}
	| {readonly kind: 'cost'; readonly sort: CostSort}
	/** Input in the cost dialog, in dollars. */
	| {readonly kind: 'budget'; readonly sort: CostSort; readonly text: Editor}
	| {readonly kind: 'request-changes'; readonly task: string}
	| {readonly kind: 'revert'; readonly task: string}
	| {readonly kind: 'changes'; readonly index: number; readonly seen: Unread}
	/** The end of a task's test or agent output, with the failure's cause. */
	| LogDialog
	/** For a place of a change; `quote`: its text. */
	| {
			readonly kind: 'comment';
			readonly task: string;
			readonly file: string;
			readonly line: number;
			readonly quote: string;
			readonly severity: 'must-fix' | 'nit';
	  }
	| {readonly kind: 'merge'; readonly task: string}
	/** A search in scrollback: where it started, and what was shown before. */
	| {readonly kind: 'search'; readonly text: Editor; readonly from: OpenScroll; readonly before: Scroll}
	| Decision;

/** All keys or commands, filtered while typing; Enter runs one in the context below. */
export type Menu = {
	readonly kind: 'help' | 'palette';
	readonly filter: Editor;
	/** Of the marked row, after filtering. */
	readonly index: number;
	/** The dialog it covers and returns to. */
	readonly over: Dialog | undefined;
};

/** `agent` or `task` may be ''. `name`: of one of the task's logs, '' for the newest. `up`: lines below the last visible one, 0 follows. */
export type LogDialog = {
	readonly kind: 'log';
	readonly task: string;
	readonly agent: string;
	readonly name: string;
	readonly up: number;
	readonly isWrapped: boolean;
	/** Words looked for, '' for none; `at` is the row of the match that is shown, -1 for none. */
	readonly search: string;
	readonly at: number;
};

/** Dialogs that decide what a task asks: its plan, or whether work continues. */
export type Decision = {
	readonly kind: 'plan' | 'decide';
	readonly task: string;
	/** Of the chosen task in the plan. */
	readonly index: number;
	readonly scroll: number;
	/** When the question was painted, 0 before: earlier keys are dropped. */
	readonly paintedAt: number;
	/** A rejection's comment is being written. */
	readonly isWriting: boolean;
	/** The decision was sent; the dialog closes once the task is decided. */
	readonly isSent: boolean;
};
