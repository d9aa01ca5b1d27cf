import {join} from 'node:path';
import type {GuardianPlace} from './clone.ts';
import {readRef} from './heads.ts';
import {isObjectId, oneLine, slug, trailerValue} from './names.ts';
import {agentAsPerson, personEnvironment} from './person.ts';
import {GitRefused} from './refused.ts';
import {git, gitLine} from './run.ts';
import {clearStaleLock} from './stale-lock.ts';

/** `files` are the paths in conflict, `text` git's own account of them (lines of printable text). */
export type Candidate =
	| {readonly kind: 'candidate'; readonly commit: string}
	| {readonly kind: 'conflict'; readonly files: readonly string[]; readonly text: string}
	| {readonly kind: 'empty'};

/** Fetches a commit from the repository by its id. Fetching runs nothing of the repository's, and every new object is checked. */
export const importCommit = (place: GuardianPlace, commit: string): Promise<void> => importCommits(place, [commit]);

/**
 * Builds the merge of `commit` into `onto` without a work tree. Its first parent is `onto` and its second the task's commit, it has
 * the title as its subject and one `Room-Task:` trailer. Nothing is ever resolved by taking a side: a conflict is the answer.
 */
export const buildCandidate = async (
	place: GuardianPlace,
	options: {commit: string; onto: string; task: string; title: string; author: string},
): Promise<Candidate> => {
	const {clone} = place;
	const {commit, onto, task} = options;
	await importCommits(place, [onto, commit]);
	const merged = await git(clone, ['merge-tree', '--write-tree', '-z', '--name-only', '--messages', '--end-of-options', onto, commit], {
		accept: [1],
	});
	const [tree = '', ...rest] = merged.stdout.split('\0');
	if (merged.code === 1) return conflict(rest);
	if (tree === (await gitLine(clone, ['rev-parse', '--verify', '--end-of-options', `${onto}^{tree}`]))) return {kind: 'empty'};
	const candidate = await gitLine(clone, ['commit-tree', '-p', onto, '-p', commit, '-F', '-', tree], {
		input: `${subject(options.title, task)}\n\nRoom-Task: ${trailerValue(task)}\n`,
		env: personEnvironment(agentAsPerson(options.author)),
	});
	await clearStaleLock(join(clone, `${importedRef(candidate)}.lock`));
	await git(clone, ['update-ref', importedRef(candidate), candidate]);
	return {kind: 'candidate', commit: candidate};
};

/** A title as the subject of a commit: one printable line. */
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

/** In the clone, a commit under this name is there with all that it needs: git says so at the end of a fetch. */
const importedRef = (commit: string): string => `refs/agent-room/imported/${commit}`;

const importCommits = async ({clone, repository}: GuardianPlace, commits: readonly string[]): Promise<void> => {
	for (const commit of commits) if (!isObjectId(commit)) throw new GitRefused('no-commit', `\`${oneLine(commit)}\` is not a commit id`);
	const missing = commits.filter(commit => readRef(clone, importedRef(commit)) !== commit);
	if (missing.length === 0) return;
	// A guardian that was killed may have left one.
	for (const commit of missing) await clearStaleLock(join(clone, `${importedRef(commit)}.lock`));
	await git(clone, [...FETCH, '--end-of-options', repository.commonDir, ...missing.map(commit => `+${commit}:${importedRef(commit)}`)]);
};

/** Objects only: no tags, no FETCH_HEAD, no submodules, no collecting. */
export const FETCH = [
	'fetch',
	'--quiet',
	'--no-tags',
	'--no-write-fetch-head',
	'--no-recurse-submodules',
	'--no-auto-maintenance',
] as const;
