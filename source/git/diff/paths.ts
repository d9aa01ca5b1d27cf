import {git} from '../process/run.ts';

/** A path on one side of a comparison. */
export type Entry = {readonly mode: string; readonly blob: string; readonly isMissing: boolean};
export type Change = {readonly from: Entry; readonly to: Entry};

const entry = (mode = '', blob = ''): Entry => ({mode, blob, isMissing: /^0+$/.test(mode)});

/** True if content and mode are equal. */
export const isSame = (one: Entry, other: Entry): boolean => one.mode === other.mode && one.blob === other.blob;

/** Changed paths; a rename is a removal and an addition. `command` is `diff-tree -r` or `diff-index --cached`. */
export const changedPaths = async (
	folder: string,
	command: readonly string[],
	commits: readonly string[],
): Promise<ReadonlyMap<string, Change>> => {
	const {stdout} = await git(folder, [...command, '-z', '--raw', '--no-renames', '--no-abbrev', ...commits, '--']);
	const fields = stdout.split('\0');
	const found = new Map<string, Change>();
	for (let at = 0; at + 1 < fields.length; at += 2) found.set(fields[at + 1] ?? '', readChange(fields[at] ?? ''));
	return found;
};

/** Parses a raw line of git: `:<old mode> <new mode> <old blob> <new blob> <kind>`. */
const readChange = (raw: string): Change => {
	const [oldMode, newMode, oldBlob, newBlob] = raw.slice(1).split(' ');
	return {from: entry(oldMode, oldBlob), to: entry(newMode, newBlob)};
};

/** Changed paths of many pairs of commits by one process; ask the result with a given pair. */
export const comparisons = async (
	folder: string,
	pairs: readonly {readonly from: string; readonly to: string}[],
): Promise<(from: string, to: string) => ReadonlyMap<string, Change>> => {
	const found = pairs.map(() => new Map<string, Change>());
	if (pairs.length > 0) {
		const {stdout} = await git(folder, ['diff-tree', '--stdin', '--always', '-r', '-z', '--raw', '--no-renames', '--no-abbrev'], {
			input: pairs.map(({from, to}) => `${to} ${from}\n`).join(''),
		});
		// Per pair: the commit's id, then its changes, each followed by its path.
		const fields = stdout.split('\0');
		let pair = -1;
		for (let at = 0; at < fields.length - 1; at += 1) {
			const field = fields[at] ?? '';
			if (!field.startsWith(':')) pair += 1;
			else found[pair]?.set(fields[++at] ?? '', readChange(field));
		}
	}
	return (from, to) => found[pairs.findIndex(pair => pair.from === from && pair.to === to)] ?? new Map();
};

/** Renamed files between two commits (edited or not): new name -> old name. */
export const renamedPaths = async (folder: string, from: string, to: string): Promise<ReadonlyMap<string, string>> => {
	const {stdout} = await git(folder, ['diff-tree', '-r', '-z', '--name-status', '-M', '--diff-filter=R', from, to, '--']);
	const fields = stdout.split('\0');
	const found = new Map<string, string>();
	for (let at = 0; at + 2 < fields.length; at += 3) found.set(fields[at + 2] ?? '', fields[at + 1] ?? '');
	return found;
};

/** A commit's change since it left `base`. */
export type Diff = {
	readonly files: number;
	readonly added: number;
	readonly removed: number;
	/** The unified diff; '' if longer than the limit. */
	readonly text: string;
	/** One line per file, at most 200: `12 3 src/a.ts` (added, removed; `-` for binary). */
	readonly list: string;
};

/** Larger diffs are not requested. */
const MOST_LINES = 4000;
const MOST_FILES = 200;
/** Git treats larger files as binary. */
const LARGE = ['-c', 'core.bigFileThreshold=256k'];
/** Ignores the repository's programs, converters and colours. */
const PLAIN = ['--no-ext-diff', '--no-textconv', '--no-color'];

/** Reads the whole change for a reviewer; beyond `limit` characters only the list. `root`: a worktree of the repository. */
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

/** A unified diff without context between two commits, to find changed places. '' if one is missing. */
export const readChanges = async (options: {root: string; from: string; to: string}): Promise<string> => {
	const {root, from, to} = options;
	const args = [...LARGE, 'diff', ...PLAIN, '--no-renames', '--unified=0', '--end-of-options', from, to, '--'];
	return (await git(root, args, {accept: [128]})).stdout;
};

/** A pattern without a folder matches that name in every folder, as in .gitignore. */
export const pathspec = (glob: string, magic: 'exclude' | '' = ''): string =>
	`:(top,glob${magic && `,${magic}`})${glob.includes('/') ? glob : `**/${glob}`}`;

/** Changed files of a commit since `base` that match one of the globs; git does the matching. */
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

export const changedPathsBetween = async ({folder, from, to}: {folder: string; from: string; to: string}): Promise<readonly string[]> =>
	(await git(folder, ['diff', '--name-only', '-z', '--no-renames', '--end-of-options', from, to, '--'])).stdout.split('\0').filter(Boolean);

/** Commits of `commit` beyond `base`, newest first, at most `most`: short id and subject. */
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
