import {readProc, statOf} from './proc.ts';

/** A living process: what it descends from, and the environment that its program was started with (empty where that may not be read). */
export type Kin = {
	readonly pid: number;
	readonly parent: number;
	readonly session: number;
	readonly environment: ReadonlyMap<string, string>;
};

/** Longer chains are none of people or agents. */
const MOST = 64;

const environmentOf = (pid: number): ReadonlyMap<string, string> => {
	const entries = readProc(`/proc/${pid}/environ`, 'utf8').split('\0');
	return new Map(entries.filter(Boolean).map(entry => [entry.split('=', 1)[0] ?? '', entry.slice(entry.indexOf('=') + 1)]));
};

const kinOf = (pid: number): Kin | undefined => {
	const stat = statOf(pid);
	return stat && {pid, parent: stat.parent, session: stat.session, environment: environmentOf(pid)};
};

/**
 * A process and those that it descends from, itself first, as far as they live and can be seen; [] if there is no /proc. It is read by
 * every command that a human types, so it is a dozen small files. Whoever sheds a parent (by ending it) no longer descends from it here.
 */
export const lineageOf = (pid: number): readonly Kin[] => {
	const kin: Kin[] = [];
	for (let next = kinOf(pid); next && kin.length < MOST; next = kinOf(next.parent)) kin.push(next);
	return kin;
};
