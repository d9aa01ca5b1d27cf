import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {describe, expect, test} from 'vitest';
import {standingFor} from '../helpers/cases.ts';
import {isRunning, signalEach} from '../helpers/cleanup.ts';
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
	openFromShell,
	redisOf,
	roomsOf,
	set,
	stateFolder,
	unset,
} from '../helpers/survival.ts';
import {until} from '../helpers/wait.ts';

const TASKS = ['a', 'b'];
const LEASE_MS = 600;

describe('standing still', () => {
	test.each(standingFor(['the agent', 'the room', 'the whole machine'], who => who !== 'the room'))(
		'%s is stopped for longer than its lease and goes on: nobody else takes the task',
		async who => {
			const story = createSurvivalStory({lease: `${LEASE_MS}ms`});
			set(story, 'wait-all');
			await story.must('add', 'Stand still', '--id', 'a');
			const running = story.start('run', '--until-empty', '--json');
			const [agent = 0] = await atWork(story, 1, 'a');
			const all = who === 'the whole machine' ? [...redisOf(story), agent, ...attemptsOf(story).map(({pid}) => pid)] : [];
			const victims = who === 'the agent' ? [agent] : [running.pid, ...all];
			signalEach(victims, 'SIGSTOP');
			// Time itself is what is tested: the lease must have run out several times over.
			await wait(LEASE_MS * 4);
			signalEach(victims, 'SIGCONT');
			unset(story, 'wait-all');
			const ended = await running.ended;
			expect(ended.code, ended.stdout + ended.stderr).toBe(0);
			expect(story.git('show', 'main:a.txt')).toBe('begun in attempt 1\ndone in attempt 1');
			await expectWhole(story, ['a']);
		},
	);
});

describe('stopping in the middle of work', () => {
	test.each([
		{how: '`agent-room stop`', isRedisKilled: false},
		{how: '`agent-room stop` just when Redis was killed', isRedisKilled: true},
	])('$how releases tasks with their work, ends agents and Redis; the next start goes on', async ({isRedisKilled}) => {
		const story = createSurvivalStory();
		set(story, 'wait-all');
		const room = openFromShell(story);
		await room.waitFor('dev-3');
		await addTasks(story, ...TASKS);
		const agents = await atWork(story, 1, ...TASKS);
		if (isRedisKilled) await kill(...redisOf(story));
		await story.must('stop');
		await expectRestored(room, 'The room ended: stopped by you.');
		expect(agents.some(isRunning)).toBe(false);
		expect([attemptsOf(story), redisOf(story), roomsOf(story)]).toEqual([[], [], []]);
		expect(existsSync(join(stateFolder(story), 'room.sock'))).toBe(false);
		expectNothingUnsaved(story);

		const {room: none, tasks} = await story.status();
		expect(none).toBeNull();
		expect(tasks.map(({id, state, owner}) => [id, state, owner]).toSorted()).toEqual(TASKS.map(id => [id, 'ready', '']));
		expect(redisOf(story)).toEqual([]);

		unset(story, 'wait-all');
		const ended = await story.run('run', '--until-empty', '--json');
		expect(ended.code, ended.stdout + ended.stderr).toBe(0);
		expect(story.git('show', 'main:a.txt')).toBe('begun in attempt 1\nbegun in attempt 2\ndone in attempt 2');
		await expectWhole(story, TASKS);
	});

	test('a room that is stopped while it makes a worktree leaves no `setup` behind', async () => {
		const story = createSurvivalStory({setup: 'touch "$STORY/setting-up"; exec sleep 600'});
		await story.must('add', 'Be set up', '--id', 'a');
		const running = story.start('run', '--json');
		await until(() => existsSync(story.file('setting-up')), {what: () => `a setup\n${running.output()}`});
		// Beside what surrounds it.
		const atWork = (): readonly string[] => attemptsOf(story).flatMap(({command}) => (command.includes('bwrap') ? [] : [command]));
		await until(() => atWork().join() === 'sleep 600', {what: () => `one setup at work, not ${atWork()}`});
		running.child.kill('SIGTERM');
		expect((await running.ended).code).toBe(143);
		expect([attemptsOf(story), redisOf(story)]).toEqual([[], []]);
	});
});

describe('one room', () => {
	test('of several that start at the same instant one comes up, and every terminal shows it', async () => {
		const story = createSurvivalStory();
		const terminals = [1, 2, 3].map(() => openFromShell(story));
		for (const terminal of terminals) await terminal.waitFor('dev-3', {timeoutMs: 30_000});
		// Whoever came second ends by itself.
		await until(() => roomsOf(story).length === 1, {what: 'one room'});
		expect(redisOf(story)).toHaveLength(1);
		await story.must('stop');
		for (const terminal of terminals) await expectRestored(terminal, 'The room ended');
	});

	test('of two runs at the same instant one works and the other says that a room is running', async () => {
		const story = createSurvivalStory();
		set(story, 'wait-all');
		await story.must('add', 'Once', '--id', 'a');
		const runs = [1, 2].map(() => story.start('run', '--until-empty', '--json'));
		const loser = await Promise.race(runs.map(run => run.ended));
		expect([loser.code, loser.stderr]).toEqual([3, expect.stringContaining('A room is already running here.')]);
		unset(story, 'wait-all');
		const codes = (await Promise.all(runs.map(run => run.ended))).map(({code}) => code);
		expect(codes.toSorted()).toEqual([0, 3]);
		await allMerged(story, ['a']);
		await expectWhole(story, ['a']);
	});

	test('several that start after a kill -9 find its Redis and its agents once', async () => {
		const story = createSurvivalStory();
		set(story, 'wait-all');
		const first = openFromShell(story);
		await first.waitFor('dev-3');
		await addTasks(story, ...TASKS);
		const agents = await atWork(story, 1, ...TASKS);
		await kill(...roomsOf(story));
		await expectRestored(first, 'The room crashed');
		const terminals = [1, 2].map(() => openFromShell(story));
		await atWork(story, 2, ...TASKS);
		expect(agents.some(isRunning)).toBe(false);
		expect([roomsOf(story).length, redisOf(story).length]).toEqual([1, 1]);
		unset(story, 'wait-all');
		await allMerged(story, TASKS);
		await story.must('stop');
		for (const terminal of terminals) await expectRestored(terminal, 'The room ended');
		await expectWhole(story, TASKS);
	});
});
