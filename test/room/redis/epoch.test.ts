import {readdirSync, readFileSync, rmSync, statSync, truncateSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import type {RedisConnection} from '../../../source/redis/connection.ts';
import {createEpochWatch, type EpochWatch} from '../../../source/room/redis/epoch.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {coordinationOn, joins, submission, takes} from '../../helpers/coordination.ts';
import {startTestRedis, type TestRedis} from '../../helpers/redis.ts';

const server = async (): Promise<TestRedis> => {
	const redis = await startTestRedis();
	onTestFinished(() => redis.stop());
	return redis;
};
/** A room's memory in a state folder, and the same read again by its next life. */
const memory = (folder = temporaryFolder('ep')) => ({folder, open: (): Promise<EpochWatch> => createEpochWatch(folder, 'workflow')});
const control = async (connection: RedisConnection): Promise<unknown> => connection.call('HMGET', 'workflow:control', 'frozen', 'recovery');

/** The file of a server's AOF that is written to. */
const growing = (redis: TestRedis): string => {
	const folder = join(redis.folder, 'appendonlydir');
	return join(folder, readdirSync(folder).find(name => name.endsWith('.incr.aof')) ?? '');
};

describe('a room that remembers its Redis', () => {
	test('founds an epoch where there is none, and finds it again, in the next life too; another room adopts it', async () => {
		const connection = await (await server()).connect();
		const room = memory();
		const first = await (await room.open()).check(connection);
		expect(first).toMatchObject({code: 'ok', epoch: 1, nonce: expect.stringMatching(/^[0-9a-f-]{36}$/)});
		await coordinationOn(connection).submit(submission());
		const again = await (await room.open()).check(connection);
		expect(again).toMatchObject({code: 'ok', epoch: 1, nonce: (first as {nonce: string}).nonce, hasTasks: true});
		expect(await (await memory().open()).check(connection)).toEqual(again);
		expect(await control(connection)).toEqual([null, null]);
		expect(statSync(join(room.folder, 'epoch-workflow.json')).mode & 0o777).toBe(0o600);
	});

	test('finds that it was emptied, freezes it for everybody, and works on in a higher epoch once a person accepts it', async () => {
		const connection = await (await server()).connect();
		const team = coordinationOn(connection);
		const [room, other] = [memory(), memory()];
		const watch = await room.open();
		await watch.check(connection);
		await team.submit(submission());
		await watch.check(connection);
		await (await other.open()).check(connection);
		await connection.call('FLUSHALL');
		expect(await watch.check(connection)).toEqual({code: 'lost', finding: 'Redis came back empty'});
		expect(watch.finding()).toBe('Redis came back empty');
		expect(await control(connection)).toEqual(['1', 'Redis came back empty']);
		// Found once, it stays found: for a later life, for a room that remembers nothing, and without a second entry in the record.
		for (const later of [room, memory()]) expect(await (await later.open()).check(connection)).toMatchObject({code: 'lost'});
		expect(Number(await connection.call('XLEN', 'workflow:events'))).toBe(1);
		await joins(team, 'agent:dev:001');
		await team.submit(submission());
		expect(await team.claim({agent: 'agent:dev:001', room: 'r1', leaseMs: 1000, nonce: 'n', stages: ['develop']})).toEqual({
			code: 'frozen',
		});

		let news = 0;
		watch.onNewEpoch(() => news++);
		await watch.accept(connection);
		expect(await watch.check(connection)).toMatchObject({code: 'ok', epoch: 2});
		expect([watch.finding(), news]).toEqual(['', 1]);
		// What it was frozen with is lifted by whoever accepted it.
		expect(await control(connection)).toEqual(['1', '']);
		// A room that was not there when it was accepted remembers the same loss and is not asked again.
		expect(await (await other.open()).check(connection)).toMatchObject({code: 'ok', epoch: 2});
		expect(await (await room.open()).check(connection)).toMatchObject({code: 'ok', epoch: 2});
	});

	test('does not mistake a record that was trimmed beyond what it has seen for one that lost its end', async () => {
		const connection = await (await server()).connect();
		const team = coordinationOn(connection);
		const watch = await memory().open();
		await team.submit(submission());
		await watch.check(connection);
		for (let index = 0; index < 5; index++) await team.submit(submission());
		await connection.call('XTRIM', 'workflow:events', 'MAXLEN', 2);
		expect(await watch.check(connection)).toMatchObject({code: 'ok'});
	});

	test('takes another Redis for another, unless it never had a task', async () => {
		const [first, second] = await Promise.all([(await server()).connect(), (await server()).connect()]);
		const [idle, busy] = [memory(), memory()];
		await (await idle.open()).check(first);
		await coordinationOn(first).submit(submission());
		await (await busy.open()).check(first);
		expect(await (await idle.open()).check(second)).toMatchObject({code: 'ok', epoch: 2});
		expect(await (await busy.open()).check(second)).toEqual({code: 'lost', finding: 'This is a different Redis than before'});
	});

	test('takes Redis as it is where its own memory is torn', async () => {
		const connection = await (await server()).connect();
		const room = memory();
		await coordinationOn(connection).submit(submission());
		await (await room.open()).check(connection);
		const file = join(room.folder, 'epoch-workflow.json');
		truncateSync(file, Math.floor(readFileSync(file).length / 2));
		expect(await (await room.open()).check(connection)).toMatchObject({code: 'ok', epoch: 1});
	});
});

describe('an AOF', () => {
	test('that lost its end by any number of bytes is found, and a token of the lost time is never current again', {
		timeout: 120_000,
	}, async () => {
		const redis = await server();
		for (const bytes of [1, 2, 7, 40, 113, 200, 900]) {
			const namespace = `cut${bytes}`;
			const connection = await redis.connect();
			const team = coordinationOn(connection, namespace);
			const watch = await createEpochWatch(temporaryFolder('ep'), namespace);
			await joins(team, 'agent:dev:001');
			await team.submit(submission());
			await watch.check(connection);
			const claimed = await takes(team, 'agent:dev:001');
			await watch.check(connection);
			connection.close();
			await redis.kill();
			const file = growing(redis);
			truncateSync(file, statSync(file).size - bytes);
			await redis.restart();
			const again = await redis.connect();
			expect(await watch.check(again), `${bytes} bytes`).toEqual({code: 'lost', finding: 'Redis came back with older data'});
			await watch.accept(again);
			const after = coordinationOn(again, namespace);
			await after.control({frozen: false}, '');
			await joins(after, 'agent:dev:001');
			if ((await after.snapshot()).team.tasks.size === 0) await after.submit(submission());
			const next = await takes(after, 'agent:dev:001');
			const zombie = {agent: 'agent:dev:001', task: claimed.task.id, token: claimed.token};
			expect(next.token).not.toBe(claimed.token);
			expect(await after.renew(zombie, 1000)).toBe('stale');
			expect(await watch.check(again)).toMatchObject({code: 'ok', epoch: 2});
		}
	});

	test('folder that is gone is found, although the server starts without a word', async () => {
		const redis = await server();
		const connection = await redis.connect();
		const watch = await memory().open();
		await coordinationOn(connection).submit(submission());
		await watch.check(connection);
		connection.close();
		await redis.kill();
		rmSync(join(redis.folder, 'appendonlydir'), {recursive: true});
		await redis.restart();
		expect(await watch.check(await redis.connect())).toEqual({code: 'lost', finding: 'Redis came back empty'});
	});
});
