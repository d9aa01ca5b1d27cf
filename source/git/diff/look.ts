import {counted} from '../../core/text/format.ts';
import {GitRefused} from '../process/refused.ts';
import {git} from '../process/run.ts';
import {readRef} from '../repository/refs.ts';
import {BASE_REF} from '../store/import.ts';
import type {Store} from '../store/store.ts';
import {bringIndex} from '../worktree/advance.ts';
import {takeHead} from '../worktree/look.ts';
import {inTree, openTree, type Tree} from '../worktree/tree.ts';

/** What an agent may read from git through the room: its words only reach git as a commit id or a literal path. */
export type Look =
	/** `range`: `''` is all of the agent's own work, also uncommitted; `A` compares with the files, `A..B` and `A...B` as in git. */
	| {readonly kind: 'diff'; readonly range: string; readonly paths: readonly string[]; readonly isStat: boolean}
	/** `range`: `''` is its commits; `A` is the history of it. */
	| {readonly kind: 'log'; readonly range: string; readonly paths: readonly string[]}
	/** A commit with its change, or a file (`path`) at that commit. */
	| {readonly kind: 'show'; readonly rev: string; readonly path: string};

/** In characters; a longer answer is cut, with advice what to ask instead. */
const MOST = 60_000;
/** Larger changes are only listed. */
const MOST_LINES = 4000;
const MOST_FILES = 200;
const MOST_COMMITS = 50;
/** Larger files and commit messages are not read, bytes. */
const LARGEST = 256 * 1024;

/** Larger files count as binary. Ignores all configured programs, converters, colours, orders and names. */
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

/** A worktree read by the room's own git folder, so that nothing in the agent's `.git` matters. */
type Seen = {
	readonly tree: Tree;
	/** Commits by the names that agents use; other names are only known to their git. */
	readonly names: ReadonlyMap<string, string>;
};

const ask = ({tree}: Seen, args: readonly string[], options: {readonly input?: string; readonly accept?: readonly number[]} = {}) =>
	git(tree.folder, args, {...options, env: inTree(tree)});

const refuse = (message: string, hint: string): GitRefused => new GitRefused('bad-request', message, hint);

const EXAMPLES = 'Example: `HEAD`, `HEAD~2`, `main` or a commit id.';

/** Only names of commits: no option, path, range or search. */
const REV = /^[A-Za-z0-9_@][A-Za-z0-9_./@{}~^+-]{0,199}$/;

/** Replaces a known name by its id: `HEAD~2` is two before the agent's commit. */
const named = ({names}: Seen, rev: string): string => {
	const [, name = '', rest = ''] = /^([^~^]*)(.*)$/s.exec(rev) ?? [];
	return `${names.get(name) ?? name}${rest}`;
};

/** Resolves an agent's name once; from here git only gets the id. */
const commitOf = async (seen: Seen, rev: string): Promise<string> => {
	const isName = REV.test(rev) && !rev.includes('..');
	const {code, stdout} = isName
		? await ask(seen, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${named(seen, rev)}^{commit}`], {accept: [1, 128]})
		: {code: 1, stdout: ''};
	if (code !== 0) throw refuse(`\`${rev.slice(0, 100)}\` is not a commit.`, EXAMPLES);
	return stdout.trim();
};

/** Literal paths below the top folder, no patterns. */
const literal = (paths: readonly string[]): readonly string[] =>
	paths.map(path => {
		if (path === '' || path.includes('\0') || path.startsWith('/') || path.split('/').includes('..'))
			throw refuse(
				`\`${path.slice(0, 100)}\` is not a path below the top folder.`,
				'Example: src/a.ts, from the top folder of the worktree.',
			);
		return `:(top,literal)${path.replace(/^(?:\.\/)+/, '') || '.'}`;
	});

const mergeBase = async (seen: Seen, one: string, other: string): Promise<string> => {
	const {code, stdout} = await ask(seen, ['merge-base', '--end-of-options', one, other], {accept: [1]});
	return code === 0 ? stdout.trim() : one;
};

type Sides = {readonly from: string; readonly to: string};

/** `to` is '' for the files on disk. */
const sidesOf = async (seen: Seen, range: string, base: string): Promise<Sides> => {
	if (range === '') return {from: await mergeBase(seen, await commitOf(seen, base), await commitOf(seen, 'HEAD')), to: ''};
	const [, left = '', dots = '', right = ''] = /^(.*?)(\.{2,3})(.*)$/s.exec(range) ?? [];
	if (dots === '') return {from: await commitOf(seen, range), to: ''};
	const [from, to] = [await commitOf(seen, left || 'HEAD'), await commitOf(seen, right || 'HEAD')];
	return {from: dots === '...' ? await mergeBase(seen, from, to) : from, to};
};

const cut = (text: string, instead: string): string =>
	text.length <= MOST
		? text
		: `${text.slice(0, MOST).toWellFormed()}\n[cut: ${text.length.toLocaleString('en')} characters in all; ${instead}]`;

/** A bounded description: the patch, or for a large change the list of files. */
const changeText = async (seen: Seen, {from, to}: Sides, paths: readonly string[], isStat: boolean): Promise<string> => {
	const range = ['--end-of-options', from, ...(to === '' ? [] : [to]), '--', ...paths];
	const {stdout} = await ask(seen, [...PLAIN, '--no-renames', '--numstat', '-z', ...range]);
	const rows = stdout
		.split('\0')
		.filter(Boolean)
		.map(row => row.split('\t'));
	const sum = (column: number): number => rows.reduce((total, row) => total + (Number(row[column]) || 0), 0);
	const head = `${counted(rows.length, 'file')}, +${sum(0)} -${sum(1)}`;
	if (rows.length === 0) return 'No changes.';
	const isShort = rows.length <= MOST_FILES && sum(0) + sum(1) <= MOST_LINES;
	if (isStat || !isShort) {
		const list = rows.slice(0, 1000).map(([added, removed, path]) => `+${added}\t-${removed}\t${path}`);
		const more = rows.length > list.length ? [`and ${rows.length - list.length} more`] : [];
		return cut([`${head}${isShort ? '' : ': too long to show, name paths'}`, ...list, ...more].join('\n'), 'name paths');
	}
	const patch = await ask(seen, [...PLAIN, '--find-renames', '--patch', ...range]);
	return cut(`${head}\n\n${patch.stdout}`, 'name paths');
};

