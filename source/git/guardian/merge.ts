import {join} from 'node:path';
import {oneLine} from '../../core/text/quote.ts';
import {withRepositoryLock} from '../lock/lock-file.ts';
import {clearStaleLock} from '../lock/stale-lock.ts';
import {isObjectId, slug} from '../process/names.ts';
import {GitRefused} from '../process/refused.ts';
import {git} from '../process/run.ts';
import {readBranch} from '../repository/repository.ts';
import {FETCH} from '../store/import.ts';
import {hasRemote, type Store, sendObjects} from '../store/store.ts';
import {listWorkTrees} from '../worktree/list.ts';
import {commitsOnBase} from './merged.ts';
import {moveBase, type Refusal} from './move-base.ts';
import {
	answer,
	type Checked,
	heldAll,
	type MergeQueue,
	type Merging,
	nextEntries,
	type QueueEntry,
	type Stop,
	upToTested,
	workOf,
} from './prefix.ts';
import {landOnRemote} from './push.ts';
import {undoInterrupted} from './recovery.ts';
import {type Claim, verifyCandidates} from './verify.ts';

/**
 * Merges tested candidates: in one step the base moves from `expectedBase` to the last of the longest prefix that may merge, or not at all.
 *
 * Every entry is verified first; a failed one, or one that changes a file with the user's uncommitted work, cuts the prefix before it, and
 * the prefix ends with a candidate that passed its tests. One
 * merge at a time per repository (its lock), a task's work merges at most once (checked under the lock), and the base only moves by git's
 * compare-and-swap. A kill at any instant leaves the base old or new. With a remote base that step is a push, and uncommitted work is never
 * in the way.
 * @throws GitRefused `no-commit`, `repository-busy`, `git-failed`.
 */
export const mergeCandidate = async (
	place: Store,
	{entries, expectedBase}: {entries: readonly QueueEntry[]; expectedBase: string},
): Promise<Merging> => {
	const {clone} = place;
	for (const id of [expectedBase, ...entries.map(entry => entry.candidate)])
		if (!isObjectId(id)) throw new GitRefused('no-commit', `\`${oneLine(id)}\` is not a commit id`);
	// Candidates, their contents and what had merged up to `expectedBase` do not depend on the current base.
	const [verdicts] = await Promise.all([verifyCandidates(clone, claimsOf(entries, expectedBase)), commitsOnBase(place, [], expectedBase)]);
	const mergeQueue = {entries, verdicts, expectedBase};
	return hasRemote(place) ? landOnRemote(place, mergeQueue) : landHere(place, mergeQueue);
};

const claimsOf = (entries: readonly QueueEntry[], expectedBase: string): readonly Claim[] =>
	entries.map(({task, candidate}, at) => ({task, candidate, expectedBase: entries[at - 1]?.candidate ?? expectedBase}));

/** Verifies candidates before they may merge, such as while their tests run: their merge then need not. */
export const verifyAhead = async (
	{clone}: Store,
	{entries, expectedBase}: {entries: readonly QueueEntry[]; expectedBase: string},
): Promise<void> => {
	await verifyCandidates(clone, claimsOf(entries, expectedBase));
};

const landHere = (place: Store, {entries, verdicts, expectedBase}: MergeQueue): Promise<Merging> => {
	const {repository, base} = place;
	return withRepositoryLock(repository.commonDir, async () => {
		if (!(await undoInterrupted(repository))) return {merged: [], stopped: heldAll('git is still writing the files of an earlier merge')};
		const head = await readBranch(repository, base);
		const known = await commitsOnBase(
			place,
			entries.map(({task, candidate}, at) => ({task, commit: workOf(verdicts[at], candidate)})),
			head,
		);
		const next = nextEntries({entries, verdicts, known, head, expectedBase});
		if (next.prefix.length === 0) return answer(entries, known, next.stopped);
		const [trees, isFree] = await Promise.all([
			listWorkTrees(repository.root),
			clearStaleLock(join(repository.commonDir, 'refs', 'heads', `${base}.lock`)),
			ship(place, next.prefix.at(-1)?.candidate ?? head, head),
		]);
		if (!isFree) return answer(entries, known, heldAll(`another process is about to move \`${oneLine(base)}\``));

		let stopped = next.stopped;
		for (let prefix = next.prefix; prefix.length > 0; ) {
			const to = prefix.at(-1)?.candidate ?? head;
			const note = oneLine(`agent-room: merge ${prefix.map(entry => slug(entry.task)).join(', ')}`);
			const paths = new Set(prefix.flatMap(entry => [...entry.paths]));
			const refusal = await moveBase(place, trees, {from: head, to, note, paths});
			const now = await readBranch(repository, base);
			if (now === to) {
				for (const entry of prefix) known.set(entry.task, entry.candidate);
				break;
			}
			if (now !== head) return answer(entries, known, {kind: 'moved', head: now});
			const cut = withoutFiles(prefix, refusal ?? {reason: 'git did not move it', files: []});
			const tested = upToTested(cut);
			[prefix, stopped] = [tested.prefix, tested.stopped];
		}
		return answer(entries, known, stopped);
	});
};

/** Imports the objects of a certain merge into the repository; all are checked. */
export const ship = async ({repository, clone}: Store, last: string, head: string): Promise<void> => {
	if (await sendObjects(clone, repository.commonDir, {wanted: [last], known: [head]})) return;
	await git(repository.root, [...FETCH, '--end-of-options', clone, last]);
};

/** The prefix before the first entry that changes a blocking file; empty if no entry is known to. */
const withoutFiles = (prefix: readonly Checked[], {reason, files}: Refusal): {prefix: readonly Checked[]; stopped: Stop} => {
	const touches = ({paths}: Checked): boolean =>
		files.some(file => paths.has(file) || [...paths].some(path => path.startsWith(`${file}/`) || file.startsWith(`${path}/`)));
	const first = prefix.findIndex(touches);
	if (first < 0) return {prefix: [], stopped: heldAll(reason)};
	const tasks = prefix.filter(touches).map(entry => entry.task);
	return {prefix: prefix.slice(0, first), stopped: {kind: 'held', reason, files, tasks}};
};
