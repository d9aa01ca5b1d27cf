import {createHash} from 'node:crypto';
import {
	closeSync,
	existsSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	openSync,
	readdirSync,
	readFileSync,
	readSync,
	renameSync,
	rmdirSync,
	rmSync,
	statfsSync,
	writeFileSync,
} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import pLimit from 'p-limit';
import {isWorkingIn} from '../../os/at-work.ts';
import {hasProc} from '../../os/proc.ts';
import {startTimeOf} from '../../os/process-identity.ts';
import {removeFolder} from '../../os/remove-folder.ts';
import {isObjectId} from '../process/names.ts';
import {git} from '../process/run.ts';
import {foldersOf, hasOtherAttributes, removeNested, STRICT_INDEX} from '../repository/files.ts';
import {baseHead} from '../store/import.ts';
import type {Store} from '../store/store.ts';
import {openTrees, type Tree, treesGit} from './tree.ts';

/** Smaller worktrees are faster to create than to reuse. */
const FEWEST_FILES = 1000;
/** Limit of pooled worktrees per folder; they use disk space. */
const MOST_POOLED = 4;

/** A pooled worktree's content: files of `commit`, written by these `rules` of line ends and filters. */
type About = {readonly commit: string; readonly rules: string};

const POOL = '.spare';
const poolBeside = (folder: string): string => join(dirname(folder), POOL);
const READY = 'tree-';
const HALF = 'half-';

const inBackground = pLimit(1);
const underWay = new Set<Promise<void>>();

/** Resolves when every pooled worktree is ready or removed. */
export const poolSettled = async (): Promise<void> => {
	while (underWay.size > 0) await Promise.all(underWay);
};

/**
 * Keeps a removed worktree's files for reuse. Its work must be saved. Returns undefined if reuse is not worth it (small), impossible
 * (nested repositories), or a process may still write there: it would corrupt the next attempt.
 */
export const setAside = ({folder, gitDir}: Tree): string | undefined => {
	if (!hasProc || filesIn(gitDir) < FEWEST_FILES || lstatSync(join(folder, '.gitmodules'), {throwIfNoEntry: false})) return undefined;
	const pool = poolBeside(folder);
	mkdirSync(pool, {recursive: true, mode: 0o700});
	sweep(pool);
	if (readdirSync(pool).length >= MOST_POOLED) return undefined;
	const half = mkdtempSync(join(pool, `${HALF}${process.pid}-`));
	renameSync(folder, join(half, 'tree'));
	return half;
};

const settling = (work: Promise<void>): void => {
	underWay.add(work);
	void work.finally(() => underWay.delete(work));
};

/** Resets pooled files to exactly `commit` in the background: every file is read, nothing else stays, ignored or not. */
export const refit = (store: Store, half: string, commit: string): void =>
	settling(inBackground(() => finishHalf(store, half, commit)).then(() => undefined));

/** A half becomes ready, or goes; whether it is ready. */
const finishHalf = async (store: Store, half: string, commit: string): Promise<boolean> => {
	try {
		await bringTo(store, half, commit);
		renameSync(half, join(dirname(half), `${READY}${basename(half).slice(HALF.length)}`));
		return true;
	} catch {
		await removeFolder(half);
		return false;
	}
};

const bringTo = async (store: Store, half: string, commit: string): Promise<void> => {
	const tree = join(half, 'tree');
	const env = {GIT_DIR: treesGit(store), GIT_WORK_TREE: tree, GIT_INDEX_FILE: join(half, 'index')};
	const inTree = (args: readonly string[]) => git(tree, [...STRICT_INDEX, ...args], {env, accept: [1]});
	if (isWorkingIn(tree)) throw new Error('a process is running in it');
	await removeFolder(join(tree, '.git'));
	const about: About = {commit, rules: await readRules(store)};
	// An index without times: every file is compared, whatever the agent told git to ignore.
	await inTree(['read-tree', commit]);
	await inTree(['clean', '--quiet', '-ffdx']);
	await removeNested(tree, await foldersOf(store.clone, commit));
	await inTree(['update-index', '-q', '--really-refresh']);
	await inTree(['read-tree', '--reset', '-u', commit]);
	const [changed, strange] = await Promise.all([inTree(['diff-files', '--name-only']), inTree(['ls-files', '--others', '--directory'])]);
	if (changed.stdout + strange.stdout !== '' || changed.code + strange.code !== 0)
		throw new Error('it cannot be checked out at the commit');
	writeFileSync(join(half, 'about.json'), JSON.stringify(about));
};

/** Begins the names of scratch folders beside the trees' git. */
export const AHEAD_INDEX = 'ahead-';
/** Worktrees that are made ahead. */
const AHEAD = 2;
/** Bytes of the disk that worktrees made ahead leave free. */
const LEFT_FREE = 20e9;

