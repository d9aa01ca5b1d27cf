import {execFileSync} from 'node:child_process';
import {argumentsOf, hasProc, openFilesOf, procPids, readProc, readProcLink} from './proc.ts';

/** Whether a running process has all these words as arguments: a child that outlived its parent. */
export const isRunningWith = (words: readonly string[]): boolean => {
	if (hasProc) return procPids().some(pid => hasAll(argumentsOf(pid), words));
	const lines = execFileSync('ps', ['-axww', '-o', 'command='], {encoding: 'utf8'}).split('\n');
	return lines.some(line => hasAll(line.split(' '), words));
};

const hasAll = (found: readonly string[], words: readonly string[]): boolean => words.every(word => found.includes(word));

/** Whether a process has its working folder, program or an open file in a folder, as far as visible; true if unknown. */
export const isWorkingIn = (folder: string): boolean => {
	const isInside = (path: string): boolean => path === folder || path.startsWith(`${folder}/`);
	if (!hasProc) return true;
	return procPids().some(
		pid => ['cwd', 'exe', 'root'].some(name => isInside(readProcLink(`/proc/${pid}/${name}`))) || openFilesOf(pid).some(isInside),
	);
};

/** Whether a process has this file open, as far as visible. Needs /proc. */
export const isOpenAnywhere = (file: string): boolean => procPids().some(pid => openFilesOf(pid).includes(file));

/** Whether a process that works in this folder has this file open, as far as visible. Needs /proc. */
export const isOpenFrom = (file: string, folder: string): boolean =>
	procPids().some(pid => readProcLink(`/proc/${pid}/cwd`) === folder && openFilesOf(pid).includes(file));

/** Git commands that may run for long (pager, background) and hold no lock. */
const ONLY_READ = new Set(['fsmonitor--daemon', 'daemon', 'cat-file', 'log', 'show', 'diff', 'blame', 'grep', 'rev-list', 'help']);

/** Whether a writing git command runs in a worktree: git first enters its top folder. Needs /proc. */
export const isGitAtWork = (worktree: string): boolean =>
	procPids()
		.filter(pid => readProc(`/proc/${pid}/comm`).trim() === 'git' && readProcLink(`/proc/${pid}/cwd`) === worktree)
		.some(pid => !argumentsOf(pid).some(word => ONLY_READ.has(word)));
