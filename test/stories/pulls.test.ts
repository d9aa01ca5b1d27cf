import {existsSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {addForge} from '../helpers/forge.ts';
import {addRemote} from '../helpers/remote.ts';
import {commitAll} from '../helpers/repository.ts';
import {addTasks, createSurvivalStory, kill} from '../helpers/survival.ts';
import {until} from '../helpers/wait.ts';

test('a room killed after its push, and one killed before it has noted its pull request: there is one branch, one request and one merge', async () => {
	const story = createSurvivalStory({lease: '3s'});
	const env = {
		...{...story.env, GIT_AUTHOR_NAME: 'C', GIT_AUTHOR_EMAIL: 'c@example.org'},
		...{GIT_COMMITTER_NAME: 'C', GIT_COMMITTER_EMAIL: 'c@example.org'},
	};
	writeFileSync(join(story.repository, 'agent-room.yaml'), `${story.git('show', 'HEAD:agent-room.yaml')}\nmerge: pr\nforge: github\n`);
	commitAll(story.repository, 'Open pull requests', env);
	const remote = addRemote({
		root: story.repository,
		git: (args, folder = story.repository) => story.git('-C', folder, ...args),
		write: (path, content, folder = story.repository) => writeFileSync(join(folder, path), content),
		commit: (message, folder = story.repository) => {
			commitAll(folder, message, env);
			return story.git('-C', folder, 'rev-parse', 'HEAD');
		},
	});
	const before = remote.head();
	const forge = addForge(remote.folder);
	Object.assign(story.env, {PATH: `${forge.path.split(':')[0]}:${story.env.PATH ?? ''}`, FAKE_FORGE: forge.folder});
	const [arrived, go] = [story.file('arrived'), story.file('go')];
	remote.hook('post-receive', `touch ${arrived}; while [ ! -e ${go} ]; do sleep 0.05; done`);
	await addTasks(story, 'a');
	const run = () => story.start('run', '--until-empty', '--json');
	const first = run();
	await until(() => existsSync(arrived), {what: () => `the push\n${first.output()}`, timeoutMs: 60_000});
	await kill(first.pid);
	writeFileSync(go, '');
	expect(forge.state().pulls).toEqual([]);

	forge.set({diesAfterOpen: true});
	const second = run();
	await until(() => existsSync(join(forge.folder, 'opened')), {what: () => `the request\n${second.output()}`, timeoutMs: 60_000});
	await kill(second.pid);
	writeFileSync(join(forge.folder, 'go'), '');

	const third = run();
	await third.ended;
	expect(forge.state().pulls, third.output()).toHaveLength(1);
	expect(remote.refs().split('\n')).toHaveLength(2);
	expect(remote.head()).toBe(before);
	forge.merge(12, 'squash');
	const fourth = run();
	expect((await fourth.ended).code, fourth.output()).toBe(0);
	expect(story.git('-C', remote.folder, 'rev-list', '--count', `${before}..main`)).toBe('1');
	expect(story.git('rev-parse', 'main')).toBe(remote.head());
	expect(forge.calls('"--method","POST","repos')).toBe(1);
});
