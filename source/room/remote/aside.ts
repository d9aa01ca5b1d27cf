import type {RoomCard} from '../../core/team/rooms.ts';
import type {RemoteMemory} from '../parts/remote.ts';
import {ASK_MS} from './remote.ts';

/** What of the remote decides who leads. */
type Away = Pick<RemoteMemory, 'problem' | 'awayAt'>;

/** Whether a remote is away for so long that each room that it is away for has said so. */
export const isLongAway = ({problem, awayAt}: Away, leaseMs: number, now: number): boolean =>
	problem !== '' && now - awayAt >= ASK_MS + leaseMs;

/**
 * Whether another room should lead: merges go to the remote, which is away for this room and answers that one. While it is away for all, the lead stays
 * where it is. `now`: time of the server, as in the cards.
 */
export const hasBetterLeader = (self: string, rooms: readonly RoomCard[], now: number): boolean =>
	rooms.some(
		({room, endedAt, beat, beatAt, leaseMs, draining, reaches}) =>
			room !== self && endedAt === 0 && beat > 0 && now - beatAt < leaseMs && !draining && reaches,
	);
