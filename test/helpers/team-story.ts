import {join} from 'node:path';
import {onTestFinished} from 'vitest';
import {startTestRedis, type TestRedis} from './redis.ts';
import {createStory, type Story} from './room.ts';

/** Two machines, and what they share: one Redis and one bare remote. */
export const createTeamStory = async (
	config: string,
	files: Readonly<Record<string, string>> = {},
): Promise<{readonly redis: TestRedis; readonly remote: string; readonly laptop: Story; readonly big: Story}> => {
	const redis = await startTestRedis();
	onTestFinished(() => redis.stop());
	const laptop = createStory(config, files);
	const remote = join(laptop.folder, 'hub.git');
	laptop.git('clone', '--quiet', '--bare', laptop.repository, remote);
	laptop.git('remote', 'add', 'origin', remote);
	laptop.git('fetch', '--quiet', 'origin');
	laptop.git('branch', '--quiet', '--set-upstream-to=origin/main', 'main');
	return {redis, remote, laptop, big: laptop.clone(remote)};
};
