import {existsSync, readdirSync, rmSync, statSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {HALF, leftHalves} from '../../os/make-whole.ts';
import {clearStaleLock} from '../lock/stale-lock.ts';
import {INCOMING} from '../process/quarantine.ts';
import {isStore, openStore, type Store} from '../store/store.ts';
import {takeHead} from '../worktree/look.ts';
import {openTrees, treesGit, worktreesOf} from '../worktree/tree.ts';
import {isTwin, twinsFolder} from './test-tree.ts';

/** What was damaged, or left over by a process that is gone. */
export type Repair = {readonly what: string; readonly path: string};

/** A lock of git that has stood unchanged for so long is looked at, ms. */
const OLD_MS = 3000;

const filesBelow = (folder: string): readonly string[] =>
	existsSync(folder)
		? readdirSync(folder, {recursive: true, withFileTypes: true})
				.filter(entry => entry.isFile())
				.map(({parentPath, name}) => join(parentPath, name))
		: [];

const namesIn = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder).map(name => join(folder, name)) : []);

/** Folders that killed processes were making in this one. */
const halvesIn = (folder: string): readonly string[] => {
	const prefixes = new Set(namesIn(folder).flatMap(path => (path.includes(HALF) ? [`${basename(path).split(HALF)[0]}${HALF}`] : [])));
	return [...prefixes].flatMap(prefix => leftHalves(folder, prefix));
};

const isOldLock = (file: string): boolean => {
	// The lock of a repository is not git's: it is held without being open.
	const isOfGit = file.endsWith('.lock') && basename(file) !== 'agent-room.lock';
	const found = isOfGit ? statSync(file, {throwIfNoEntry: false}) : undefined;
	return found?.isFile() === true && Date.now() - found.mtimeMs >= OLD_MS;
};

/** Git's lock files in the room's own git folders, left by a git that was killed. */
const gitLocks = (store: Store): readonly string[] =>
	[
		...namesIn(store.clone),
		...namesIn(treesGit(store)),
		...filesBelow(join(store.clone, 'refs')),
		...namesIn(twinsFolder(store.clone)).flatMap(namesIn),
		...namesIn(join(treesGit(store), 'trees')).flatMap(namesIn),
	].filter(isOldLock);

/**
 * The room's own objects were removed, or damaged so that git cannot use them: they are made again from the repository and from the worktrees, whose
 * commits are taken. False where they are there.
 */
export const mendStore = async (store: Store): Promise<boolean> => {
	if (isStore(store.clone)) return false;
	await openStore(store.repository, store.clone, store.base, store.remote);
	await openTrees(store);
	for (const folder of worktreesOf(store)) await takeHead(store, folder).catch(() => undefined);
	return true;
};

/**
 * Looks for what killed processes left in the room's own git folders, and for what is missing there; takes it away or makes it again if
 * `mends`. What a living process uses is left alone. Nothing in the user's repository or in a worktree of an agent is touched.
 */
export const repairGit = async (store: Store, mends: boolean): Promise<readonly Repair[]> => {
	const found: Repair[] = [];
	const state = dirname(store.clone);
	const isMissing = !isStore(store.clone);
	if (isMissing) found.push({what: 'the git store of the room is missing or damaged', path: store.clone});
	const twins = twinsFolder(store.clone);
	const unfinished = [
		...halvesIn(state).filter(path => [basename(store.clone), basename(treesGit(store))].some(name => basename(path).startsWith(name))),
		...leftHalves(store.clone, INCOMING),
		...halvesIn(twins),
		...namesIn(twins).filter(twin => !twin.includes(HALF) && !isTwin(twin)),
	];
	for (const path of unfinished) {
		found.push({what: 'an unfinished folder', path});
		if (mends) rmSync(path, {recursive: true, force: true});
	}
	for (const path of gitLocks(store)) {
		if (mends && !(await clearStaleLock(path))) continue;
		found.push({what: 'a lock of a git that was killed', path});
	}
	if (mends && isMissing) await mendStore(store);
	return found;
};
