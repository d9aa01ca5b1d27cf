import type {KeyRow} from './key-row.ts';

/** Keys of the merge train, and of the dialogs that it opens. */
export const TRAIN_KEYS = [
	{
		scope: 'train',
		keys: ['M'],
		action: 'merge',
		label: 'merge…',
		help: 'merge it before others…',
		group: '',
		order: 1,
		needs: 'handed-in',
	},
	{
		scope: 'train',
		keys: ['B'],
		action: 'bounce',
		label: 'send back…',
		help: 'send it back to its author…',
		group: '',
		order: 2,
		needs: 'handed-in',
	},
	{
		scope: 'train',
		keys: ['K', 'shift+up'],
		action: 'sooner',
		label: 'sooner',
		help: 'change places with the one before',
		group: '',
		order: 4,
		needs: 'handed-in',
	},
	{scope: 'train', keys: ['J', 'shift+down'], action: 'later', label: '', help: 'change places with the one behind', group: ''},
	{scope: 'train', keys: ['P'], action: 'hold-merges', label: 'hold', help: 'hold merges, or let them go on', group: '', order: 3},
	{
		scope: 'train',
		keys: ['H'],
		action: 'revert',
		label: 'revert last…',
		help: 'revert what landed last…',
		group: '',
		order: 5,
		needs: 'landed',
	},

	{scope: 'bounce', keys: ['enter'], action: 'send', label: 'send it back', help: 'send it back', group: '', order: 1},
	{scope: 'bounce', keys: ['esc'], action: 'close', label: 'back (words are kept)', help: 'back, the words are kept', group: '', order: 2},

	{scope: 'revert', keys: ['esc', 'enter'], action: 'close', label: 'keep it (default)', help: 'keep it as it is', group: '', order: 1},
	{scope: 'revert', keys: ['H'], action: 'revert', label: 'take it back', help: 'take it back', group: '', order: 2},
] as const satisfies readonly KeyRow[];
