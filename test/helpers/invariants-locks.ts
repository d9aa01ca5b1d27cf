import {expect} from 'vitest';
import type {Waiter} from '../../source/core/lock/lock.ts';
import {locksExclude} from '../../source/core/lock/lock.ts';

export type HeldLock = {readonly name: string; readonly owner: string};

/** No two agents hold what excludes each other, nobody waits for what it could have, and no agents wait for one another in a ring. */
export const checkQueue = (held: readonly HeldLock[], waiters: readonly Waiter[]): void => {
	for (const one of held)
		for (const other of held)
			if (one.owner !== other.owner) expect([one, other, locksExclude(one.name, other.name)]).toEqual([one, other, false]);
	const waitsForLock = ({agent, name}: Waiter, lock: HeldLock): boolean => lock.owner !== agent && locksExclude(lock.name, name);
	const behind = new Map<string, Set<string>>();
	for (const [index, waiter] of waiters.entries()) {
		const own = held.filter(({owner}) => owner === waiter.agent);
		const ahead = waiters
			.slice(0, index)
			.filter(
				other => other.agent !== waiter.agent && locksExclude(other.name, waiter.name) && !own.some(lock => waitsForLock(other, lock)),
			);
		const owners = held.filter(lock => waitsForLock(waiter, lock)).map(({owner}) => owner);
		const before = [...owners, ...ahead.map(({agent}) => agent)];
		expect([waiter, before.length > 0]).toEqual([waiter, true]);
		behind.set(waiter.agent, new Set([...before, ...(behind.get(waiter.agent) ?? [])]));
	}
	for (const agent of behind.keys()) {
		const reached = new Set<string>();
		const todo = [...(behind.get(agent) ?? [])];
		for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
			if (reached.has(next)) continue;
			reached.add(next);
			todo.push(...(behind.get(next) ?? []));
		}
		expect([agent, reached.has(agent)]).toEqual([agent, false]);
	}
};
