import {existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {oneLine} from '../../core/text/quote.ts';
import {type Beneath, openBeneath} from '../../os/beneath.ts';
import {LinkRefused} from '../../os/link-refused.ts';
import {isObjectId, ROOM} from '../process/names.ts';
import {GitRefused} from '../process/refused.ts';
import {copyIndex} from '../repository/files.ts';
import {readRef} from '../repository/refs.ts';
import {BASE_REF} from '../store/import.ts';
import {openTrees, type Tree, treesGit} from './tree.ts';

/** Names of the user's other branches, tags and remote branches, as in `packed-refs`. */
export const OTHER_REFS = 'other-refs';

const ZERO = '0'.repeat(40);

/** The file that names borrowed object folders. */
const alternatesOf = ({store}: Tree): string => `${join(store.clone, 'objects')}\n`;

const logLine = (from: string, to: string, words: string): string =>
	`${from || ZERO} ${to} ${ROOM.name} <${ROOM.email}> ${Math.floor(Date.now() / 1000)} +0000\t${words}\n`;

/**
 * Gives a worktree its agent's `.git`: a small repository at the room's commit and index. It borrows the store's objects; branch,
 * configuration and hooks affect no other. The base is a link to the room's ref. No program may be running in the worktree yet.
 */
export const dress = async (tree: Tree, commit: string): Promise<void> => {
	const {store, folder, gitDir, branch} = tree;
	const {text, attributes, exclude} = await openTrees(store);
	const own = join(folder, '.git');
	mkdirSync(own);
	for (const name of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags', 'info', 'hooks', 'logs'])
		mkdirSync(join(own, name), {recursive: true});
	writeFileSync(join(own, 'objects', 'info', 'alternates'), alternatesOf(tree));
	writeFileSync(join(own, 'config'), text, {mode: 0o600});
	if (attributes !== '') writeFileSync(join(own, 'info', 'attributes'), attributes);
	if (exclude !== '') writeFileSync(join(own, 'info', 'exclude'), exclude);
	for (const [from, to] of [
		[join(store.clone, 'shallow'), 'shallow'],
		[join(treesGit(store), OTHER_REFS), 'packed-refs'],
	] as const)
		if (existsSync(from)) writeFileSync(join(own, to), readFileSync(from));
	const write = (path: string, content: string): void => {
		mkdirSync(join(own, path, '..'), {recursive: true});
		writeFileSync(join(own, path), content);
	};
	if (branch !== '') {
		write(`refs/heads/${branch}`, `${commit}\n`);
		write(`logs/refs/heads/${branch}`, logLine('', commit, 'agent-room: start'));
	}
	const base = join(own, 'refs', 'heads', store.base);
	if (readRef(store.clone, BASE_REF) !== '' && !existsSync(base)) {
		mkdirSync(join(base, '..'), {recursive: true});
		symlinkSync(join(store.clone, BASE_REF), base);
	}
	write('logs/HEAD', logLine('', commit, 'agent-room: start'));
	if (existsSync(join(gitDir, 'index'))) copyIndex(join(gitDir, 'index'), join(own, 'index'));
	// Last: without HEAD git sees no repository.
	write('HEAD', branch === '' ? `${commit}\n` : `ref: refs/heads/${branch}\n`);
};

/** An agent's `.git`, file by file. Any name may be a link: none is followed, and a refusal names it. */
export type AgentGit = Beneath & {
	/** A file as trimmed text; '' for none. */
	text(path: string): string;
	/** A ref's commit, '' for none. */
	ref(name: string): string;
	/** The ref of HEAD, '' if detached. */
	branch(): string;
	/** The commit of HEAD, '' for none. */
	head(): string;
};

const TOP = '.git';
/** Longest chain of symbolic refs. */
const MOST_STEPS = 5;

const refused = (folder: string, path: string): GitRefused =>
	new GitRefused('foreign-git', `\`${oneLine(path)}\` in \`${oneLine(folder)}\` was replaced by a link or is not a regular file`);

/**
 * Opens it for one use. A refusal names the bad name; the worktree itself has been checked (`openTree`).
 * @throws GitRefused `foreign-git`.
 */
export const withAgentGit = async <T>(tree: Tree, work: (git: AgentGit) => Promise<T> | T): Promise<T> => {
	const {folder, store} = tree;
	const naming = <R>(name: string, run: () => R): R => {
		try {
			return run();
		} catch (error) {
			if (error instanceof LinkRefused) throw refused(folder, name);
			throw error;
		}
	};
	const files = naming(folder, () => openBeneath(folder));
	const at = (path: string): string => (path === '' ? TOP : `${TOP}/${path}`);
	const named =
		<A extends readonly unknown[], R>(run: (path: string, ...rest: A) => R) =>
		(path: string, ...rest: A): R =>
			naming(at(path), () => run(at(path), ...rest));
	const read = named(files.read);
	const look = named(files.look);
	const text = (path: string): string => read(path)?.toString('utf8').trim() ?? '';

	const ref = (name: string, steps = 0): string => {
		if (!/^(?:refs\/|[A-Z_]+$)/.test(name) || name.includes('..') || steps > MOST_STEPS) return '';
		// The base is a link to the room's ref, as created.
		if (name === `refs/heads/${store.base}` && look(name)?.isSymbolicLink()) return readRef(store.clone, BASE_REF);
		const loose = look(name)?.isDirectory() ? '' : text(name);
		if (loose.startsWith('ref: ')) return ref(loose.slice(5).trim(), steps + 1);
		if (loose !== '') return isObjectId(loose) ? loose : '';
		const packed = text('packed-refs')
			.split('\n')
			.find(line => line.endsWith(` ${name}`))
			?.split(' ')[0];
		return packed !== undefined && isObjectId(packed) ? packed : '';
	};
	const git: AgentGit = {
		look,
		read,
		open: named(files.open),
		list: named(files.list),
		write: named(files.write),
		removePipe: named(files.removePipe),
		remove: named(files.remove),
		close: files.close,
		text,
		ref: name => ref(name),
		branch: () => /^ref: (refs\/.+)$/.exec(text('HEAD'))?.[1] ?? '',
		head: () => ref('HEAD'),
	};
	try {
		if (!look('')?.isDirectory()) throw refused(folder, TOP);
		const alternates = text('objects/info/alternates');
		if (alternates !== '' && alternates !== alternatesOf(tree).trim())
			throw new GitRefused(
				'foreign-git',
				`\`.git/objects/info/alternates\` in \`${oneLine(folder)}\` was changed: an attempt may share objects only with the room`,
			);
		return await work(git);
	} finally {
		git.close();
	}
};

/** Copies the index with its time: git trusts its file metadata only if older. */
export const giveIndex = (git: AgentGit, index: string): void => git.write('index', readFileSync(index), statSync(index));

/** Records the room's move of a ref in the agent's reflog. */
export const noteMove = (git: AgentGit, path: string, {from, to, words}: {from: string; to: string; words: string}): void => {
	const before = git.read(path)?.toString('utf8') ?? '';
	git.write(path, `${before}${logLine(from, to, words)}`);
};
