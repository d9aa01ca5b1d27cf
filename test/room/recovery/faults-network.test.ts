import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {readInfo} from '../../../source/redis/requirements.ts';
import {APPROVES, openEngine, type TestRoom, WRITES} from '../../helpers/engine.ts';
import {externalProcessesAt} from '../../helpers/external-processes.ts';
import {startProxy} from '../../helpers/proxy.ts';
import {startTestRedis} from '../../helpers/redis.ts';
import {slackMs} from '../../helpers/wait.ts';

const allMergedOnce = async (room: TestRoom, ids: readonly string[]): Promise<void> => {
	await room.when('all are merged', () => ids.every(id => room.team().tasks.get(id)?.state === 'merged'));
	expect(room.mergedCommit().toSorted()).toEqual(ids.toSorted());
	for (const id of ids) expect(room.task(id)).toMatchObject({attempt: 1, failures: 0});
};

test('answers that come in pieces, and connections that end in the middle of one, lose nothing and do nothing twice', async () => {
	const redis = await startTestRedis();
	onTestFinished(() => redis.stop());
	const path = join(redis.folder, 'proxy.sock');
	const proxy = await startProxy(redis.socketPath, path);
	onTestFinished(() => proxy.close());
	const room = await openEngine({agents: {developer: WRITES, 'code-sentinel': APPROVES}, options: {redisUrl: path}});
	proxy.slice(5);
	await room.must({type: 'add-task', title: 'In pieces', id: 'pieces'});
	await allMergedOnce(room, ['pieces']);
	// Each connection ends a little later than the one before it, so at another byte.
	const admin = await redis.connect();
	const connections = async () => Number(readInfo(String(await admin.call('INFO', 'stats'))).get('total_connections_received'));
	const before = await connections();
	let limit = 12_000;
	const cutting = setInterval(() => {
		limit += 137;
		proxy.slice(700, limit);
	}, 20);
	onTestFinished(() => clearInterval(cutting));
	const ids = ['pieces'];
	do {
		const id = `t-${ids.length}`;
		await room.when(
			`${id} is added`,
			async () => (await room.ask({type: 'add-task', title: id, id}).catch(() => ({ok: false}))).ok || room.team().tasks.has(id),
		);
		ids.push(id);
		await allMergedOnce(room, ids);
	} while ((await connections()) <= before + 5);
});

test('a listener that the server drops because it does not keep up misses hints and nothing else: the record has no gap', async () => {
	const room = await openEngine({agents: {developer: WRITES}, config: {review: 'off'}});
	await room.redis('CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 16384 16384 0');
	const dropped = async () =>
		Number(readInfo(String(await room.redis('INFO', 'stats'))).get('client_output_buffer_limit_disconnections') ?? 0);
	const before = await dropped();
	const flooding = setInterval(() => {
		room.redis('PUBLISH', 'workflow:events:task_completed', 'x'.repeat(200_000)).catch(() => undefined);
	}, 25);
	onTestFinished(() => clearInterval(flooding));
	const ids = ['a', 'b', 'c'];
	for (const id of ids) await room.redis('LPUSH', 'workflow:tasks:pending', `task:do:${id}`);
	await allMergedOnce(room, ids);
	clearInterval(flooding);
	expect(await dropped()).toBeGreaterThan(before + 3);
	const written = ((await room.redis('XRANGE', 'workflow:events', '-', '+')) as [string, string[]][]).map(([id]) => id);
	const last = room.events.at(-1)?.id;
	expect(room.events.map(({id}) => id)).toEqual(written.slice(written.indexOf(room.events[0]?.id ?? ''), written.indexOf(last ?? '') + 1));
});

test('however many keys of others wait for their expiry, an external worker that falls silent loses its task as soon', async () => {
	const room = await openEngine({agents: {developer: WRITES}, config: {review: 'off'}});
	const {types} = externalProcessesAt(room);
	await room.must({type: 'pause-agent', agent: 'agent:dev:001'});
	for (let part = 0; part < 6; part++)
		await room.redis('EVAL', "for i = 1, 50000 do redis.call('SET', 'other:' .. ARGV[1] .. ':' .. i, '', 'EX', 3) end", 0, part);
	await types('LPUSH', 'workflow:tasks:pending', 'task:do:user-auth');
	await room.when('it is known', () => room.team().tasks.has('user-auth'));
	await types('RPOP', 'workflow:tasks:pending');
	await types('SETEX', 'workflow:heartbeat:agent:001', '2', 'alive');
	await types('HSET', 'workflow:agents:registry', 'agent:001', '{"task":"user-auth"}');
	const silentAt = performance.now();
	// By the record: a room that comes to look at it late sees both at once.
	const has = (type: string) => (): boolean =>
		room.events.some(event => event.type === type && event.task === 'user-auth' && event.agent === 'agent:001');
	await room.when('it has the task', has('task_claimed'));
	await room.when('its task is free', has('task_reclaimed'));
	expect(room.task('user-auth').state).toBe('ready');
	expect(performance.now() - silentAt).toBeLessThan(7000 + slackMs());
	await room.must({type: 'resume-agent', agent: 'agent:dev:001'});
	await room.when('it is merged', () => room.mergedCommit().length === 1);
});
