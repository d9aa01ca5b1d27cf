import {execFileSync} from 'node:child_process';
import {readdirSync, readFileSync} from 'node:fs';
import {platform} from 'node:process';

/** A variable in the environment that marks all processes of one pane: they inherit it, whatever session they go to. */
export type Marker = readonly [name: string, value: string];

/** One living process (zombies are left out). `startTime` is opaque: it tells apart two processes that had the same pid. */
export type ProcessRow = {
	readonly pid: number;
	readonly parent: number;
	/** 0 where the system does not say. */
	readonly session: number;
	readonly startTime: string;
	readonly isStopped: boolean;
};

let boot: string | undefined;

/** Start times count from boot, so a pid that was written down before a reboot must not match after it. */
const bootId = (): string => {
	boot ??= readOr('/proc/sys/kernel/random/boot_id', '').slice(0, 8);
	return boot;
};

const readOr = (file: string, otherwise: string): string => {
	try {
		return readFileSync(file, 'latin1');
	} catch {
		return otherwise;
	}
};

const hasProc = platform === 'linux';

/** The row of one process from /proc; undefined if it is gone, or dead and only waiting for its parent. */
const readStat = (pid: number): ProcessRow | undefined => {
	const stat = readOr(`/proc/${pid}/stat`, '');
	// The name in parentheses may hold anything, so fields are counted from the last parenthesis.
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	const [state = '', parent, , session] = fields;
	if (state === '' || state === 'Z' || state === 'X' || state === 'x') return undefined;
	return {
		pid,
		parent: Number(parent),
		session: Number(session),
		startTime: `${bootId()}:${fields[19] ?? ''}`,
		isStopped: state === 'T' || state === 't',
	};
};

const ps = (args: string[]): string[] => {
	try {
		const printed = execFileSync('ps', args, {encoding: 'latin1', maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'ignore']});
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

/** All living processes of this machine that can be seen, read in one go. */
export const readProcessTable = (useProc = hasProc): ProcessRow[] => {
	if (!useProc) return parsePs(ps(['-A', '-o', PS_COLUMNS]));
	const pids = readdirSync('/proc').filter(name => name >= '1' && name < ':');
	return pids.flatMap(pid => readStat(Number(pid)) ?? []);
};

/** One living process, or undefined. */
export const readProcess = (pid: number, useProc = hasProc): ProcessRow | undefined => {
	if (!Number.isInteger(pid) || pid < 1) return undefined;
	return useProc ? readStat(pid) : parsePs(ps(['-o', PS_COLUMNS, '-p', String(pid)]))[0];
};

/** The pids among `rows` whose environment, as it was when they started their program, holds the marker. */
export const markedPids = ([name, value]: Marker, rows: readonly ProcessRow[], useProc = hasProc): ReadonlySet<number> => {
	const entry = `${name}=${value}`;
	if (useProc) {
		const needle = `\0${Buffer.from(entry, 'utf8').toString('latin1')}\0`;
		return new Set(rows.map(row => row.pid).filter(pid => `\0${readOr(`/proc/${pid}/environ`, '')}\0`.includes(needle)));
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
