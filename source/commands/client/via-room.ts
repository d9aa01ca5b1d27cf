import type {Coordination} from '../../core/team/coordination.ts';
import type {RoomRedis} from '../../room/redis/redis.ts';
import type {Place} from '../config/place.ts';
import type {Configuration} from '../config/trust.ts';
import type {Invocation} from '../parse/command.ts';
import {noRoom} from './client.ts';

/**
 * Uses the running room (`viaRoom` returns undefined without one), else Redis. The latter is loaded on demand: with a room a command only
 * costs a Node start and one request.
 */
export const viaRoomOrRedis = async <T>(
	invocation: Invocation,
	viaRoom: () => Promise<T | undefined>,
	work: (borrowed: Borrowed) => Promise<T>,
): Promise<T> => {
	const first = await viaRoom();
	if (first !== undefined) return first;
	const {borrowRedis} = await import('./without-room.ts');
	const borrowed = await borrowRedis(invocation, work);
	if (borrowed) return borrowed.value;
	// Another command started a room meanwhile.
	const second = await viaRoom();
	if (second === undefined) throw noRoom();
	return second;
};

export type Borrowed = {
	readonly coordination: Coordination;
	readonly redis: RoomRedis;
	readonly configuration: Configuration;
	readonly place: Place;
	readonly base: string;
	/** Redis address, without password. */
	readonly address: string;
};
