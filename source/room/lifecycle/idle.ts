import {tellUndecided} from '../../core/team/snapshot.ts';
import {heldTests} from '../merge/blocked.ts';
import type {Room} from '../parts/parts.ts';
import {isFree} from '../parts/slot.ts';
import {isEmpty, tellStuck} from './until-empty.ts';

/**
 * Decides whether the room ends by itself: with the queue empty for `untilEmpty`, or after a long time with no work and no terminal. Call the
 * returned function whenever something may have changed.
 */
export const endingWhenIdle = (
	{facts, link, record, slots, merges, lifecycle}: Room,
	{
		untilEmpty,
		terminals,
		hasSwept,
		finding,
		mayBeAnswered,
		stop,
	}: {
		readonly untilEmpty: boolean;
		readonly terminals: () => number;
		/** Tasks that external programs pushed before the start count: the queue is never empty before the first sweep. */
		readonly hasSwept: () => boolean;
		/** What is wrong with the data of Redis, in words. */
		readonly finding: () => string;
		/** Whether open decisions are waited for, until their time is up. */
		readonly mayBeAnswered: boolean;
		readonly stop: (reason: string) => void;
	},
): (() => void) => {
	let idleSince = performance.now();
	/** In a `run` no human is there to fix a failing start: each task gets as many starts as attempts. A room with a screen keeps trying. */
	const hopeless = (): ReadonlyMap<string, string> => {
		const given = [...merges.failedStarts].filter(([, failed]) => untilEmpty && failed.count >= facts.config.attempts);
		return new Map([...given.map(([task, failed]) => [task, failed.reason] as const), ...heldTests({facts, record, merges})]);
	};
	return () => {
		if (!lifecycle.isOpen()) return;
		// No human is there to decide: an emptied Redis must not count as an empty queue.
		if (untilEmpty && link.isRecovering()) {
			stop(tellUndecided(finding()));
			return;
		}
		if (!hasSwept()) return;
		const isBusy = lifecycle.cleaning.size > 0 || !slots.all().every(isFree);
		const isQuiet = !isBusy && isEmpty(record.team(), hopeless(), mayBeAnswered);
		if (untilEmpty && isQuiet && (merges.pulls?.areAsked() ?? true)) {
			const left = tellStuck(record.team(), hopeless());
			stop(left ? `no remaining task can run: ${left}` : 'the queue is empty');
		}
		// What comes back from a pull request may be work.
		if (!isQuiet || terminals() > 0 || merges.pulls?.areOpen() || merges.fullTests?.isRunning()) idleSince = performance.now();
		else if (!facts.options.isForeground && performance.now() - idleSince > facts.config.idleTimeout)
			stop('idle: nothing to do and no terminal attached');
	};
};