const isRoomy = (folder: string): boolean => {
	const {bavail, bsize} = statfsSync(folder);
	return bavail * bsize > LEFT_FREE;
};

/** Stores of which none is made ahead in this life: their files are few, or cannot be written out as they are in the commit. */
const unfit = new WeakSet<Store>();

/**
 * Makes worktrees of the base ahead, one after the other in the background, so that the next claims find some: writing out a large repository takes
 * seconds. Does nothing where enough are ready, where files are few, or where the disk is short. Call it again and again.
 */
export const makeAhead = (store: Store, worktreesFolder: string): void => {
	if (!hasProc || unfit.has(store) || underWay.size > 0) return;
	const pool = join(worktreesFolder, POOL);
	const isFull = (): boolean => existsSync(pool) && readdirSync(pool).length >= AHEAD;
	if (isFull() || !isRoomy(store.clone)) return;
	const work = inBackground(async () => {
		const [commit] = await Promise.all([baseHead(store), openTrees(store)]);
		if (!(await isWorthwhile(store, commit).catch(() => false))) return void unfit.add(store);
		mkdirSync(pool, {recursive: true, mode: 0o700});
		sweep(pool);
		while (!isFull() && isRoomy(pool)) {
			const half = mkdtempSync(join(pool, `${HALF}${process.pid}-`));
			mkdirSync(join(half, 'tree'));
			if (await finishHalf(store, half, commit)) continue;
			unfit.add(store);
			if (readdirSync(pool).length === 0) rmdirSync(pool);
			return;
		}
	});
	// Without them a worktree is written out when it is needed, and says itself what is wrong.
	settling(work.catch(() => undefined));
};

/** Whether a commit has enough files. Most have not: it is asked before any folder is made. */
const isWorthwhile = async (store: Store, commit: string): Promise<boolean> => {
	const scratch = mkdtempSync(join(treesGit(store), AHEAD_INDEX));
	try {
		await git(treesGit(store), ['read-tree', commit], {env: {GIT_DIR: treesGit(store), GIT_INDEX_FILE: join(scratch, 'index')}});
		return filesIn(scratch) >= FEWEST_FILES;
	} finally {
		rmSync(scratch, {recursive: true, force: true});
	}
};

/** Fills a new worktree's empty folder with pooled files, if any. They are of another commit: a reset then only writes the difference. */
export const fillFromPool = async (tree: Tree, commit: string): Promise<boolean> => {
	const {store, folder} = tree;
	const pool = poolBeside(folder);
	const names = existsSync(pool) ? readdirSync(pool).filter(name => name.startsWith(READY)) : [];
	if (names.length === 0) return false;
	const rules = await readRules(store);
	for (const name of names) {
		const taken = join(pool, `${HALF}${process.pid}-${name.slice(READY.length)}`);
		try {
			renameSync(join(pool, name), taken);
		} catch {
			// Another process was first.
			continue;
		}
		const about = readAbout(taken);
		const isFitting = about?.rules === rules && !(await hasOtherAttributes(store.clone, about.commit, commit));
		if (isFitting) moveInto(taken, tree);
		void removeFolder(taken).catch(() => undefined);
		if (isFitting) return true;
	}
	return false;
};

const moveInto = (taken: string, {folder, gitDir}: Tree): void => {
	rmdirSync(folder);
	renameSync(join(taken, 'tree'), folder);
	renameSync(join(taken, 'index'), join(gitDir, 'index'));
};

/** What besides `.gitattributes` decides how files are written. */
const readRules = async (store: Store): Promise<string> => {
	const {config, attributes} = await openTrees(store);
	return createHash('sha256').update(config).update('\0').update(attributes).digest('hex');
};

const readAbout = (folder: string): About | undefined => {
	try {
		const value: unknown = JSON.parse(readFileSync(join(folder, 'about.json'), 'utf8'));
		if (typeof value !== 'object' || !value || !('commit' in value && 'rules' in value)) return undefined;
		const {commit, rules} = value;
		return typeof commit === 'string' && isObjectId(commit) && typeof rules === 'string' ? {commit, rules} : undefined;
	} catch {
		return undefined;
	}
};

/** Number of files in an index, from its head: `DIRC`, version, count. */
const filesIn = (gitDir: string): number => {
	const head = Buffer.alloc(12);
	try {
		const file = openSync(join(gitDir, 'index'), 'r');
		try {
			readSync(file, head, 0, 12, 0);
		} finally {
			closeSync(file);
		}
	} catch {
		return 0;
	}
	return head.toString('latin1', 0, 4) === 'DIRC' ? head.readUInt32BE(8) : 0;
};

/** Removes unfinished work of dead processes. */
const sweep = (pool: string): void => {
	for (const name of readdirSync(pool)) {
		const pid = Number(name.slice(HALF.length).split('-')[0]);
		if (name.startsWith(HALF) && startTimeOf(pid) === '') void removeFolder(join(pool, name)).catch(() => undefined);
	}
};
