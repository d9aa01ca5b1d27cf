import type {RoomEvent} from './event.ts';
import {locksExclude} from './paths.ts';

/** A lock as the room shows it: `name` is `repository:<branch>`, `path:<glob>` or `task:<id>`; times are epoch ms of the server, `until` 0 where it never ends by itself. */
export type Lock = {readonly name: string; readonly owner: string; readonly until: number; readonly takenAt: number};

/** An agent that waits for the lock `name` since then, until its patience ends. */
export type Waiter = {readonly name: string; readonly agent: string; readonly since: number; readonly until: number};

/** What an agent that asks for a lock is told; times are epoch ms of the server. */
export type LockAnswer =
	/** `fence` grows with every grant. */
	| {readonly code: 'ok'; readonly owner: string; readonly until: number; readonly fence: number}
	/** By the lock `name`, which may be another that overlaps; `until` 0: it never ends by itself. `isWaiting`: its owner waits for it, too. */
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
	/** The ring that waiting would close: each agent waits for the lock of the next, the last for one of the first. */
	| {readonly code: 'deadlock'; readonly ring: ReadonlyArray<{readonly agent: string; readonly name: string}>}
	/** Too many locks, or too many waiters. */
	| {readonly code: 'full'}
	/** The token is not that of the owner's task; or a person took this very lock from the owner, which is said once. */
	| {readonly code: 'stale'; readonly reason: 'superseded' | 'unlocked'};

/** Key of a waiter: an agent waits for one name once. */
export const waiterKey = ({agent, name}: Pick<Waiter, 'agent' | 'name'>): string => `${agent} ${name}`;

/** Locks and waiters; the waiters in the order of their turn. */
export type Locks = {readonly locks: ReadonlyMap<string, Lock>; readonly waiters: ReadonlyMap<string, Waiter>};

/** Who stands behind a lock, next one first: all who wait for something that it excludes. */
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
	// Who got what it waited for waits no longer.
	const served = name && owner ? waiterKey({agent: owner, name}) : '';
	if (!before.has(served)) return before;
	const next = new Map(before);
	next.delete(served);
	return next;
};

/** What one event does to locks and waiters; the same maps where it does nothing. */
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
