import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {expect, test} from 'vitest';
import {openRepository} from '../../source/git/repository/repository.ts';
import {openStore} from '../../source/git/store/store.ts';
import {createAttempt} from '../../source/git/worktree/create.ts';
import {
	addTasks,
	atWork,
	createSurvivalStory,
	expectNothingUnsaved,
	expectWhole,
	kill,
	redisOf,
	set,
	stateFolder,
	unset,
} from '../helpers/survival.ts';
import {until} from '../helpers/wait.ts';

const TASKS = ['a', 'b', 'c'];

/** How often Redis was said to run in the log of the room. */
const lives = (log: string): number => (existsSync(log) ? readFileSync(log, 'utf8').match(/ (started|adopted) \(pid/g) : null)?.length ?? 0;

test('Redis killed at any moment of a start that takes back what was worked on: the start waits for it, and every task is merged', async () => {
	const story = createSurvivalStory();
	set(story, 'wait-all');
	await addTasks(story, ...TASKS);
	let running = story.start('run', '--until-empty', '--json');
	await atWork(story, 1, ...TASKS);
	const log = join(stateFolder(story), 'room.log');
	// The moments are spread over the start; at whichever step they meet it, the outcome is the same.
	for (const afterMs of [0, 50, 120, 240]) {
		await kill(running.pid);
		const before = lives(log);
		running = story.start('run', '--until-empty', '--json');
		await until(() => lives(log) > before, {everyMs: 5, what: () => `Redis to be adopted\n${running.output()}`});
		await wait(afterMs);
		await kill(...redisOf(story));
		await until(() => lives(log) > before + 1, {what: () => `Redis to be started again\n${running.output()}`});
	}
	unset(story, 'wait-all');
	const ended = await running.ended;
	expect(ended.code, ended.stdout + ended.stderr + readFileSync(log, 'utf8')).toBe(0);
	await expectWhole(story, TASKS);
	expectNothingUnsaved(story);
	expect(redisOf(story)).toEqual([]);
	// Five attempts worked at each; nothing of theirs is left on the disk but what git holds.
	expect(readdirSync(join(stateFolder(story), 'worktrees'))).toEqual([]);
	expect(story.git('for-each-ref', '--format=%(refname)', 'refs/heads')).toBe('refs/heads/main');
});

test('a room that was killed between a landing and the removal of its worktree: the next start removes it', async () => {
	const story = createSurvivalStory();
	await addTasks(story, 'a');
	const before = story.start('run', '--until-empty', '--json');
	expect((await before.ended).code, before.output()).toBe(0);
	const folder = join(stateFolder(story), 'worktrees', 'a-a1');
	const store = await openStore(await openRepository(story.repository), join(stateFolder(story), 'guardian.git'), 'main');
	await createAttempt({store, worktreesFolder: dirname(folder), task: 'a', attempt: 1, from: story.git('rev-parse', 'main')});
	const after = story.start('run', '--until-empty', '--json');
	expect((await after.ended).code, after.output()).toBe(0);
	expect(existsSync(folder)).toBe(false);
	await expectWhole(story, ['a']);
});
