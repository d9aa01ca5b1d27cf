import {execFile, spawn} from 'node:child_process';
import {dirname} from 'node:path';
import {promisify} from 'node:util';
import {expect, onTestFinished, test} from 'vitest';
import {addressOf} from '../../../source/redis/server/credentials.ts';
import {APPROVES, openEngine, type TestRoom, WRITES} from '../../helpers/engine.ts';
import {startTestRedis} from '../../helpers/redis.ts';
import {slackMs, until} from '../../helpers/wait.ts';

/** A reviewer that says in `$D/reviewing` that it has begun, and approves once `$D/review` is made. */
const APPROVES_LATER = `touch "$D/reviewing"; while [ ! -e "$D/review" ]; do sleep 0.05; done; ${APPROVES}`;

/** An outsider at a terminal: redis-cli on the server of a running room. */
const externalWorkerAt = ({store}: TestRoom) => {
	const {socketPath, username = '', password} = addressOf(dirname(store.getSnapshot().redis.address));
	const [prefix, env] = [['-s', socketPath, '--user', username], {...process.env, REDISCLI_AUTH: password}];
	const types = async (...words: readonly string[]): Promise<string> =>
		(await promisify(execFile)('redis-cli', [...prefix, ...words], {env})).stdout.trim();
	return {
		types,
		/** BRPOP as a worker that waits for work; it hangs in the server when this returns. */
		waitsForWork: async (): Promise<{readonly popped: Promise<string>}> => {
			const popped = types('BRPOP', 'workflow:tasks:pending', '0');
			await until(async () => (await types('CLIENT', 'LIST')).includes('cmd=brpop'), {what: 'BRPOP hangs'});
			return {popped};
		},
		/** Everything that a subscription hears, as `channel message` lines. */
		listens: async (...words: readonly string[]): Promise<() => readonly string[]> => {
			const child = spawn('redis-cli', [...prefix, ...words], {stdio: ['ignore', 'pipe', 'ignore'], env});
			onTestFinished(() => void child.kill('SIGKILL'));
			let heard = '';
			child.stdout.on('data', chunk => {
				heard += String(chunk);
			});
			await until(() => heard.includes('subscribe'), {what: 'the subscription stands'});
			return () => [...heard.matchAll(/^(workflow:events:\w+)\n(.*)\n/gm)].map(([, channel, text]) => `${channel} ${text}`);
		},
	};
};

const openRoom = (agents: Parameters<typeof openEngine>[0]['agents'] = {}): Promise<TestRoom> =>
	openEngine({agents: {developer: WRITES, 'code-sentinel': APPROVES, ...agents}});

/** Our only developer takes nothing, so that an outsider can. */
const pausesDeveloper = async (room: TestRoom): Promise<void> => {
	await room.must({type: 'pause-agent', agent: 'agent:dev:001'});
	await room.when('the developer is paused', () => room.agent('agent:dev:001').paused);
};

test('the five steps of the seed, typed by an outsider, take a feature from the queue to the base', async () => {
	const room = await openRoom({'code-sentinel': APPROVES_LATER});
	const {types, waitsForWork, listens} = externalWorkerAt(room);
	const all = await listens('PSUBSCRIBE', 'workflow:events:*');
	const completed = await listens('SUBSCRIBE', 'workflow:events:task_completed');

	// 1 and 2: a developer that waits gets it at once, before anybody else could see it.
	const {popped} = await waitsForWork();
	expect(await types('LPUSH', 'workflow:tasks:pending', 'task:implement:user-auth')).toBe('1');
	expect(await popped).toBe('workflow:tasks:pending\ntask:implement:user-auth');
	expect(await types('SET', 'workflow:locks:task:user-auth', 'agent:dev:002', 'NX', 'EX', '3600')).toBe('OK');
	await room.when('the room shows who has it', () => room.team().tasks.get('user-auth')?.owner === 'agent:dev:002');
	expect(room.task('user-auth')).toMatchObject({state: 'leased', stage: 'develop'});
	expect(room.agent('agent:dev:002')).toMatchObject({room: '', status: 'working', task: 'user-auth'});

	// 3: progress shows.
	await types('HSET', 'workflow:tasks:status:user-auth', 'progress', '50%');
	await room.when('its progress shows', () => room.task('user-auth').progress === '50%');

	// 4: done; its branch comes a little later than its word.
	await types('PUBLISH', 'workflow:events:task_completed', 'task:user-auth:ready-for-review');
	await room.when('the room looks for the branch', () =>
		room.task('user-auth').waitReason.includes('looking for its branch `agent/user-auth`'),
	);
	const commit = room.repository.branch('agent/user-auth', {'auth.txt': 'who goes there\n'});

	// 5: the review starts by itself.
	await room.when('the review has begun', () => room.read('reviewing') !== '' || room.task('user-auth').stage === 'review');
	await room.when('the reviewer has it', () => room.task('user-auth').state === 'leased' && room.task('user-auth').stage === 'review');
	expect(await types('HGET', 'workflow:reviews:user-auth', 'status')).toBe('in-progress');
	expect(room.task('user-auth')).toMatchObject({author: 'agent:dev:002', commit, branch: 'agent/user-auth'});
	expect(await types('EXISTS', 'workflow:locks:task:user-auth')).toBe('1');
	room.touch('review');

	await room.when('it is merged', () => room.task('user-auth').state === 'merged');
	expect(room.mergedCommit()).toEqual(['user-auth']);
	expect(room.repository.git(['show', 'main:auth.txt'])).toBe('who goes there');
	const merged = ['completed', 'merged'].map(word => `workflow:events:task_${word} task:user-auth:merged`);
	await room.when('both subscriptions heard it', () => completed().includes(merged[0] ?? '') && all().includes(merged[1] ?? ''));
	expect(all()).toEqual(
		expect.arrayContaining([
			'workflow:events:task_claimed task:user-auth:leased',
			'workflow:events:task_completed task:user-auth:ready-for-review',
			'workflow:events:task_completed task:user-auth:approved',
			'workflow:events:task_merged task:user-auth:merged',
		]),
	);
	const transitions = room.events.filter(event => event.type.startsWith('task_') && event.type !== 'task_progressed');
	for (const {type} of transitions) expect(all().some(line => line.startsWith(`workflow:events:${type} task:user-auth:`))).toBe(true);
});

