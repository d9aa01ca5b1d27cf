import {setTimeout as wait} from 'node:timers/promises';
import {isAlive, type ProcessIdentity, signalProcess} from './process-identity.ts';
import {listPids, type Marker, markedPids, type ProcessRow, readProcessTable} from './process-table.ts';

const ROUNDS = 50;
const POLL_MS = 20;
/** SIGKILL needs no consent; a process that survives this long hangs in the kernel. */
const KILL_MS = 5000;

/** Adds all descendants of `members`. */
const withChildren = (rows: readonly ProcessRow[], members: Set<number>): void => {
	const children = new Map<number, number[]>();
	for (const {pid, parent} of rows) children.set(parent, [...(children.get(parent) ?? []), pid]);
	const open = [...members];
	for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
		for (const child of children.get(pid) ?? []) {
			if (members.has(child)) continue;
			members.add(child);
			open.push(child);
		}
	}
};

/**
 * The living processes of a pane: root, descendants, session, and everything with the marker in its environment with its descendants. So it
 * finds tools in other sessions and orphans. Never includes this process. A root with a reused pid counts as gone. With `among` only those
 * are checked.
 */
export const processesOf = (root: ProcessIdentity, marker: Marker, among?: ReadonlySet<number>): ProcessRow[] => {
	const rows = readProcessTable(undefined, among);
	const members = new Set(markedPids(marker, rows));
	members.delete(process.pid);
	if (root.startTime !== '' && rows.some(row => row.pid === root.pid && row.startTime === root.startTime)) {
		members.add(root.pid);
		for (const row of rows) if (row.session === root.pid) members.add(row.pid);
	}
	withChildren(rows, members);
	return rows.filter(row => members.has(row.pid) && row.pid !== process.pid);
};

/** As `processesOf`, without the root. */
export const descendants = (root: ProcessIdentity, marker: Marker): ProcessRow[] =>
	processesOf(root, marker).filter(row => row.pid !== root.pid);

/** Marked processes, such as orphans of an earlier room, with their descendants. */
export const findMarked = (marker: Marker): ProcessRow[] => processesOf({pid: 0, startTime: ''}, marker);

/** Signals everything in `processesOf` once; returns how many got it. */
export const signalTree = (root: ProcessIdentity, marker: Marker, signal: NodeJS.Signals): number =>
	processesOf(root, marker).filter(row => signalProcess(row, signal)).length;

/**
 * Stops the whole tree. Guarantee: repeats until no more can be stopped, so a child born in between is stopped too. Returns how many were
 * stopped, without processes that took no signal (another user's).
 */
export const stopTree = (root: ProcessIdentity, marker: Marker): number => {
	const stopped = new Set<string>();
	for (let round = 0; round < ROUNDS; round++) {
		const fresh = processesOf(root, marker).filter(row => !stopped.has(`${row.pid} ${row.startTime}`) && signalProcess(row, 'SIGSTOP'));
		if (fresh.length === 0) break;
		for (const row of fresh) stopped.add(`${row.pid} ${row.startTime}`);
	}
	return stopped.size;
};

/** Continues a stopped tree; returns how many processes got the signal. */
export const continueTree = (root: ProcessIdentity, marker: Marker): number => signalTree(root, marker, 'SIGCONT');

const allGone = async (alive: () => readonly ProcessRow[], forMs: number): Promise<boolean> => {
	const deadline = performance.now() + forMs;
	while (alive().length > 0) {
		if (performance.now() >= deadline) return false;
		await wait(POLL_MS);
	}
	return true;
};

/**
 * Ends the whole tree: SIGTERM (with SIGCONT, so that a paused process receives it), `graceMs` to exit, then stops and kills the rest.
 * Resolves when all are gone, with those that SIGKILL could not end within 5 s (none in practice). Initial members are tracked even if they
 * lose parent and marker.
 */
export const endTree = async (root: ProcessIdentity, marker: Marker, {graceMs}: {graceMs: number}): Promise<readonly ProcessRow[]> => {
	const seen = new Map<string, ProcessRow>();
	const alive = (): readonly ProcessRow[] => {
		for (const row of processesOf(root, marker)) seen.set(`${row.pid} ${row.startTime}`, row);
		return [...seen.values()].filter(isAlive);
	};
	const before = listPids();
	const first = alive();
	// Usually all are gone: only a child born meanwhile, to a parent that ended, may be left.
	if (first.length === 0 && before.size > 0) {
		const born = new Set([...listPids()].filter(pid => !before.has(pid)));
		if (processesOf(root, marker, born).length === 0) return [];
	}
	for (const row of first) {
		signalProcess(row, 'SIGTERM');
		signalProcess(row, 'SIGCONT');
	}
	if (await allGone(alive, graceMs)) return [];
	const kill = (): readonly ProcessRow[] => {
		stopTree(root, marker);
		const left = alive();
		for (const row of left) signalProcess(row, 'SIGKILL');
		return left;
	};
	return (await allGone(kill, KILL_MS)) ? [] : alive();
};
