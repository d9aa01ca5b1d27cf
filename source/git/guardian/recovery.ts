import {existsSync, lstatSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {isRunningWith} from '../../os/at-work.ts';
import {type Change, changedPaths, isSame} from '../diff/paths.ts';
import {clearStaleLock} from '../lock/stale-lock.ts';
import {isObjectId} from '../process/names.ts';
import {git} from '../process/run.ts';
import {gitFolderOf, readHead} from '../repository/refs.ts';
import type {Repository} from '../repository/repository.ts';
import {listWorkTrees} from '../worktree/list.ts';

/** A running fast-forward of a user's worktree, from its commit to the candidate. */
type Forwarding = {readonly worktree: string; readonly from: string; readonly to: string};

/** How long the next merge waits for the git of a killed one, ms. */
const PATIENCE_MS = 5000;

const noteOf = ({commonDir}: Repository): string => join(commonDir, 'agent-room-landing.json');

/** Records a fast-forward before git starts it. Under the repository's lock. */
export const noteForwarding = (repository: Repository, forwarding: Forwarding): void => {
	const file = noteOf(repository);
	writeFileSync(`${file}.new`, JSON.stringify(forwarding), {mode: 0o600});
	renameSync(`${file}.new`, file);
};

/** Whether a fast-forward started and was neither finished nor reverted. */
export const isForwarding = (repository: Repository): boolean => existsSync(noteOf(repository));

export const forgetForwarding = (repository: Repository): void => rmSync(noteOf(repository), {force: true});

/** What a fast-forward takes in the folder of a worktree's git. */
const LOCKS = ['index.lock', 'HEAD.lock', 'ORIG_HEAD.lock', 'AUTO_MERGE.lock'] as const;

/**
 * Clears the locks that a killed fast-forward left, in the worktree's git folder and in the one of all: a left `packed-refs.lock` keeps the
 * user from deleting a branch. False if one in the worktree is held.
 */
export const clearForwardLocks = async ({commonDir}: Repository, worktree: string): Promise<boolean> => {
	const gitFolder = gitFolderOf(worktree);
	const cleared = Promise.all(LOCKS.map(name => clearStaleLock(join(gitFolder, name))));
	await clearStaleLock(join(commonDir, 'packed-refs.lock'));
	return !(await cleared).includes(false);
};

/**
 * Reverts what a killed fast-forward wrote (out of memory, power, kill -9), so that the user finds the worktree unchanged. Git had found
 * these paths clean, so a file only goes back if it is exactly the candidate's (or unwritten) and the index is untouched; all else stays.
 * @returns false while that git may still run: it can outlive its starter and finish.
 */
export const undoInterrupted = async (repository: Repository): Promise<boolean> => {
	const forwarding = readNote(repository);
	if (!forwarding) return true;
	if (!(await hasEnded(forwarding.to))) return false;
	return undo(repository, forwarding, async (path, change) => (await writtenOf(forwarding.worktree, path, change)) === 'whole');
};

/**
 * The same right after a git that failed by itself, such as on a full disk. Only files that changed since `before` count as written by it,
 * even partly. If this fails too, the next merge starts with it.
 */
export const undoFailed = async (repository: Repository, before: ReadonlyMap<string, string>): Promise<void> => {
	const forwarding = readNote(repository);
	if (!forwarding) return;
	const {worktree} = forwarding;
	const isTouched = (path: string): boolean => before.has(path) && before.get(path) !== looksOf(join(worktree, path));
	await undo(repository, forwarding, async (path, change) => isTouched(path) && (await writtenOf(worktree, path, change)) !== 'no').catch(
		() => false,
	);
};

/** Metadata that changes with every write, per path; starts no process. */
export const looksOfAll = (worktree: string, paths: Iterable<string>): ReadonlyMap<string, string> =>
	new Map([...paths].map(path => [path, looksOf(join(worktree, path))]));

const looksOf = (file: string): string => {
	try {
		const {ino, size, ctimeNs} = lstatSync(file, {bigint: true});
		return `${ino} ${size} ${ctimeNs}`;
	} catch {
		// Missing, or below a file.
		return '';
	}
};

const undo = async (
	repository: Repository,
	{worktree, from, to}: Forwarding,
	isOurs: (path: string, change: Change) => Promise<boolean>,
): Promise<boolean> => {
	const isListed = (await listWorkTrees(repository.root)).some(tree => tree.path === worktree && tree.isPresent);
	if (isListed && !(await clearForwardLocks(repository, worktree))) return false;
	if (isListed && (await readHead(worktree)) === from) {
		const staged = await changedPaths(worktree, ['diff-index', '--cached'], [from]);
		const ours: (readonly [string, Change])[] = [];
		for (const [path, change] of await changedPaths(worktree, ['diff-tree', '-r'], [from, to])) {
			const index = staged.get(path);
			if ((index === undefined || isSame(index.to, change.to)) && (await isOurs(path, change))) ours.push([path, change]);
		}
		await takeBack(worktree, from, ours, staged);
	}
	forgetForwarding(repository);
	return true;
};

const hasEnded = async (to: string): Promise<boolean> => {
	for (const since = performance.now(); performance.now() - since < PATIENCE_MS; await delay(20)) {
		if (!isRunningWith(['merge', to])) return true;
	}
	return false;
};

const takeBack = async (
	worktree: string,
	from: string,
	ours: readonly (readonly [string, Change])[],
	staged: ReadonlyMap<string, Change>,
) => {
	const isNew = ([path, change]: readonly [string, Change]): boolean => change.from.isMissing && !staged.has(path);
	// Removes all first, to free a full disk. Missing files are recognised as ours next time.
	for (const [path] of ours) rmSync(join(worktree, path), {force: true});
	const known = ours.filter(entry => !isNew(entry)).map(([path]) => path);
	if (known.length === 0) return;
	await git(
		worktree,
		['--literal-pathspecs', 'restore', `--source=${from}`, '--staged', '--worktree', '--pathspec-from-file=-', '--pathspec-file-nul'],
		{input: known.join('\0')},
	);
};

/**
 * How much of the candidate's version is on disk, as git writes it (line ends, filters): all (also missing, or opened and empty), its
 * beginning, or something else.
 */
const writtenOf = async (worktree: string, path: string, change: Change): Promise<'whole' | 'begun' | 'no'> => {
	const file = join(worktree, path);
	const stat = looksOf(file) === '' ? undefined : lstatSync(file, {throwIfNoEntry: false});
	if (!stat) return change.to.isMissing || !change.from.isMissing ? 'whole' : 'no';
	if (change.to.isMissing || stat.isDirectory()) return 'no';
	if (stat.size === 0) return 'whole';
	const content = stat.isSymbolicLink() ? Buffer.from(readlinkSync(file)) : readFileSync(file);
	const asWritten = stat.isSymbolicLink() ? ['blob'] : ['--filters', `--path=${path}`];
	const {bytes} = await git(worktree, ['cat-file', ...asWritten, change.to.blob]);
	if (content.equals(bytes)) return 'whole';
	return content.equals(bytes.subarray(0, content.length)) ? 'begun' : 'no';
};

const readNote = (repository: Repository): Forwarding | undefined => {
	try {
		const value: unknown = JSON.parse(readFileSync(noteOf(repository), 'utf8'));
		if (typeof value !== 'object' || !value || !('worktree' in value && 'from' in value && 'to' in value)) return undefined;
		const {worktree, from, to} = value;
		if (typeof worktree !== 'string' || typeof from !== 'string' || typeof to !== 'string') return undefined;
		return isObjectId(from) && isObjectId(to) ? {worktree, from, to} : undefined;
	} catch {
		return undefined;
	}
};
