import type {Plan, PlanProblem} from '../../core/plan/plan.ts';
import type {WholeTask} from '../../core/task/task.ts';
import type {Inspection} from '../../store/room.ts';
import {type BaseScope, type OwnDialogs, type Scope, TEXT_SCOPES} from '../keymap/row.ts';
import type {AgentSort, Arrangement, QueueSort} from '../model/agents.ts';
import {NO_SWITCHES, type Switches} from '../model/settings.ts';
import type {Editor} from '../text/editor.ts';
import type {OwnPanels, Panel} from '../text/layout.ts';
import {type Draft, emptyDraft} from './draft.ts';
import type {Confirm} from './open.ts';
import type {Page} from './pages.ts';
import type {Turns} from './rows.ts';
import type {OpenScroll, Scroll} from './scroll.ts';
import type {Unread} from './unread.ts';

/** How the columns of the cost are sorted: by money, by tokens, or by name. */
export const COST_SORTS = ['money', 'tokens', 'name'] as const;
export type CostSort = (typeof COST_SORTS)[number];

/** The list that the moves act on; the pane lends its keys to none. */
export const listOf = (panel: Panel): List | undefined => (panel === 0 ? undefined : panel);

export type What = keyof Inspection;
export type Wanted = {readonly what: What; readonly task: string};

/** `version` is what was asked for last; `value` may still be of an earlier one. Undefined with `isAsked` false: there is nothing. */
export type Looked<T> = {readonly version: string; readonly isAsked: boolean; readonly value: T | undefined};
/** By kind and task. */
type Looks = {readonly [K in What]: Readonly<Record<string, Looked<Inspection[K]>>>};
const noLooks: Looks = {facts: {}, patch: {}, record: {}, log: {}, web: {}, trial: {}};

/** What was found of a task, as far as it is known. */
export const lookOf = <K extends What>({looks}: ViewState, what: K, task: string): Inspection[K] | undefined => looks[what][task]?.value;

/** Panels whose rows can be selected and filtered. */
export type List = Exclude<Panel, 0>;
/** Something of each; what a list next to those that everybody knows starts with is nothing. */
type PerList = Readonly<Record<1 | 2 | 3 | 4 | 5 | 6, string> & Partial<Record<List, string>>>;

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

/** All that one view knows next to the room's snapshot. Immutable; changed by `update` alone. */
export type ViewState = {
	readonly focus: Panel;
	/** The panel shown where several share a rectangle. */
	readonly tab: List;
	/** The same of locks and conflicts where only these two do. */
	readonly side: 3 | keyof OwnPanels;
	/** Selected row of each list by id; '' is the first (of events: the newest, live). */
	readonly selected: PerList;
	readonly filters: PerList;
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
	readonly seen: Unread | undefined;
	/** When rows and cards lay under the cursor last, server time: by the agent's id, or `task:<id>`. */
	readonly lookedAt: Readonly<Record<string, number>>;
	/** What had been spent at the last key. */
	readonly spentAtKey: number;
	/** When this machine's clock last said that it is time to keep what the next view starts with. */
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

export type Dialog =
	| {[K in keyof OwnDialogs]: {readonly kind: K} & OwnDialogs[K]}[keyof OwnDialogs]
	| {
			readonly kind: 'peek';
			/** Row of the Agents panel, or `hold:<task>`. */
			readonly row: string;
			/** The question on the card, '' if there is none. An answer goes to this one and no other. */
			readonly questionId: string;
			/** When the card was painted, 0 before: what is typed until then is dropped. */
			readonly paintedAt: number;
			readonly reply: Editor;
			/** Rows of what it is about that are above the first one shown. */
			readonly scroll: number;
	  }
	| {readonly kind: 'form'}
	| {readonly kind: 'settings'; readonly index: number}
	/** `others`: who is stopped as well, where rows are marked. */
	| {readonly kind: 'stop'; readonly agent: string; readonly others: readonly string[]}
	/** `others`: tasks that go to the chosen agent as well, where rows are marked. */
	| {readonly kind: 'reassign'; readonly task: string; readonly others: readonly string[]; readonly chosen: string}
	| Confirm
	| {readonly kind: 'add-agent'; readonly index: number}
	| {readonly kind: 'ask'; readonly text: Editor}
	| {readonly kind: 'unlock'; readonly name: string}
	| {readonly kind: 'frozen'; readonly at: number}
	/** Which agents continue after a freeze, by id; `at`: since when all is frozen. */
	| {readonly kind: 'unfreeze'; readonly marked: readonly string[]; readonly index: number; readonly at: number}
	| {readonly kind: 'kill-all'}
	| Menu
	/** Of a list, or of the page on top. */
	| {readonly kind: 'filter'; readonly list: List | 'page'; readonly text: Editor}
	| {readonly kind: 'goto'; readonly text: Editor}
	| {readonly kind: 'hint'; readonly agent: string}
	| {readonly kind: 'cancel'; readonly task: string}
	| {readonly kind: 'replan'; readonly feature: string}
	| {readonly kind: 'cost'; readonly sort: CostSort}
	/** A line in the cost, in dollars. */
	| {readonly kind: 'budget'; readonly sort: CostSort; readonly text: Editor}
	| {readonly kind: 'request-changes'; readonly task: string}
	| {readonly kind: 'revert'; readonly task: string}
	/** What changed since `seen`. */
	| {readonly kind: 'changes'; readonly index: number; readonly seen: Unread}
	/** The end of what a task's tests or its agent printed, with the cause of its failure. */
	| LogDialog
	/** On a place of a change; `quote`: what stands there. */
	| {
			readonly kind: 'comment';
			readonly task: string;
			readonly file: string;
			readonly line: number;
			readonly quote: string;
			readonly severity: 'must-fix' | 'nit';
	  }
	| {readonly kind: 'merge'; readonly task: string}
	/** What is looked for in a pane: from where, and what stood there before. */
	| {readonly kind: 'search'; readonly text: Editor; readonly from: OpenScroll; readonly before: Scroll}
	| Decision;

/** All keys, or all commands: filtered while one types, and run by enter in the context that they lie over. */
export type Menu = {
	readonly kind: 'help' | 'palette';
	readonly filter: Editor;
	/** Of the marked row among those that the filter leaves. */
	readonly index: number;
	/** The dialog that it covers, to which it leads back. */
	readonly over: Dialog | undefined;
};

/** `agent` or `task` may be ''. `up`: lines below the last one shown, 0 follows. */
export type LogDialog = {
	readonly kind: 'log';
	readonly task: string;
	readonly agent: string;
	readonly up: number;
	readonly isWrapped: boolean;
};

/** The dialogs in which a human decides what a task asks: its plan, or whether work continues. */
export type Decision = {
	readonly kind: 'plan' | 'decide';
	readonly task: string;
	/** Of the chosen task in the plan. */
	readonly index: number;
	readonly scroll: number;
	/** When what is to be decided was painted, 0 before: keys typed until then are dropped. */
	readonly paintedAt: number;
	/** Words of a rejection are being written. */
	readonly isWriting: boolean;
	/** The decision is on its way; the dialog closes when the task asks no longer. */
	readonly isSent: boolean;
};
