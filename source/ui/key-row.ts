/** Scopes that lie over the room's: a page, or a panel that has the focus. A key that they lack means what it means in the room. */
export const OVER_ROOM = ['task', 'train', 'queue'] as const;

/** Where a key counts. `room` is the screen without a dialog; every scope not `OVER_ROOM` is one dialog or line editor. */
export const SCOPES = [
	'room',
	...OVER_ROOM,
	'type',
	'peek',
	'form',
	'stop',
	'reassign',
	'unlock',
	'quit',
	'frozen',
	'kill-all',
	'help',
	'filter',
	'goto',
	'lesson',
	'plan',
	'decide',
	'words',
	'cancel',
	'replan',
	'cost',
] as const;
export type Scope = (typeof SCOPES)[number];
/** The room, the pane that is typed into, or a dialog. */
export type BaseScope = Exclude<Scope, (typeof OVER_ROOM)[number]>;

/** What must be selected or true for a key to do something; its hint is hidden otherwise. */
export type Need =
	| 'row'
	| 'agent'
	| 'question'
	| 'detail'
	| 'any-task'
	| 'task'
	| 'open-task'
	| 'leased-task'
	| 'dead-task'
	| 'log'
	| 'feature'
	| 'lock'
	| 'attention'
	| 'typed'
	| 'fine-plan'
	| 'edited-plan'
	| 'brake';

export type KeyRow = {
	readonly scope: Scope;
	readonly keys: readonly string[];
	readonly action: string;
	/** In the footer; '' where the key has no hint there. */
	readonly label: string;
	/** One line of the help. */
	readonly help: string;
	readonly group: 'MOVE' | 'SEE' | 'AGENT' | 'TASK' | 'ROOM' | '';
	/** Place in the footer, from 1; rows without one are left out of it. */
	readonly order?: number;
	readonly needs?: Need;
	/** Ends or destroys something: drawn as a warning. */
	readonly isDanger?: boolean;
};
