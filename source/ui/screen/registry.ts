import {ADD_AGENT, REASSIGN} from '../dialogs/agents.tsx';
import {PEEK} from '../dialogs/card-draw.tsx';
import {CHANGES} from '../dialogs/changes.tsx';
import {COMMENT} from '../dialogs/comment.tsx';
import {CONFIRM} from '../dialogs/confirm.tsx';
import {COPY} from '../dialogs/copy.tsx';
import {BUDGET, COST} from '../dialogs/cost-draw.tsx';
import {DECIDE} from '../dialogs/decision-draw.tsx';
import {FORM} from '../dialogs/form-draw.tsx';
import {FROZEN, RECOVERY, START_EMPTY, UNFREEZE} from '../dialogs/freeze.tsx';
import {FIND, LOG} from '../dialogs/log.tsx';
import {HELP, PALETTE} from '../dialogs/menu-draw.tsx';
import {MERGE} from '../dialogs/merge.tsx';
import {PLAN} from '../dialogs/plan-draw.tsx';
import {ASK, FILTER, GOTO, SEARCH} from '../dialogs/prompt.ts';
import {CANCEL, HINT, KILL_ALL, QUIT, REVERT, UNLOCK} from '../dialogs/questions.tsx';
import {SETTINGS} from '../dialogs/settings.tsx';
import {STOP} from '../dialogs/stop.tsx';
import {REPLAN, REQUEST_CHANGES} from '../dialogs/write-reason.tsx';
import {type Drawing, once} from '../draw/context.ts';
import type {DialogKind, PageKind} from '../hooks/kinds.ts';
import type {KeyRow} from '../keymap/row.ts';
import {BOARD_KEYS, boardBehaviour, boardOrders} from '../pages/board/board.ts';
import {BoardPanels, boardPage} from '../pages/board/draw.tsx';
import {EventsPanels, eventsPage} from '../pages/events/draw.tsx';
import {EVENTS_KEYS, eventsBehaviour, eventsOrders} from '../pages/events/events.ts';
import {FIGURES} from '../pages/figures/figures.tsx';
import {HOSTS} from '../pages/hosts/hosts.tsx';
import {LOCKS_KEYS, LocksPanels, locksBehaviour, locksPage} from '../pages/locks/locks.tsx';
import {MergesPanels, mergesPage} from '../pages/merges/draw.tsx';
import {MERGES_KEYS, mergesBehaviour, mergesOrders} from '../pages/merges/merges.ts';
import {ReplayPanels, replayPage} from '../pages/replay/draw.tsx';
import {REPLAY_KEYS, refusalInPast, replayBehaviour, replayOrders} from '../pages/replay/replay.ts';
import {TaskPanels, taskPage} from '../pages/task/draw.tsx';
import {FIND_ON_PAGE, FOUND_KEYS, findOrders} from '../pages/task/find.ts';
import {TASK_KEYS, taskBehaviour, taskPageOrders} from '../pages/task/task.ts';
import {BROADCAST} from '../pages/wall/broadcast.tsx';
import {WALL} from '../pages/wall/wall.tsx';
import type {Move, PageContent} from '../state/descriptor.ts';
import {focusOn} from '../state/focus.ts';
import {type Context, type Overflow, refuse, type Updated, unchanged} from '../state/message.ts';
import {replaceTop, togglePage} from '../state/open.ts';
import {withChosen} from '../state/page-task.ts';
import type {Page} from '../state/pages.ts';
import {type Dialog, pageOf, shownPage, type ViewState} from '../state/state.ts';
import {DEMO_END} from './demo-end.tsx';

/** The states of a kind: two menus and two decisions share a shape. */
type StateOf<K, D = Dialog> = D extends {readonly kind: infer Kinds} ? (K extends Kinds ? D : never) : never;

/** All kinds of dialogs; a new one needs a row here. */
const DIALOGS: {readonly [K in Dialog['kind']]: DialogKind<StateOf<K>>} = {
	peek: PEEK,
	form: FORM,
	stop: STOP,
	reassign: REASSIGN,
	unlock: UNLOCK,
	quit: QUIT,
	frozen: FROZEN,
	unfreeze: UNFREEZE,
	'kill-all': KILL_ALL,
	help: HELP,
	palette: PALETTE,
	filter: FILTER,
	goto: GOTO,
	hint: HINT,
	plan: PLAN,
	decide: DECIDE,
	cancel: CANCEL,
	replan: REPLAN,
	comment: COMMENT,
	merge: MERGE,
	'request-changes': REQUEST_CHANGES,
	revert: REVERT,
	cost: COST,
	log: LOG,
	find: FIND,
	'find-on-page': FIND_ON_PAGE,
	search: SEARCH,
	changes: CHANGES,
	budget: BUDGET,
	confirm: CONFIRM,
	copy: COPY,
	broadcast: BROADCAST,
	'demo-end': DEMO_END,
	'add-agent': ADD_AGENT,
	ask: ASK,
	settings: SETTINGS,
	recovery: RECOVERY,
	'start-empty': START_EMPTY,
};

