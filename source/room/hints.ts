import type {Subscriber} from '../redis/subscriber.ts';
import type {Engine} from './engine.ts';
import {hear} from './outside.ts';
import type {RoomRedis} from './redis.ts';

/** What our own claims do to the intake is no news. */
const OWN: readonly string[] = ['lrem', 'zrem'];

/**
 * Listens to what outsiders publish about tasks, and to keyspace events (where the server sends them): the intake was written to, or a
 * lock or heartbeat has ended. All of it only makes the next sweep come at once.
 */
export const startHints = (engine: Engine, redis: RoomRedis, sweepSoon: () => void): Subscriber => {
	const name = (key: string): string => `${engine.options.namespace}:${key}`;
	const words = [name('events:task_completed'), name('events:task_failed')];
	const isOfInterest = (key: string): boolean => key.startsWith(name('locks:')) || key.startsWith(name('heartbeat:'));
	return redis.listen({
		channels: database => [
			...words,
			`__keyspace@${database}__:${name('tasks:pending')}`,
			`__keyspace@${database}__:${name('tasks:priority')}`,
			`__keyevent@${database}__:expired`,
		],
		onMessage: (channel, message) => {
			if (words.includes(channel))
				hear(engine, message)
					.then(isNews => (isNews ? sweepSoon() : undefined))
					.catch(error => engine.log(`a word of an outsider's was not taken: ${error instanceof Error ? error.message : String(error)}`));
			else if (channel.startsWith('__keyevent') ? isOfInterest(message) : !OWN.includes(message)) sweepSoon();
		},
		onListening: sweepSoon,
	});
};
