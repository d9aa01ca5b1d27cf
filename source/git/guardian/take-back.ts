import {join} from 'node:path';
import {oneLine} from '../../core/text/quote.ts';
import {withRepositoryLock} from '../lock/lock-file.ts';
import {clearStaleLock} from '../lock/stale-lock.ts';
import {git, gitWords} from '../process/run.ts';
import {fetchBase, pushBase, readRemoteBase, withRemoteLock} from '../remote/base.ts';
import {gitFolderOf} from '../repository/refs.ts';
import {readBranch} from '../repository/repository.ts';
import {hasRemote, type RemoteStore, type Store} from '../store/store.ts';
import {listWorkTrees} from '../worktree/list.ts';
import {isUsing} from './move-base.ts';

/** `moved`: the base is at `head`, not where expected. `held`: git refuses, in one clean line; nothing has changed. */
export type TakenBack =
	| {readonly kind: 'done'}
	| {readonly kind: 'moved'; readonly head: string}
	| {readonly kind: 'held'; readonly reason: string};

type Step = {readonly from: string; readonly to: string};

/** Moves a worktree's index and files between commits; git refuses if uncommitted work is in the way. */
const bringFiles = async (tree: string, {from, to}: Step): Promise<string> => {
	await git(tree, ['update-index', '-q', '--refresh'], {accept: [1]});
	const {code, stderr} = await git(tree, ['-c', 'checkout.workers=1', 'read-tree', '-m', '-u', from, to], {accept: [1, 128]});
	return code === 0 ? '' : gitWords(stderr);
};

/**
 * Moves the base back one step, only from exactly `from`: git's compare-and-swap. A remote's moves by a push, which may be refused; the
 * user's own branch follows if nothing is in the way.
 */
export const takeBaseBack = async (store: Store, step: Step): Promise<TakenBack> => {
	if (!hasRemote(store)) return takeBranchBack(store, step);
	const taken = await takeRemoteBack(store, step);
	if (taken.kind === 'done') await takeBranchBack(store, step);
	return taken;
};

const takeRemoteBack = (store: RemoteStore, {from, to}: Step): Promise<TakenBack> =>
	withRemoteLock(store, async () => {
		const head = readRemoteBase(store);
		if (head !== from) return {kind: 'moved', head};
		const pushed = await pushBase(store, {from, to});
		if (pushed.kind === 'done') return pushed;
		const fetched = await fetchBase(store, head);
		if (fetched.kind !== 'at') return {kind: 'held', reason: fetched.reason};
		if (fetched.head === to) return {kind: 'done'};
		return fetched.head === from ? {kind: 'held', reason: pushed.reason} : {kind: 'moved', head: fetched.head};
	});

/** In a checked-out branch the files move first, and back again if the swap fails; after a kill in between the next try continues. */
const takeBranchBack = ({repository, base}: Pick<Store, 'repository' | 'base'>, {from, to}: Step): Promise<TakenBack> =>
	withRepositoryLock(repository.commonDir, async () => {
		const head = await readBranch(repository, base);
		if (head !== from) return {kind: 'moved', head};
		const [tree, ...others] = (await listWorkTrees(repository.root)).filter(one => isUsing(one, base));
		const held = (reason: string): TakenBack => ({kind: 'held', reason});
		if (others.length > 0) return held(`\`${oneLine(base)}\` is checked out in ${others.length + 1} worktrees`);
		if (tree && !tree.isPresent) return held(`\`${oneLine(base)}\` is checked out in \`${oneLine(tree.path)}\`, which is missing`);
		if (tree && tree.branch !== base) return held(`a rebase of \`${oneLine(base)}\` is in progress in \`${oneLine(tree.path)}\``);
		if (tree && !(await clearStaleLock(join(gitFolderOf(tree.path), 'index.lock'))))
			return held(`another git process is running in \`${oneLine(tree.path)}\``);
		if (!(await clearStaleLock(join(repository.commonDir, 'refs', 'heads', `${base}.lock`))))
			return held(`another process is about to move \`${oneLine(base)}\``);
		const refused = tree ? await bringFiles(tree.path, {from, to}) : '';
		if (refused !== '') return held(refused);
		const note = `agent-room: undo ${from.slice(0, 12)}`;
		const swap = ['update-ref', '--create-reflog', '-m', note, '--end-of-options', `refs/heads/${base}`, to, from];
		const {code, stderr} = await git(repository.root, swap, {accept: [1, 128]});
		if (code === 0) return {kind: 'done'};
		if (tree) await bringFiles(tree.path, {from: to, to: from});
		const now = await readBranch(repository, base);
		return now === from ? held(gitWords(stderr)) : {kind: 'moved', head: now};
	});
