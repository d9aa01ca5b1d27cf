import {git, gitLine} from '../process/run.ts';
import {importCommits} from '../store/import.ts';
import {baseFolder, hasRemote, type Store} from '../store/store.ts';

/** A task that has not landed, and the commits that its attempts stand at. */
export type OpenWork = {readonly task: string; readonly refs: readonly string[]};

/** A move of the base that no landing was. */
export type BaseMove = {
	readonly from: string;
	readonly to: string;
	/** Candidates that had passed: those that the move brought did come by a landing. */
	readonly mergedTasks: readonly string[];
	/** Where the base once stood, and does not any more: what these reach was a person's, wherever it is now. */
	readonly left: readonly string[];
	readonly works: readonly OpenWork[];
};

/** Commits that are looked at one by one; who brings more has pulled from somewhere. */
const MOST = 5000;
/** So many are compared by their changes. */
const MOST_COMPARED = 200;

const revisions = async (folder: string, args: readonly string[], input: readonly string[] = []): Promise<readonly string[]> => {
	const {stdout} = await git(folder, ['rev-list', `--max-count=${MOST}`, '--ignore-missing', ...args], {
		input: input.length === 0 ? '' : `${input.join('\n')}\n`,
	});
	return stdout.split('\n').filter(Boolean);
};

const not = (commits: readonly string[]): readonly string[] => commits.map(commit => `^${commit}`);

/**
 * What a move brought that neither a landing nor a remote branch has brought: looked at in the person's own repository, since remote branches are known
 * there. Where the base is a remote's, all that somebody pushed to it is looked at.
 */
const broughtBy = async (store: Store, {from, to, mergedTasks}: BaseMove): Promise<readonly string[]> => {
	const folder = baseFolder(store);
	const all = await revisions(folder, ['--stdin'], [to, `^${from}`]);
	const mergedCommit = mergedTasks.filter(candidate => all.includes(candidate));
	return revisions(folder, [to, ...not([from, ...mergedCommit]), ...(hasRemote(store) ? [] : ['--not', '--remotes']), '--']);
};

/** Of the commits that a move brought those whose change an attempt has made as well, under whatever id. */
const sameChanges = async ({clone}: Store, head: string, {from, to, left}: BaseMove): Promise<readonly string[]> => {
	const marked = await revisions(clone, ['--cherry-mark', '--left-right', '--no-merges', `${to}...${head}`, ...not([from, ...left]), '--']);
	return marked.flatMap(line => (line.startsWith('=') ? [line.slice(1)] : []));
};

/** Whether the whole move is what merging an attempt into the base would have made of it: squashed, say. */
const isWholeWork = async ({clone}: Store, head: string, {from, to}: BaseMove): Promise<boolean> => {
	const [merged, before, after] = await Promise.all([
		git(clone, ['merge-tree', '--write-tree', '--no-messages', '--end-of-options', from, head], {accept: [1, 128]}),
		gitLine(clone, ['rev-parse', '--verify', '--end-of-options', `${from}^{tree}`]),
		gitLine(clone, ['rev-parse', '--verify', '--end-of-options', `${to}^{tree}`]),
	]);
	return merged.code === 0 && after !== before && merged.stdout.split('\n')[0] === after;
};

/**
 * Whose work a move of the base has brought that did not come by a landing: a commit that stands on an attempt's branch since its start, or the change of
 * one under another id (cherry-picked, rebased, squashed). Undefined where it brought nothing of that kind. Only git's own objects are asked: names and
 * dates of commits say whatever their author likes.
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
	// What stands where the base stood has made nothing yet.
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
