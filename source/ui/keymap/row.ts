/** Scopes over the room's: a page or a focused panel. Keys they lack act as in the room. */
export const OVER_ROOM = ['task', 'found', 'merges', 'board', 'events', 'replay', 'queue', 'scroll'] as const;

/** Where a key works. `room` is the screen without a dialog; each scope outside `OVER_ROOM` is a dialog or line editor. */
export const SCOPES = [
	'room',
	...OVER_ROOM,
	'start',
	'type',
	'peek',
	'form',
	'stop',
	'reassign',
	'unlock',
	'frozen',
	'unfreeze',
	'kill-all',
	'help',
	'palette',
	'filter',
	'goto',
	'hint',
	'plan',
	'decide',
	'words',
	'cancel',
	'replan',
	'comment',
	'merge',
	'request-changes',
	'revert',
	'cost',
	'log',
	'search',
	'changes',
	'budget',
	'confirm',
	'add-agent',
	'ask',
	'settings',
] as const;
/** Dialogs defined in their own files, by kind: each adds its state here with `declare module`, and is a key scope. */
export interface OwnDialogs {
	quit: object;
}
/** The same for pages. */
export interface OwnPages {
	/** Locks with owners and waiters, and heartbeats; `selected`: a lock's name, '' for the first. */
	locks: {readonly selected: string; readonly column: 0 | 1; readonly scroll: number};
	/**
	 * Many panes at once. `places`: agents in the order of the tiles, those without a tile behind; `tiles`: how many at most, 0 for as many as
	 * fit well.
	 */
	wall: {readonly selected: string; readonly places: readonly string[]; readonly tiles: number};
}
export type Scope = (typeof SCOPES)[number] | keyof OwnDialogs | keyof OwnPages;
/** The room, the pane being typed into, or a dialog. */
export type BaseScope = Exclude<Scope, (typeof OVER_ROOM)[number]>;

const TITLES: Readonly<Record<(typeof SCOPES)[number], string>> = {
	room: 'the room',
	start: 'before the first room',
	task: 'task page',
	found: 'search on a task page',
	merges: 'merge queue',
	board: 'task board',
	events: 'events',
	replay: 'replay',
	queue: 'task queue',
	type: 'typing into a pane',
	peek: 'question or agent dialog',
	form: 'new task',
	stop: 'stop an agent',
	reassign: 'reassign',
	unlock: 'unlock',
	frozen: 'everything is frozen',
	unfreeze: 'resume some',
	'kill-all': 'kill all agents',
	help: 'all keys',
	palette: 'commands',
	filter: 'filter',
	goto: 'go to',
	hint: 'first time in a pane',
	plan: 'plan approval',
	decide: 'approval',
	words: 'comment of a rejection',
	cancel: 'cancel task',
	replan: 'replan',
	comment: 'comment on a change',
	merge: 'merge task',
	'request-changes': 'request changes',
	revert: 'revert merge',
	cost: 'cost',
	changes: 'what changed',
	log: 'log and cause',
	budget: 'budget',
	scroll: 'scrollback',
	search: 'search in scrollback',
	confirm: 'confirmation',
	'add-agent': 'add agent',
	ask: 'ask the Planner',
	settings: 'settings',
};

/** Whether keys that the scope lacks act as in the room. */
export const isOverRoom = (scope: Scope, rows: readonly KeyRow[]): boolean =>
	OVER_ROOM.some(over => over === scope) || rows.some(row => row.scope === scope && row.isOfPage === true);

export const titleOf = (scope: Scope, rows: readonly KeyRow[]): string =>
	(TITLES as Partial<Record<Scope, string>>)[scope] ?? rows.find(row => row.scope === scope)?.place ?? scope;

/** Scopes where characters are text: none can be bound, `?` and `:` included. */
export const TEXT_SCOPES: readonly Scope[] = [
	'type',
	'peek',
	'form',
	'help',
	'palette',
	'filter',
	'goto',
	'words',
	'replan',
	'search',
	'budget',
	'comment',
	'ask',
	'request-changes',
	'find',
	'find-on-page',
	'broadcast',
];

