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

/** A person waits for the answer: so long for a server of others that is away, ms. */
const PATIENCE_MS = 2000;

/** A signal in the middle stops the borrowed Redis too, then ends the program as the signal would have. */
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
 * Works on the team's state where no room runs: starts the embedded Redis (or connects to the given one), does the work and stops it
 * again. No room starts meanwhile. A room that came up before our turn keeps its Redis: then nothing is done and the answer is
 * undefined. A Redis that belongs to another repository is refused, as a room would refuse it.
 */
export const borrowRedis = async <T>(
	invocation: Invocation,
	work: (borrowed: Borrowed) => Promise<T>,
): Promise<{readonly value: T} | undefined> => {
	const place = findPlace(invocation);
	const repository = await openRepository(place.repository.root);
	const configuration = await configurationOf(invocation, place);
	const base = await resolveBase(repository, configuration.allowed.base);
	const {options} = roomOptions({repository, place, configuration, base, path: '', isForeground: false, untilEmpty: false});
	return withStartLock(place.stateFolder, async () => {
		if (await isRoomAlive(socketPathFor(place.stateFolder))) return undefined;
		const redis = await openRedis(
			options,
			() => repository.identity,
			() => {},
			PATIENCE_MS,
		);
		const release = stopOnSignal(() => redis.giveBack());
		try {
			return {value: await work({coordination: redis.coordination, configuration, place, base, address: redis.address})};
		} finally {
			release();
			await redis.giveBack();
		}
	});
};
