import {onTestFinished} from 'vitest';
import {createRoomState, type RoomState} from '../../source/room/parts/state.ts';

/** The state of a room that has nothing else; it ends with the test. */
export const createState = (): RoomState => {
	const state = createRoomState(
		{
			repository: {name: 'shop', root: '/shop', base: 'main', baseCommit: ''},
			room: {id: 'room:1', pid: 1, startedAt: 0, terminals: 0},
			heartbeatTtlMs: 30_000,
			leaseMs: 15_000,
			hasTestCommand: true,
			isTrusted: true,
			settings: {files: [], values: []},
		},
		{
			panes: () => new Map(),
			pane: () => undefined,
			dispatch: () => Promise.reject(new Error('no room')),
			whole: async () => undefined,
			look: async () => undefined,
			personGit: async () => undefined,
			files: async () => [],
			keepFile: async () => undefined,
			past: {entries: async () => undefined, look: async () => undefined},
			terminals: () => 0,
		},
	);
	onTestFinished(() => state.close());
	return state;
};
