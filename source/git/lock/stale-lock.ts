import {readFileSync, realpathSync, rmSync, statSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {isGitAtWork, isOpenAnywhere} from '../../os/at-work.ts';

/** Git closes a lock file a moment before it renames it, so a file that nobody has open must also have stood still this long, ms. */
const QUIET_MS = 3000;
/** The same where open files cannot be looked up. */
const QUIET_UNSEEN_MS = 600_000;
const PATIENCE_MS = 5000;

/**
 * Waits for git's own lock file to go, and removes it when it was left by a dead process: no live process has it open, it has not changed
 * for three seconds, and no git is running in the worktree that it is of (a `commit --all` holds its lock closed while a hook runs or
 * somebody writes the message). For files that git creates, holds and renames (`index.lock`, `refs/heads/<branch>.lock`). @returns false
 * when it is still there after five seconds: somebody holds it.
 */
export const clearStaleLock = async (file: string): Promise<boolean> => {
	const first = inodeOf(file);
	for (const since = performance.now(); performance.now() - since < PATIENCE_MS; await delay(20)) {
		const seen = inodeOf(file);
		if (!seen) return true;
		const isSame = seen.ino === first?.ino && seen.mtimeMs === first.mtimeMs;
		const quietMs = Math.max(Date.now() - seen.mtimeMs, isSame ? performance.now() - since : 0);
		if (quietMs < (process.platform === 'linux' ? QUIET_MS : QUIET_UNSEEN_MS) || isOpenAnywhere(file) || isHeldClosed(file)) continue;
		if (inodeOf(file)?.ino === seen.ino) rmSync(file, {force: true});
	}
	return inodeOf(file) === undefined;
};

const inodeOf = (file: string): {ino: number; mtimeMs: number} | undefined => statSync(file, {throwIfNoEntry: false});

const isHeldClosed = (file: string): boolean => {
	const gitFolder = dirname(file);
	if (process.platform !== 'linux' || !/^(?:index|HEAD)\.lock$/.test(basename(file))) return false;
	try {
		const isLinked = basename(gitFolder) !== '.git';
		return isGitAtWork(realpathSync(dirname(isLinked ? readFileSync(join(gitFolder, 'gitdir'), 'utf8').trim() : gitFolder)));
	} catch {
		// A bare repository, or a worktree that is away: nobody works there.
		return false;
	}
};
