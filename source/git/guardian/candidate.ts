import {oneLine} from '../../core/text/quote.ts';
import {agentAsPerson, personEnvironment, slug, trailerValue} from '../process/names.ts';
import {git, gitLine} from '../process/run.ts';
import {importCommits, markImported} from '../store/import.ts';
import type {Store} from '../store/store.ts';

/** `files` are the conflicting paths, `text` git's report (printable lines). */
export type Candidate =
	| {readonly kind: 'candidate'; readonly commit: string}
	| {readonly kind: 'conflict'; readonly files: readonly string[]; readonly text: string}
	| {readonly kind: 'empty'};

export type WantedCandidate = {
	readonly commit: string;
	readonly onto: string;
	readonly task: string;
	readonly title: string;
	readonly author: string;
	/** Called with the tree of a candidate before its commit is written. */
	readonly onMerged?: (tree: string) => void;
};

/** Commit -> its tree, of the last candidates: the next one is built on one of them, or on the base that it became. */
const trees = new Map<string, string>();
const MOST_TREES = 200;

const noteTree = (commit: string, tree: string): void => {
	trees.set(commit, tree);
	for (const oldest of trees.keys()) if (trees.size > MOST_TREES) trees.delete(oldest);
};

/**
 * Builds the merge of `commit` into `onto` without a worktree. First parent is `onto`, second the task's commit; subject is the title, with
 * one `Room-Task:` trailer. Never resolves by taking a side: a conflict is returned.
 */
export const buildCandidate = async (store: Store, options: WantedCandidate): Promise<Candidate> => {
	const {clone} = store;
	const {commit, onto, task} = options;
	await importCommits(store, [onto, commit]);
	const [merged, before] = await Promise.all([
		git(clone, ['merge-tree', '--write-tree', '-z', '--name-only', '--messages', '--end-of-options', onto, commit], {accept: [1]}),
		trees.get(onto) ?? gitLine(clone, ['rev-parse', '--verify', '--end-of-options', `${onto}^{tree}`]),
	]);
	const [tree = '', ...rest] = merged.stdout.split('\0');
	if (merged.code === 1 || tree === before) return merged.code === 1 ? conflict(rest) : {kind: 'empty'};
	options.onMerged?.(tree);
	const candidate = await gitLine(clone, ['commit-tree', '-p', onto, '-p', commit, '-F', '-', tree], {
		input: `${subject(options.title, task)}\n\nRoom-Task: ${trailerValue(task)}\n`,
		env: personEnvironment(agentAsPerson(options.author)),
	});
	markImported(store, [candidate]);
	noteTree(candidate, tree);
	return {kind: 'candidate', commit: candidate};
};

/** A title as one printable line. */
const subject = (title: string, task: string): string => oneLine(title, 120) || slug(task);

/** With -z: paths up to an empty entry, then messages as <count> <paths...> <kind> <text>. */
const conflict = (rest: readonly string[]): Candidate => {
	const end = rest.indexOf('');
	const files = [...new Set(rest.slice(0, end))];
	const texts: string[] = [];
	for (let at = end + 1; at < rest.length && rest[at] !== ''; ) {
		const paths = Number(rest[at]);
		if (!Number.isSafeInteger(paths)) break;
		const [kind = '', text = ''] = rest.slice(at + 1 + paths, at + 3 + paths);
		if (kind !== 'Auto-merging') texts.push(oneLine(text, 500));
		at += paths + 3;
	}
	return {kind: 'conflict', files, text: texts.join('\n')};
};
