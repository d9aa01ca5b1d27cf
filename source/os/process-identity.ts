import {execFileSync} from 'node:child_process';
import {readdirSync, readFileSync, readlinkSync} from 'node:fs';
import {hostname} from 'node:os';
import {readProcess} from './process-table.ts';

/** A pid alone is reused; with its start time it names one process for ever. */
export type StartedProcess = {readonly pid: number; readonly startTime: string};

/** The start time of a living process, '' if there is none. Opaque; differs after a reboot. */
export const startTimeOf = (pid: number): string => readProcess(pid)?.startTime ?? '';

/** True while exactly this process lives; false for a zombie, for a pid that went to another process and for an empty start time. */
export const isAlive = ({pid, startTime}: StartedProcess): boolean => startTime !== '' && startTimeOf(pid) === startTime;

/**
 * Sends a signal to exactly this process. Guarantee: the identity is read immediately before, so a reused pid is not signalled; false
 * if the process is gone or not ours, and never for this process itself or init.
 */
export const signalProcess = (identity: StartedProcess, signal: NodeJS.Signals): boolean => {
	if (identity.pid <= 1 || identity.pid === process.pid || !isAlive(identity)) return false;
	try {
		return process.kill(identity.pid, signal);
	} catch {
		return false;
	}
};

/**
 * One process for all time: its pid alone would come back after a reboot or a wrap. `place` is the host and, on Linux, its pid
 * namespace; pids of another place mean nothing here.
 */
export type ProcessIdentity = {readonly pid: number; readonly startedAt: string; readonly place: string};

const read = (file: string): string => {
	try {
		return readFileSync(file, 'utf8');
	} catch {
		return '';
	}
};

const link = (file: string): string => {
	try {
		return readlinkSync(file);
	} catch {
		return '';
	}
};

const isLinux = process.platform === 'linux';

/** When a live process began, as a word that no other process of this pid ever has; '' when there is none (a zombie is none). */
export const startOf = (pid: number): string => {
	if (!Number.isSafeInteger(pid) || pid <= 0) return '';
	if (isLinux) {
		// The command's name stands in parentheses and may hold anything: the fields are counted after the last one.
		const stat = read(`/proc/${pid}/stat`);
		const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
		const [state, started] = [fields[0], fields[19]];
		return state && started && !'ZX'.includes(state) ? `${read('/proc/sys/kernel/random/boot_id').trim()}:${started}` : '';
	}
	try {
		return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {encoding: 'utf8', env: {...process.env, LC_ALL: 'C'}}).trim();
	} catch {
		return '';
	}
};

const here = (): string => `${hostname()}${isLinux ? ` ${link('/proc/self/ns/pid')}` : ''}`;

let own: ProcessIdentity | undefined;

/** This process. */
export const ownIdentity = (): ProcessIdentity => {
	own ??= {pid: process.pid, startedAt: startOf(process.pid), place: here()};
	return own;
};

/** True unless it is certain that the process is gone: one of another host or container counts as alive. */
export const mayBeAlive = (identity: ProcessIdentity): boolean =>
	identity.place !== ownIdentity().place || startOf(identity.pid) === identity.startedAt;

/** Whether some live process has all these words among its arguments: a child that outlived whoever started it. */
export const isRunningWith = (words: readonly string[]): boolean => {
	if (!isLinux) {
		const lines = execFileSync('ps', ['-axww', '-o', 'command='], {encoding: 'utf8'}).split('\n');
		return lines.some(line => words.every(word => line.split(' ').includes(word)));
	}
	return readdirSync('/proc')
		.filter(name => /^\d+$/.test(name))
		.map(pid => read(`/proc/${pid}/cmdline`).split('\0'))
		.some(args => words.every(word => args.includes(word)));
};

/** Whether a process has its working folder, its program or an open file in a folder, as far as this user may look. Only where there is a /proc. */
export const isWorkingIn = (folder: string): boolean => {
	const isInside = (path: string): boolean => path === folder || path.startsWith(`${folder}/`);
	const openFiles = (pid: string): readonly string[] => {
		try {
			return readdirSync(`/proc/${pid}/fd`).map(fd => `fd/${fd}`);
		} catch {
			return [];
		}
	};
	return readdirSync('/proc')
		.filter(name => /^\d+$/.test(name))
		.some(pid => ['cwd', 'exe', 'root', ...openFiles(pid)].some(name => isInside(link(`/proc/${pid}/${name}`))));
};

/** Commands that may be there for long (in a pager, in the background) and hold no lock. */
const ONLY_READ = new Set(['fsmonitor--daemon', 'daemon', 'cat-file', 'log', 'show', 'diff', 'blame', 'grep', 'rev-list', 'help']);

/** Whether a git that may write works in a work tree: it goes to its top folder before it does anything. Only where there is a /proc. */
export const isGitAtWork = (worktree: string): boolean =>
	readdirSync('/proc')
		.filter(name => /^\d+$/.test(name) && read(`/proc/${name}/comm`).trim() === 'git' && link(`/proc/${name}/cwd`) === worktree)
		.some(
			pid =>
				!read(`/proc/${pid}/cmdline`)
					.split('\0')
					.some(word => ONLY_READ.has(word)),
		);
