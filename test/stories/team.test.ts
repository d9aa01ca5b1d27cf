import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {createTeam, hostsOf, teamConfig} from '../helpers/machines.ts';
import {startTestRedis} from '../helpers/redis.ts';
import {createStory} from '../helpers/room.ts';
import {slackMs, until} from '../helpers/wait.ts';

test('machines with one path and name work as one team; the one that leads is killed, and its task goes on at another', async () => {
	const {redis, laptop, big} = await createTeam();
	const worker = big.start('worker', '--redis', redis.socketPath, '--team', 'developer:2', '--json');
	await until(async () => (await big.status()).agents.some(({status}) => status === 'idle'), {
		what: () => `the worker\n${worker.output()}`,
	});
	big.waitReason('one');
	await big.must('add', 'One', '--id', 'one', '--redis', redis.socketPath);
	await until(() => existsSync(big.file('working-one-1')), {what: () => `the start of the task\n${worker.output()}`});

	const running = laptop.start('run', '--redis', redis.socketPath, '--json');
	await until(async () => (await hostsOf(laptop, redis.socketPath)).length === 2, {what: () => `the second machine\n${running.output()}`});
	const hosts = await hostsOf(laptop, redis.socketPath);
	expect(hosts.map(({state, leads, agents, working}) => ({state, leads, agents, working}))).toEqual([
		{state: 'up', leads: true, agents: 4, working: 1},
		{state: 'up', leads: false, agents: 3, working: 0},
	]);
	expect(hosts.map(({host}) => host)).toEqual([hosts[0]?.host, `${hosts[0]?.host}-2`]);
	const listed = await laptop.must('agents', '--redis', redis.socketPath);
	expect(listed).toContain(`dev-1@${hosts[0]?.host} `);
	expect(listed).toContain(`dev-3@${hosts[0]?.host}-2`);

	const pid = Number((await big.status()).room?.pid);
	process.kill(pid, 'SIGKILL');
	const killedAt = performance.now();
	await until(async () => (await laptop.status()).tasks.some(({id, owner}) => id === 'one' && owner === 'agent:dev:003'), {
		what: () => `the task at the other machine\n${running.output()}`,
	});
	expect(performance.now() - killedAt).toBeLessThan(3000 + 2000 + 3000 + slackMs());
	const after = await hostsOf(laptop, redis.socketPath);
	expect(after.map(({state, leads}) => ({state, leads}))).toEqual([
		{state: 'up', leads: true},
		{state: 'gone', leads: false},
	]);
	expect(await laptop.must('hosts', '--redis', redis.socketPath)).toMatch(/HOST +STATE +AGENTS +LOAD +MEMORY +LAST HEARTBEAT/);
	running.child.kill('SIGTERM');
	expect((await running.ended).code).toBe(143);
});

test('the machine that leads is killed just after it pushed a merge: the other finds it on the remote, and it is merged once', async () => {
	const {redis, remote, laptop, big} = await createTeam();
	const worker = big.start('worker', '--redis', redis.socketPath, '--json');
	await until(async () => (await big.status()).agents.some(({status}) => status === 'idle'), {
		what: () => `the leader\n${worker.output()}`,
	});
	const running = laptop.start('run', '--redis', redis.socketPath, '--json');
	await until(async () => (await hostsOf(laptop, redis.socketPath)).length === 2, {what: () => `the other\n${running.output()}`});
	const pid = Number((await big.status()).room?.pid);
	// The remote has taken the push, and nobody has heard of it yet.
	const hook = `#!/bin/sh\ngrep -q refs/heads/main && mkdir '${laptop.file('killed')}' 2>/dev/null && kill -9 ${pid}\nexit 0\n`;
	writeFileSync(join(remote, 'hooks', 'post-receive'), hook, {mode: 0o755});
	await laptop.must('add', 'One', '--id', 'one', '--redis', redis.socketPath);
	await until(async () => (await laptop.status()).tasks.some(({id, state}) => id === 'one' && state === 'merged'), {
		what: () => `the merge\n${running.output()}`,
	});
	expect(existsSync(laptop.file('killed'))).toBe(true);
	const merges = laptop.git('--git-dir', remote, 'log', '--first-parent', '--format=%(trailers:key=Room-Task,valueonly)', 'main');
	expect(merges.split('\n').filter(Boolean)).toEqual(['one']);
	// The lead ends with its own lease, and the machine with the last beat of its room: which comes first is chance.
	await until(
		async () => {
			const [first, second] = await hostsOf(laptop, redis.socketPath);
			return first?.state === 'up' && first.leads && second?.state === 'gone' && !second.leads;
		},
		{what: () => `the end of the leader\n${running.output()}`},
	);
	await laptop.must('add', 'Two', '--id', 'two', '--redis', redis.socketPath);
	await until(() => laptop.git('--git-dir', remote, 'ls-tree', '--name-only', 'main').includes('two.txt'), {
		what: () => `the next merge\n${running.output()}`,
	});
});