/** All kinds of pages. */
const PAGES: {readonly [K in Page['kind']]: PageKind<Extract<Page, {kind: K}>>} = {
	task: {
		word: 'TASK',
		keys: [...TASK_KEYS, ...FOUND_KEYS],
		orders: {...taskPageOrders, ...findOrders},
		content: taskPage,
		Part: TaskPanels,
		...taskBehaviour,
	},
	board: {
		word: 'BOARD',
		keys: BOARD_KEYS,
		orders: boardOrders,
		content: boardPage,
		Part: BoardPanels,
		// The selection from the first sight on, also under another page.
		kept: (page, _state, context) => withChosen(page, context),
		...boardBehaviour,
	},
	merges: {word: 'MERGES', keys: MERGES_KEYS, orders: mergesOrders, content: mergesPage, Part: MergesPanels, ...mergesBehaviour},
	events: {word: 'EVENTS', keys: EVENTS_KEYS, orders: eventsOrders, content: eventsPage, Part: EventsPanels, ...eventsBehaviour},
	replay: {
		word: 'REPLAY',
		keys: REPLAY_KEYS,
		orders: replayOrders,
		content: replayPage,
		Part: ReplayPanels,
		...replayBehaviour,
		refuses: refusalInPast,
	},
	hosts: HOSTS,
	wall: WALL,
	figures: FIGURES,
	locks: {
		word: 'LOCKS',
		title: 'locks and heartbeats',
		keys: LOCKS_KEYS,
		orders: {},
		content: locksPage,
		Part: LocksPanels,
		...locksBehaviour,
	},
};

/** Each kind gets its own state, which the compiler cannot follow through a union. */
export const kindOf = (dialog: Dialog): DialogKind<Dialog> => DIALOGS[dialog.kind] as DialogKind<Dialog>;
export const pageKindOf = (page: Page): PageKind<Page> => PAGES[page.kind] as PageKind<Page>;

const DIALOG_KINDS = Object.values(DIALOGS) as readonly unknown[] as readonly DialogKind<Dialog>[];
const PAGE_KINDS = Object.values(PAGES) as readonly unknown[] as readonly PageKind<Page>[];

type Kind = Pick<DialogKind<Dialog> | PageKind<Page>, 'keys' | 'title'> & {readonly opens?: {readonly key: KeyRow}};
const keysOf = ({keys, title, opens}: Kind, isOfPage: boolean): readonly KeyRow[] => [
	...(opens ? [opens.key] : []),
	...keys.map(row => (title === undefined ? row : {...row, place: title, ...(isOfPage ? {isOfPage} : {})})),
];

/** Keys of pages or dialogs, with the room keys that open them. */
export const PAGE_KEYS: readonly KeyRow[] = PAGE_KINDS.flatMap(kind => keysOf(kind, true));
export const DIALOG_KEYS: readonly KeyRow[] = DIALOG_KINDS.flatMap(kind => keysOf(kind, false));

/** Opens an action's dialog or page; undefined if it has none. */
export const openedBy = (state: ViewState, action: string, context: Context): Updated | undefined => {
	const page = PAGE_KINDS.find(({opens}) => opens?.key.action === action)?.opens?.first(state, context);
	if (page) return typeof page === 'string' ? refuse(state, page, context) : unchanged(togglePage(state, page));
	const first = DIALOG_KINDS.find(({opens}) => opens?.key.action === action)?.opens?.first(state, context);
	if (first === undefined) return undefined;
	return typeof first === 'string' ? refuse(state, first, context) : unchanged({...state, dialog: first});
};

export const movePage = (state: ViewState, move: Move, context: Context): ViewState => {
	const page = pageOf(state);
	return page ? replaceTop(state, pageKindOf(page).move(page, move, context, state)) : state;
};

/** Pages after a change: each keeps what follows from it. */
export const keepPages = (state: ViewState, context: Context): ViewState => {
	const kept = state.pages.map(page => pageKindOf(page).kept?.(page, state, context) ?? page);
	return kept.every((page, at) => page === state.pages[at]) ? state : {...state, pages: kept};
};

/** Selects a click target of the top page or the agents. */
export const choose = (state: ViewState, at: {readonly column: string; readonly id: string}): ViewState => {
	const page = pageOf(state);
	if (state.dialog) return state;
	if (page) return replaceTop(state, pageKindOf(page).choose?.(page, at) ?? page);
	if (at.column !== '1') return state;
	return {...focusOn(state, 1), selected: at.id === '' ? state.selected : {...state.selected, 1: at.id}};
};

/** Runs a page's own action; undefined if it has none of that name. */
export const runPage = (state: ViewState, page: Page, action: string, context: Context): Updated | undefined => {
	const kind = pageKindOf(page);
	const own = kind.orders[action]?.(state, page, context);
	const refusal = own ? '' : (kind.refuses?.(action, context) ?? '');
	return refusal ? refuse(state, refusal, context) : own;
};

/** The page over the room; undefined if there is none. */
export const pageContent = once((drawing): PageContent | undefined => {
	const page = shownPage(drawing.state);
	return page && drawing.layout.kind !== 'zoom' ? pageKindOf(page).content(drawing, page) : undefined;
});

/** Whether nothing on the screen tells what panes print, but their own cells. */
export const isOfCells = (state: ViewState): boolean => {
	const page = shownPage(state);
	return state.dialog === undefined && page !== undefined && pageKindOf(page).isOfCells === true;
};

/** The dialog's hidden rows, and the first row of each menu page. */
export const dialogOverflow = (drawing: Drawing): Pick<Overflow, 'dialog' | 'starts'> => {
	const {dialog} = drawing.state;
	const kind = dialog && kindOf(dialog);
	return {
		dialog: (dialog && kind?.overflow?.(drawing, dialog)) ?? 0,
		starts: (dialog && kind?.starts?.(drawing, dialog)) ?? [],
	};
};
