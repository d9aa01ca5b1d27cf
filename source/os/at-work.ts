import {execFileSync} from 'node:child_process';
import {argumentsOf, hasProc, openFilesOf, procPids, readProc, readProcLink} from './proc.ts';

/** Whether some live process has all these words among its arguments: a child that outlived whoever started it. */
export const isRunningWith = (words: readonly string[]): boolean => {
	if (hasProc) return procPids().some(pid => hasAll(argumentsOf(pid), words));
	const lines = execFileSync('ps', ['-axww', '-o', 'command='], {encoding: 'utf8'}).split('\n');
	return lines.some(line => hasAll(line.split(' '), words));
};

const hasAll = (found: readonly string[], words: readonly string[]): boolean => words.every(word => found.includes(word));

/** Whether a process has its working folder, its program or an open file in a folder, as far as this user may look; true if nobody can. */
export const isWorkingIn = (folder: string): boolean => {
	const isInside = (path: string): boolean => path === folder || path.startsWith(`${folder}/`);
	if (!hasProc) return true;
	return procPids().some(
		pid => ['cwd', 'exe', 'root'].some(name => isInside(readProcLink(`/proc/${pid}/${name}`))) || openFilesOf(pid).some(isInside),
	);
};

/** Whether a process has this very file open, as far as this user may look. Only where there is a /proc. */
export const isOpenAnywhere = (file: string): boolean => procPids().some(pid => openFilesOf(pid).includes(file));

/** Commands that may be there for long (in a pager, in the background) and hold no lock. */
const ONLY_READ = new Set(['fsmonitor--daemon', 'daemon', 'cat-file', 'log', 'show', 'diff', 'blame', 'grep', 'rev-list', 'help']);

/** Whether a git that may write works in a worktree: it goes to its top folder before it does anything. Only where there is a /proc. */
export const isGitAtWork = (worktree: string): boolean =>
	procPids()
		.filter(pid => readProc(`/proc/${pid}/comm`).trim() === 'git' && readProcLink(`/proc/${pid}/cwd`) === worktree)
		.some(pid => !argumentsOf(pid).some(word => ONLY_READ.has(word)));
