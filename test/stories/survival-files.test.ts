import {existsSync, renameSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {isRunning, signalEach} from '../helpers/cleanup.ts';
import {
	addTasks,
	attemptsOf,
	atWork,
	createSurvivalStory,
	expectWhole,
	redisOf,
	roomLog,
	set,
	stateFolder,
	unset,
} from '../helpers/survival.ts';
import {until} from '../helpers/wait.ts';

describe('files of a running room that somebody removes', () => {
	test('its socket: no second room starts meanwhile and ends its agents, and it opens a new one', async () => {
		const story = createSurvivalStory();
		set(story, 'wait-all');
		await addTasks(story, 'a');
		const running = story.start('run', '--until-empty', '--json');
		const [agent = 0] = await atWork(story, 1, 'a');
		const socket = join(stateFolder(story), 'room.sock');
		signalEach([running.pid], 'SIGSTOP');
		rmSync(socket);
		const second = await story.run('run');
		expect([second.code, second.stderr]).toEqual([3, expect.stringMatching(`A room already works in .*: process ${running.pid}\\.`)]);
		signalEach([running.pid], 'SIGCONT');
		await until(() => existsSync(socket), {what: () => `the new socket\n${roomLog(story)}`});
		expect([(await story.status()).room?.pid, isRunning(agent)]).toEqual([running.pid, true]);
		unset(story, 'wait-all');
		const ended = await running.ended;
		expect(ended.code, ended.stdout + ended.stderr).toBe(0);
		expect(story.git('show', 'main:a.txt')).toBe('begun in attempt 1\ndone in attempt 1');
		await expectWhole(story, ['a']);
	});

	test('its state folder: it ends, with its agents and its Redis, for nobody could reach it', async () => {
		const story = createSurvivalStory();
		set(story, 'wait-all');
		await addTasks(story, 'a');
		const running = story.start('run', '--until-empty');
		const agents = await atWork(story, 1, 'a');
		renameSync(stateFolder(story), join(story.folder, 'moved'));
		const ended = await running.ended;
		expect(ended.stdout + ended.stderr).toContain('its state folder was removed');
		expect([ended.code, agents.some(isRunning), attemptsOf(story), redisOf(story)]).toEqual([1, false, [], []]);
	});
});
