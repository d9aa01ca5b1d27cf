import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {openRepository} from '../../../source/git/repository/repository.ts';
import {openStore} from '../../../source/git/store/store.ts';
import {createAttempt} from '../../../source/git/worktree/create.ts';
import {agentRoom} from '../../helpers/room.ts';
import {addTasks, createSurvivalStory, stateFolder} from '../../helpers/survival.ts';

test('checkout brings the work on a task over and says what it did; clean shows what it would take; both know the room in a worktree', async () => {
	const story = createSurvivalStory();
	await addTasks(story, 'a');
	const run = story.start('run', '--until-empty', '--json');
	expect((await run.ended).code, run.output()).toBe(0);
	expect(story.git('for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');

	expect(await story.must('checkout', 'a')).toMatch(/^Created branch `agent\/a` at [0-9a-f]{7}\. Switch to it: `git switch agent\/a`\.\n$/);
	expect(story.git('show', 'agent/a:a.txt')).toContain('done');
	expect(await story.must('checkout', 'A')).toContain('is already at');
	expect(JSON.parse(await story.must('checkout', 'a', 'mine', '--json'))).toMatchObject({task: 'a', branch: 'mine', brought: 'made'});
	expect(await story.run('checkout', 'b')).toMatchObject({code: 1, stderr: expect.stringContaining('Unknown task `b`.')});
	expect(await story.run('checkout', 'a', 'main')).toMatchObject({
		code: 1,
		stderr: expect.stringContaining('The branch `main` is the base'),
	});

	story.git('branch', 'agent/old-a1', 'main~1');
	expect(await story.run('clean')).toMatchObject({
		code: 3,
		stdout: '  branch agent/old-a1\n',
		stderr: expect.stringContaining('No terminal to ask in.'),
	});
	expect(await story.must('clean', '--yes')).toBe('  branch agent/old-a1\nYour repository is clean.\n');
	expect(story.git('for-each-ref', '--format=%(refname:short)').split('\n')).toEqual(['agent/a', 'main', 'mine']);
	expect(await story.must('clean', '--yes')).toBe('Your repository holds nothing of an earlier version.\n');

	// A worktree is a repository of its own, and belongs to the room all the same.
	const store = await openStore(await openRepository(story.repository), join(stateFolder(story), 'guardian.git'), 'main');
	const {path} = await createAttempt({
		store,
		worktreesFolder: join(stateFolder(story), 'worktrees'),
		task: 'x',
		attempt: 1,
		from: story.git('rev-parse', 'main'),
	});
	mkdirSync(join(path, 'deep'));
	writeFileSync(join(path, 'deep', 'file'), '');
	const inside = await agentRoom(['tasks'], {cwd: join(path, 'deep'), env: story.env});
	expect(inside).toMatchObject({code: 0, stdout: expect.stringContaining('a ')});
});
