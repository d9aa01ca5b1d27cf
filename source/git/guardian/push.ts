import {fetchBase, pushBase, readRemoteBase, withRemoteLock} from '../remote/base.ts';
import type {RemoteStore} from '../store/store.ts';
import {commitsOnBase} from './merged.ts';
import {answer, type MergeQueue, type Merging, nextEntries, type Stop, workOf} from './prefix.ts';

/** Somebody may push in each moment; who loses so often in a row waits. */
const MOST_TRIES = 3;

const heldByRemote = (reason: string): Stop => ({kind: 'held', reason, files: [], tasks: [], isRemote: true});

/**
 * Merges by a push of exactly the tested commit, from exactly the commit that it was built on: the remote decides, by git's own compare-and-swap. Whatever is
 * refused is looked up on the remote before anything is said about it, so a push that arrived and was never heard of counts as what it is.
 */
export const landOnRemote = (place: RemoteStore, mergeQueue: MergeQueue): Promise<Merging> =>
	withRemoteLock(place, async () => {
		const {entries, verdicts} = mergeQueue;
		const works = entries.map(({task, candidate}, at) => ({task, commit: workOf(verdicts[at], candidate)}));
		for (let tries = 1; ; tries++) {
			const head = readRemoteBase(place);
			const known = await commitsOnBase(place, works, head);
			const next = nextEntries({...mergeQueue, known, head});
			const to = next.prefix.at(-1)?.candidate;
			if (to === undefined) return answer(entries, known, next.stopped);
			const pushed = await pushBase(place, {from: head, to});
			if (pushed.kind === 'done') {
				for (const {task, candidate} of next.prefix) known.set(task, candidate);
				return answer(entries, known, next.stopped);
			}
			const fetched = await fetchBase(place, head);
			if (fetched.kind !== 'at') return answer(entries, known, heldByRemote(fetched.reason));
			if (fetched.head === head || tries === MOST_TRIES) return answer(entries, known, heldByRemote(pushed.reason));
		}
	});
