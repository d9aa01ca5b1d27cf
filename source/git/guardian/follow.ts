import {join} from 'node:path';
import {oneLine} from '../../core/text/quote.ts';
import {changedPathsBetween} from '../diff/paths.ts';
import {withRepositoryLock} from '../lock/lock-file.ts';
import {clearStaleLock} from '../lock/stale-lock.ts';
import {remoteBase} from '../remote/remote.ts';
import {readBranch} from '../repository/repository.ts';
import {importCommits} from '../store/import.ts';
import type {RemoteStore} from '../store/store.ts';
import {commitsBeyond, hasDescended, listWorkTrees} from '../worktree/list.ts';
import {ship} from './merge.ts';
import {moveBase} from './move-base.ts';
import {undoInterrupted} from './recovery.ts';

/**
 * `there`: the user's branch is up to date. `blocked`: git refuses, in one clean line; `files` are the user's that are in the way. `ahead`:
 * it has that many commits beyond the remote, for the user to push, rebase or reset.
 */
export type Followed =
	| {readonly kind: 'there'}
	| {readonly kind: 'moved'}
	| {readonly kind: 'blocked'; readonly reason: string; readonly files: readonly string[]}
	| {readonly kind: 'ahead'; readonly commits: number};

/**
 * Fast-forwards the user's own branch to `to`, a commit of the remote's base, by the rules of a merge without a remote. Uncommitted work
 * and unpushed commits stay.
 */
export const followRemote = (place: RemoteStore, to: string): Promise<Followed> =>
	withRepositoryLock(place.repository.commonDir, async () => {
		const {repository, clone, base} = place;
		const blocked = (reason: string, files: readonly string[] = []): Followed => ({kind: 'blocked', reason, files});
		if (!(await undoInterrupted(repository))) return blocked('git is still writing the files of an earlier merge');
		const head = await readBranch(repository, base);
		if (head === to) return {kind: 'there'};
		await importCommits(place, [head]);
		if (!(await hasDescended(clone, to, head))) return {kind: 'ahead', commits: await commitsBeyond(clone, head, to)};
		const [trees, paths, isFree] = await Promise.all([
			listWorkTrees(repository.root),
			changedPathsBetween({folder: clone, from: head, to}),
			clearStaleLock(join(repository.commonDir, 'refs', 'heads', `${base}.lock`)),
			ship(place, to, head),
		]);
		if (!isFree) return blocked(`another process is about to move \`${oneLine(base)}\``);
		const note = `agent-room: follow ${remoteBase(place.remote)}`;
		const refusal = await moveBase(place, trees, {from: head, to, note, paths: new Set(paths)});
		return refusal ? {kind: 'blocked', ...refusal} : {kind: 'moved'};
	});
