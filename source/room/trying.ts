import {RedisLost} from '../redis/redis-lost.ts';
import type {Engine} from './engine.ts';

/**
 * One of many steps that do not depend on one another: where it fails, the log says so, and the others are done all the same. Throws
 * `RedisLost` only: then none of the others can be done either.
 */
export const trying = async ({log}: Pick<Engine, 'log'>, what: string, step: () => Promise<unknown>): Promise<void> => {
	try {
		await step();
	} catch (error) {
		if (error instanceof RedisLost) throw error;
		log(`${what}: ${error instanceof Error ? error.message : String(error)}`);
	}
};