test('what is pushed is worked on by the room, the urgent first, whatever else stands there', async () => {
	const room = await openRoom();
	const {types} = externalWorkerAt(room);
	await pausesDeveloper(room);
	await types('LPUSH', 'workflow:tasks:pending', 'task:implement:user-auth', '{"title":', 'task:::');
	await types('ZADD', 'workflow:tasks:priority', '100', 'task:critical:security-fix');
	await room.when('both are tasks', () => room.team().tasks.size === 2);
	await room.when('the rest is named', () => room.events.filter(event => event.type === 'entry_refused').length === 2);
	expect(await types('LRANGE', 'workflow:tasks:pending', '0', '-1')).toBe('task:implement:user-auth');
	await room.must({type: 'resume-agent', agent: 'agent:dev:001'});
	await room.when('both are merged', () => room.mergedCommit().length === 2);
	const claimed = room.events.filter(event => event.type === 'task_claimed' && event.text === 'develop').map(event => event.task);
	expect(claimed).toEqual(['security-fix', 'user-auth']);
	expect([await types('LLEN', 'workflow:tasks:pending'), await types('ZCARD', 'workflow:tasks:priority')]).toEqual(['0', '0']);
});

test('an outsider’s lock holds the guardian off, is shown, and when it ends the landing goes on', async () => {
	const room = await openRoom();
	const {types} = externalWorkerAt(room);
	expect(await types('SET', 'workflow:locks:repository:main', 'agent:x', 'NX', 'EX', '300')).toBe('OK');
	await types('LPUSH', 'workflow:tasks:pending', 'task:implement:user-auth');
	await room.when('the landing waits', () => room.team().tasks.get('user-auth')?.waitReason.includes('held by agent:x'));
	await room.when('the lock is shown', () => room.team().locks.get('repository:main')?.owner === 'agent:x');
	expect(room.mergedCommit()).toEqual([]);
	await types('PEXPIRE', 'workflow:locks:repository:main', '300');
	const endsAt = performance.now() + 300;
	await room.when('it lands', () => room.mergedCommit().length === 1);
	expect(performance.now() - endsAt).toBeLessThan(8000 + slackMs());
});

test('an outside agent appears, falls silent, is lost, and its task goes to another', async () => {
	const room = await openRoom();
	const {types} = externalWorkerAt(room);
	await pausesDeveloper(room);
	await types('HSET', 'workflow:agents:registry', 'agent:001', '{"status":"active","capabilities":["backend","go"]}');
	await types('SETEX', 'workflow:heartbeat:agent:001', '30', 'alive');
	await room.when('it appears', () => room.team().agents.get('agent:001')?.capabilities.join() === 'backend,go');
	await types('LPUSH', 'workflow:tasks:pending', 'task:implement:user-auth');
	await room.when('the task is known', () => room.team().tasks.has('user-auth'));
	expect(await types('RPOP', 'workflow:tasks:pending')).toBe('task:implement:user-auth');
	await types('SET', 'workflow:locks:task:user-auth', 'agent:001', 'NX', 'EX', '3600');
	await room.when('it has the task', () => room.task('user-auth').owner === 'agent:001');
	// The last sign of life; a crash does not take its registry entry or its lock with it.
	await types('SETEX', 'workflow:heartbeat:agent:001', '2', 'alive');
	const silentAt = performance.now();
	await room.when('it is lost', () => room.agent('agent:001').status === 'unreachable');
	await room.when('its task is free', () => room.task('user-auth').state === 'ready');
	const tookMs = performance.now() - silentAt;
	expect(tookMs).toBeGreaterThan(1800);
	expect(tookMs).toBeLessThan(6000 + slackMs());
	await room.must({type: 'resume-agent', agent: 'agent:dev:001'});
	await room.when('another has done it', () => room.mergedCommit().length === 1);
	expect(room.task('user-auth').author).toBe('agent:dev:001');
	await types('HDEL', 'workflow:agents:registry', 'agent:001');
	await room.when('it is off the list', () => !room.team().agents.has('agent:001'));
});

