import type {KeyRow} from './key-row.ts';

/** Keys of the page of a task, over the room's. */
export const TASK_KEYS = [
	{scope: 'task', keys: ['1'], action: 'task-panel-1', label: '', help: 'Timeline', group: ''},
	{scope: 'task', keys: ['2'], action: 'task-panel-2', label: '', help: 'Attempts', group: ''},
	{scope: 'task', keys: ['3'], action: 'task-panel-3', label: '', help: 'Task', group: ''},
	{scope: 'task', keys: ['4'], action: 'task-panel-4', label: '', help: 'Diff (j k move its cursor)', group: ''},
	{scope: 'task', keys: ['5'], action: 'task-panel-5', label: '', help: 'Merge check', group: ''},
	{scope: 'task', keys: ['d'], action: 'task-diff', label: 'diff', help: 'the diff; again: on the whole page', group: '', order: 4},
	{scope: 'task', keys: ['}'], action: 'next-stop', label: 'next hunk', help: 'next hunk or comment', group: '', order: 20},
	{scope: 'task', keys: ['{'], action: 'previous-stop', label: '', help: 'previous hunk or comment', group: ''},
	{scope: 'task', keys: ['C'], action: 'comment', label: 'comment', help: 'comment on the line of the diff…', group: '', order: 5},
	{scope: 'task', keys: ['V'], action: 'accept-review', label: '', help: 'accept the review that waits for you…', group: ''},
	{scope: 'task', keys: ['M'], action: 'merge', label: 'merge', help: 'merge…', group: '', order: 6},
	{scope: 'task', keys: ['W'], action: 'wrap-diff', label: '', help: 'wrap long lines of the diff on / off', group: ''},

	{scope: 'comment', keys: ['enter'], action: 'send', label: 'send', help: 'send the comment', group: '', order: 1},
	{scope: 'comment', keys: ['tab', 'shift+tab'], action: 'severity', label: 'must-fix / nit', help: 'must-fix or nit', group: '', order: 2},
	{scope: 'comment', keys: ['esc'], action: 'close', label: 'back (words are kept)', help: 'back, the words are kept', group: '', order: 3},

	{scope: 'merge', keys: ['esc', 'enter'], action: 'close', label: 'leave it (default)', help: 'leave it as it is', group: '', order: 1},
	{scope: 'merge', keys: ['M'], action: 'merge', label: 'merge next', help: 'merge it before others', group: '', order: 2},
] as const satisfies readonly KeyRow[];
