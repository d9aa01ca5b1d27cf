import {readProc, statOf} from './proc.ts';

/** A living process: its parent, and its environment at start (empty if unreadable). */
export type Kin = {
	readonly pid: number;
	readonly parent: number;
	readonly session: number;
	readonly environment: ReadonlyMap<string, string>;
};

/** Longer chains do not occur with humans or agents. */
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
 * A process and its living ancestors, itself first; [] without /proc. Every command reads it, so it is a dozen small files. A process whose
 * parent ended has no ancestors here.
 */
export const lineageOf = (pid: number): readonly Kin[] => {
	const kin: Kin[] = [];
	for (let next = kinOf(pid); next && kin.length < MOST; next = kinOf(next.parent)) kin.push(next);
	return kin;
};
