import {GitRefused, git} from '../process/run.ts';

/** What an agent may look at in git through the room: words of its own, of which none reaches git but as a commit's id or a literal path. */
export type Look =
	/** `range`: `''` is all of the agent's own work, uncommitted too; `A` compares with the files, `A..B` and `A...B` as git does. */
	| {readonly kind: 'diff'; readonly range: string; readonly paths: readonly string[]; readonly isStat: boolean}
	/** `range`: `''` is what it has committed; `A` is what leads to it. */
	| {readonly kind: 'log'; readonly range: string; readonly paths: readonly string[]}
	/** A commit with its change, or a file (`path`) as it was in it. */
	| {readonly kind: 'show'; readonly rev: string; readonly path: string};

/** Characters of an answer; what is longer is cut, with a word about what to ask instead. */
const MOST = 60_000;
/** A change of more lines or files is listed alone. */
const MOST_LINES = 4000;
const MOST_FILES = 200;
const MOST_COMMITS = 50;
/** A file, or a commit's message, beyond this is not read, bytes. */
const LARGEST = 256 * 1024;

/** A file beyond this is no text to be read. No program, converter, colour, order or name of any configuration has a say in what is shown. */
const PLAIN = [
	...['-c', 'core.bigFileThreshold=256k', '-c', 'diff.noprefix=false', '-c', 'diff.mnemonicPrefix=false'],
	...[
		'diff',
		'--no-ext-diff',
		'--no-textconv',
		'--no-color',
		'--no-relative',
		'--submodule=short',
		'--ignore-submodules=dirty',
		'-O/dev/null',
	],
];

const refuse = (message: string, hint: string): GitRefused => new GitRefused('bad-request', message, hint);

const EXAMPLES = 'Such as `HEAD`, `HEAD~2`, `main` or the id of a commit.';

/** A name of a commit that git reads as nothing else: no option, no path, no range, no search. */
const REV = /^[A-Za-z0-9_@][A-Za-z0-9_./@{}~^+-]{0,199}$/;

/** The id of a commit. Whatever an agent called it, git is given this id from here on. */
const commitOf = async (folder: string, rev: string): Promise<string> => {
	const isName = REV.test(rev) && !rev.includes('..');
	const {code, stdout} = isName
		? await git(folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${rev}^{commit}`], {accept: [1, 128]})
		: {code: 1, stdout: ''};
	if (code !== 0) throw refuse(`\`${rev.slice(0, 100)}\` names no commit.`, EXAMPLES);
	return stdout.trim();
};

/** Paths as git takes them literally, below the top folder; nothing in one is a pattern or a word of git's own. */
const literal = (paths: readonly string[]): readonly string[] =>
	paths.map(path => {
		if (path === '' || path.includes('\0') || path.startsWith('/') || path.split('/').includes('..'))
			throw refuse(`\`${path.slice(0, 100)}\` is no path below the top folder.`, 'Such as src/a.ts, from the top folder of the worktree.');
		return `:(top,literal)${path.replace(/^(?:\.\/)+/, '') || '.'}`;
	});

const mergeBase = async (folder: string, one: string, other: string): Promise<string> => {
	const {code, stdout} = await git(folder, ['merge-base', '--end-of-options', one, other], {accept: [1]});
	return code === 0 ? stdout.trim() : one;
};

type Sides = {readonly from: string; readonly to: string};

/** `to` is '' for the files as they lie there. */
const sidesOf = async (folder: string, range: string, base: string): Promise<Sides> => {
	if (range === '') return {from: await mergeBase(folder, await commitOf(folder, base), await commitOf(folder, 'HEAD')), to: ''};
	const [, left = '', dots = '', right = ''] = /^(.*?)(\.{2,3})(.*)$/s.exec(range) ?? [];
	if (dots === '') return {from: await commitOf(folder, range), to: ''};
	const [from, to] = [await commitOf(folder, left || 'HEAD'), await commitOf(folder, right || 'HEAD')];
	return {from: dots === '...' ? await mergeBase(folder, from, to) : from, to};
};

const cut = (text: string, instead: string): string =>
	text.length <= MOST
		? text
		: `${text.slice(0, MOST).toWellFormed()}\n[cut: ${text.length.toLocaleString('en')} characters in all; ${instead}]`;

const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;

/** A change in words that cannot grow beyond what somebody reads: the patch, or where it is too large the list of files. */
const changeText = async (folder: string, {from, to}: Sides, paths: readonly string[], isStat: boolean): Promise<string> => {
	const range = ['--end-of-options', from, ...(to === '' ? [] : [to]), '--', ...paths];
	const {stdout} = await git(folder, [...PLAIN, '--no-renames', '--numstat', '-z', ...range]);
	const rows = stdout
		.split('\0')
		.filter(Boolean)
		.map(row => row.split('\t'));
	const sum = (column: number): number => rows.reduce((total, row) => total + (Number(row[column]) || 0), 0);
	const head = `${count(rows.length, 'file')}, +${sum(0)} -${sum(1)}`;
	if (rows.length === 0) return 'No change.';
	const isShort = rows.length <= MOST_FILES && sum(0) + sum(1) <= MOST_LINES;
	if (isStat || !isShort) {
		const list = rows.slice(0, 1000).map(([added, removed, path]) => `+${added}\t-${removed}\t${path}`);
		const more = rows.length > list.length ? [`and ${rows.length - list.length} more`] : [];
		return cut([`${head}${isShort ? '' : ': too long to show whole, name paths'}`, ...list, ...more].join('\n'), 'name paths');
	}
	const patch = await git(folder, [...PLAIN, '--find-renames', '--patch', ...range]);
	return cut(`${head}\n\n${patch.stdout}`, 'name paths');
};

