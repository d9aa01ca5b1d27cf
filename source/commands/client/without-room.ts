import {join} from 'node:path';
import {kinOf} from '../../git/repository/kinship.ts';
import {readMark} from '../../git/repository/mark.ts';
import {openRepository, resolveBase} from '../../git/repository/repository.ts';
import {openRedis} from '../../room/redis/redis.ts';
import {socketPathFor} from '../../socket/path.ts';
import {configurationOf} from '../config/load.ts';
import {findPlace} from '../config/place.ts';
import type {Invocation} from '../parse/command.ts';
import {isRoomAlive} from './client.ts';
import {roomOptions} from './options.ts';
import {withStartLock} from './start.ts';
import type {Borrowed} from './via-room.ts';

/** Time limit of an external server that is disconnected, ms: a human waits. */
const PATIENCE_MS = 2000;

/** On a signal, stops the borrowed Redis and then ends like the signal. */
const stopOnSignal = (close: () => Promise<void>): (() => void) => {
	const listeners = Object.entries({SIGINT: 130, SIGTERM: 143, SIGHUP: 129}).map(([name, code]) => {
		const listener = (): void => void close().finally(() => process.exit(code));
		process.once(name, listener);
		return () => void process.off(name, listener);
	});
	return () => {
		for (const remove of listeners) remove();
	};
};

/**
 * Works on the team's state without a room: starts the embedded Redis (or connects to the given one) and stops it afterwards; no room
 * starts meanwhile.
 * Returns undefined without doing anything if a room started first. Refuses another repository's Redis, like a room.
 */
export const borrowRedis = async <T>(
	invocation: Invocation,
	work: (borrowed: Borrowed) => Promise<T>,
): Promise<{readonly value: T} | undefined> => {
	const place = findPlace(invocation);
	const repository = await openRepository(place.repository.root);
	const configuration = await configurationOf(invocation, place);
	const base = await resolveBase(repository, configuration.allowed.base, readMark(place.stateFolder));
	const {options} = roomOptions({repository, place, configuration, base, path: '', isForeground: false, untilEmpty: false});
	let kin: ReturnType<typeof kinOf> | undefined;
	return withStartLock(place.stateFolder, async () => {
		if (await isRoomAlive(socketPathFor(place.stateFolder))) return undefined;
		const redis = await openRedis(
			options,
			() => (kin ??= kinOf(repository, base, join(place.stateFolder, 'guardian.git'))),
			() => {},
			{patienceMs: PATIENCE_MS},
		);
		const release = stopOnSignal(() => redis.giveBack());
		try {
			return {value: await work({redis, coordination: redis.coordination, configuration, place, base, address: redis.address})};
		} finally {
			release();
			await redis.giveBack();
		}
	});
};
