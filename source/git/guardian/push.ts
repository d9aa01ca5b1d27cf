import {fetchBase, pushBase, readRemoteBase, withRemoteLock} from '../remote/base.ts';
import type {RemoteStore} from '../store/store.ts';
import {commitsOnBase} from './merged.ts';
import {answer, type MergeQueue, type Merging, nextEntries, type Stop, workOf} from './prefix.ts';

/** Others may push at any time; after so many lost races in a row, wait. */
const MOST_TRIES = 3;

const heldByRemote = (reason: string): Stop => ({kind: 'held', reason, files: [], tasks: [], isRemote: true});

/**
 * Merges by pushing exactly the tested commit from exactly its base: the remote decides by compare-and-swap. Every refusal is checked
 * against the remote first, so a push whose reply was lost still counts.
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
