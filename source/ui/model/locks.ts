import {agentName} from '../../core/agent.ts';
import {type Lock, type Waiter, waitersFor} from '../../core/lock.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {remember} from './remember.ts';

export type LockRow = {
	readonly lock: Lock;
	readonly kind: 'repository' | 'path' | 'task';
	readonly label: string;
	readonly owner: string;
	/** Who waits for it, next one first. */
	readonly waiters: readonly Waiter[];
};

const KINDS = ['repository', 'path', 'task'] as const;

/** A lock's owner as people read it: `agent:dev:001 <token>` is `dev-1`. */
const ownerName = (owner: string): string => agentName(owner.split(' ')[0] ?? '');

const locksOf = (snapshot: RoomSnapshot): readonly LockRow[] =>
	[...snapshot.team.locks.values()]
		.map((lock): LockRow => {
			const kind = KINDS.find(name => lock.name.startsWith(`${name}:`)) ?? 'path';
			const rest = lock.name.startsWith(`${kind}:`) ? lock.name.slice(kind.length + 1) : lock.name;
			return {
				lock,
				kind,
				label: kind === 'path' ? rest : `${kind} ${rest}`,
				owner: ownerName(lock.owner),
				waiters: waitersFor(lock, snapshot.team.waiters),
			};
		})
		.sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || a.lock.takenAt - b.lock.takenAt || a.label.localeCompare(b.label));

const remembered = remember(locksOf);

/** Held locks: of the repository first, then of paths, then the leases of tasks. */
export const locks = (snapshot: RoomSnapshot): readonly LockRow[] => remembered(snapshot, 0);
