import {join} from 'node:path';
import {onTestFinished} from 'vitest';
import {temporaryFolder} from './cleanup.ts';
import {type EngineOptions, openEngine, type TestRoom} from './engine.ts';
import {startTestRedis, type TestRedis} from './redis.ts';
import {cloneTestRepository, createTestRepository, type TestRepository} from './repository.ts';

/** What the machines of a team share: one Redis and one bare remote. */
export type Hub = {
	readonly redis: TestRedis;
	readonly remote: string;
	/** A room of a machine of its own: its own clone of the remote, state folder and scratch folder. Its host name is the same as all others'. */
	open(options: EngineOptions): Promise<TestRoom>;
};

/** A hub on loopback. Machines differ in all that a room keeps, not in process and network namespaces. */
export const createHub = async (): Promise<Hub> => {
	const redis = await startTestRedis();
	onTestFinished(() => redis.stop());
	const first = createTestRepository();
	const remote = join(temporaryFolder('remote'), 'hub.git');
	first.git(['clone', '--quiet', '--bare', first.root, remote]);
	const cloned = (): TestRepository => cloneTestRepository(remote);
	return {
		redis,
		remote,
		open: ({again, options, config, ...given}) =>
			openEngine({
				...given,
				...(again ? {again} : {repository: cloned()}),
				config: {merge: 'push', ...config},
				options: {redisUrl: redis.socketPath, ...options},
			}),
	};
};