/** Files that git does not know yet: no diff shows them. */
const unknownText = async (folder: string, paths: readonly string[]): Promise<string> => {
	const {stdout} = await git(folder, [
		'ls-files',
		'--others',
		'--exclude-standard',
		'-z',
		'--',
		...(paths.length > 0 ? paths : [':(top)']),
	]);
	const names = stdout.split('\0').filter(Boolean);
	const more = names.length > 100 ? [`and ${names.length - 100} more`] : [];
	return names.length === 0 ? '' : `\n\nNot known to git yet, so not in it:\n${[...names.slice(0, 100), ...more].join('\n')}`;
};

const diff = async (folder: string, base: string, {range, paths, isStat}: Extract<Look, {kind: 'diff'}>): Promise<string> => {
	const among = literal(paths);
	const sides = await sidesOf(folder, range, base);
	const text = await changeText(folder, sides, among, isStat);
	return sides.to === '' ? `${text}${await unknownText(folder, among)}` : text;
};

const log = async (folder: string, base: string, {range, paths}: Extract<Look, {kind: 'log'}>): Promise<string> => {
	const among = literal(paths);
	const isRange = range === '' || range.includes('..');
	const {from, to} = isRange ? await sidesOf(folder, range, base) : {from: '', to: await commitOf(folder, range)};
	const revisions = [to === '' ? 'HEAD' : to, ...(from === '' ? [] : [`^${from}`])];
	const format = '--format=%h %as %<(20,trunc)%an %<(200,trunc)%s';
	const args = [
		'log',
		`--max-count=${MOST_COMMITS + 1}`,
		'--no-color',
		'--no-show-signature',
		format,
		'--end-of-options',
		...revisions,
		'--',
	];
	const lines = (await git(folder, [...args, ...among])).stdout
		.split('\n')
		.map(line => line.trimEnd())
		.filter(Boolean);
	if (lines.length === 0) return 'No commits.';
	const more = lines.length > MOST_COMMITS ? [`Older ones: log ${lines[MOST_COMMITS - 1]?.split(' ')[0]}`] : [];
	return [...lines.slice(0, MOST_COMMITS), ...more].join('\n');
};

const sizeOf = async (folder: string, object: string): Promise<number> => Number((await git(folder, ['cat-file', '-s', object])).stdout);

const readFile = async (folder: string, commit: string, path: string): Promise<string> => {
	literal([path]);
	const name = path.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '');
	const asked = ['cat-file', '--batch-check=%(objecttype) %(objectname) %(objectsize)', '-z'];
	const {stdout} = await git(folder, asked, {input: `${commit}:${name}\0`});
	const [, type = '', id = '', size = '0'] = /^(blob|tree) ([0-9a-f]+) (\d+)\n$/.exec(stdout) ?? [];
	if (type === '')
		throw refuse(`There is no file \`${path.slice(0, 100)}\` in that commit.`, '`agent-room report log --path PATH` shows its commits.');
	if (type === 'tree') {
		const inside = await git(folder, ['ls-tree', '-z', '--name-only', id]);
		return cut(inside.stdout.split('\0').filter(Boolean).join('\n'), 'name a folder in it');
	}
	if (Number(size) > LARGEST)
		throw refuse(`\`${path.slice(0, 100)}\` is too large to be shown: ${size} bytes.`, 'Read it in the worktree.');
	const {bytes} = await git(folder, ['cat-file', 'blob', id]);
	return bytes.includes(0) ? `[binary: ${size} bytes]` : cut(bytes.toString(), 'read it in the worktree');
};

const show = async (folder: string, {rev, path}: Extract<Look, {kind: 'show'}>): Promise<string> => {
	const commit = await commitOf(folder, rev || 'HEAD');
	if (path !== '') return readFile(folder, commit, path);
	if ((await sizeOf(folder, commit)) > LARGEST) throw refuse('The message of that commit is too long to be shown.', 'Ask for its `diff`.');
	const head = await git(folder, [
		'show',
		'--no-patch',
		'--no-color',
		'--no-show-signature',
		'--format=%H%nAuthor: %an%nDate: %ai%n%n%B',
		commit,
		'--',
	]);
	const parent = await git(folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${commit}^1`], {accept: [1, 128]});
	// Against the empty tree where it has no parent.
	const from = parent.code === 0 ? parent.stdout.trim() : (await git(folder, ['hash-object', '-t', 'tree', '/dev/null'])).stdout.trim();
	return cut(`${head.stdout.trimEnd()}\n\n${await changeText(folder, {from, to: commit}, [], false)}`, 'name paths with `diff`');
};

/**
 * What an agent reads of git, answered by the room: without a shell, without an option that it could choose, bounded. `folder` is the worktree of its
 * attempt, `base` the branch that its work goes to.
 * @throws GitRefused `bad-request` where its words name no commit or no path.
 */
export const lookAt = (folder: string, base: string, look: Look): Promise<string> =>
	look.kind === 'diff' ? diff(folder, base, look) : look.kind === 'log' ? log(folder, base, look) : show(folder, look);
