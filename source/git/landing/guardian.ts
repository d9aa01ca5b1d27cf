import {withRepositoryLock} from '../lock/lock-file.ts';
import {type Repository, readBranch} from '../repository/repository.ts';
import {type BaseWatch, watchRef} from '../repository/watch-base.ts';
import {buildCandidate, type Candidate} from './candidate.ts';
import {openClone} from './clone.ts';
import {forgetOldImports, importCommits, markImported} from './import.ts';
import {landedCommit, landedCommits, type Work} from './landed.ts';
import {type Car, type Landing, land} from './merge.ts';
import {type LandedTask, offBase} from './off-base.ts';
import {undoInterrupted} from './recovery.ts';
import {type Replayed, replayWork} from './replay.ts';
import {type Returning, returningWith} from './returning.ts';
import {type BaseMove, strayWork} from './stray.ts';
import {type TakenBack, takeBaseBack} from './take-back.ts';
import {prepareTestTree} from './test-tree.ts';

/** The repository guardian: builds, hands out for testing, and lands. It decides by exit codes and object ids, never by text. */
export type Guardian = {
	/** Its own bare clone, which holds nothing of the shared config, hooks or filters. */
	readonly folder: string;
	readonly base: string;
	/** Brings a commit of the repository (and all that it needs) into the clone. */
	importCommit(commit: string): Promise<void>;
	/** What landing `commit` onto `onto` would be, or why it cannot be. `author` is an agent's id. */
	buildCandidate(options: {commit: string; onto: string; task: string; title: string; author: string}): Promise<Candidate>;
	/** A folder that holds exactly the candidate's files, as a repository of its own; ignored files of earlier tests are kept. */
	prepareTestTree(options: {candidate: string; folder: string}): Promise<void>;
	/** Moves the base to the last car of the longest prefix that may land, each task once, and says why the others did not land. */
	land(options: {cars: readonly Car[]; expectedBase: string}): Promise<Landing>;
	/** The commit that landed a task with this work, looked up on the first-parent line of the base (2000 commits back). */
	landedCommit(work: Work): Promise<string | undefined>;
	/** The same for many tasks in one look; without those that have not landed. */
	landedCommits(works: readonly Work[]): Promise<ReadonlyMap<string, string>>;
	/** Landings that the base at `head` holds no longer as they were, each with the commit that holds it now, '' for none. */
	offBase(landings: readonly LandedTask[], head: string): Promise<ReadonlyMap<string, string>>;
	/** The task whose unlanded work a move of the base has brought; undefined where it brought none. */
	strayWork(move: BaseMove): Promise<string | undefined>;
	/** Takes the base from exactly `from` back to `to`. */
	takeBack(step: {from: string; to: string}): Promise<TakenBack>;
	/** Commits taken off the base that a merge of `commit` would bring back. */
	returningWith(given: {commit: string; head: string; left: readonly string[]; letBack: readonly string[]}): Promise<Returning>;
	/** The commits of a work made anew on `onto`, without those that `without` reaches. */
	replayWork(given: {commit: string; onto: string; without: readonly string[]; author: string}): Promise<Replayed>;
	baseHead(): Promise<string>;
	/** Calls back with the new commit whenever the base moves, whoever moves it. */
	watchBase(listener: (head: string) => void): BaseWatch;
};

/**
 * Opens the guardian of one base branch; makes its clone in `folder` when there is none, and takes back a landing that was cut off by
 * a kill. Agents are never told of the folder.
 * @throws GitRefused when the clone cannot be made.
 */
export const openGuardian = async (options: {repository: Repository; folder: string; base: string}): Promise<Guardian> => {
	const {repository, folder, base} = options;
	await openClone(repository, folder);
	await forgetOldImports({clone: folder});
	await withRepositoryLock(repository.commonDir, () => undoInterrupted(repository));
	const place = {repository, clone: folder, base};
	return {
		folder,
		base,
		importCommit: async commit => markImported(place, await importCommits(place, [commit])),
		buildCandidate: wanted => buildCandidate(place, wanted),
		prepareTestTree: wanted => prepareTestTree(place, wanted),
		land: wanted => land(place, wanted),
		landedCommit: work => landedCommit(place, work),
		landedCommits: works => landedCommits(place, works),
		offBase: (landings, head) => offBase(place, landings, head),
		strayWork: move => strayWork(place, move),
		takeBack: step => takeBaseBack(place, step),
		returningWith: given => returningWith(place, given),
		replayWork: given => replayWork(place, given),
		baseHead: () => readBranch(repository, base),
		watchBase: listener => watchRef(repository, `refs/heads/${base}`, listener),
	};
};
