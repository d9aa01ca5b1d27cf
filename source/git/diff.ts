import {readHead} from './heads.ts';
import {git} from './run.ts';

/** What a commit changes against where it left `base`. */
export type Diff = {
	readonly files: number;
	readonly added: number;
	readonly removed: number;
	/** The unified diff; '' where it is longer than asked for. */
	readonly text: string;
	/** One line a file, at most 200: `12 3 src/a.ts` (added, removed; `-` of a binary one). */
	readonly list: string;
};

/** A diff of more lines or files than this is not even asked for. */
const MOST_LINES = 4000;
const MOST_FILES = 200;
/** A file beyond this is no text to be read: git shows it as binary. */
const LARGE = ['-c', 'core.bigFileThreshold=256k'];
/** No program, converter or colour of the repository's configuration has a say in it. */
const PLAIN = ['--no-ext-diff', '--no-textconv', '--no-color'];

/** The whole change for a reviewer's eye; at most `limit` characters of text, else only the list. `root`: a work tree of the repository. */
export const readDiff = async (options: {root: string; base: string; commit: string; limit: number}): Promise<Diff> => {
	const {root, base, commit, limit} = options;
	const range = ['--end-of-options', `${base}...${commit}`, '--'];
	const {stdout} = await git(root, [...LARGE, 'diff', ...PLAIN, '--no-renames', '--numstat', ...range]);
	const rows = stdout.split('\n').filter(Boolean);
	const counted = rows.map(row => row.split('\t'));
	const sum = (column: number): number => counted.reduce((total, row) => total + (Number(row[column]) || 0), 0);
	const [added, removed] = [sum(0), sum(1)];
	const isShort = rows.length <= MOST_FILES && added + removed <= MOST_LINES;
	const text = isShort ? (await git(root, [...LARGE, 'diff', ...PLAIN, '--find-renames', ...range])).stdout : '';
	return {
		files: rows.length,
		added,
		removed,
		text: text.length <= limit ? text : '',
		list: counted
			.slice(0, 200)
			.map(row => row.join(' '))
			.join('\n'),
	};
};

/** What differs between two commits, as a unified diff without context: which places of the older one were changed. '' where one is not there. */
export const readChanges = async (options: {root: string; from: string; to: string}): Promise<string> => {
	const {root, from, to} = options;
	const args = [...LARGE, 'diff', ...PLAIN, '--no-renames', '--unified=0', '--end-of-options', from, to, '--'];
	return (await git(root, args, {accept: [128]})).stdout;
};

/** A pattern without a folder means that name in every folder, as in a .gitignore. */
export const pathspec = (glob: string, magic: 'exclude' | '' = ''): string =>
	`:(top,glob${magic && `,${magic}`})${glob.includes('/') ? glob : `**/${glob}`}`;

/** Files that a commit changes against where it left `base`, among those that match one of the globs; git itself does the matching. */
export const changedAmong = async (options: {
	root: string;
	base: string;
	commit: string;
	globs: readonly string[];
}): Promise<readonly string[]> => {
	const {root, base, commit, globs} = options;
	if (globs.length === 0) return [];
	const args = [
		'diff',
		'--name-only',
		'-z',
		'--no-renames',
		'--end-of-options',
		`${base}...${commit}`,
		'--',
		...globs.map(glob => pathspec(glob)),
	];
	return (await git(root, args)).stdout.split('\0').filter(Boolean);
};

/** Files that differ between two commits. */
export const changedPathsBetween = async ({folder, from, to}: {folder: string; from: string; to: string}): Promise<readonly string[]> =>
	(await git(folder, ['diff', '--name-only', '-z', '--no-renames', '--end-of-options', from, to, '--'])).stdout.split('\0').filter(Boolean);

/** Whether somebody committed in a work tree or changed a tracked file since it stood at `commit`. */
export const isTouched = async (folder: string, commit: string): Promise<boolean> => {
	if ((await readHead(folder)) !== commit) return true;
	const {stdout} = await git(folder, ['status', '--porcelain=v2', '-z', '--untracked-files=no', '--no-renames']);
	return stdout !== '';
};

/** Commits of `commit` that `base` has not, newest first, at most `most`: short id and subject. */
export const commitLines = async (options: {root: string; base: string; commit: string; most: number}): Promise<readonly string[]> => {
	const {root, base, commit, most} = options;
	const args = [
		'log',
		`--max-count=${most}`,
		'--no-color',
		'--no-show-signature',
		'--format=%h %s',
		'--end-of-options',
		`${base}..${commit}`,
		'--',
	];
	return (await git(root, args)).stdout.split('\n').filter(Boolean);
};