test('a batch that one room has tested is pushed by the one that leads, and the remote’s base only ever was at a tested commit', async () => {
	const test = `git rev-parse HEAD >>"$STORY/tested"; while [ -e "$STORY/wait-test" ]; do sleep 0.05; done`;
	const {redis, remote, laptop, big} = await createTeam(teamConfig.replace("test: 'true'", () => `test: '${test}'\nbatch: 8`));
	const there = ['--redis', redis.socketPath];
	const worker = big.start('worker', ...there, '--json');
	await until(async () => (await big.status()).agents.some(({status}) => status === 'idle'), {
		what: () => `the leader\n${worker.output()}`,
	});
	await big.must('pause', 'test-1', ...there);
	const running = laptop.start('run', ...there, '--json');
	await until(async () => (await hostsOf(laptop, redis.socketPath)).length === 2, {what: () => `the other\n${running.output()}`});
	const hook = `#!/bin/sh\ncase "$1" in refs/heads/main) echo "$3" >>'${laptop.file('pushed')}';; esac\n`;
	writeFileSync(join(remote, 'hooks', 'update'), hook, {mode: 0o755});
	laptop.waitReason('test');
	const ids = ['one', 'two', 'three', 'four'];
	for (const id of ids) await laptop.must('add', id, '--id', id, ...there);
	const tasks = async () => (await laptop.status()).tasks.filter(({id}) => ids.includes(id));
	await until(async () => (await tasks()).filter(({stage}) => stage === 'test').length === ids.length, {
		what: () => `their tests\n${running.output()}`,
	});
	laptop.letGo('test');
	await until(async () => (await tasks()).every(({state}) => state === 'merged'), {
		what: () => `the merges\n${running.output()}`,
		timeoutMs: 60_000,
	});
	const lines = (name: string): readonly string[] => readFileSync(laptop.file(name), 'utf8').trim().split('\n');
	expect(lines('pushed').length).toBeLessThan(ids.length);
	expect(lines('tested')).toEqual(expect.arrayContaining([...lines('pushed')]));
	const of = (stage: string): readonly string[] =>
		running
			.output()
			.split('\n')
			.flatMap(line => new RegExp(`"type":"task_claimed".*"agent":"agent:(\\w+:\\d+)","text":"${stage}"`).exec(line)?.[1] ?? []);
	expect([new Set(of('test')), new Set(of('merge'))]).toEqual([new Set(['test:002']), new Set(['merge:001'])]);
});

test('a worker that does not fit is refused in one sentence', async () => {
	const story = createStory(teamConfig);
	expect(await story.run('worker')).toMatchObject({
		code: 3,
		stderr: expect.stringContaining('joins a team by its Redis, and none is given'),
	});
	const redis = await startTestRedis();
	onTestFinished(() => redis.stop());
	const asked = ['worker', '--redis', redis.socketPath, '--team'];
	expect(await story.run(...asked, 'tester:2')).toMatchObject({
		code: 2,
		stderr: expect.stringContaining('The configured team has no `tester`'),
	});
	expect(await story.run(...asked, 'developer:0')).toMatchObject({code: 2, stderr: expect.stringContaining('there can be 1 to 64')});
});
