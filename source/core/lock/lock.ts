import {agentName} from '../agent/agent.ts';
import type {RoomEvent} from '../event/event.ts';
import {formatAge} from '../text/format.ts';

/** Segments of a glob before its first wildcard; none if it may reach anywhere (`..`, an escape, a negation). */
const literalSegments = (glob: string): readonly string[] => {
	if (glob.includes('..') || glob.includes('\\') || glob.startsWith('!')) return [];
	const segments = glob.split('/').filter(segment => segment !== '' && segment !== '.');
	const wild = segments.findIndex(segment => /[*?[\]{}(]/.test(segment));
	return wild < 0 ? segments : segments.slice(0, wild);
};

const areas = new Map<string, string>();
const AREAS_KEPT = 4000;

/** Returns the file or folder that contains all matches of a glob, with a to z in one case; '' is the whole tree. */
const areaOf = (glob: string): string => {
	const known = areas.get(glob);
	if (known !== undefined) return known;
	const area = literalSegments(glob)
		.map(segment => `${segment.replace(/[A-Z]/g, letter => letter.toLowerCase())}/`)
		.join('');
	// A screen asks for the same few repeatedly; a flood of others only empties the cache.
	if (areas.size >= AREAS_KEPT) areas.clear();
	areas.set(glob, area);
	return area;
};

/**
 * True if two globs may match the same file: one's area contains the other's. May report a false overlap, never misses a real one.
 * `lua/lib/overlap.lua` has the same rule; a test compares the two.
 */
export const pathsOverlap = (one: string, other: string): boolean => {
	const [area, otherArea] = [areaOf(one), areaOf(other)];
	return area.startsWith(otherArea) || otherArea.startsWith(area);
};

/** True if two locks exclude each other: same name, or overlapping paths (`path:<glob>`). */
export const locksExclude = (one: string, other: string): boolean =>
	one.startsWith('path:') && other.startsWith('path:') ? pathsOverlap(one.slice(5), other.slice(5)) : one === other;

/** A lock: `name` is `repository:<branch>`, `path:<glob>` or `task:<id>`; times are epoch ms of the server, `until` 0 without an expiry. */
export type Lock = {readonly name: string; readonly owner: string; readonly until: number; readonly takenAt: number};

/** An agent that waits for the lock `name`, from when until when. */
export type Waiter = {readonly name: string; readonly agent: string; readonly since: number; readonly until: number};

/** The answer to a lock request; times are epoch ms of the server. */
export type LockAnswer =
	/** `fence` grows with every grant. */
	| {readonly code: 'ok'; readonly owner: string; readonly until: number; readonly fence: number}
	/** Blocked by the lock `name`, which may be an overlapping one; `until` 0: no expiry. `isWaiting`: its owner waits for it too. */
	| {
			readonly code: 'held';
			readonly owner: string;
			readonly until: number;
			readonly name: string;
			readonly since: number;
			readonly isWaiting: boolean;
	  }
	/** `position` 1 is next; `owner` has held (or waited for) the lock `name` since then. */
	| {readonly code: 'waiting'; readonly position: number; readonly owner: string; readonly name: string; readonly since: number}
	/** The cycle that waiting would close: each agent waits for the next one's lock. */
	| {readonly code: 'deadlock'; readonly ring: ReadonlyArray<{readonly agent: string; readonly name: string}>}
	| {readonly code: 'full'}
	/** The token is not that of the owner's task; or you force-unlocked this lock, which is reported once. */
	| {readonly code: 'stale'; readonly reason: 'superseded' | 'unlocked'};

/** Key of a waiter: an agent waits for a name only once. */
export const waiterKey = ({agent, name}: Pick<Waiter, 'agent' | 'name'>): string => `${agent} ${name}`;

/** Locks and waiters, the waiters in queue order. */
export type Locks = {readonly locks: ReadonlyMap<string, Lock>; readonly waiters: ReadonlyMap<string, Waiter>};

/** Returns the waiters behind a lock, next first: all whose lock it excludes. */
export const waitersFor = (lock: Lock, waiters: ReadonlyMap<string, Waiter>): readonly Waiter[] =>
	waiters.size === 0
		? []
		: [...waiters.values()].filter(waiter => waiter.agent !== lock.owner.split(' ')[0] && locksExclude(waiter.name, lock.name));

const foldWaiter = (before: ReadonlyMap<string, Waiter>, event: RoomEvent): ReadonlyMap<string, Waiter> => {
	const {asked, waiter: agent, since, waitUntil, name, owner} = event.lockFields;
	if (asked && agent) {
		const next = new Map(before);
		const waiter = {name: asked, agent, since: Number(since) || 0, until: Number(waitUntil) || 0};
		if (waiter.until > 0) next.set(waiterKey(waiter), waiter);
		else next.delete(waiterKey(waiter));
		return next;
	}
	// A granted lock leaves the wait list.
	const served = name && owner ? waiterKey({agent: owner, name}) : '';
	if (!before.has(served)) return before;
	const next = new Map(before);
	next.delete(served);
	return next;
};

/** Applies one event to locks and waiters; returns the same maps if nothing changes. */
export const foldLocks = ({locks, waiters}: Locks, event: RoomEvent): Locks => {
	const {name, owner, until} = event.lockFields;
	const left = foldWaiter(waiters, event);
	if (!name) return {locks, waiters: left};
	const next = new Map(locks);
	if (owner) {
		const held = locks.get(name);
		next.set(name, {name, owner, until: Number(until) || 0, takenAt: held?.owner === owner ? held.takenAt : event.at});
	} else next.delete(name);
	return {locks: next, waiters: left};
};

/** Returns a lock's display name: for a path only the path. */
export const lockLabel = (name: string): string => name.replace(/^path:/, '');

/** Explains a refused lock in one sentence; `asked` is its name, `now` server time, epoch ms. */
export const tellLockRefusal = (asked: string, answer: Exclude<LockAnswer, {code: 'ok'}>, now: number): string => {
	const label = lockLabel(asked);
	switch (answer.code) {
		case 'held':
		case 'waiting': {
			const other = answer.name === asked ? '' : ` (\`${lockLabel(answer.name)}\`)`;
			const since = answer.since > 0 ? ` for ${formatAge(now - answer.since)}` : '';
			const verb = answer.code === 'held' && answer.isWaiting ? 'reserved for' : 'locked by';
			return `\`${label}\` is ${verb} ${agentName(answer.owner)}${since}${other}.`;
		}
		case 'deadlock': {
			const links = answer.ring.map(({agent, name}, index) => {
				const next = answer.ring[(index + 1) % answer.ring.length]?.agent ?? agent;
				return `${agentName(agent)} waits for \`${lockLabel(name)}\`, held by ${agentName(next)}`;
			});
			return `Waiting for \`${label}\` would be a deadlock: ${links.join(', ')}.`;
		}
		case 'full':
			return 'Too many locks, or too many agents that wait for one.';
		case 'stale':
			return answer.reason === 'unlocked'
				? `A human released your lock \`${label}\`.`
				: 'This task was reassigned: your token is superseded.';
	}
};

/** Says for which lock an agent waits, behind whom and how long; '' if for none. `now` is server time, epoch ms. */
export const tellWait = (agent: string, {locks, waiters}: Locks, now: number): string => {
	if (waiters.size === 0) return '';
	const queue = [...waiters.values()];
	const own = queue.find(waiter => waiter.agent === agent);
	if (!own) return '';
	const holder = [...locks.values()].find(({name, owner}) => owner.split(' ')[0] !== agent && locksExclude(name, own.name))?.owner;
	const before = queue.slice(0, queue.indexOf(own)).find(waiter => waiter.agent !== agent && locksExclude(waiter.name, own.name))?.agent;
	const behind = holder?.split(' ')[0] ?? before ?? '';
	return `lock ${lockLabel(own.name)}${behind === '' ? '' : ` held by ${agentName(behind)}`}, waiting ${formatAge(now - own.since)}`;
};
