import type {KeyRow} from './key-row.ts';

/** Keys of the page of events and of the past. */
export const RECORD_KEYS = [
	{scope: 'events', keys: ['enter'], action: 'open', label: 'open', help: 'its task, or its agent', group: 'SEE', order: 1},
	{scope: 'events', keys: ['left'], action: 'replay-back', label: 'replay', help: 'the room as it was before it', group: 'SEE', order: 2},
	{scope: 'events', keys: ['right'], action: 'replay-on', label: '', help: 'the room as it was after the next', group: 'SEE'},
	{scope: 'events', keys: ['/'], action: 'filter', label: 'filter', help: 'words, !not, t:t-3 a:dev-1 k:merged', group: 'MOVE', order: 3},
	{scope: 'events', keys: ['f'], action: 'follow', label: 'follow', help: 'follow what comes on / off', group: 'MOVE', order: 4},
	{scope: 'events', keys: ['.'], action: 'quiet', label: 'quiet ones', help: 'entries without a sentence too', group: 'MOVE', order: 5},

	{
		scope: 'locks',
		keys: ['enter'],
		action: 'open',
		label: 'its task',
		help: 'the task of its owner',
		group: 'SEE',
		order: 1,
		needs: 'any-task',
	},
	{
		scope: 'locks',
		keys: ['tab'],
		action: 'next-panel',
		label: 'heartbeats',
		help: 'scroll the heartbeats / the locks',
		group: 'MOVE',
		order: 2,
	},

	{scope: 'replay', keys: ['left', 'h'], action: 'earlier', label: 'back', help: 'one event back', group: 'MOVE', order: 1},
	{scope: 'replay', keys: ['right', 'l'], action: 'later', label: 'on', help: 'one event on', group: 'MOVE', order: 2},
	{scope: 'replay', keys: ['space'], action: 'play', label: 'play', help: 'play on / pause', group: 'SEE', order: 3},
	{scope: 'replay', keys: ['s'], action: 'speed', label: 'speed', help: 'play at 1x, 10x, 60x', group: 'SEE', order: 4},
	{scope: 'replay', keys: ['H', 'shift+left'], action: 'minute-earlier', label: '-1m', help: 'a minute back', group: 'MOVE', order: 5},
	{scope: 'replay', keys: ['L', 'shift+right'], action: 'minute-later', label: '+1m', help: 'a minute on', group: 'MOVE', order: 6},
	{scope: 'replay', keys: ['pgup', 'ctrl+u'], action: 'ten-earlier', label: '-10m', help: 'ten minutes back', group: 'MOVE', order: 7},
	{scope: 'replay', keys: ['pgdn', 'ctrl+d'], action: 'ten-later', label: '+10m', help: 'ten minutes on', group: 'MOVE', order: 8},
	{
		scope: 'replay',
		keys: ['g', 'home'],
		action: 'oldest',
		label: 'oldest',
		help: 'as far back as the record reaches',
		group: 'MOVE',
		order: 6,
	},
	{scope: 'replay', keys: ['G', 'end'], action: 'newest', label: 'newest', help: 'the newest event', group: 'MOVE', order: 10},
	{scope: 'replay', keys: ['enter'], action: 'live', label: 'live', help: 'back to the live room', group: 'SEE', order: 2},
] as const satisfies readonly KeyRow[];
