import type {Subscriber} from '../redis/subscriber.ts';
import type {Engine} from './engine.ts';
import {adopt, hear} from './outside.ts';
import type {RoomRedis} from './redis.ts';

/** What our own claims do to the intake is no news. */
const OWN: readonly string[] = ['lrem', 'zrem'];
/** A lock of our own is in the record by then, ms. */
const KNOWN_MS = 100;

/**
 * Listens to what outsiders publish about tasks, and to keyspace events (where the server sends them): the intake was written to, or a
 * lock or heartbeat has ended. All of it only makes the next sweep come at once.
 */
export const startHints = (engine: Engine, redis: RoomRedis, sweepSoon: () => void): Subscriber => {
	const name = (key: string): string => `${engine.options.namespace}:${key}`;
	const words = [name('events:task_completed'), name('events:task_failed')];
	const lock = name('locks:task:');
	const sweepOnNews = (news: Promise<boolean>): void => {
		news
			.then(isNews => (isNews ? sweepSoon() : undefined))
			.catch(error => engine.log(`a word of an outsider's was not taken: ${error instanceof Error ? error.message : String(error)}`));
	};
	const isOfInterest = (key: string): boolean => key.startsWith(name('locks:')) || key.startsWith(name('heartbeat:'));
	return redis.listen({
		channels: database => [
			...words,
			`__keyspace@${database}__:${name('tasks:pending')}`,
			`__keyspace@${database}__:${name('tasks:priority')}`,
			`__keyevent@${database}__:expired`,
		],
		patterns: database => [`__keyspace@${database}__:${lock.replace(/[[\]*?\\]/g, '\\$&')}*`],
		onMessage: (channel, message) => {
			if (words.includes(channel)) sweepOnNews(hear(engine, message));
			else if (channel.startsWith('__keyevent')) {
				if (isOfInterest(message)) sweepSoon();
			} else if (channel.includes(lock)) {
				if (message !== 'set') return;
				const task = channel.slice(channel.indexOf(lock) + lock.length);
				setTimeout(() => sweepOnNews(adopt(engine, task)), KNOWN_MS).unref();
			} else if (!OWN.includes(message)) sweepSoon();
		},
		onListening: sweepSoon,
	});
};
