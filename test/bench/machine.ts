import {cpus} from 'node:os';
import {setTimeout as wait} from 'node:timers/promises';

const LOOK_MS = 1500;
/** Of all cores: a shell, a few daemons and the clock of the kernel stay below it. */
const QUIET = 0.1;

const idleMs = (): number => cpus().reduce((sum, {times}) => sum + times.idle, 0);

/**
 * Share of all cores that others keep busy while this process waits, 0 to 1. It is what is not idle: cores that another guest of the same
 * host has taken count too. The load average would count the benches that ran a minute ago.
 */
export const busyShare = async (ms = LOOK_MS): Promise<number> => {
	const [before, since] = [idleMs(), performance.now()];
	await wait(ms);
	const idle = (idleMs() - before) / ((performance.now() - since) * cpus().length);
	return Math.min(1, Math.max(0, 1 - idle));
};

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;

/** Says that others use the machine, by the shares right before and after a bench; '' for a quiet one. */
export const busyText = (before: number, after: number): string =>
	Math.max(before, after) <= QUIET
		? ''
		: `The machine was busy: ${percent(before)} of its cores right before, ${percent(after)} right after.`;
