import {existsSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {addForge, giveForge} from '../helpers/forge.ts';
import {createTeam, hostsOf, teamConfig} from '../helpers/machines.ts';
import {addStoryRemote} from '../helpers/remote.ts';
import {addTasks, createSurvivalStory, kill} from '../helpers/survival.ts';
import {until} from '../helpers/wait.ts';

test('a room killed after its push, and one killed before it has noted its pull request: there is one branch, one request and one merge', async () => {
	const story = createSurvivalStory({lease: '3s'});
	const remote = addStoryRemote(story, 'merge: pr\nforge: github');
	const before = remote.head();
	const forge = addForge(remote.folder);
	giveForge(story, forge);
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

const teamOfPulls = teamConfig
	.replace('merge: push', 'merge: pr\nforge: github')
	.replace(/mine: .*/, `mine: {command: [sh, -c, 'echo "$AGENT_ROOM_AGENT $(date +%s%N)" >>"$AGENT_ROOM_TASK.txt"'], finish: exit}`);

test('two rooms on one forge: one request a task, one answer a comment, one merge, though the one that leads is killed; only that one asks', async () => {
	const {redis, remote, laptop, big} = await createTeam(teamOfPulls);
	const forge = addForge(remote);
	for (const machine of [laptop, big]) giveForge(machine, forge);
	forge.set({writers: ['ada']});
	const there = ['--redis', redis.socketPath];
	const worker = big.start('worker', ...there, '--json');
	await until(async () => (await big.status()).agents.some(({status}) => status === 'idle'), {
		what: () => `the leader\n${worker.output()}`,
	});
	const running = laptop.start('run', ...there, '--json');
	await until(async () => (await hostsOf(laptop, redis.socketPath)).length === 2, {what: () => `the other\n${running.output()}`});
	const waits = async (id: string): Promise<boolean> =>
		(await laptop.status()).tasks.some(task => task.id === id && task.state === 'blocked');
	await laptop.must('add', 'one', '--id', 'one', ...there);
	await until(() => waits('one'), {what: () => `the first request\n${worker.output()}`, timeoutMs: 60_000});
	await until(() => forge.callers('graphql').length > 0, {what: 'it is watched'});
	expect(new Set(forge.callers('"api"'))).toEqual(new Set([big.env.HOME]));
	// The forge has made the next request, and nobody has heard of it yet.
	forge.set({diesAfterOpen: true});
	await laptop.must('add', 'two', '--id', 'two', ...there);
	await until(() => existsSync(join(forge.folder, 'opened')), {what: () => `a request\n${worker.output()}`, timeoutMs: 60_000});
	await kill(Number((await big.status()).room?.pid));
	writeFileSync(join(forge.folder, 'go'), '');
	forge.say(12, {author: 'ada', text: 'Name it better', path: 'one.txt', line: 1});
	const answers = (): number => forge.state().comments.filter(({author, text}) => author === 'room-bot' && /^Done in/.test(text)).length;
	await until(answers, {what: () => `the answer\n${running.output()}`, timeoutMs: 60_000});
	for (const id of ['one', 'two'])
		await until(() => waits(id), {what: () => `the request of ${id}\n${running.output()}`, timeoutMs: 60_000});
	expect(
		forge
			.state()
			.pulls.map(({title}) => title)
			.toSorted(),
	).toEqual(['one', 'two']);

	await laptop.must('approve', 'one', ...there);
	await until(async () => (await laptop.status()).tasks.some(task => task.id === 'one' && task.state === 'merged'), {
		what: () => `the merge\n${running.output()}`,
		timeoutMs: 60_000,
	});
	expect(answers()).toBe(1);
	expect(forge.calls('"pr","merge"')).toBe(1);
	expect(forge.state().pulls).toHaveLength(2);
	expect(laptop.git('--git-dir', remote, 'rev-list', '--count', '--first-parent', 'main')).toBe('2');
});