/** What a key needs to be selected or true; its hint is hidden otherwise. */
export type Need =
	| 'row'
	| 'agent'
	| 'program'
	| 'question'
	| 'detail'
	| 'any-task'
	| 'task'
	| 'open-task'
	| 'leased-task'
	| 'again-task'
	| 'log'
	| 'feature'
	| 'lock'
	| 'attention'
	| 'typed'
	| 'fine-plan'
	| 'edited-plan'
	| 'throttle'
	| 'redis-lost'
	| 'budget'
	| 'handed-in'
	| 'merged'
	| 'frozen'
	| 'stray'
	| 'long-frozen'
	| 'search'
	| 'list-row'
	| 'queued-task'
	| 'choice'
	| 'worktree';

/** Why a key is unavailable without its need, as the end of a sentence. */
export const NEED_WORDS: Readonly<Record<Need, string>> = {
	row: 'nothing is selected',
	agent: 'no agent is selected',
	program: 'no program is running there',
	question: 'there is no question',
	detail: 'everything is visible',
	'any-task': 'no task is selected',
	task: 'no open task is selected',
	'open-task': 'no open task is selected',
	'leased-task': 'no agent is running it',
	'again-task': 'it has not failed and cannot restart',
	log: 'it has not been tested',
	feature: 'the task belongs to no feature',
	lock: 'no lock is selected',
	attention: 'nothing needs you',
	typed: 'you have not typed into a pane yet',
	'fine-plan': 'there is no valid plan',
	'edited-plan': 'you have not edited it',
	throttle: 'no account is rate-limited',
	'redis-lost': 'Redis is connected',
	budget: 'there is no budget',
	'handed-in': 'nothing here is submitted',
	merged: 'nothing is merged yet',
	frozen: 'nothing is frozen',
	stray: 'no agent has moved the base branch',
	'long-frozen': 'the freeze is shorter than five minutes',
	search: 'there is no search',
	'list-row': 'no agent or task is selected',
	'queued-task': 'no waiting task is selected',
	choice: 'this is a text field',
	worktree: 'it has no worktree',
};

/** Groups of the room's keys in display order, and their names. */
export const GROUP_TITLES = {SEE: 'inspect', AGENT: 'agents', TASK: 'tasks', ROOM: 'room', MOVE: 'navigation'} as const;

export type KeyRow = {
	readonly scope: Scope;
	/** Title of its scope, for a dialog's or page's own. */
	readonly place?: string;
	readonly isOfPage?: boolean;
	/** None if it is only reachable by name, in the palette. */
	readonly keys: readonly string[];
	readonly action: string;
	/** Synonyms for the palette. */
	readonly words?: readonly string[];
	/** Footer label; '' for no hint. */
	readonly label: string;
	readonly help: string;
	readonly group: keyof typeof GROUP_TITLES | '';
	/** Footer position from 1; missing: not in the footer. */
	readonly order?: number;
	readonly needs?: Need;
	/** Destructive: drawn as a warning. */
	readonly isDanger?: boolean;
};

/** Keys of the screen before a repository's first room. */
export const START_KEYS = [
	{
		scope: 'start',
		keys: ['enter'],
		action: 'open',
		label: 'open room',
		help: 'open room',
		group: '',
		order: 1,
	},
	{scope: 'start', keys: ['n'], action: 'new-task', label: 'new task', help: 'new task', group: '', order: 2},
	{scope: 'start', keys: ['i'], action: 'init', label: 'init', help: 'write agent-room.yaml', group: '', order: 3},
	{scope: 'start', keys: ['d'], action: 'demo', label: 'demo', help: 'run demo (no cost)', group: '', order: 4},
	{scope: 'start', keys: ['c'], action: 'check', label: 'check again', help: 'check again', group: '', order: 5},
	{scope: 'start', keys: ['esc'], action: 'back', label: '', help: 'clear message', group: ''},
	{scope: 'start', keys: ['q', 'ctrl+c'], action: 'leave', label: 'quit', help: 'quit', group: '', order: 6},
] as const satisfies readonly KeyRow[];