test('with notifications off everything works, a sweep later', async () => {
	const room = await openRoom();
	const {types} = externalWorkerAt(room);
	await types('CONFIG', 'SET', 'notify-keyspace-events', '');
	await pausesDeveloper(room);
	await types('LPUSH', 'workflow:tasks:pending', 'task:implement:user-auth');
	await room.when('the task is known', () => room.team().tasks.has('user-auth'));
	await types('RPOP', 'workflow:tasks:pending');
	await types('SET', 'workflow:locks:task:user-auth', 'agent:001', 'NX', 'EX', '3600');
	await room.when('it has the task', () => room.task('user-auth').owner === 'agent:001');
	room.repository.branch('feature/login', {'auth.txt': 'x\n'});
	await types('HSET', 'workflow:tasks:status:user-auth', 'branch', 'feature/login', 'status', 'ready-for-review');
	await room.when('it lands', () => room.mergedCommit().length === 1);
	expect(room.task('user-auth')).toMatchObject({author: 'agent:001', branch: 'feature/login'});
});

test('an outsider that gives up, or claims what a branch cannot be called, loses nothing', async () => {
	const room = await openRoom();
	const {types} = externalWorkerAt(room);
	await pausesDeveloper(room);
	await types('LPUSH', 'workflow:tasks:pending', 'task:implement:user-auth');
	await room.when('the task is known', () => room.team().tasks.has('user-auth'));
	await types('RPOP', 'workflow:tasks:pending');
	await types('SET', 'workflow:locks:task:user-auth', 'agent:001', 'NX', 'EX', '3600');
	await room.when('it has the task', () => room.task('user-auth').owner === 'agent:001');
	await types('HSET', 'workflow:tasks:status:user-auth', 'branch', '../../../etc/passwd', 'status', 'done');
	await room.when('the room says so', () => room.task('user-auth').waitReason.includes('its branch name is invalid'));
	await types('PUBLISH', 'workflow:events:task_failed', 'task:user-auth:failed');
	await room.when('it goes back', () => room.task('user-auth').owner === '');
	expect(room.task('user-auth')).toMatchObject({failures: 1, reason: '001 reports a failure'});
	await room.must({type: 'resume-agent', agent: 'agent:dev:001'});
	await room.when('another has done it', () => room.mergedCommit().length === 1);
});

test('an outsider’s word about a task of ours changes nothing', async () => {
	const room = await openRoom({developer: 'while [ ! -e "$D/go" ]; do sleep 0.05; done; echo x >x.txt'});
	const {types} = externalWorkerAt(room);
	await room.must({type: 'add-task', title: 'Ours', id: 'ours'});
	await room.when('it is worked on', () => room.task('ours').state === 'leased');
	const {token} = room.task('ours');
	room.repository.branch('agent/ours', {'evil.txt': 'x\n'});
	await types('HSET', 'workflow:tasks:status:ours', 'status', 'ready-for-review', 'progress', '50%');
	await types('PUBLISH', 'workflow:events:task_completed', 'task:ours:ready-for-review');
	await types('PUBLISH', 'workflow:events:task_failed', 'task:ours:failed');
	await room.when('its progress shows all the same', () => room.task('ours').progress === '50%');
	expect(room.task('ours')).toMatchObject({state: 'leased', stage: 'develop', token});
	room.touch('go');
	await room.when('it lands', () => room.mergedCommit().length === 1);
	expect(room.repository.git(['ls-tree', '--name-only', 'main'])).not.toContain('evil.txt');
});

test('a run takes up what was pushed before it began, and ends when that is done', async () => {
	const redis = await startTestRedis();
	onTestFinished(() => redis.stop());
	const connection = await redis.connect();
	await connection.call('LPUSH', 'workflow:tasks:pending', 'task:implement:user-auth');
	const room = await openEngine({
		agents: {developer: WRITES, 'code-sentinel': APPROVES},
		options: {redisUrl: redis.socketPath, untilEmpty: true},
	});
	expect(await room.room.ended).toMatchObject({exitCode: 0, merged: 1});
	expect(room.mergedCommit()).toEqual(['user-auth']);
});
