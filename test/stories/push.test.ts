import {existsSync, writeFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {addStoryRemote} from '../helpers/remote.ts';
import {addTasks, createSurvivalStory, kill} from '../helpers/survival.ts';
import {until} from '../helpers/wait.ts';

test('a room killed between a push and its record: the next one sees by git that it arrived, and every task is on the remote once', async () => {
	const story = createSurvivalStory();
	const remote = addStoryRemote(story, 'merge: push');
	const [arrived, go] = [story.file('arrived'), story.file('go')];
	remote.hook('post-receive', `echo x >>${arrived}; while [ ! -e ${go} ]; do sleep 0.05; done`);
	await addTasks(story, 'a', 'b');
	const first = story.start('run', '--until-empty', '--json');
	await until(() => existsSync(arrived), {what: () => `the first push\n${first.output()}`, timeoutMs: 60_000});
	const pushed = remote.head();
	await kill(first.pid);
	const second = story.start('run', '--until-empty', '--json');
	writeFileSync(go, '');
	const theirs = remote.push({'theirs.md': 'theirs\n'});
	expect((await second.ended).code, second.output()).toBe(0);
	const line = story.git('-C', remote.folder, 'rev-list', '--first-parent', 'main').split('\n');
	expect(line).toEqual(expect.arrayContaining([pushed, theirs]));
	expect(
		story
			.git('-C', remote.folder, 'log', '--first-parent', '--format=%(trailers:key=Room-Task,valueonly,separator=)', 'main')
			.split('\n')
			.filter(Boolean)
			.toSorted(),
	).toEqual(['a', 'b']);
	expect(story.git('rev-parse', 'main')).toBe(remote.head());
	expect(story.git('status', '--porcelain')).toBe('');
	expect(remote.refs()).toBe(`refs/heads/main ${remote.head()}`);
});
