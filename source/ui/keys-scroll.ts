import type {KeyRow} from './key-row.ts';

/** Keys while a pane is read, and of the line that says what is looked for in it. What is not here means what it means in the room. */
export const SCROLL_KEYS = [
	{scope: 'scroll', keys: ['/'], action: 'search', label: 'search', help: 'search upwards', group: 'MOVE', order: 1},
	{scope: 'scroll', keys: ['n'], action: 'next-match', label: 'up', help: 'next match up', group: 'MOVE', order: 2, needs: 'search'},
	{
		scope: 'scroll',
		keys: ['N'],
		action: 'previous-match',
		label: 'down',
		help: 'next match down',
		group: 'MOVE',
		order: 3,
		needs: 'search',
	},
	{scope: 'scroll', keys: ['v'], action: 'select-lines', label: 'select', help: 'select lines / let go', group: 'SEE', order: 5},
	{scope: 'scroll', keys: ['V'], action: 'select-block', label: 'block', help: 'select a block of cells', group: 'SEE', order: 8},
	{scope: 'scroll', keys: ['y'], action: 'copy', label: 'copy', help: 'copy the selection, or the line', group: 'SEE', order: 6},
	{scope: 'scroll', keys: ['f'], action: 'follow', label: 'follow', help: 'follow the live end', group: 'MOVE', order: 7},
	{scope: 'scroll', keys: ['E'], action: 'open-lines', label: 'editor', help: 'all lines in your editor', group: 'SEE', order: 9},
	{scope: 'scroll', keys: ['q'], action: 'leave', label: 'leave', help: 'back to the room', group: 'ROOM', order: 4},
	{scope: 'scroll', keys: ['l'], action: 'right', label: '', help: 'a cell to the right', group: 'MOVE'},
	{scope: 'scroll', keys: ['K'], action: 'view-up', label: '', help: 'move the window up', group: 'MOVE'},
	{scope: 'scroll', keys: ['J'], action: 'view-down', label: '', help: 'move the window down', group: 'MOVE'},

	{scope: 'search', keys: ['enter'], action: 'keep', label: 'go on with n N', help: 'keep what is marked', group: '', order: 1},
	{scope: 'search', keys: ['up'], action: 'next', label: 'up', help: 'next match up', group: '', order: 2},
	{scope: 'search', keys: ['down'], action: 'previous', label: 'down', help: 'next match down', group: '', order: 3},
	{scope: 'search', keys: ['esc'], action: 'close', label: 'cancel', help: 'back to where you were', group: '', order: 4},
] as const satisfies readonly KeyRow[];
