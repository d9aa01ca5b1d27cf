import type {KeyRow} from './key-row.ts';

/** Keys of the screen before a repository's first room. */
export const START_KEYS = [
	{
		scope: 'start',
		keys: ['enter'],
		action: 'open',
		label: 'open the room',
		help: 'open the room',
		group: '',
		order: 1,
	},
	{scope: 'start', keys: ['n'], action: 'new-task', label: 'new task', help: 'open it, write a task', group: '', order: 2},
	{scope: 'start', keys: ['i'], action: 'init', label: 'init', help: 'write agent-room.yaml', group: '', order: 3},
	{scope: 'start', keys: ['d'], action: 'demo', label: 'demo', help: 'demo: fake agents, no cost', group: '', order: 4},
	{scope: 'start', keys: ['c'], action: 'check', label: 'check again', help: 'look again', group: '', order: 5},
	{scope: 'start', keys: ['esc'], action: 'back', label: '', help: 'forget what was said', group: ''},
	{scope: 'start', keys: ['q', 'ctrl+c'], action: 'leave', label: 'quit', help: 'quit', group: '', order: 6},
] as const satisfies readonly KeyRow[];
