import {type Agent, agentName} from '../../core/agent/agent.ts';
import {type Lock, type Waiter, waitersFor} from '../../core/lock/lock.ts';
import type {Task} from '../../core/task/task.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {remember} from './time.ts';

export type LockRow = {
	readonly lock: Lock;
	readonly kind: 'repository' | 'path' | 'task';
	readonly label: string;
	readonly owner: string;
	/** The token in its owner, '' for external workers. */
	readonly token: string;
	/** Server time of expiry unless renewed, 0 for never. */
	readonly until: number;
	readonly waiters: readonly Waiter[];
};

const KINDS = ['repository', 'path', 'task'] as const;

/** A lock owner's name: `agent:dev:001 <token>` is `dev-1`. */
const ownerName = (owner: string): string => agentName(owner.split(' ')[0] ?? '');

/** Heartbeats renew task leases without an event. */
const leaseEnd = ({owner, until}: Lock, {beats, leaseMs}: RoomSnapshot): number => {
	const beat = beats.get(owner.split(' ')[0] ?? '');
	return beat === undefined || until === 0 ? until : Math.max(until, beat + leaseMs);
};

const rowOf = (lock: Lock, snapshot: RoomSnapshot): LockRow => {
	const kind = KINDS.find(name => lock.name.startsWith(`${name}:`)) ?? 'path';
	const rest = lock.name.startsWith(`${kind}:`) ? lock.name.slice(kind.length + 1) : lock.name;
	return {
		lock,
		kind,
		label: kind === 'path' ? rest : `${kind} ${rest}`,
		owner: ownerName(lock.owner),
		token: lock.owner.split(' ')[1] ?? '',
		until: kind === 'task' ? leaseEnd(lock, snapshot) : lock.until,
		waiters: waitersFor(lock, snapshot.team.waiters),
	};
};

const locksOf = (snapshot: RoomSnapshot): readonly LockRow[] =>
	[...snapshot.team.locks.values()]
		.map(lock => rowOf(lock, snapshot))
		.sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || a.lock.takenAt - b.lock.takenAt || a.label.localeCompare(b.label));

const leaseOf = ({id, owner, token, leaseUntil, stage, attempt, startedAt}: Task): Lock => ({
	name: `task:${id}`,
	owner: token ? `${owner} ${token}` : owner,
	until: leaseUntil,
	// The start of a later attempt or stage is only in its event.
	takenAt: stage === 'develop' && attempt <= 1 ? startedAt : 0,
});

const everyOf = (snapshot: RoomSnapshot): readonly LockRow[] => {
	const rows = locks(snapshot);
	const known = new Set(rows.map(({lock}) => lock.name));
	const leases = [...snapshot.team.tasks.values()].filter(({id, state}) => state === 'leased' && !known.has(`task:${id}`));
	return [...rows, ...leases.map(task => rowOf(leaseOf(task), snapshot))];
};

const remembered = remember(locksOf);

/** Held locks: the repository's first, then paths, then task leases. */
export const locks = (snapshot: RoomSnapshot): readonly LockRow[] => remembered(snapshot, 0);

const rememberedEvery = remember(everyOf);

/** The same with the lease of every running task. */
export const locksAndLeases = (snapshot: RoomSnapshot): readonly LockRow[] => rememberedEvery(snapshot, 0);

/** An agent's heartbeat; `ageMs` is undefined before the first. `late`: half of its lifetime passed; `over`: all. */
export type Heartbeat = {
	readonly agent: Agent;
	readonly ageMs: number | undefined;
	readonly state: 'fresh' | 'late' | 'over' | 'none';
};

const stateOf = (ageMs: number | undefined, ttlMs: number): Heartbeat['state'] => {
	if (ageMs === undefined) return 'none';
	return ageMs >= ttlMs ? 'over' : ageMs > ttlMs / 2 ? 'late' : 'fresh';
};

/** Heartbeats of all agents that have not stopped, oldest first; `now` is server time. */
export const heartbeats = ({team, beats, heartbeatTtlMs}: RoomSnapshot, now: number): readonly Heartbeat[] =>
	[...team.agents.values()]
		.filter(({status}) => status !== 'stopped')
		.map((agent): Heartbeat => {
			const at = beats.get(agent.id);
			const ageMs = at === undefined ? undefined : Math.max(0, now - at);
			return {agent, ageMs, state: stateOf(ageMs, heartbeatTtlMs)};
		})
		.sort(
			(a, b) =>
				Number(b.state !== 'fresh') - Number(a.state !== 'fresh') ||
				(a.state === 'fresh' ? 0 : (b.ageMs ?? 0) - (a.ageMs ?? 0)) ||
				a.agent.id.localeCompare(b.agent.id, 'en', {numeric: true}),
		);
