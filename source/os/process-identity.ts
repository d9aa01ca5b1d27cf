import {hostname} from 'node:os';
import {codeOf} from './error-code.ts';
import {systemMark} from './machine.ts';
import {bootId, hasProc, isEnded, readProcLink, statOf} from './proc.ts';
import {readProcess} from './process-table.ts';

/** A unique process of this machine: pids are reused after a reboot or wrap. `startTime` is opaque, '' for none. */
export type ProcessIdentity = {readonly pid: number; readonly startTime: string};

/** Start time of a living process, '' if none (also for zombies). No other process of this pid ever has the same. */
export const startTimeOf = (pid: number): string => readProcess(pid)?.startTime ?? '';

/** True while exactly this process lives; false for zombies, reused pids and an empty start time. */
export const isAlive = ({pid, startTime}: ProcessIdentity): boolean => startTime !== '' && startTimeOf(pid) === startTime;

/** True while any process has this pid: for pids stored without a start time. */
export const isPidTaken = (pid: number): boolean => {
	try {
		process.kill(pid, 0);
	} catch (error) {
		return codeOf(error) === 'EPERM';
	}
	const stat = statOf(pid);
	return stat === undefined || !isEnded(stat);
};

/**
 * Signals exactly this process. Guarantee: the identity is read immediately before, so a reused pid is not signalled; false if the process
 * is gone or not ours, and never for this process itself or init.
 */
export const signalProcess = (identity: ProcessIdentity, signal: NodeJS.Signals): boolean => {
	if (identity.pid <= 1 || identity.pid === process.pid || !isAlive(identity)) return false;
	try {
		return process.kill(identity.pid, signal);
	} catch {
		return false;
	}
};

/**
 * An identity that other machines may read. `place` is the machine and, on Linux, its pid namespace: pids of another place mean nothing
 * here. `boot` is the boot's id, '' if unknown.
 */
export type PlacedProcess = ProcessIdentity & {readonly place: string; readonly boot: string};

const here = (): string => [hostname(), systemMark(), hasProc ? readProcLink('/proc/self/ns/pid') : ''].filter(Boolean).join(' ');

let own: PlacedProcess | undefined;

export const ownIdentity = (): PlacedProcess => {
	own ??= {pid: process.pid, startTime: startTimeOf(process.pid), place: here(), boot: bootId()};
	return own;
};

/** False only if the process is surely gone: one of another machine or container counts as alive, one of an earlier boot does not. */
export const mayBeAlive = ({place, boot, pid, startTime}: PlacedProcess): boolean =>
	place !== ownIdentity().place || (boot === ownIdentity().boot && startTimeOf(pid) === startTime);
