import {withRepositoryLock} from '../lock/lock-file.ts';
import {type Fetched, fetchBase, REMOTE_REF, readRemoteBase, withRemoteLock} from '../remote/base.ts';
import type {Remote} from '../remote/remote.ts';
import {readRef, writeRef} from '../repository/refs.ts';
import type {Repository} from '../repository/repository.ts';
import {type BaseWatch, watchRef} from '../repository/watch-base.ts';
import {baseHead, forgetOldImports, importCommits} from '../store/import.ts';
import {asRepository, hasRemote, openStore, type RemoteStore, type Store, sweepStore} from '../store/store.ts';
import {openTrees} from '../worktree/tree.ts';
import {buildCandidate, type Candidate} from './candidate.ts';
import {type Followed, followRemote} from './follow.ts';
import {mergeCandidate} from './merge.ts';
import {commitOnBase, commitsOnBase, type Work} from './merged.ts';
import {type MergedTask, offBase} from './off-base.ts';
import type {Merging, QueueEntry} from './prefix.ts';
import {isForwarding, undoInterrupted} from './recovery.ts';
import {type Replayed, replayWork} from './replay.ts';
import {type Returning, returningWith} from './returning.ts';
import {type BaseMove, strayWork} from './stray.ts';
import {type TakenBack, takeBaseBack} from './take-back.ts';
import {prepareTestTree} from './test-tree.ts';

/** The repository guardian: builds, hands out for testing, and lands. It decides by exit codes and object ids, never by text. */
export type Guardian = {
	/** Its own bare clone, which holds nothing of the shared config, hooks or filters. */
	readonly folder: string;
	/** The same with the repository that it serves. */
	readonly store: Store;
	readonly base: string;
	/** Brings a commit of the repository (and all that it needs) into the clone. */
	importCommit(commit: string): Promise<void>;
	/** What landing `commit` onto `onto` would be, or why it cannot be. `author` is an agent's id. */
	buildCandidate(options: {commit: string; onto: string; task: string; title: string; author: string}): Promise<Candidate>;
	/** A folder that holds exactly the candidate's files, as a repository of its own; ignored files of earlier tests are kept. */
	prepareTestTree(options: {candidate: string; folder: string}): Promise<void>;
	/** Moves the base to the last car of the longest prefix that may land, each task once, and says why the others did not land. */
	mergeCandidate(options: {entries: readonly QueueEntry[]; expectedBase: string}): Promise<Merging>;
	/** The commit that landed a task with this work, looked up on the first-parent line of the base (2000 commits back). */
	commitOnBase(work: Work): Promise<string | undefined>;
	/** The same for many tasks in one look; without those that have not landed. */
	commitsOnBase(works: readonly Work[]): Promise<ReadonlyMap<string, string>>;
	/** Landings that the base at `head` holds no longer as they were, each with the commit that holds it now, '' for none. */
	offBase(mergedTasks: readonly MergedTask[], head: string): Promise<ReadonlyMap<string, string>>;
	/** The task whose unlanded work a move of the base has brought; undefined where it brought none. */
	strayWork(move: BaseMove): Promise<string | undefined>;
	/** Takes the base from exactly `from` back to `to`. */
	takeBack(step: {from: string; to: string}): Promise<TakenBack>;
	/** Commits taken off the base that a merge of `commit` would bring back. */
	returningWith(given: {commit: string; head: string; left: readonly string[]; letBack: readonly string[]}): Promise<Returning>;
	/** The commits of a work made anew on `onto`, without those that `without` reaches. */
	replayWork(given: {commit: string; onto: string; without: readonly string[]; author: string}): Promise<Replayed>;
	/** The commit that the base stands at now; the clone has it. */
	baseHead(): Promise<string>;
	/** Asks the remote where the base stands; the clone has it then. Where the base is the person's own branch there is nobody to ask. */
	fetchBase(): Promise<Fetched>;
	/** Brings the person's own branch forward to this commit of the remote's base; `there` where there is no remote. */
	followRemote(to: string): Promise<Followed>;
	/** Calls back with the new commit whenever the base moves, whoever moves it; worktrees and the clone have it by then. */
	watchBase(listener: (head: string) => void): BaseWatch;
};

/** A commit of this repository: what the remote holds must share history with it. */
const knownCommit = (store: Store): string => readRemoteBase(store) || readRef(store.clone, `refs/heads/${store.base}`);

const askBase = (store: RemoteStore): Promise<Fetched> => withRemoteLock(store, () => fetchBase(store, knownCommit(store)));

/** Before the first fetch the remote's base stands where the person's own git saw it last: a remote that is away keeps no room from opening. */
const beginRemote = async (store: Store): Promise<void> => {
	if (!hasRemote(store) || readRemoteBase(store) !== '') return;
	const {name, branch} = store.remote;
	const seen = readRef(store.repository.commonDir, `refs/remotes/${name}/${branch}`);
	if (seen === '') return;
	await importCommits(store, [seen]);
	writeRef(store.clone, REMOTE_REF, seen);
};

/**
 * Opens the guardian of one base branch; makes its clone in `folder` when there is none, and takes back a landing that was cut off by
 * a kill. Agents are never told of the folder.
 * @throws GitRefused when the clone cannot be made.
 */
export const openGuardian = async (options: {repository: Repository; folder: string; base: string; remote?: Remote}): Promise<Guardian> => {
	const {repository, folder, base, remote} = options;
	const store = await openStore(repository, folder, base, remote);
	sweepStore(store);
	await beginRemote(store);
	await Promise.all([forgetOldImports(store), openTrees(store)]);
	// Nothing is written to a repository in which nothing was cut off.
	if (isForwarding(repository)) await withRepositoryLock(repository.commonDir, () => undoInterrupted(repository));
	return {
		folder,
		store,
		base,
		importCommit: commit => importCommits(store, [commit]),
		buildCandidate: wanted => buildCandidate(store, wanted),
		prepareTestTree: wanted => prepareTestTree(store, wanted),
		mergeCandidate: wanted => mergeCandidate(store, wanted),
		commitOnBase: work => commitOnBase(store, work),
		commitsOnBase: works => commitsOnBase(store, works),
		offBase: (mergedTasks, head) => offBase(store, mergedTasks, head),
		strayWork: move => strayWork(store, move),
		takeBack: step => takeBaseBack(store, step),
		returningWith: given => returningWith(store, given),
		replayWork: given => replayWork(store, given),
		baseHead: () => baseHead(store),
		fetchBase: async () => (hasRemote(store) ? askBase(store) : {kind: 'at', head: await baseHead(store)}),
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
