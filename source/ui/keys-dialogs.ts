import type {KeyRow} from './key-row.ts';

/** Keys of typing into a pane, of dialogs and of line editors. */
export const DIALOG_KEYS = [
	{scope: 'type', keys: ['ctrl+]'], action: 'leave', label: 'room', help: 'back to the room', group: '', order: 1},

	{scope: 'peek', keys: ['enter'], action: 'reply', label: 'reply', help: 'send the reply', group: '', order: 2, needs: 'question'},
	{scope: 'peek', keys: ['up', 'shift+tab'], action: 'previous', label: '', help: 'previous that needs you', group: ''},
	{scope: 'peek', keys: ['down', 'tab'], action: 'next', label: 'others', help: 'next that needs you', group: '', order: 3},
	{
		scope: 'peek',
		keys: ['pgdn'],
		action: 'scroll-down',
		label: 'scroll',
		help: 'scroll what it is about',
		group: '',
		order: 5,
		needs: 'detail',
	},
	{scope: 'peek', keys: ['pgup'], action: 'scroll-up', label: '', help: 'scroll back', group: ''},
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
	{scope: 'help', keys: ['pgdn', 'ctrl+d'], action: 'next-page', label: 'page', help: 'next page', group: '', order: 4},
	{scope: 'help', keys: ['pgup', 'ctrl+u'], action: 'previous-page', label: '', help: 'previous page', group: ''},
	{scope: 'help', keys: ['esc', '?'], action: 'close', label: 'close', help: 'close', group: '', order: 3},

	{scope: 'palette', keys: ['enter'], action: 'run', label: 'run', help: 'run the marked command', group: '', order: 2},
	{scope: 'palette', keys: ['down', 'ctrl+n'], action: 'next', label: 'choose', help: 'next', group: '', order: 1},
	{scope: 'palette', keys: ['up', 'ctrl+p'], action: 'previous', label: '', help: 'previous', group: ''},
	{scope: 'palette', keys: ['pgdn'], action: 'next-page', label: '', help: 'next page', group: ''},
	{scope: 'palette', keys: ['pgup'], action: 'previous-page', label: '', help: 'previous page', group: ''},
	{scope: 'palette', keys: ['esc'], action: 'close', label: 'close', help: 'close', group: '', order: 3},

	{scope: 'filter', keys: ['enter'], action: 'keep', label: 'keep', help: 'keep the filter', group: '', order: 1},
	{scope: 'filter', keys: ['esc'], action: 'close', label: 'clear', help: 'clear the filter', group: '', order: 2},
	{scope: 'goto', keys: ['enter'], action: 'go', label: 'go', help: 'go there', group: '', order: 1},
	{scope: 'goto', keys: ['esc'], action: 'close', label: 'cancel', help: 'cancel', group: '', order: 2},

	{scope: 'lesson', keys: ['ctrl+]'], action: 'learn', label: 'I know the way back', help: 'the way back from a pane', group: '', order: 1},
	{scope: 'lesson', keys: ['esc'], action: 'close', label: 'not now', help: 'not now', group: '', order: 2},

	{scope: 'plan', keys: ['y'], action: 'accept', label: 'accept', help: 'accept the plan', group: '', order: 1, needs: 'fine-plan'},
	{scope: 'plan', keys: ['e'], action: 'edit', label: 'edit', help: 'edit it in your editor', group: '', order: 2},
	{scope: 'plan', keys: ['n'], action: 'reject', label: 'reject…', help: 'reject it with words', group: '', order: 3},
	{scope: 'plan', keys: ['u'], action: 'undo', label: 'drop your edit', help: 'drop your edit', group: '', order: 4, needs: 'edited-plan'},
	{scope: 'plan', keys: ['down', 'j'], action: 'next', label: 'choose', help: 'next task of the plan', group: '', order: 5},
	{scope: 'plan', keys: ['up', 'k'], action: 'previous', label: '', help: 'previous task of the plan', group: ''},
	{scope: 'plan', keys: ['ctrl+d', 'pgdn'], action: 'scroll-down', label: 'scroll', help: 'scroll the task', group: '', order: 6},
	{scope: 'plan', keys: ['ctrl+u', 'pgup'], action: 'scroll-up', label: '', help: 'scroll back', group: ''},
	{scope: 'plan', keys: ['tab'], action: 'next-attention', label: '', help: 'next that needs you', group: ''},
	{scope: 'plan', keys: ['shift+tab'], action: 'previous-attention', label: '', help: 'previous that needs you', group: ''},
	{scope: 'plan', keys: ['esc'], action: 'close', label: 'later', help: 'decide later', group: '', order: 9},

	{scope: 'decide', keys: ['y'], action: 'accept', label: 'accept', help: 'accept the work as it is', group: '', order: 1},
	{scope: 'decide', keys: ['n'], action: 'reject', label: 'send back…', help: 'send it back with words', group: '', order: 2},
	{scope: 'decide', keys: ['t', 'enter'], action: 'task', label: 'the task', help: 'the task in full', group: '', order: 3},
	{scope: 'decide', keys: ['down', 'j', 'ctrl+d', 'pgdn'], action: 'scroll-down', label: 'scroll', help: 'scroll', group: '', order: 4},
	{scope: 'decide', keys: ['up', 'k', 'ctrl+u', 'pgup'], action: 'scroll-up', label: '', help: 'scroll back', group: ''},
	{scope: 'decide', keys: ['tab'], action: 'next-attention', label: '', help: 'next that needs you', group: ''},
	{scope: 'decide', keys: ['shift+tab'], action: 'previous-attention', label: '', help: 'previous that needs you', group: ''},
	{scope: 'decide', keys: ['esc'], action: 'close', label: 'later', help: 'decide later', group: '', order: 9},

	{scope: 'words', keys: ['enter'], action: 'send', label: 'send', help: 'send these words', group: '', order: 1},
	{scope: 'words', keys: ['esc'], action: 'close', label: 'back (words are kept)', help: 'back, the words are kept', group: '', order: 2},

	{scope: 'replan', keys: ['enter'], action: 'send', label: 'plan anew', help: 'plan the feature anew', group: '', order: 1},
	{scope: 'replan', keys: ['esc'], action: 'close', label: 'back (words are kept)', help: 'back, the words are kept', group: '', order: 2},

	{scope: 'cost', keys: ['esc', 'enter', 'c'], action: 'close', label: 'close', help: 'close', group: '', order: 2},
	{
		scope: 'cost',
		keys: ['u'],
		action: 'unbrake',
		label: 'try again now',
		help: 'accounts that wait try again',
		group: '',
		order: 1,
		needs: 'brake',
	},

	{scope: 'cancel', keys: ['esc', 'enter'], action: 'close', label: 'keep it (default)', help: 'keep the task', group: '', order: 1},
	{scope: 'cancel', keys: ['D'], action: 'cancel', label: 'cancel it', help: 'cancel the task', group: '', order: 2, isDanger: true},
] as const satisfies readonly KeyRow[];
