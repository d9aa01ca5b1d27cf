import {afterAll, beforeAll, expect, test} from 'vitest';
import type {Coordination} from '../../source/core/team/coordination.ts';
import type {RedisConnection} from '../../source/redis/connection.ts';
import {coordinationOn, joins, nextNonce, submission} from '../helpers/coordination.ts';
import {eventually, startTestRedis, type TestRedis} from '../helpers/redis.ts';

let redis: TestRedis;
let connection: RedisConnection;
let team: Coordination;

beforeAll(async () => {
	redis = await startTestRedis();
	connection = await redis.connect();
	team = coordinationOn(connection);
});
afterAll(() => redis.stop());

const waits = async (agent: string, room: string, leaseMs: number): Promise<void> => {
	await joins(team, agent, 'developer', [], room);
	expect(await team.claim({agent, room, leaseMs, nonce: nextNonce(), stages: ['develop'], waits: true})).toEqual({code: 'none'});
	await team.heartbeat({room, leaseMs, ttlMs: 30_000, agents: [agent], held: []});
};
const serverTime = async (): Promise<number> => {
	const [seconds, micros] = (await connection.call('TIME')) as [string, string];
	return Number(seconds) * 1000 + Number(micros) / 1000;
};

test('what becomes ready is not handed to a room that has been silent for a lease, and which asks again when it lives', async () => {
	await waits('agent:dev:001', 'silent', 20);
	const beatenAt = Number(await connection.call('GET', 'workflow:heartbeat:room:silent'));
	await waits('agent:dev:002', 'alive', 60_000);
	await eventually(async () => (await serverTime()) > beatenAt + 25, 'a lease of silence');
	const {id} = await team.submit(submission());
	expect(await team.task(id)).toMatchObject({state: 'leased', owner: 'agent:dev:002'});
	const {waiting} = await team.heartbeat({room: 'silent', leaseMs: 20, ttlMs: 30_000, agents: ['agent:dev:001'], held: []});
	expect(waiting).toEqual([]);
});
