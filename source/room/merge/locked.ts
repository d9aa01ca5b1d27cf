import {firstHeld, heldText} from '../../core/lock/covers.ts';
import {BEHIND} from '../../core/queue/merge-queue.ts';
import type {Task} from '../../core/task/task.ts';
import {plainTextLine} from '../../core/text/quote.ts';
import {changedPathsBetween} from '../../git/diff/paths.ts';
import {bindingLocks} from '../mail/enforce-locks.ts';
import type {NothingToRun} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';

/** A task that waits for a lock is looked at again after this, longer each time, ms; at once when a lock is released. */
const REST_MS = 5000;
const LONGEST_REST_MS = 300_000;

/**
 * With `enforceLocks`, a candidate that changes what an agent has locked waits until the lock is released, at no cost. So nothing merges under
 * the hands of who holds it, wherever the change came from. Undefined: no lock is in the way.
 */
export const waitsForLock = async (
	room: Pick<Room, 'facts' | 'record' | 'merges'>,
	task: Task,
	{candidate, candidateBase}: {readonly candidate: string; readonly candidateBase: string},
): Promise<NothingToRun | undefined> => {
	const {lockedOut} = room.merges.mergeQueue;
	// The lock of its own author ends with the attempt: what is held now is another's.
	const held = bindingLocks(room, '');
	const paths =
		held.length === 0 ? [] : await changedPathsBetween({folder: room.facts.guardian.folder, from: candidateBase, to: candidate});
	const lock = firstHeld(paths, held);
	if (!lock) {
		lockedOut.delete(task.id);
		return undefined;
	}
	const times = (lockedOut.get(task.id) ?? 0) + 1;
	lockedOut.set(task.id, times);
	room.merges.notBefore.set(task.id, performance.now() + Math.min(LONGEST_REST_MS, REST_MS * 2 ** (times - 1)));
	const text = BEHIND.locked(plainTextLine(heldText(lock), 160), plainTextLine(lock.path, 120));
	return {outcome: 'later', text, commit: ''};
};

/** A path lock was released: what waited for one is looked at again. */
export const tryLockedAgain = ({merges, lifecycle}: Pick<Room, 'merges' | 'lifecycle'>): void => {
	for (const task of merges.mergeQueue.lockedOut.keys()) merges.notBefore.delete(task);
	merges.mergeQueue.lockedOut.clear();
	lifecycle.requestTick();
};
