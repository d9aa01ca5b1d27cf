import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';

/** Of one thread, ms; 0 once it has ended. Its clock counts nanoseconds where the kernel keeps it, ticks of 10 ms elsewhere. */
const threadMs = (folder: string): number => {
	try {
		return Number(readFileSync(join(folder, 'schedstat'), 'utf8').split(' ', 1)[0]) / 1e6;
	} catch {
		return 0;
	}
};
const tickMs = (pid: number): number => {
	const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
	return (Number(fields[11]) + Number(fields[12])) * 10;
};
const isExact = existsSync('/proc/self/schedstat');

/** CPU that a process has used so far, ms: of all its threads, those of its children not counted. */
const cpuMs = (pid: number): number => {
	if (!isExact) return tickMs(pid);
	const tasks = `/proc/${pid}/task`;
	return readdirSync(tasks).reduce((sum, task) => sum + threadMs(join(tasks, task)), 0);
};

/** Share of one core that processes use together while `ms` pass, %. */
export const coreShare = async (pids: readonly number[], ms: number): Promise<number> => {
	const used = (): number => pids.reduce((sum, pid) => sum + cpuMs(pid), 0);
	const before = {used: used(), at: performance.now()};
	await wait(ms);
	return ((used() - before.used) / (performance.now() - before.at)) * 100;
};

/** Resident memory of a process, MB. */
export const residentMb = (pid: number): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** Processes that a process has started and that live; none where it has ended itself. */
export const childrenOf = (pid: number): readonly number[] => {
	try {
		return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
	} catch {
		return [];
	}
};
