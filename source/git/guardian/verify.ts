import {oneLine} from '../../core/text/quote.ts';
import {type Change, comparisons, isSame, renamedPaths} from '../diff/paths.ts';
import {trailerValue} from '../process/names.ts';
import {git, gitLine} from '../process/run.ts';

/** A candidate's claim: the merge of one task onto `expectedBase`. */
export type Claim = {readonly candidate: string; readonly expectedBase: string; readonly task: string};

type Refused = {readonly refused: string};
/** A candidate's change against its first parent and the commit it merges, or why it must not merge. */
export type Verdict = {readonly paths: ReadonlySet<string>; readonly taskCommit: string} | Refused;

/**
 * The last check before a merge, independent of the build: each candidate is directly on its `expectedBase`, names its task exactly once,
 * only changes paths that the task changed since the merge base, takes the task's version where the base had not touched a path, and omits
 * none of the task's paths. A refusal means a wrong build.
 */
export const verifyCandidates = async (clone: string, claims: readonly Claim[]): Promise<readonly Verdict[]> => {
	const open = claims.filter(claim => !passed.has(keyOf(clone, claim)));
	const judged = new Map(open.length === 0 ? [] : (await judgeAll(clone, open)).map((verdict, at) => [open[at], verdict] as const));
	return claims.map(claim => {
		const verdict = judged.get(claim) ?? passed.get(keyOf(clone, claim)) ?? {refused: 'it was not verified'};
		notePassed(keyOf(clone, claim), verdict);
		return verdict;
	});
};

/**
 * Claims that passed. A claim names its commits, whose content cannot change, so what passed once passes always: a candidate is verified while
 * its tests run, and its merge takes the verdict from here. Refusals are judged again: a commit may have been missing.
 */
const passed = new Map<string, Verdict>();
const MOST_PASSED = 200;
/** More changed paths than this are not worth their memory. */
const MOST_PATHS = 5000;

const keyOf = (clone: string, {candidate, expectedBase, task}: Claim): string => JSON.stringify([clone, candidate, expectedBase, task]);

const notePassed = (key: string, verdict: Verdict): void => {
	if ('refused' in verdict || verdict.paths.size > MOST_PATHS) return;
	passed.set(key, verdict);
	for (const oldest of passed.keys()) if (passed.size > MOST_PASSED) passed.delete(oldest);
};

const judgeAll = async (clone: string, claims: readonly Claim[]): Promise<readonly Verdict[]> => {
	const written = await readCommits(
		clone,
		claims.map(claim => claim.candidate),
	);
	const merges = await Promise.all(claims.map(claim => readMerge(clone, claim, written.get(claim.candidate))));
	const changesOf = await comparisons(
		clone,
		merges.flatMap(merge =>
			'refused' in merge
				? []
				: [{from: merge.first, to: merge.candidate}, ...merge.bases.flatMap(from => [merge.second, merge.first].map(to => ({from, to})))],
		),
	);
	return Promise.all(merges.map(merge => ('refused' in merge ? merge : judge(clone, merge, changesOf))));
};

type Written = {readonly parents: readonly string[]; readonly trailers: string};

/** Parents and all `Room-Task:` trailer values of commits. Omits missing commits. */
const readCommits = async (clone: string, commits: readonly string[]): Promise<ReadonlyMap<string, Written>> => {
	const format = '--format=%H%x00%P%x00%(trailers:key=Room-Task,valueonly,separator=%x20)';
	const {stdout} = await git(clone, ['rev-list', '--no-walk', '--no-commit-header', '--ignore-missing', format, '--stdin'], {
		input: `${commits.join('\n')}\n`,
	});
	return new Map(
		stdout.split('\n').map(line => {
			const [commit = '', parents = '', trailers = ''] = line.split('\0');
			return [commit, {parents: parents.split(' '), trailers: trailers.trim()}];
		}),
	);
};

/** A well-formed candidate: `first` is its base, `second` the task's commit, `bases` their merge bases. */
type Merge = {readonly candidate: string; readonly first: string; readonly second: string; readonly bases: readonly string[]};

const readMerge = async (clone: string, claim: Claim, written: Written | undefined): Promise<Merge | Refused> => {
	const {candidate, expectedBase, task} = claim;
	if (!written) return {refused: 'the commit is missing'};
	const [first = '', second = '', ...others] = written.parents;
	if (first !== expectedBase) return {refused: `its first parent is not \`${expectedBase.slice(0, 12)}\``};
	if (second === '' || others.length > 0) return {refused: 'it is not the merge of one task'};
	if (written.trailers !== trailerValue(task)) return {refused: `its trailer does not name \`${oneLine(task)}\``};
	const bases = await gitLine(clone, ['merge-base', '--all', '--end-of-options', first, second], {accept: [1]});
	if (bases === '') return {refused: 'the task shares no history with the base'};
	return {candidate, first, second, bases: bases.split('\n')};
};

const judge = async (
	clone: string,
	{candidate, first, second, bases}: Merge,
	changesOf: (from: string, to: string) => ReadonlyMap<string, Change>,
): Promise<Verdict> => {
	const brought = changesOf(first, candidate);
	const byTask = bases.map(base => changesOf(base, second));
	const verdict = {paths: new Set(brought.keys()), taskCommit: second};
	const foreign = [...brought.keys()].filter(path => !byTask.some(changed => changed.has(path)));
	if (foreign.length > 0) {
		// The base renamed a file: the task's change to the old name is in the new one.
		const renamed = await Promise.all(bases.map(base => renamedPaths(clone, base, first)));
		const stray = foreign.find(path => !renamed.some((names, at) => byTask[at]?.has(names.get(path) ?? path)));
		if (stray !== undefined) return {refused: `it changes \`${oneLine(stray)}\`, which the task did not change`};
	}
	const [base, another] = bases;
	if (base === undefined || another !== undefined) return verdict;
	const byBase = changesOf(base, first);
	for (const [path, change] of changesOf(base, second)) {
		// If the base or a rename touched the path, the content is a merge that cannot be checked from outside.
		if (byBase.has(path) || change.from.isMissing) continue;
		const inMerge = brought.get(path);
		if (!inMerge || !isSame(inMerge.to, change.to)) return {refused: `it lacks the task's \`${oneLine(path)}\``};
	}
	return verdict;
};
