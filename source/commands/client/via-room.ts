import type {Coordination} from '../../core/team/coordination.ts';
import type {Place} from '../config/place.ts';
import type {Configuration} from '../config/trust.ts';
import type {Invocation} from '../parse/command.ts';
import {noRoom} from './client.ts';

/**
 * Asks the room where one runs (`viaRoom` gives undefined if none does), else works on Redis itself. What that needs is loaded only then:
 * with a room a command costs a start of Node and one request.
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
	// Another command started a room while this one waited for its turn.
	const second = await viaRoom();
	if (second === undefined) throw noRoom();
	return second;
};

export type Borrowed = {
	readonly coordination: Coordination;
	readonly configuration: Configuration;
	readonly place: Place;
	readonly base: string;
	/** Of Redis, without a password. */
	readonly address: string;
};
