import {execFileSync} from 'node:child_process';
import {platform} from './platform.ts';
import {bootId, hasProc, isEnded, procPids, readProc, statOf} from './proc.ts';

/** An environment variable that marks a pane's processes: they inherit it in any session. */
export type Marker = readonly [name: string, value: string];

/** A living process, no zombie. `startTime` is opaque and tells processes of the same pid apart. */
export type ProcessRow = {
	readonly pid: number;
	readonly parent: number;
	/** 0 if unknown. */
	readonly session: number;
	readonly startTime: string;
	readonly isStopped: boolean;
};

/**
 * A process's row from /proc; undefined if gone or a zombie. Includes the boot id, since start times count from boot and must not match
 * after a reboot.
 */
const readRow = (pid: number): ProcessRow | undefined => {
	const stat = statOf(pid);
	if (!stat || isEnded(stat)) return undefined;
	const {state, parent, session, start} = stat;
	return {pid, parent, session, startTime: `${bootId()}:${start}`, isStopped: state === 'T' || state === 't'};
};

const ps = (args: readonly string[]): string[] => {
	try {
		const printed = execFileSync('ps', args, {
			encoding: 'latin1',
			maxBuffer: 64 * 1024 * 1024,
			stdio: ['ignore', 'pipe', 'ignore'],
			// Start times are compared with those that processes in other time zones wrote.
			env: {...process.env, LC_ALL: 'C', TZ: 'UTC0'},
		});
		return printed.split('\n').filter(line => line.trim() !== '');
	} catch {
		return [];
	}
};

/** One `-o` each: a `ps` by the book takes all behind the first `=` for a header. */
const columns = (...names: readonly string[]): readonly string[] => names.flatMap(name => ['-o', `${name}=`]);

/** Parses pid, parent, state and start. */
const parsePs = (lines: readonly string[]): ProcessRow[] =>
	lines.flatMap(line => {
		const [pid, parent, state = 'Z', ...start] = line.trim().split(/\s+/);
		if (state.startsWith('Z')) return [];
		return [{pid: Number(pid), parent: Number(parent), session: 0, startTime: start.join(' '), isStopped: state.startsWith('T')}];
	});

const PS_COLUMNS = columns('pid', 'ppid', 'stat', 'lstart');

/** Current pids of this machine; empty without /proc. */
export const listPids = (): ReadonlySet<number> => new Set(procPids());

/** All visible living processes, read at once; only `pids` if given, which is faster. */
export const readProcessTable = (useProc = hasProc, pids?: ReadonlySet<number>): ProcessRow[] => {
	if (!useProc) return parsePs(ps(['-A', ...PS_COLUMNS]));
	const rows = [...(pids ?? listPids())].flatMap(pid => readRow(pid) ?? []);
	if (!pids) forgetEnded(rows);
	return rows;
};

/** A living process, or undefined. */
export const readProcess = (pid: number, useProc = hasProc): ProcessRow | undefined => {
	if (!Number.isInteger(pid) || pid < 1) return undefined;
	return useProc ? readRow(pid) : parsePs(ps([...PS_COLUMNS, '-p', String(pid)]))[0];
};

/** Age after which an environment is final: a forked process gets its own with exec. */
const SETTLED_MS = 10_000;

/** Cache by pid and start: avoids reading hundreds of foreign environments at the end of each attempt. */
const environments = new Map<string, {readonly text: string; readonly seenAt: number}>();

const environmentOf = ({pid, startTime}: ProcessRow, now: number): string => {
	const name = `${pid} ${startTime}`;
	const before = environments.get(name);
	if (before && now - before.seenAt > SETTLED_MS) return before.text;
	const text = `\0${readProc(`/proc/${pid}/environ`)}\0`;
	environments.set(name, {text, seenAt: before?.seenAt ?? now});
	return text;
};

/** Removes ended processes from the cache. */
const forgetEnded = (rows: readonly ProcessRow[]): void => {
	if (environments.size < 2 * rows.length + 1000) return;
	const living = new Set(rows.map(({pid, startTime}) => `${pid} ${startTime}`));
	for (const name of environments.keys()) if (!living.has(name)) environments.delete(name);
};

/** The pids among `rows` whose initial environment has the marker. */
export const markedPids = ([name, value]: Marker, rows: readonly ProcessRow[], useProc = hasProc): ReadonlySet<number> => {
	const entry = `${name}=${value}`;
	if (useProc) {
		const needle = `\0${Buffer.from(entry, 'utf8').toString('latin1')}\0`;
		const now = performance.now();
		return new Set(rows.filter(row => environmentOf(row, now).includes(needle)).map(row => row.pid));
	}
	const lines = ps([...platform.psEnvironments, ...columns('pid', 'command')]);
	const known = new Set(rows.map(row => row.pid));
	return new Set(
		lines
			.filter(line => `${line} `.includes(` ${entry} `))
			.map(line => Number.parseInt(line, 10))
			.filter(pid => known.has(pid)),
	);
};
