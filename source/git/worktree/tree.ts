import {
	existsSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	realpathSync,
	renameSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {oneLine} from '../../core/text/quote.ts';
import {makeWhole} from '../../os/make-whole.ts';
import {bootId} from '../../os/proc.ts';
import type {GitVariables} from '../process/environment.ts';
import {attemptName, isObjectId} from '../process/names.ts';
import {GitRefused} from '../process/refused.ts';
import {readRef} from '../repository/refs.ts';
import {readSettings, type Settings} from '../repository/settings.ts';
import {objectFormat, type Store} from '../store/store.ts';

/**
 * A worktree of the room, and the room's git folder for it. Agents write in `folder`, including their `.git`; the room's git works on the
 * same files with `gitDir`: its own HEAD, index, configuration and attributes, out of agents' reach.
 */
export type Tree = {
	readonly store: Store;
	readonly name: string;
	readonly folder: string;
	readonly gitDir: string;
	/** The agent's branch, '' for a read-only worktree. */
	readonly branch: string;
};

/** The room's record; written last, so that a worktree without it is unfinished. */
type Kept = {readonly folder: string; readonly branch: string; readonly inode: number; readonly boot: string};

/** The git folder shared by all worktrees: configuration, attributes and the store's objects. */
export const treesGit = ({clone}: Pick<Store, 'clone'>): string => join(dirname(clone), 'trees.git');

const gitDirOf = (store: Store, name: string): string => join(treesGit(store), 'trees', name);
const keptFile = (gitDir: string): string => join(gitDir, 'tree.json');

/** Folders of all worktrees that the room has made and kept. */
export const worktreesOf = (store: Pick<Store, 'clone'>): readonly string[] => {
	const trees = join(treesGit(store), 'trees');
	const names = existsSync(trees) ? readdirSync(trees) : [];
	return names.flatMap(name => readKept(join(trees, name))?.folder ?? []);
};

/** Whether a worktree of that name exists or was started. */
export const isTreeName = (store: Store, name: string): boolean => existsSync(gitDirOf(store, name));

/** The store's ref for an attempt's last import. */
export const attemptRef = (name: string): string => `refs/agent-room/attempts/${name}`;

const configOf = ({config}: Settings, format: string): string =>
	[
		`[core]\n\trepositoryformatversion = ${format === 'sha1' ? 0 : 1}\n\tbare = false\n\tlogallrefupdates = true\n`,
		format === 'sha1' ? '' : `[extensions]\n\tobjectformat = ${format}\n`,
		'[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n',
		config,
	].join('');

/** Writes atomically, and only changes. */
const put = (file: string, content: string): void => {
	if (existsSync(file) && readFileSync(file, 'utf8') === content) return;
	writeFileSync(`${file}.new-${process.pid}`, content, {mode: 0o600});
	renameSync(`${file}.new-${process.pid}`, file);
};

/** Makes the shared git folder if needed, and updates the user's settings in it. */
export const openTrees = async (store: Store): Promise<Settings & {readonly text: string}> => {
	const folder = treesGit(store);
	const settings = await readSettings(store.repository);
	const text = configOf(settings, objectFormat(store.clone));
	await makeWhole(
		folder,
		() => existsSync(join(folder, 'config')),
		half => {
			for (const name of ['refs', 'info', 'trees']) mkdirSync(join(half, name), {mode: 0o700});
			writeFileSync(join(half, 'HEAD'), 'ref: refs/heads/none\n');
			symlinkSync(join('..', basename(store.clone), 'objects'), join(half, 'objects'));
			writeFileSync(join(half, 'config'), text, {mode: 0o600});
		},
	);
	put(join(folder, 'config'), `${text}${settings.largeFiles}`);
	// git-lfs looks for contents next to borrowed objects.
	const large = join(store.clone, 'lfs');
	const contents = join(store.repository.commonDir, 'lfs');
	// The repository may have moved since.
	if (lstatSync(large, {throwIfNoEntry: false})?.isSymbolicLink() && readlinkSync(large) !== contents) rmSync(large, {force: true});
	if (!lstatSync(large, {throwIfNoEntry: false})) symlinkSync(contents, large);
	put(join(folder, 'info', 'attributes'), settings.attributes);
	put(join(folder, 'info', 'exclude'), settings.exclude);
	const shallow = join(store.clone, 'shallow');
	if (existsSync(shallow)) put(join(folder, 'shallow'), readFileSync(shallow, 'utf8'));
	return {...settings, text};
};

/** Starts a worktree: the room's git folder at a commit. The caller makes the folder of files; `keepTree` concludes it. */
export const beginTree = (store: Store, {folder, commit, branch}: {folder: string; commit: string; branch: string}): Tree => {
	const name = basename(folder);
	const gitDir = gitDirOf(store, name);
	rmSync(gitDir, {recursive: true, force: true});
	mkdirSync(gitDir, {recursive: true, mode: 0o700});
	writeFileSync(join(gitDir, 'commondir'), '../..\n');
	writeFileSync(join(gitDir, 'HEAD'), `${commit}\n`);
	return {store, name, folder, gitDir, branch};
};

/** From now on exactly this folder, by inode, is a worktree of the room. */
export const keepTree = ({folder, branch, gitDir}: Tree): void => {
	const kept: Kept = {folder, branch, inode: lstatSync(folder).ino, boot: bootId()};
	put(keptFile(gitDir), JSON.stringify(kept));
};

/** Deletes the room's record; the caller deletes the folder. */
export const forgetTree = ({gitDir}: Pick<Tree, 'gitDir'>): void => rmSync(gitDir, {recursive: true, force: true});

const readKept = (gitDir: string): Kept | undefined => {
	try {
		const kept: Partial<Kept> = JSON.parse(readFileSync(keptFile(gitDir), 'utf8'));
		const {folder, branch, inode, boot} = kept;
		return typeof folder === 'string' && typeof branch === 'string' && typeof inode === 'number' && typeof boot === 'string'
			? {folder, branch, inode, boot}
			: undefined;
	} catch {
		return undefined;
	}
};

/** Resolves the folders above a folder; unchanged if they are missing. Does not check the folder itself. */
export const realFolder = (folder: string): string => {
	try {
		return join(realpathSync(dirname(folder)), basename(folder));
	} catch {
		return folder;
	}
};

/** Whether a worktree is complete. */
export const isKept = (gitDir: string): boolean => readKept(gitDir) !== undefined;

const foreign = (folder: string): GitRefused =>
	new GitRefused('foreign-worktree', `\`${oneLine(folder)}\` is not a worktree of this room`, 'It was not read.');
const replaced = (folder: string, what: string): GitRefused =>
	new GitRefused('replaced-worktree', `\`${oneLine(folder)}\` is ${what}, not the folder that the room created`, 'It was not read.');

/**
 * The room's worktree in a folder. Only the room's own record makes it one, never a claim (of Redis, an agent, a file in it); and it must
 * be the same folder: a link in or above its place, or another folder, is refused.
 * @throws GitRefused `no-worktree` (missing), `foreign-worktree`, `replaced-worktree`.
 */
export const openTree = (store: Store, given: string): Tree => {
	const folder = realFolder(given);
	const name = basename(folder);
	const gitDir = gitDirOf(store, name);
	const kept = /^[^./][^/]*$/.test(name) ? readKept(gitDir) : undefined;
	if (kept?.folder !== folder) throw foreign(folder);
	const stat = lstatSync(folder, {throwIfNoEntry: false});
	if (!stat) throw new GitRefused('no-worktree', `\`${oneLine(folder)}\` is missing`, 'Was it moved or unmounted?');
	if (stat.isSymbolicLink()) throw replaced(folder, 'a link');
	if (!stat.isDirectory()) throw replaced(folder, 'not a folder');
	if (realpathSync(folder) !== folder) throw replaced(folder, 'behind a link');
	// Folder inodes are only stable until a reboot.
	const boot = bootId();
	if (boot === kept.boot && stat.ino !== kept.inode) throw replaced(folder, 'another folder');
	const tree = {store, name, folder, gitDir, branch: kept.branch};
	if (boot !== kept.boot) keepTree(tree);
	return tree;
};

/** The same; undefined if it is none. */
export const findTree = (store: Store, folder: string): Tree | undefined => {
	try {
		return folder === '' ? undefined : openTree(store, folder);
	} catch (error) {
		if (error instanceof GitRefused) return undefined;
		throw error;
	}
};

/**
 * The worktree that was made last for an attempt of a task, or a later one, by its name: what made it may not be recorded yet. Undefined if none was
 * made `since` then (epoch ms): an earlier task may have had the same id.
 */
export const attemptTree = (
	store: Store,
	{id, attempt}: {readonly id: string; readonly attempt: number},
	since: number,
): string | undefined => {
	const start = attemptName(id, 0).slice(0, -1);
	const made = worktreesOf(store).flatMap(folder => {
		const name = basename(folder);
		const number = name.startsWith(start) ? Number(name.slice(start.length)) : Number.NaN;
		const at = lstatSync(keptFile(gitDirOf(store, name)), {throwIfNoEntry: false})?.mtimeMs ?? 0;
		return Number.isSafeInteger(number) && number >= Math.max(1, attempt) && at >= since ? [{folder, at}] : [];
	});
	return made.toSorted((a, b) => b.at - a.at)[0]?.folder;
};

/** Variables for the room's git on a worktree's files. `index` replaces the worktree's own. */
export const inTree = ({gitDir, folder}: Tree, index?: string): GitVariables => ({
	GIT_DIR: gitDir,
	GIT_WORK_TREE: folder,
	...(index === undefined ? {} : {GIT_INDEX_FILE: index}),
});

/** The worktree's commit as the room knows it. */
export const knownHead = ({gitDir}: Pick<Tree, 'gitDir'>): string => {
	try {
		const head = readFileSync(join(gitDir, 'HEAD'), 'utf8').trim();
		return isObjectId(head) ? head : '';
	} catch {
		return '';
	}
};

/** Records a worktree's commit. */
export const setHead = ({gitDir}: Pick<Tree, 'gitDir'>, commit: string): void => put(join(gitDir, 'HEAD'), `${commit}\n`);

const indexFile = ({gitDir}: Pick<Tree, 'gitDir'>): string => join(gitDir, 'index-at');

/** The commit whose files the room's index knows; '' if unsure. */
export const indexAt = (tree: Pick<Tree, 'gitDir'>): string =>
	existsSync(indexFile(tree)) ? readFileSync(indexFile(tree), 'utf8').trim() : '';

export const setIndexAt = (tree: Pick<Tree, 'gitDir'>, commit: string): void => put(indexFile(tree), `${commit}\n`);

/** The last import of the attempt in a folder, even if that is missing. */
export const lastTaken = (store: Store, folder: string): string => readRef(store.clone, attemptRef(basename(folder)));
