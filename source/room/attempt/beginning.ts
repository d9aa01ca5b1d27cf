import {type Attempt, newDeliveryState, type Workspace} from '../parts/attempt.ts';
import {createLastReported} from '../session/status.ts';

/** What an attempt is at its start, whatever carries it out. `startedAt` by `performance.now()`. */
export const beginning = (
	startedAt: number,
	workspace: Workspace,
): Omit<
	Attempt,
	| ('agent' | 'task' | 'token' | 'pid' | 'surrounded' | 'temporary' | 'files' | 'logFile' | 'process' | 'socket' | 'launched' | 'session')
	| ('ended' | 'stoppedPids' | 'stop' | 'resume' | 'end')
> => {
	const {promise: over, resolve: closeOver} = Promise.withResolvers<void>();
	return {
		startedAt,
		activeAt: startedAt,
		workspace,
		isInterrupted: false,
		isPaused: false,
		stopped: '',
		pausedAt: 0,
		wasSeen: false,
		isEnding: false,
		reported: undefined,
		blocked: '',
		progress: [],
		plan: undefined,
		tested: new Map(),
		lastLines: undefined,
		entries: workspace.entries ?? [],
		endReason: '',
		over,
		closeOver,
		delivery: newDeliveryState(),
		questions: [],
		pendingPermissions: new Set(),
		told: createLastReported(),
	};
};
