import pLimit from 'p-limit';
import {git, gitLine} from '../process/run.ts';
import {type Searched, searchSecrets} from './secrets.ts';

/** Limit of commits that are scanned one by one; a larger push needs approval. */
const MOST_COMMITS = 500;
const AT_ONCE = 4;

type Options = {readonly folder: string; readonly allowed: readonly string[]; readonly most: number};

const NOTHING: Searched = {secrets: [], unsearched: []};

/** Scans what a commit adds beyond all its parents: of a merge only files that differ from all of them. */
const searchCommit = async (commit: string, parents: readonly string[], options: Options): Promise<Searched> => {
	const {folder} = options;
	const from = parents[0] ?? (await gitLine(folder, ['hash-object', '-t', 'tree', '--stdin'], {input: ''}));
	if (parents.length < 2) return searchSecrets({...options, from, to: commit});
	const merged = ['diff-tree', '-c', '-r', '-z', '--name-only', '--no-commit-id', '--end-of-options', commit, '--'];
	const paths = (await git(folder, merged)).stdout.split('\0').filter(Boolean);
	return paths.length === 0 ? NOTHING : searchSecrets({...options, from, to: commit, paths});
};

/**
 * Scans each commit that `to` has and `without` have not, `to` too: even what a later one removes is pushed. Findings carry their commit.
 * @throws GitRefused if git cannot compare.
 */
export const searchCommits = async ({
	without,
	to,
	...options
}: Options & {readonly without: readonly string[]; readonly to: string}): Promise<Searched> => {
	const {folder, most} = options;
	const range = [
		'rev-list',
		'--parents',
		`--max-count=${MOST_COMMITS + 1}`,
		'--end-of-options',
		to,
		...without.map(commit => `^${commit}`),
		'--',
	];
	const commits = (await git(folder, range)).stdout
		.split('\n')
		.filter(line => line !== '')
		.map(line => line.split(' '));
	const inTurn = pLimit(AT_ONCE);
	const found = await Promise.all(
		commits.slice(0, MOST_COMMITS).map(([commit = '', ...parents]) =>
			inTurn(async (): Promise<Searched> => {
				const {secrets, unsearched} = await searchCommit(commit, parents, options);
				return {secrets: secrets.map(one => ({...one, commit})), unsearched: unsearched.map(one => ({...one, commit}))};
			}),
		),
	);
	const beyond = commits.length > MOST_COMMITS ? [{file: 'the history', why: `more than ${MOST_COMMITS} commits`}] : [];
	return {
		secrets: found.flatMap(({secrets}) => secrets).slice(0, most),
		unsearched: [...found.flatMap(({unsearched}) => unsearched), ...beyond].slice(0, most),
	};
};
