import {withRepositoryLock} from '../lock/lock-file.ts';
import {type Fetched, REMOTE_REF, readRemoteBase, withRemoteLock} from '../remote/base.ts';
import type {Remote} from '../remote/remote.ts';
import {fetchBaseWith} from '../remote/shared.ts';
import {readRef, writeRef} from '../repository/refs.ts';
import type {Repository} from '../repository/repository.ts';
import {type BaseWatch, watchRef} from '../repository/watch-base.ts';
import {baseHead, forgetOldImports, importCommits, markImported} from '../store/import.ts';
import {asRepository, hasRemote, openStore, type RemoteStore, type Store, sweepStore} from '../store/store.ts';
import {openTrees} from '../worktree/tree.ts';
import {buildCandidate, type Candidate, type WantedCandidate} from './candidate.ts';
import {type Followed, followRemote} from './follow.ts';
import {mergeCandidate, verifyAhead} from './merge.ts';
import {commitOnBase, commitsOnBase, type Work} from './merged.ts';
import {type MergedTask, offBase} from './off-base.ts';
import type {Merging, QueueEntry} from './prefix.ts';
import {isForwarding, undoInterrupted} from './recovery.ts';
import {mendStore} from './repair.ts';
import {type Replayed, replayWork} from './replay.ts';
import {type Returning, returningWith} from './returning.ts';
import {type BaseMove, strayWork} from './stray.ts';
import {type TakenBack, takeBaseBack} from './take-back.ts';
import {prepareTestTree} from './test-tree.ts';

/** The repository guardian: builds candidates, prepares tests, and merges. Decides by exit codes and object ids, never by text. */
export type Guardian = {
	/** Its own bare clone, without shared config, hooks or filters. */
	readonly folder: string;
	/** The clone with the repository it serves. */
	readonly store: Store;
	readonly base: string;
	/** Imports a commit of the repository, with all it needs. */
	importCommit(commit: string): Promise<void>;
	/** The same for several; what other rooms shared comes in one request. */
	importCommits(commits: readonly string[]): Promise<void>;
	/** Returns the merge of `commit` into `onto`, or why it fails. `author` is an agent's id. */
	buildCandidate(options: WantedCandidate): Promise<Candidate>;
	/** Prepares a repository of its own with exactly the candidate's files; ignored files of earlier tests stay. */
	prepareTestTree(options: {candidate: string; folder: string}): Promise<void>;
	/** Verifies candidates before they may merge, such as while their tests run: their merge then need not. */
	verifyAhead(options: {entries: readonly QueueEntry[]; expectedBase: string}): Promise<void>;
	/** Moves the base to the last entry of the longest prefix that may merge, each task once, and says why others did not. */
	mergeCandidate(options: {entries: readonly QueueEntry[]; expectedBase: string}): Promise<Merging>;
	/** Returns the task's merge commit on the base's first-parent line (2000 commits back). */
	commitOnBase(work: Work): Promise<string | undefined>;
	/** The same for many tasks at once; omits unmerged ones. */
	commitsOnBase(works: readonly Work[]): Promise<ReadonlyMap<string, string>>;
	/** Merges that the base at `head` no longer has unchanged, each with the commit that has it now, '' for none. */
	offBase(mergedTasks: readonly MergedTask[], head: string): Promise<ReadonlyMap<string, string>>;
	/** The task whose unmerged work a base move brought; undefined for none. */
	strayWork(move: BaseMove): Promise<string | undefined>;
	/** Moves the base from exactly `from` back to `to`. */
	takeBack(step: {from: string; to: string}): Promise<TakenBack>;
	/** Removed commits that a merge of `commit` would bring back. */
	returningWith(given: {commit: string; head: string; left: readonly string[]; letBack: readonly string[]}): Promise<Returning>;
	/** Replays a work's commits on `onto`, without those reachable from `without`. */
	replayWork(given: {commit: string; onto: string; without: readonly string[]; author: string}): Promise<Replayed>;
	/** Makes the clone again where it was removed; false where it is there. */
	mend(): Promise<boolean>;
	/** The base's current commit; the clone has it. */
	baseHead(): Promise<string>;
	/** Fetches the remote's base, and in the same request what other rooms shared of these commits. Without a remote there is nothing to fetch. */
	fetchBase(also?: readonly string[]): Promise<Fetched>;
	/** Fast-forwards the user's own branch to this commit of the remote's base; `there` without a remote. */
	followRemote(to: string): Promise<Followed>;
	/** Calls back with the new commit whenever the base moves, by anyone; worktrees and the clone have it then. */
	watchBase(listener: (head: string) => void): BaseWatch;
};

