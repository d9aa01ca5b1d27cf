import type {KeyRow} from './key-row.ts';

/** Keys of the settings. */
export const SETTINGS_KEYS = [
	{
		scope: 'room',
		keys: [','],
		action: 'settings',
		words: ['config', 'preferences', 'theme', 'colours', 'ascii', 'mouse', 'bell', 'notices', 'motion'],
		label: 'settings',
		help: 'settings: room and view',
		group: 'ROOM',
	},

	{scope: 'settings', keys: ['space', 'enter'], action: 'change', label: 'switch', help: 'switch it in this view', group: '', order: 1},
	{scope: 'settings', keys: ['E'], action: 'edit', label: 'edit', help: 'its file in your $EDITOR', group: '', order: 2},
	{scope: 'settings', keys: ['down', 'j'], action: 'next', label: 'choose', help: 'next', group: '', order: 3},
	{scope: 'settings', keys: ['up', 'k'], action: 'previous', label: '', help: 'previous', group: ''},
	{scope: 'settings', keys: ['ctrl+d', 'pgdn'], action: 'half-down', label: '', help: 'half a page down', group: ''},
	{scope: 'settings', keys: ['ctrl+u', 'pgup'], action: 'half-up', label: '', help: 'half a page up', group: ''},
	{scope: 'settings', keys: ['g', 'home'], action: 'first', label: '', help: 'first', group: ''},
	{scope: 'settings', keys: ['G', 'end'], action: 'last', label: '', help: 'last', group: ''},
	{scope: 'settings', keys: ['esc', ',', 'q'], action: 'close', label: 'close', help: 'close', group: '', order: 9},
] as const satisfies readonly KeyRow[];
