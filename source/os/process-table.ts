import {execFileSync} from 'node:child_process';
import {platform} from 'node:process';
import {bootId, hasProc, isEnded, procPids, readProc, statOf} from './proc.ts';

/** A variable in the environment that marks all processes of one pane: they inherit it, whatever session they go to. */
export type Marker = readonly [name: string, value: string];

/** One living process (zombies are left out). `startTime` is opaque: it tells apart two processes that had the same pid. */
export type ProcessRow = {
	readonly pid: number;
	readonly parent: number;
	/** 0 if the system does not say. */
	readonly session: number;
	readonly startTime: string;
	readonly isStopped: boolean;
};

/**
 * The row of one process from /proc; undefined if it is gone, or dead and only waiting for its parent. Start times count from boot, so a pid that was
 * written down before a reboot must not match after it.
 */
const readRow = (pid: number): ProcessRow | undefined => {
	const stat = statOf(pid);
	if (!stat || isEnded(stat)) return undefined;
	const {state, parent, session, start} = stat;
	return {pid, parent, session, startTime: `${bootId()}:${start}`, isStopped: state === 'T' || state === 't'};
};

const ps = (args: string[]): string[] => {
	try {
		const printed = execFileSync('ps', args, {
			encoding: 'latin1',
			maxBuffer: 64 * 1024 * 1024,
			stdio: ['ignore', 'pipe', 'ignore'],
			// Start times are compared with those that another process has written down, wherever its person lives.
			env: {...process.env, LC_ALL: 'C', TZ: 'UTC0'},
		});
		return printed.split('\n').filter(line => line.trim() !== '');
	} catch {
		return [];
	}
};

/** Rows of `ps -o pid=,ppid=,stat=,lstart=`. */
const parsePs = (lines: readonly string[]): ProcessRow[] =>
	lines.flatMap(line => {
		const [pid, parent, state = 'Z', ...start] = line.trim().split(/\s+/);
		if (state.startsWith('Z')) return [];
		return [{pid: Number(pid), parent: Number(parent), session: 0, startTime: start.join(' '), isStopped: state.startsWith('T')}];
	});

const PS_COLUMNS = 'pid=,ppid=,stat=,lstart=';

/** The pids of this machine at this moment; empty where only `ps` tells. */
export const listPids = (): ReadonlySet<number> => new Set(procPids());

/** All living processes of this machine that can be seen, read in one go; those of `pids` alone are a shorter look. */
export const readProcessTable = (useProc = hasProc, pids?: ReadonlySet<number>): ProcessRow[] => {
	if (!useProc) return parsePs(ps(['-A', '-o', PS_COLUMNS]));
	const rows = [...(pids ?? listPids())].flatMap(pid => readRow(pid) ?? []);
	if (!pids) forgetEnded(rows);
	return rows;
};

/** One living process, or undefined. */
export const readProcess = (pid: number, useProc = hasProc): ProcessRow | undefined => {
	if (!Number.isInteger(pid) || pid < 1) return undefined;
	return useProc ? readRow(pid) : parsePs(ps(['-o', PS_COLUMNS, '-p', String(pid)]))[0];
};

/** So long after it was first seen a process has the environment that it will keep: what is started by a fork gets its own with the program. */
const SETTLED_MS = 10_000;

/** Environments by pid and start: those of hundreds of strangers are not read at the end of every attempt. */
const environments = new Map<string, {readonly text: string; readonly seenAt: number}>();

const environmentOf = ({pid, startTime}: ProcessRow, now: number): string => {
	const name = `${pid} ${startTime}`;
	const before = environments.get(name);
	if (before && now - before.seenAt > SETTLED_MS) return before.text;
	const text = `\0${readProc(`/proc/${pid}/environ`)}\0`;
	environments.set(name, {text, seenAt: before?.seenAt ?? now});
	return text;
};

/** Forgets the dead now and then. */
const forgetEnded = (rows: readonly ProcessRow[]): void => {
	if (environments.size < 2 * rows.length + 1000) return;
	const living = new Set(rows.map(({pid, startTime}) => `${pid} ${startTime}`));
	for (const name of environments.keys()) if (!living.has(name)) environments.delete(name);
};

/** The pids among `rows` whose environment, as it was when they started their program, holds the marker. */
export const markedPids = ([name, value]: Marker, rows: readonly ProcessRow[], useProc = hasProc): ReadonlySet<number> => {
	const entry = `${name}=${value}`;
	if (useProc) {
		const needle = `\0${Buffer.from(entry, 'utf8').toString('latin1')}\0`;
		const now = performance.now();
		return new Set(rows.filter(row => environmentOf(row, now).includes(needle)).map(row => row.pid));
	}
	const lines = ps([...(platform === 'darwin' ? ['-AEww'] : ['axeww']), '-o', 'pid=,command=']);
	const known = new Set(rows.map(row => row.pid));
	return new Set(
		lines
			.filter(line => `${line} `.includes(` ${entry} `))
			.map(line => Number.parseInt(line, 10))
			.filter(pid => known.has(pid)),
	);
};
