import {readFileSync, realpathSync, rmSync, statSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {isGitAtWork, isOpenAnywhere} from '../../os/at-work.ts';
import {hasProc} from '../../os/proc.ts';

/** Git closes a lock file just before it renames it, so an unopened file must also be unchanged this long, ms. */
const QUIET_MS = 3000;
/** The same if open files cannot be inspected. */
const QUIET_UNSEEN_MS = 600_000;
const PATIENCE_MS = 5000;

/**
 * Waits for git's lock file to go, and removes it if a dead process left it: no live process has it open, it is unchanged for three
 * seconds, and no git runs in its worktree (`commit --all` keeps its lock closed during hooks and editing). For files that git creates,
 * holds and renames (`index.lock`, `refs/heads/<branch>.lock`).
 * @returns false if it is still there after five seconds: it is held.
 */
export const clearStaleLock = async (file: string): Promise<boolean> => {
	const first = inodeOf(file);
	for (const since = performance.now(); performance.now() - since < PATIENCE_MS; await delay(20)) {
		const seen = inodeOf(file);
		if (!seen) return true;
		const isSame = seen.ino === first?.ino && seen.mtimeMs === first.mtimeMs;
		const quietMs = Math.max(Date.now() - seen.mtimeMs, isSame ? performance.now() - since : 0);
		if (quietMs < (hasProc ? QUIET_MS : QUIET_UNSEEN_MS) || isOpenAnywhere(file) || isHeldClosed(file)) continue;
		if (inodeOf(file)?.ino === seen.ino) rmSync(file, {force: true});
	}
	return inodeOf(file) === undefined;
};

const inodeOf = (file: string): {ino: number; mtimeMs: number} | undefined => statSync(file, {throwIfNoEntry: false});

const isHeldClosed = (file: string): boolean => {
	const gitFolder = dirname(file);
	if (!hasProc || !/^(?:index|HEAD)\.lock$/.test(basename(file))) return false;
	try {
		const isLinked = basename(gitFolder) !== '.git';
		return isGitAtWork(realpathSync(dirname(isLinked ? readFileSync(join(gitFolder, 'gitdir'), 'utf8').trim() : gitFolder)));
	} catch {
		// A bare repository, or a missing worktree: no git runs there.
		return false;
	}
};
