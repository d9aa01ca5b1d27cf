import {rmSync} from 'node:fs';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {connectRedis, type RedisConnection} from '../../source/redis/connection.ts';
import {addressOf} from '../../source/redis/server/credentials.ts';
import {
	addTasks,
	allMerged,
	atWork,
	createSurvivalStory,
	expectRestored,
	expectWhole,
	kill,
	openFromShell,
	redisOf,
	roomsOf,
	set,
	stateFolder,
	unset,
} from '../helpers/survival.ts';
import {until} from '../helpers/wait.ts';

const TASKS = ['a', 'b', 'c'];

test('a room that is killed in the middle of a rebuild asks again, and the second rebuild ends the same: every task merges once', async () => {
	const story = createSurvivalStory();
	const first = openFromShell(story);
	await first.waitFor('dev-3');
	await addTasks(story, 'done');
	await allMerged(story, ['done']);
	set(story, 'wait-all');
	await addTasks(story, ...TASKS);
	await atWork(story, 1, ...TASKS);
	const redis: RedisConnection = await connectRedis(addressOf(join(stateFolder(story), 'redis')));
	onTestFinished(() => redis.close());
	await redis.call('FLUSHALL');
	// The question comes by itself, with both answers; nothing else ends the freeze.
	await first.waitFor('REDIS LOST ITS DATA');
	await first.waitFor('3 unfinished tasks');
	const off = await story.run('freeze', '--off');
	expect([off.code, off.stderr]).toEqual([3, expect.stringMatching(/`agent-room rebuild`.*`agent-room rebuild --start-empty`/s)]);
	const empty = await story.run('rebuild', '--start-empty');
	expect([empty.code, empty.stderr]).toEqual([3, expect.stringContaining('agent-room rebuild --start-empty --yes')]);
	expect(await story.must('rebuild', '--dry-run')).toContain('3 unfinished tasks');
	first.press('R');
	await until(async () => (await redis.call('EXISTS', 'workflow:tasks:status:a')) === 1, {everyMs: 1, what: 'the first rebuilt task'});
	await kill(...roomsOf(story));
	await expectRestored(first, 'The room crashed');
	// Of what the second one starts from some was lost once more: the AOF is gone.
	await kill(...redisOf(story));
	rmSync(join(stateFolder(story), 'redis', 'appendonlydir'), {recursive: true});

	const second = openFromShell(story);
	await second.waitFor('REDIS LOST ITS DATA');
	await second.waitFor('3 unfinished tasks');
	expect(await story.must('rebuild')).toMatch(/^Rebuilt: 3 unfinished tasks/);
	// On a busy machine the kill may come when the first rebuild has ended, and attempts have begun for the second time.
	await Promise.all(TASKS.map(task => Promise.any([atWork(story, 2, task), atWork(story, 3, task)])));
	unset(story, 'wait-all');
	await allMerged(story, ['done', ...TASKS]);
	await story.must('stop');
	await expectRestored(second, 'The room ended: stopped by you.');
	await expectWhole(story, ['done', ...TASKS]);
});
