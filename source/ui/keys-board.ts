import type {KeyRow} from './key-row.ts';

/** Keys of the board, of what changed and of the cost. */
export const BOARD_KEYS = [
	{scope: 'board', keys: ['h', 'left'], action: 'left', label: 'column', help: 'column to the left', group: '', order: 1},
	{scope: 'board', keys: ['l', 'right'], action: 'right', label: 'column', help: 'column to the right', group: '', order: 1},
	{
		scope: 'board',
		keys: ['J', 'shift+down'],
		action: 'later',
		label: 'order',
		help: 'task later in the queue',
		group: '',
		order: 9,
		needs: 'queued-task',
	},
	{
		scope: 'board',
		keys: ['K', 'shift+up'],
		action: 'sooner',
		label: 'order',
		help: 'task sooner in the queue',
		group: '',
		order: 9,
		needs: 'queued-task',
	},
	{
		scope: 'board',
		keys: ['+', '='],
		action: 'raise',
		label: 'priority',
		help: 'raise the priority',
		group: '',
		order: 10,
		needs: 'queued-task',
	},
	{scope: 'board', keys: ['-'], action: 'lower', label: 'priority', help: 'lower the priority', group: '', order: 10, needs: 'queued-task'},
	{scope: 'board', keys: ['v'], action: 'mark', label: 'mark', help: 'mark / unmark the card', group: '', order: 9, needs: 'list-row'},
	{scope: 'board', keys: ['*'], action: 'mark-all', label: 'mark', help: 'mark all of the column', group: '', order: 9, needs: 'list-row'},
	{scope: 'board', keys: ['/'], action: 'filter', label: 'filter', help: 'filter the board', group: '', order: 8},
	{scope: 'board', keys: ['s'], action: 'sort', label: 'sort', help: 'sort by order, age or cost', group: '', order: 8},

	{scope: 'changes', keys: ['enter', 'space'], action: 'open', label: 'open', help: 'go there', group: '', order: 1},
	{scope: 'changes', keys: ['down', 'j'], action: 'next', label: 'choose', help: 'next', group: '', order: 2},
	{scope: 'changes', keys: ['up', 'k'], action: 'previous', label: '', help: 'previous', group: ''},
	{scope: 'changes', keys: ['m'], action: 'seen', label: 'seen', help: 'count all of it as seen', group: '', order: 3},
	{scope: 'changes', keys: ['esc', 'w'], action: 'close', label: 'close', help: 'close', group: '', order: 4},

	{scope: 'cost', keys: ['b'], action: 'budget', label: 'budget…', help: 'set the budget', group: '', order: 2},
	{scope: 'cost', keys: ['s'], action: 'sort', label: 'sort', help: 'sort by money, tokens or name', group: '', order: 3},
	{scope: 'cost', keys: ['e'], action: 'export', label: 'as JSON', help: 'all of it as JSON, in your editor', group: '', order: 4},
	{scope: 'budget', keys: ['enter'], action: 'set', label: 'set', help: 'set it; 0 for none', group: '', order: 1},
	{scope: 'budget', keys: ['esc'], action: 'close', label: 'back', help: 'leave it as it is', group: '', order: 2},
] as const satisfies readonly KeyRow[];
