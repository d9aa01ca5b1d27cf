import type {Attempt} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';
import {tellStatus} from './status.ts';

/** Interval between two looks, ms. A program that draws needs none: only one that has been silent for `SILENT_MS` is looked at. */
const LOOK_MS = 1000;
const SILENT_MS = 1200;

/** Words for an agent whose program somebody stopped from outside. */
const wordsOf = (pids: readonly number[]): string =>
	pids.length === 0 ? '' : `stopped by a signal: continue it with \`kill -CONT ${pids.join(' ')}\``;

/**
 * Notices a program that was stopped by a signal (SIGSTOP) and not by the room: it draws nothing, no hook tells, and only the system knows. Returns the
 * unsubscribe function.
 */
export const watchStopped = (room: Pick<Room, 'facts' | 'link' | 'slots'>, attempt: Attempt): (() => void) => {
	const timer = setInterval(() => {
		const pane = room.slots.pane(attempt.agent.id);
		if (!pane || attempt.isEnding) return;
		const isSilent = Date.now() - pane.printedAt() > SILENT_MS;
		const words = attempt.isPaused || !isSilent ? '' : wordsOf(attempt.stoppedPids());
		if (words === attempt.stopped) return;
		attempt.stopped = words;
		void tellStatus(room, attempt, words === '' ? 'runs again' : words);
	}, LOOK_MS);
	timer.unref();
	return () => clearInterval(timer);
};
