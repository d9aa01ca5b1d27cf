import {git, gitLine} from '../process/run.ts';
import {importCommits} from '../store/import.ts';
import {baseFolder, hasRemote, type Store} from '../store/store.ts';

/** An unmerged task and the commits of its attempts. */
export type OpenWork = {readonly task: string; readonly refs: readonly string[]};

/** A move of the base that was no merge. */
export type BaseMove = {
	readonly from: string;
	readonly to: string;
	/** Tested candidates: what these brought was a merge. */
	readonly mergedTasks: readonly string[];
	/** Former positions of the base: what they reach belongs to the user. */
	readonly left: readonly string[];
	readonly works: readonly OpenWork[];
};

/** Limit of commits that are checked one by one; a larger move is a pull. */
const MOST = 5000;
/** Limit of commits compared by their changes. */
const MOST_COMPARED = 200;

const revisions = async (folder: string, args: readonly string[], input: readonly string[] = []): Promise<readonly string[]> => {
	const {stdout} = await git(folder, ['rev-list', `--max-count=${MOST}`, '--ignore-missing', ...args], {
		input: input.length === 0 ? '' : `${input.join('\n')}\n`,
	});
	return stdout.split('\n').filter(Boolean);
};

const not = (commits: readonly string[]): readonly string[] => commits.map(commit => `^${commit}`);

/**
 * What a move brought that is neither a merge nor on a remote branch, by the user's repository, which knows the remote branches. With a
 * remote base, all that was pushed to it.
 */
const broughtBy = async (store: Store, {from, to, mergedTasks}: BaseMove): Promise<readonly string[]> => {
	const folder = baseFolder(store);
	const all = await revisions(folder, ['--stdin'], [to, `^${from}`]);
	const mergedCommit = mergedTasks.filter(candidate => all.includes(candidate));
	return revisions(folder, [to, ...not([from, ...mergedCommit]), ...(hasRemote(store) ? [] : ['--not', '--remotes']), '--']);
};

/** Commits of a move whose change an attempt made too, under any id. */
const sameChanges = async ({clone}: Store, head: string, {from, to, left}: BaseMove): Promise<readonly string[]> => {
	const marked = await revisions(clone, ['--cherry-mark', '--left-right', '--no-merges', `${to}...${head}`, ...not([from, ...left]), '--']);
	return marked.flatMap(line => (line.startsWith('=') ? [line.slice(1)] : []));
};

/** Whether the whole move equals an attempt's merge, such as a squash. */
const isWholeWork = async ({clone}: Store, head: string, {from, to}: BaseMove): Promise<boolean> => {
	const [merged, before, after] = await Promise.all([
		git(clone, ['merge-tree', '--write-tree', '--no-messages', '--end-of-options', from, head], {accept: [1, 128]}),
		gitLine(clone, ['rev-parse', '--verify', '--end-of-options', `${from}^{tree}`]),
		gitLine(clone, ['rev-parse', '--verify', '--end-of-options', `${to}^{tree}`]),
	]);
	return merged.code === 0 && after !== before && merged.stdout.split('\n')[0] === after;
};

/**
 * Finds whose unmerged work a move of the base brought: a commit of an attempt's branch, or its change under another id (cherry-pick,
 * rebase, squash). Undefined for none. Only trusts git objects: names and dates are the author's choice.
 */
export const strayWork = async (store: Store, move: BaseMove): Promise<string | undefined> => {
	const brought = await broughtBy(store, move);
	if (brought.length === 0) return undefined;
	const refs = [...new Set(move.works.flatMap(work => work.refs))];
	if (refs.length === 0) return undefined;
	const {clone} = store;
	await importCommits(store, [move.to]);
	const own = new Set(await revisions(clone, ['--stdin'], [...refs, ...not([move.from, ...move.left])]));
	const isBrought = new Set(brought);
	// An attempt at the old base has made nothing yet.
	const works = move.works.map(({task, refs}) => ({task, refs: refs.filter(head => own.has(head))})).filter(({refs}) => refs.length > 0);
	if (brought.some(commit => own.has(commit)))
		for (const {task, refs} of works)
			if ((await revisions(clone, ['--stdin'], [...refs, ...not([move.from, ...move.left])])).some(commit => isBrought.has(commit)))
				return task;
	if (brought.length > MOST_COMPARED) return undefined;
	for (const {task, refs} of works)
		for (const head of refs)
			if ((await sameChanges(store, head, move)).some(commit => isBrought.has(commit)) || (await isWholeWork(store, head, move)))
				return task;
	return undefined;
};