/** A commit of this repository: the remote must share history with it. */
const knownCommit = (store: Store): string => readRemoteBase(store) || readRef(store.clone, `refs/heads/${store.base}`);

const askBase = async (store: RemoteStore, also: readonly string[]): Promise<Fetched> => {
	const {fetched, got} = await withRemoteLock(store, () => fetchBaseWith(store, knownCommit(store), also));
	markImported(store, got);
	return fetched;
};

/** Before the first fetch, uses the user's last view of the remote: a room opens offline. */
const beginRemote = async (store: Store): Promise<void> => {
	if (!hasRemote(store) || readRemoteBase(store) !== '') return;
	const {name, branch} = store.remote;
	const seen = readRef(store.repository.commonDir, `refs/remotes/${name}/${branch}`);
	if (seen === '') return;
	await importCommits(store, [seen]);
	writeRef(store.clone, REMOTE_REF, seen);
};

/**
 * Opens the guardian of one base branch; makes its clone in `folder` if needed, and reverts a merge that was killed half-way. Agents never
 * learn the folder.
 * @throws GitRefused if the clone cannot be made.
 */
export const openGuardian = async (options: {
	repository: Repository;
	folder: string;
	base: string;
	remote?: Remote;
	mostBytes?: number | undefined;
}): Promise<Guardian> => {
	const {repository, folder, base, remote, mostBytes} = options;
	const store = {...(await openStore(repository, folder, base, remote)), mostBytes};
	sweepStore(store);
	await beginRemote(store);
	await Promise.all([forgetOldImports(store), openTrees(store)]);
	// Writes nothing to a repository without an interrupted merge.
	if (isForwarding(repository)) await withRepositoryLock(repository.commonDir, () => undoInterrupted(repository));
	return {
		folder,
		store,
		base,
		importCommit: commit => importCommits(store, [commit]),
		importCommits: commits => importCommits(store, commits),
		buildCandidate: async wanted => {
			await mendStore(store);
			return buildCandidate(store, wanted);
		},
		prepareTestTree: async wanted => {
			await mendStore(store);
			await prepareTestTree(store, wanted);
		},
		verifyAhead: wanted => verifyAhead(store, wanted),
		mergeCandidate: wanted => mergeCandidate(store, wanted),
		commitOnBase: work => commitOnBase(store, work),
		commitsOnBase: works => commitsOnBase(store, works),
		offBase: (mergedTasks, head) => offBase(store, mergedTasks, head),
		strayWork: move => strayWork(store, move),
		takeBack: step => takeBaseBack(store, step),
		returningWith: given => returningWith(store, given),
		replayWork: given => replayWork(store, given),
		mend: () => mendStore(store),
		baseHead: () => baseHead(store),
		fetchBase: async (also = []) => (hasRemote(store) ? askBase(store, also) : {kind: 'at', head: await baseHead(store)}),
		followRemote: async to => (hasRemote(store) ? followRemote(store, to) : {kind: 'there'}),
		watchBase: listener => {
			let last: Promise<unknown> = Promise.resolve();
			const [where, ref] = hasRemote(store) ? [asRepository(store), REMOTE_REF] : [repository, `refs/heads/${base}`];
			return watchRef(where, ref, head => {
				last = last.then(() => baseHead(store).catch(() => undefined)).then(() => listener(head));
			});
		},
	};
};
