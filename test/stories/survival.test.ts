import {existsSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {standingFor} from '../helpers/cases.ts';
import {isRunning} from '../helpers/cleanup.ts';
import {
	addTasks,
	allMerged,
	attemptsOf,
	atWork,
	createSurvivalStory,
	expectNothingUnsaved,
	expectRestored,
	expectWhole,
	kill,
	mergesOf,
	openFromShell,
	redisOf,
	roomLog,
	roomsOf,
	set,
	stateFolder,
	testsOf,
	unset,
} from '../helpers/survival.ts';
import {until} from '../helpers/wait.ts';

const TASKS = ['a', 'b', 'c'];

describe('kill -9 in the middle of work', () => {
	test('of the room: the tty is restored; the next start ends its agents, keeps their work, and goes on', async () => {
		const story = createSurvivalStory();
		set(story, 'wait-all');
		const first = openFromShell(story);
		await first.waitFor('dev-3');
		await addTasks(story, ...TASKS);
		const agents = await atWork(story, 1, ...TASKS);
		const socket = statSync(join(stateFolder(story), 'room.sock'));
		await kill(...roomsOf(story));
		await expectRestored(first, 'The room crashed');

		const second = openFromShell(story);
		await second.waitFor('dev-3');
		await until(() => !agents.some(isRunning), {what: 'the end of the agents of the room that was killed'});
		expect(statSync(join(stateFolder(story), 'room.sock')).ctimeMs).toBeGreaterThan(socket.ctimeMs);
		// A child of the room bears its name until it has become its own program.
		await until(() => roomsOf(story).length === 1, {what: 'one room and no second one'});
		await atWork(story, 2, ...TASKS);
		expect(story.git('-C', join(stateFolder(story), 'worktrees', 'a-a2'), 'show', 'agent/a-a2:a.txt')).toBe('begun in attempt 1');
		expect((await story.status()).tasks.map(({id, attempt, state}) => [id, attempt, state]).toSorted()).toEqual(
			TASKS.map(id => [id, 2, 'leased']),
		);
		unset(story, 'wait-all');
		await allMerged(story, TASKS);
		await story.must('stop');
		await expectRestored(second, 'The room ended: stopped by you.');
		await expectWhole(story, TASKS);
		expectNothingUnsaved(story);
	});

	test('of Redis: the screen says so, it is started again by itself, nobody loses a task', async () => {
		const story = createSurvivalStory();
		set(story, 'wait-all');
		const room = openFromShell(story);
		await room.waitFor('dev-3');
		await addTasks(story, ...TASKS);
		const agents = await atWork(story, 1, ...TASKS);
		const [before] = redisOf(story);
		await kill(...redisOf(story));
		await room.waitFor('Redis disconnected');
		await room.waitUntilGone('Redis disconnected');
		expect(redisOf(story)).toHaveLength(1);
		expect(redisOf(story)).not.toContain(before);
		expect(agents.every(isRunning)).toBe(true);
		// Once more at the very moment when all of them hand in.
		unset(story, 'wait-all');
		await kill(...redisOf(story));
		await allMerged(story, TASKS);
		await story.must('stop');
		await expectRestored(room, 'The room ended');
		await expectWhole(story, TASKS);
	});

	test('of a test: all that it has started ends with it, and the candidate is tested again', async () => {
		const story = createSurvivalStory({test: 'touch "$STORY/testing"; while [ -e "$STORY/hold-test" ]; do sleep 0.05; done; sh check.sh'});
		set(story, 'hold-test');
		await story.must('add', 'Be tested', '--id', 'a');
		const running = story.start('run', '--until-empty', '--json');
		await until(() => existsSync(story.file('testing')), {what: () => `a test run\n${running.output()}`});
		const left = attemptsOf(story).map(({pid}) => pid);
		expect(left.length).toBeGreaterThan(1);
		unset(story, 'testing');
		await kill(...testsOf(story));
		await until(() => !left.some(isRunning), {what: 'the end of the test command'});
		unset(story, 'hold-test');
		const ended = await running.ended;
		expect(ended.code, ended.stdout + ended.stderr + roomLog(story)).toBe(0);
		await expectWhole(story, ['a']);
	});

	const moments = ['before', 'after'].flatMap(moment => [
		{moment, what: 'git', victims: ['merge']},
		{moment, what: 'the room', victims: ['room']},
		{moment, what: 'the room, Redis and git', victims: ['room', 'redis', 'merge']},
	]);
	// A program that is killed at each call of a landing that writes: `npm run soak -- --crashes --only landing`.
	test.each(standingFor(moments, ({moment, victims}) => victims.length === (moment === 'before' ? 1 : 3) && victims.includes('merge')))(
		'of $what, $moment the base moves: the task lands exactly once',
		async ({moment, victims}) => {
			const story = createSurvivalStory();
			set(story, `hold-${moment}`);
			await story.must('add', 'Land', '--id', 'a');
			let running = story.start('run', '--until-empty', '--json');
			await until(() => existsSync(story.file(`${moment}-landing`)), {what: () => `a landing\n${running.output()}`});
			const pids = {merge: mergesOf(story), room: [running.pid], redis: redisOf(story)};
			expect(pids.merge.length).toBeGreaterThan(0);
			expect(pids.redis).toHaveLength(1);
			await kill(...Object.entries(pids).flatMap(([name, list]) => (victims.includes(name) ? list : [])));
			unset(story, `hold-${moment}`);
			if (victims.includes('room')) running = story.start('run', '--until-empty', '--json');
			const ended = await running.ended;
			expect(ended.code, ended.stdout + ended.stderr + roomLog(story)).toBe(0);
			await expectWhole(story, ['a']);
			expectNothingUnsaved(story);
		},
	);
});