/** Untracked files, which no diff shows. */
const unknownText = async (seen: Seen, paths: readonly string[]): Promise<string> => {
	const {stdout} = await ask(seen, ['ls-files', '--others', '--exclude-standard', '-z', '--', ...(paths.length > 0 ? paths : [':(top)'])]);
	const names = stdout.split('\0').filter(Boolean);
	const more = names.length > 100 ? [`and ${names.length - 100} more`] : [];
	return names.length === 0 ? '' : `\n\nUntracked, so not shown:\n${[...names.slice(0, 100), ...more].join('\n')}`;
};

const diff = async (seen: Seen, base: string, {range, paths, isStat}: Extract<Look, {kind: 'diff'}>): Promise<string> => {
	const among = literal(paths);
	const sides = await sidesOf(seen, range, base);
	const text = await changeText(seen, sides, among, isStat);
	return sides.to === '' ? `${text}${await unknownText(seen, among)}` : text;
};

const log = async (seen: Seen, base: string, {range, paths}: Extract<Look, {kind: 'log'}>): Promise<string> => {
	const among = literal(paths);
	const isRange = range === '' || range.includes('..');
	const {from, to} = isRange ? await sidesOf(seen, range, base) : {from: '', to: await commitOf(seen, range)};
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
	const lines = (await ask(seen, [...args, ...among])).stdout
		.split('\n')
		.map(line => line.trimEnd())
		.filter(Boolean);
	if (lines.length === 0) return 'No commits.';
	const more = lines.length > MOST_COMMITS ? [`Older ones: log ${lines[MOST_COMMITS - 1]?.split(' ')[0]}`] : [];
	return [...lines.slice(0, MOST_COMMITS), ...more].join('\n');
};

const sizeOf = async (seen: Seen, object: string): Promise<number> => Number((await ask(seen, ['cat-file', '-s', object])).stdout);

const readFile = async (seen: Seen, commit: string, path: string): Promise<string> => {
	literal([path]);
	const name = path.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '');
	const asked = ['cat-file', '--batch-check=%(objecttype) %(objectname) %(objectsize)', '-z'];
	const {stdout} = await ask(seen, asked, {input: `${commit}:${name}\0`});
	const [, type = '', id = '', size = '0'] = /^(blob|tree) ([0-9a-f]+) (\d+)\n$/.exec(stdout) ?? [];
	if (type === '')
		throw refuse(`No file \`${path.slice(0, 100)}\` in that commit.`, 'List its commits with `agent-room report log --path PATH`.');
	if (type === 'tree') {
		const inside = await ask(seen, ['ls-tree', '-z', '--name-only', id]);
		return cut(inside.stdout.split('\0').filter(Boolean).join('\n'), 'name a folder in it');
	}
	if (Number(size) > LARGEST) throw refuse(`\`${path.slice(0, 100)}\` is too large to show: ${size} bytes.`, 'Read it in the worktree.');
	const {bytes} = await ask(seen, ['cat-file', 'blob', id]);
	return bytes.includes(0) ? `[binary: ${size} bytes]` : cut(bytes.toString(), 'read it in the worktree');
};

const show = async (seen: Seen, {rev, path}: Extract<Look, {kind: 'show'}>): Promise<string> => {
	const commit = await commitOf(seen, rev || 'HEAD');
	if (path !== '') return readFile(seen, commit, path);
	if ((await sizeOf(seen, commit)) > LARGEST) throw refuse('The commit message is too long to show.', 'Use `diff`.');
	const head = await ask(seen, [
		'show',
		'--no-patch',
		'--no-color',
		'--no-show-signature',
		'--format=%H%nAuthor: %an%nDate: %ai%n%n%B',
		commit,
		'--',
	]);
	const parent = await ask(seen, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${commit}^1`], {accept: [1, 128]});
	// A root commit is compared with the empty tree.
	const from = parent.code === 0 ? parent.stdout.trim() : (await ask(seen, ['hash-object', '-t', 'tree', '/dev/null'])).stdout.trim();
	return cut(`${head.stdout.trimEnd()}\n\n${await changeText(seen, {from, to: commit}, [], false)}`, 'name paths with `diff`');
};

/**
 * Answers an agent's git question: without a shell or agent-chosen options, bounded. `folder` is the attempt's worktree, `base` its target
 * branch.
 * @throws GitRefused `bad-request` if the words name no commit or path; as `takeHead`.
 */
export const lookAt = async (
	{store, folder}: {readonly store: Store; readonly folder: string},
	base: string,
	look: Look,
): Promise<string> => {
	const head = await takeHead(store, folder);
	const tree = openTree(store, folder);
	await bringIndex(tree, head);
	const names = new Map([
		['HEAD', head],
		['@', head],
		...(tree.branch === '' ? [] : [[tree.branch, head] as const]),
		[base, readRef(store.clone, BASE_REF)],
	]);
	const seen = {tree, names};
	return look.kind === 'diff' ? diff(seen, base, look) : look.kind === 'log' ? log(seen, base, look) : show(seen, look);
};
