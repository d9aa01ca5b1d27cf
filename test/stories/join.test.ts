import {appendFileSync, existsSync, readdirSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {ofTest} from '../helpers/fleet-of-test.ts';
import {hostsOf, teamConfig} from '../helpers/machines.ts';
import {startTestRedis, type TestRedis} from '../helpers/redis.ts';
import {startTlsMember} from '../helpers/redis-fleet.ts';
import {createStory, type Story} from '../helpers/room.ts';
import {until} from '../helpers/wait.ts';

const config = teamConfig.replace('merge: push\n', '');

const sharedRedis = async (): Promise<TestRedis> => {
	const redis = await startTestRedis();
	onTestFinished(() => redis.stop());
	return redis;
};

/** A clone of a bare remote, with a room that is alone. */
const createClone = (): {readonly story: Story; readonly remote: string} => {
	const story = createStory(config);
	const remote = join(story.folder, 'hub.git');
	story.git('clone', '--quiet', '--bare', story.repository, remote);
	story.git('remote', 'add', 'origin', remote);
	story.git('fetch', '--quiet', 'origin');
	story.git('branch', '--quiet', '--set-upstream-to=origin/main', 'main');
	return {story, remote};
};

const tasksOf = async (story: Story, ...args: readonly string[]): Promise<readonly string[]> =>
	(await story.must('tasks', '--json', ...args))
		.split('\n')
		.filter(Boolean)
		.map(line => JSON.parse(line) as {id: string; state: string})
		.map(({id, state}) => `${id} ${state}`)
		.toSorted();

test('a room that is alone joins a team with its queue and history, another machine does the work, and what is open stays when it leaves', async () => {
	const [redis, {story: laptop, remote}] = [await sharedRedis(), createClone()];
	await laptop.must('add', 'One', '--id', 'one');
	await laptop.must('run', '--until-empty');
	for (const id of ['two', 'three']) await laptop.must('add', id, '--id', id);
	expect(await laptop.run('join', redis.socketPath)).toMatchObject({
		code: 3,
		stderr: expect.stringMatching(/Your `main` has .* that `origin\/main` lacks\.\nPush first: `git push origin main:main`/),
	});
	laptop.git('push', '--quiet', 'origin', 'main');
	const asked = ['join', redis.socketPath, '--namespace', 'shop'];
	expect(await laptop.must(...asked)).toMatch(/^Moved 3 tasks \(2 open\) and the history to `.*` \(namespace `shop`\)\.$/m);
	expect(await tasksOf(laptop)).toEqual(['one merged', 'three ready', 'two ready']);
	const [state = ''] = readdirSync(join(laptop.folder, 's', 'agent-room')).filter(name => name.startsWith('p-'));
	// Killed before it remembered where it is: nothing begins at the place that it left, and the same command ends it.
	rmSync(join(laptop.folder, 's', 'agent-room', state, 'team.json'));
	expect(await laptop.run('add', 'Four')).toMatchObject({code: 3, stderr: expect.stringContaining('The tasks of this repository went to')});
	await laptop.must(...asked);

	const big = laptop.clone(remote);
	const worker = big.start('worker', '--redis', redis.socketPath, '--namespace', 'shop');
	await until(async () => (await tasksOf(laptop)).every(line => line.endsWith('merged')), {what: () => `the merges\n${worker.output()}`});
	expect(laptop.git('--git-dir', remote, 'ls-tree', '--name-only', 'main').split('\n')).toEqual(
		expect.arrayContaining(['one.txt', 'two.txt']),
	);
	worker.child.kill('SIGTERM');
	await worker.ended;
	await laptop.must('add', 'Five', '--id', 'five');
	expect(await laptop.must('leave')).toMatch(
		/^Left the team\. 1 open task stays with it: five\. Its tasks and history: `agent-room tasks --redis /m,
	);
	expect(await tasksOf(laptop)).toEqual([]);
	// Begun anew on purpose: nothing is missed, and nothing rebuilt from the journal.
	expect(await laptop.must('add', 'Six', '--id', 'six')).toBe('six\n');
	expect(await laptop.must('run', '--until-empty')).toContain('1 merged, 0 failed, 0 open.\n');
	expect(await tasksOf(laptop, '--redis', redis.socketPath, '--namespace', 'shop')).toContain('five ready');
	expect(await hostsOf(laptop, redis.socketPath)).toEqual([]);
});

test('the printed line of the ACL user is enough to join, work, read and leave: a room that is alone takes all back, and its history', async () => {
	const {story: laptop} = createClone();
	const server = await startTlsMember(ofTest);
	const url = `rediss://room@127.0.0.1:${server.port}`;
	const secrets = {AGENT_ROOM_REDIS_PASSWORD: 'only-in-the-environment', AGENT_ROOM_REDIS_CA: server.ca};
	Object.assign(laptop.env, {...secrets, AGENT_ROOM_REDIS_URL: url});
	const [command = '', ...line] = (await laptop.must('setup', 'redis', '--acl')).trim().split(' ');
	delete laptop.env.AGENT_ROOM_REDIS_URL;
	await server.ask(command, ...line);
	await server.ask('ACL', 'SETUSER', 'default', 'off');
	await laptop.must('add', 'One', '--id', 'one');
	await laptop.must('add', 'Two');
	const told = async (): Promise<string> => laptop.must('events', '--json');
	const before = await told();
	await laptop.must('join', url);
	expect((await told()).startsWith(before.trimEnd())).toBe(true);
	for (const words of ['status', 'agents', 'hosts', 'cost', 'locks', 'explain one', 'task one', 'replay --at -1s', 'doctor --quick'])
		expect((await laptop.run(...words.split(' '))).stderr, words).not.toMatch(/NOPERM|may not/);
	expect(await laptop.must('leave')).toMatch(
		/^Left the team\. Moved 2 tasks \(2 open\) and the history back to this repository’s own Redis\.$/m,
	);
	expect((await told()).startsWith(before.trimEnd())).toBe(true);
	expect(await tasksOf(laptop)).toEqual(['one ready', 't-1 ready']);
	expect((await laptop.must('add', 'Three')).trim()).toBe('t-2');
	expect(await laptop.run('leave')).toMatchObject({code: 3, stderr: expect.stringContaining('has not joined a team')});
	expect(await laptop.must('run', '--until-empty')).toContain('3 merged');
});

test('a queue that cannot go stays, with one sentence why', async () => {
	const [redis, {story: laptop, remote}] = [await sharedRedis(), createClone()];
	await laptop.must('add', 'One', '--id', 'one');
	const refused = async (story: Story, ...args: readonly string[]): Promise<string> => {
		const {code, stderr} = await story.run('join', redis.socketPath, ...args);
		expect(code, stderr).toBe(3);
		return stderr;
	};
	const running = laptop.start('run');
	await until(() => existsSync(laptop.file('working-one-1')), {what: () => `the attempt\n${running.output()}`});
	expect(await refused(laptop)).toContain('A room is running here.\nStop it first with `agent-room stop`');
	running.child.kill('SIGTERM');
	await running.ended;

	const other = createStory(config);
	other.git('commit', '--quiet', '--allow-empty', '--amend', '--message', 'Another root');
	await other.must('add', 'Theirs', '--redis', redis.socketPath);
	expect(await refused(laptop)).toMatch(/namespace `workflow` of this Redis belongs to another repository/);
	await laptop.must('add', 'In use', '--redis', redis.socketPath, '--namespace', 'used');
	laptop.git('push', '--quiet', 'origin', 'main');
	expect(await refused(laptop, '--namespace', 'used')).toContain('is in use already: two queues cannot be mixed');

	laptop.git('remote', 'remove', 'origin');
	expect(await refused(laptop, '--namespace', 'shop')).toContain('`merge: push` needs a remote');
	laptop.git('remote', 'add', 'origin', remote);
	appendFileSync(join(laptop.repository, 'agent-room.yaml'), 'merge: local\n');
	expect(await refused(laptop, '--namespace', 'shop')).toContain('`merge: local` in agent-room.yaml keeps merges in this clone');
	expect((await tasksOf(laptop)).map(line => line.split(' ')[0])).toEqual(['one']);
});
