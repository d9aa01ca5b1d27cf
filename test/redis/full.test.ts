import {afterAll, beforeAll, expect, test} from 'vitest';
import type {RedisConnection} from '../../source/redis/connection.ts';
import {isRefusedForNow} from '../../source/redis/errors.ts';
import {claims, completion, coordinationOn, joins, submission, takes} from '../helpers/coordination.ts';
import {startTestRedis, type TestRedis} from '../helpers/redis.ts';

let redis: TestRedis;
let connection: RedisConnection;

beforeAll(async () => {
	redis = await startTestRedis(['--enable-debug-command', 'yes']);
	connection = await redis.connect();
});
afterAll(() => redis.stop());

/** All that there is, as one number. */
const everything = (): Promise<unknown> => connection.call('DEBUG', 'DIGEST');

test.each([
	['memory is full', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']],
	['primary it was made a replica of', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']],
])(
	'a server whose %s takes an order whole or not at all, and all of them once that is over',
	async (name, [inflict = '', ...how], [cure = '', ...with_]) => {
		await connection.call('FLUSHALL');
		const team = coordinationOn(connection);
		await joins(team, 'agent:dev:001');
		await joins(team, 'agent:dev:002');
		for (const id of ['a', 'b', 'c']) await team.submit(submission({id}));
		const held = await takes(team, 'agent:dev:001');
		const lease = {agent: 'agent:dev:001', task: held.task.id, token: held.token};
		const orders: Readonly<Record<string, () => Promise<unknown>>> = {
			submit: () => team.submit(submission({id: 'd'})),
			claim: () => claims(team, 'agent:dev:002'),
			progress: () => team.progress(lease, {progress: '50%'}, 'half'),
			lock: () => team.lock({name: 'path:src', owner: 'agent:dev:001', token: held.token, ttlMs: 60_000, waitMs: 0}),
			complete: () => team.complete(completion(held, {next: 'review', nextRole: 'code-sentinel', fields: {commit: 'c1'}})),
			cancel: () => team.cancel('c', ''),
		};
		await connection.call(inflict, ...how);
		const refused: string[] = [];
		for (const [order, give] of Object.entries(orders)) {
			const before = await everything();
			try {
				await give();
			} catch (error) {
				expect(isRefusedForNow(error), `${order}: ${String(error)}`).toBe(true);
				expect(await everything(), order).toEqual(before);
				refused.push(order);
			}
		}
		expect(refused).toEqual(expect.arrayContaining(['submit', 'claim', 'progress']));
		if (name === 'memory is full') {
			// Who lives can say so all the same: nobody is taken for dead because no memory is left.
			const beats = async (): Promise<number> => (await team.snapshot()).beats.get('agent:dev:001') ?? 0;
			const first = await beats();
			await team.heartbeat({room: 'r1', leaseMs: 60_000, ttlMs: 60_000, agents: ['agent:dev:001'], held: []});
			expect(await beats()).toBeGreaterThan(first);
		}
		await connection.call(cure, ...with_);
		for (const order of refused) await orders[order]?.();
		expect((await team.snapshot()).team.tasks.get('d')?.state).toBe('ready');
	},
);
