import {readProcess} from './process-table.ts';

/** A pid alone is reused; with its start time it names one process for ever. */
export type ProcessIdentity = {readonly pid: number; readonly startTime: string};

/** The start time of a living process, '' if there is none. Opaque; differs after a reboot. */
export const startTimeOf = (pid: number): string => readProcess(pid)?.startTime ?? '';

/** True while exactly this process lives; false for a zombie, for a pid that went to another process and for an empty start time. */
export const isAlive = ({pid, startTime}: ProcessIdentity): boolean => startTime !== '' && startTimeOf(pid) === startTime;

/**
 * Sends a signal to exactly this process. Guarantee: the identity is read immediately before, so a reused pid is not signalled; false
 * if the process is gone or not ours, and never for this process itself or init.
 */
export const signalProcess = (identity: ProcessIdentity, signal: NodeJS.Signals): boolean => {
	if (identity.pid <= 1 || identity.pid === process.pid || !isAlive(identity)) return false;
	try {
		return process.kill(identity.pid, signal);
	} catch {
		return false;
	}
};
