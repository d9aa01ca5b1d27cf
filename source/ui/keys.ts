/** Where a key counts. `room` is the screen without a dialog; every other scope is one dialog or line editor. */
export const SCOPES = [
	'room',
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
] as const;
export type Scope = (typeof SCOPES)[number];

/** What must be selected or true for a key to do something; its hint is hidden otherwise. */
export type Need = 'row' | 'agent' | 'question' | 'task' | 'dead-task' | 'lock' | 'attention' | 'typed' | 'dead';

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

/**
 * Every key of the room, once. The footer, the help and the dialogs are printed from these rows, and only keys that work are here.
 * No function keys, no Alt, no ctrl+a or ctrl+b (multiplexers take them).
 */
export const KEYS = [
	{
		scope: 'room',
		keys: ['enter', 'i'],
		action: 'type',
		label: 'type',
		help: 'type into the pane',
		group: 'AGENT',
		order: 1,
		needs: 'agent',
	},
	{scope: 'room', keys: ['space'], action: 'peek', label: 'peek', help: 'peek and reply', group: 'SEE', order: 2, needs: 'row'},
	{
		scope: 'room',
		keys: ['a'],
		action: 'next-attention',
		label: 'next▲',
		help: 'next that needs you',
		group: 'SEE',
		order: 3,
		needs: 'attention',
	},
	{scope: 'room', keys: ['A'], action: 'previous-attention', label: '', help: 'previous that needs you', group: 'SEE', needs: 'attention'},
	{scope: 'room', keys: ['n'], action: 'new-task', label: 'new task', help: 'new task', group: 'TASK', order: 4},
	{scope: 'room', keys: ['p'], action: 'pause', label: 'pause', help: 'pause / resume', group: 'AGENT', order: 5, needs: 'agent'},
	{scope: 'room', keys: ['r'], action: 'reassign', label: 'reassign', help: 'reassign its task…', group: 'AGENT', order: 6, needs: 'task'},
	{scope: 'room', keys: ['x'], action: 'stop', label: 'stop', help: 'stop…', group: 'AGENT', order: 7, needs: 'agent'},
	{
		scope: 'room',
		keys: ['R'],
		action: 'requeue',
		label: 'requeue',
		help: 'requeue a dead task',
		group: 'TASK',
		order: 8,
		needs: 'dead-task',
	},
	{scope: 'room', keys: ['u'], action: 'unlock', label: 'unlock', help: 'unlock…', group: 'TASK', order: 8, needs: 'lock'},
	{scope: 'room', keys: ['z'], action: 'zoom', label: 'zoom', help: 'zoom the pane on / off', group: 'SEE', order: 9, needs: 'agent'},
	{scope: 'room', keys: ['/'], action: 'filter', label: 'filter', help: 'filter, esc clears', group: 'MOVE', order: 10, needs: 'row'},
	{scope: 'room', keys: ["'"], action: 'goto', label: 'go to', help: 'go to dev-1, t-3', group: 'MOVE', order: 11, needs: 'row'},
	{scope: 'room', keys: ['P'], action: 'drain', label: 'drain', help: 'drain: no new tasks', group: 'ROOM', order: 12},
	{
		scope: 'room',
		keys: ['X'],
		action: 'freeze',
		label: 'freeze all',
		help: 'FREEZE ALL; again: kill…',
		group: 'ROOM',
		order: 13,
		isDanger: true,
	},
	{scope: 'room', keys: ['q', 'ctrl+c'], action: 'quit', label: 'quit', help: 'quit… (agents may go on)', group: 'ROOM', order: 14},
	{scope: 'room', keys: ['j', 'down'], action: 'down', label: '', help: 'down', group: 'MOVE'},
	{scope: 'room', keys: ['k', 'up'], action: 'up', label: '', help: 'up', group: 'MOVE'},
	{scope: 'room', keys: ['g', 'home'], action: 'first', label: '', help: 'first', group: 'MOVE'},
	{scope: 'room', keys: ['G', 'end'], action: 'last', label: '', help: 'last', group: 'MOVE'},
	{scope: 'room', keys: ['ctrl+d', 'pgdn'], action: 'half-down', label: '', help: 'half a page down', group: 'MOVE'},
	{scope: 'room', keys: ['ctrl+u', 'pgup'], action: 'half-up', label: '', help: 'half a page up', group: 'MOVE'},
	{scope: 'room', keys: ['h', 'left'], action: 'left', label: '', help: 'panel or tab to the left', group: 'MOVE'},
	{scope: 'room', keys: ['right'], action: 'right', label: '', help: 'panel or tab to the right', group: 'MOVE'},
	{scope: 'room', keys: ['tab'], action: 'next-panel', label: '', help: 'next panel', group: 'MOVE'},
	{scope: 'room', keys: ['shift+tab'], action: 'previous-panel', label: '', help: 'previous panel', group: 'MOVE'},
	{scope: 'room', keys: ['0'], action: 'panel-0', label: '', help: 'the pane (j k scroll it)', group: 'MOVE'},
	{scope: 'room', keys: ['1'], action: 'panel-1', label: '', help: 'Agents', group: 'MOVE'},
	{scope: 'room', keys: ['2'], action: 'panel-2', label: '', help: 'Queue', group: 'MOVE'},
	{scope: 'room', keys: ['3'], action: 'panel-3', label: '', help: 'Locks', group: 'MOVE'},
	{scope: 'room', keys: ['4'], action: 'panel-4', label: '', help: 'Events', group: 'MOVE'},
	{scope: 'room', keys: ['5'], action: 'panel-5', label: '', help: 'Orchestrator', group: 'MOVE'},
	{scope: 'room', keys: ['ctrl+]'], action: 'back-to-pane', label: '', help: 'back into that pane', group: 'AGENT', needs: 'typed'},
	{scope: 'room', keys: ['esc'], action: 'back', label: '', help: 'back, close; never quits', group: 'ROOM'},
	{scope: 'room', keys: ['ctrl+l'], action: 'redraw', label: '', help: 'redraw', group: 'ROOM'},
	{scope: 'room', keys: ['?'], action: 'help', label: 'keys', help: 'this help', group: 'ROOM'},

	{scope: 'type', keys: ['ctrl+]'], action: 'leave', label: 'room', help: 'back to the room', group: '', order: 1},

	{scope: 'peek', keys: ['enter'], action: 'reply', label: 'reply', help: 'send the reply', group: '', order: 2, needs: 'question'},
	{scope: 'peek', keys: ['up', 'shift+tab'], action: 'previous', label: '', help: 'previous that needs you', group: ''},
	{scope: 'peek', keys: ['down', 'tab'], action: 'next', label: 'others', help: 'next that needs you', group: '', order: 3},
	{scope: 'peek', keys: ['right'], action: 'into', label: 'into the pane', help: 'type into the pane', group: '', order: 4, needs: 'agent'},
	{scope: 'peek', keys: ['esc'], action: 'close', label: 'close', help: 'close', group: '', order: 9},

	{scope: 'form', keys: ['tab', 'down'], action: 'next-field', label: 'next field', help: 'next field', group: '', order: 1},
	{scope: 'form', keys: ['shift+tab', 'up'], action: 'previous-field', label: '', help: 'previous field', group: ''},
	{scope: 'form', keys: ['ctrl+s'], action: 'queue', label: 'queue', help: 'queue the task', group: '', order: 3},
	{scope: 'form', keys: ['esc'], action: 'close', label: 'cancel (draft is kept)', help: 'close, the draft is kept', group: '', order: 4},

	{scope: 'stop', keys: ['esc', 'enter'], action: 'close', label: 'keep working (default)', help: 'keep working', group: '', order: 1},
	{scope: 'stop', keys: ['i'], action: 'interrupt', label: 'interrupt', help: 'interrupt the turn only', group: '', order: 2},
	{scope: 'stop', keys: ['q'], action: 'stop', label: 'stop and requeue', help: 'stop, requeue its task', group: '', order: 3},
	{scope: 'stop', keys: ['X'], action: 'kill', label: 'kill', help: 'kill now, requeue its task', group: '', order: 4, isDanger: true},

	{scope: 'reassign', keys: ['enter'], action: 'choose', label: 'reassign', help: 'give the task to it', group: '', order: 1},
	{scope: 'reassign', keys: ['down', 'j'], action: 'next', label: 'choose', help: 'next', group: '', order: 2},
	{scope: 'reassign', keys: ['up', 'k'], action: 'previous', label: '', help: 'previous', group: ''},
	{scope: 'reassign', keys: ['esc'], action: 'close', label: 'cancel', help: 'leave it where it is', group: '', order: 3},

	{scope: 'unlock', keys: ['esc', 'enter'], action: 'close', label: 'keep the lock (default)', help: 'keep the lock', group: '', order: 1},
	{scope: 'unlock', keys: ['u'], action: 'unlock', label: 'unlock', help: 'drop the lock', group: '', order: 2, isDanger: true},

	{
		scope: 'quit',
		keys: ['d', 'enter', 'ctrl+c'],
		action: 'detach',
		label: 'detach, agents go on (default)',
		help: 'detach, agents go on',
		group: '',
		order: 1,
	},
	{
		scope: 'quit',
		keys: ['s'],
		action: 'stop',
		label: 'stop the room',
		help: 'stop the room, work is saved',
		group: '',
		order: 2,
		isDanger: true,
	},
	{scope: 'quit', keys: ['esc'], action: 'close', label: 'stay', help: 'stay', group: '', order: 3},

	{scope: 'frozen', keys: ['r'], action: 'resume', label: 'resume all', help: 'resume all', group: '', order: 1},
	{scope: 'frozen', keys: ['X'], action: 'kill', label: 'kill all…', help: 'kill all agents…', group: '', order: 2, isDanger: true},
	{scope: 'frozen', keys: ['esc', 'enter'], action: 'close', label: 'look around', help: 'stay frozen, look around', group: '', order: 3},

	{scope: 'kill-all', keys: ['esc', 'enter'], action: 'close', label: 'keep them (default)', help: 'keep them frozen', group: '', order: 1},
	{scope: 'kill-all', keys: ['K'], action: 'kill', label: 'kill all', help: 'kill every agent now', group: '', order: 2, isDanger: true},

	{scope: 'help', keys: ['enter'], action: 'run', label: 'run the key', help: 'run the marked key', group: '', order: 2},
	{scope: 'help', keys: ['down'], action: 'next', label: 'choose', help: 'next', group: '', order: 1},
	{scope: 'help', keys: ['up'], action: 'previous', label: '', help: 'previous', group: ''},
	{scope: 'help', keys: ['esc', '?'], action: 'close', label: 'close', help: 'close', group: '', order: 3},

	{scope: 'filter', keys: ['enter'], action: 'keep', label: 'keep', help: 'keep the filter', group: '', order: 1},
	{scope: 'filter', keys: ['esc'], action: 'close', label: 'clear', help: 'clear the filter', group: '', order: 2},
	{scope: 'goto', keys: ['enter'], action: 'go', label: 'go', help: 'go there', group: '', order: 1},
	{scope: 'goto', keys: ['esc'], action: 'close', label: 'cancel', help: 'cancel', group: '', order: 2},

	{scope: 'lesson', keys: ['ctrl+]'], action: 'learn', label: 'I know the way back', help: 'the way back from a pane', group: '', order: 1},
	{scope: 'lesson', keys: ['esc'], action: 'close', label: 'not now', help: 'not now', group: '', order: 2},
] as const satisfies readonly KeyRow[];
