import {spawnSync} from 'node:child_process';
import {existsSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {logSchema} from '../../source/core/protocol/output-schema.ts';
import {createTeam, hostsOf, teamConfig} from '../helpers/machines.ts';
import type {Running} from '../helpers/program.ts';
import {createStory, type Story} from '../helpers/room.ts';
import {until} from '../helpers/wait.ts';

const isThere = (file: string, running: Running): Promise<unknown> =>
	until(() => existsSync(file), {what: () => `${file}\n${running.output()}`});

const ownerOf = async (story: Story, task: string): Promise<string> => {
	const found = (await story.status()).tasks.find(({id}) => id === task);
	return `${found?.state} ${found?.owner}`;
};

test('a worker that is asked to end takes no task, lets another lead, and lets what runs finish; asked twice it hands that over', async () => {
	const {redis, laptop, big} = await createTeam();
	const [team, ready] = [['--redis', redis.socketPath], big.file('ready')];
	const start = (): Running => big.start('worker', ...team, '--ready-file', ready, '--grace', '1m', '--log-format', 'json');
	const first = start();
	await isThere(ready, first);
	const running = laptop.start('run', ...team);
	await until(async () => (await hostsOf(laptop, redis.socketPath)).length === 2, {what: () => `both\n${running.output()}`});
	await laptop.must('pause', 'dev-2');
	big.waitReason('one');
	await laptop.must('add', 'One', '--id', 'one', ...team);
	await isThere(big.file('working-one-1'), first);
	first.child.kill('SIGTERM');
	await until(() => !existsSync(ready) && first.output().includes('"draining"'), {what: () => `the drain\n${first.output()}`});
	await until(async () => (await hostsOf(laptop, redis.socketPath)).some(({leads, working}) => leads && working === 0), {
		what: () => `another leader\n${first.output()}`,
	});
	expect(await laptop.must('hosts', ...team)).toMatch(/ draining, 1 task to end +1 of 1 running /);
	await laptop.must('add', 'Two', '--id', 'two', ...team);
	await laptop.must('resume', 'dev-2');
	const isMerged = (id: string) => async (): Promise<boolean> =>
		(await laptop.status()).tasks.some(task => task.id === id && task.state === 'merged');
	await until(isMerged('two'), {what: () => `the other task at the other machine\n${running.output()}`});
	expect(await ownerOf(laptop, 'one')).toBe('leased agent:dev:001');
	big.letGo('one');
	const {code, stdout, stderr} = await first.ended;
	expect([code, stderr]).toEqual([0, '']);
	const lines = stdout
		.trim()
		.split('\n')
		.map(line => logSchema.parse(JSON.parse(line)));
	expect(lines.map(({event}) => event)).toEqual(expect.arrayContaining(['ready', 'task_claimed', 'draining', 'task_completed', 'ended']));
	expect(lines.find(({event}) => event === 'task_claimed')).toMatchObject({level: 'info', task: 'one', agent: 'dev-1'});
	await until(isMerged('one'), {what: () => `what finished in the grace\n${running.output()}`});

	await laptop.must('pause', 'dev-2');
	const again = start();
	await isThere(ready, again);
	big.waitReason('three');
	await laptop.must('add', 'Three', '--id', 'three', ...team);
	await isThere(big.file('working-three-1'), again);
	again.child.kill('SIGTERM');
	await until(() => again.output().includes('"draining"'), {what: () => `the drain\n${again.output()}`});
	again.child.kill('SIGTERM');
	expect((await again.ended).code).toBe(143);
	expect(await ownerOf(laptop, 'three')).toBe('ready ');
	big.letGo('three');
	await laptop.must('resume', 'dev-2');
	await until(isMerged('three'), {what: () => `what was handed over\n${running.output()}`});
});

test('the unit that it prints is one that systemd takes, holds no password and names what was given', async () => {
	const big = createStory(teamConfig);
	const asked = ['worker', '--print-systemd', '--team', 'developer:2', '--grace', '90s', '--ready-file', '100% ready $1'];
	Object.assign(big.env, {AGENT_ROOM_REDIS_URL: 'rediss://room:s3cret@redis.example:6380'});
	const {code, stdout, stderr} = await big.run(...asked);
	expect(code, stderr).toBe(0);
	expect(stdout + stderr).not.toContain('s3cret');
	expect(stderr).toContain('Put AGENT_ROOM_REDIS_PASSWORD=... into ');
	expect(stdout).toContain('--redis rediss://room@redis.example:6380 --namespace workflow');
	expect(stdout).toContain('--team developer:2 --grace 90s');
	expect(stdout).toContain(`--ready-file "${big.repository}/100%% ready $$1"`);
	expect(stdout).toMatch(/^TimeoutStopSec=150$/m);
	const file = join(big.folder, 'agent-room-p.service');
	writeFileSync(file, stdout);
	// Where it is: it writes down what it would not take.
	const told = spawnSync('systemd-analyze', ['verify', '--user', '--man=no', file], {
		env: {...big.env, XDG_RUNTIME_DIR: big.folder},
		encoding: 'utf8',
	});
	expect(told.stderr ?? '').toBe('');
});
