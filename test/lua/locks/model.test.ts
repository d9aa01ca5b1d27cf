import fc from 'fast-check';
import {afterAll, beforeAll, expect, test} from 'vitest';
import type {Claimed, Coordination} from '../../../source/core/team/coordination.ts';
import type {RedisConnection} from '../../../source/redis/connection.ts';
import {coordinationOn, joins, submission, takes} from '../../helpers/coordination.ts';
import {checkQueue} from '../../helpers/invariants-locks.ts';
import {startTestRedis, type TestRedis} from '../../helpers/redis.ts';

let redis: TestRedis;
let connection: RedisConnection;
let runs = 0;

beforeAll(async () => {
	redis = await startTestRedis(['--appendfsync', 'no']);
	connection = await redis.connect();
});
afterAll(() => redis.stop());

const AGENTS = ['a', 'b', 'c', 'd', 'e'];
const PATHS = ['src/**', 'src/db', 'src/db/x', 'src/ui', 'docs', '**'];
type World = {readonly team: Coordination; readonly leases: Map<string, Claimed>; readonly met: Set<string>};

const begins = async ({team, leases}: World, agent: string): Promise<void> => {
	await team.submit(submission({attempts: 99}));
	leases.set(agent, await takes(team, agent));
};

const step = fc.record({
	agent: fc.constantFrom(...AGENTS),
	path: fc.constantFrom(...PATHS),
	what: fc.constantFrom('take', 'wait', 'wait', 'wait', 'give', 'give', 'force', 'end', 'sweep'),
});

const acts = async (world: World, {agent, path, what}: {agent: string; path: string; what: string}): Promise<void> => {
	const {team, leases, met} = world;
	const token = leases.get(agent)?.token ?? '';
	const name = `path:${path}`;
	if (what === 'take' || what === 'wait') {
		const {code} = await team.lock({name, owner: agent, token, ttlMs: 600_000, waitMs: what === 'wait' ? 600_000 : 0});
		met.add(code);
	} else if (what === 'give' || what === 'force') met.add(`${what} ${await team.unlock({name, token: what === 'give' ? token : ''})}`);
	else if (what === 'sweep') await team.sweep();
	else {
		await team.cancel(leases.get(agent)?.task.id ?? '', 'over');
		await begins(world, agent);
	}
};

test('whoever asks for whatever in whatever order: one holder, nobody waits in vain or in a ring, and who asked first is served first', {
	timeout: 60_000,
}, async () => {
	const met = new Set<string>();
	await fc.assert(
		fc.asyncProperty(fc.array(step, {minLength: 10, maxLength: 40}), async steps => {
			const team = coordinationOn(connection, `l${++runs}`);
			const world: World = {team, leases: new Map(), met};
			for (const agent of AGENTS) {
				await joins(team, agent);
				await begins(world, agent);
			}
			for (const one of steps) {
				await acts(world, one);
				const {team: read} = await team.snapshot();
				checkQueue([...read.locks.values()], [...read.waiters.values()]);
			}
		}),
		{numRuns: 200, seed: 20261124, endOnFailure: false},
	);
	const words = ['ok', 'held', 'waiting', 'deadlock', 'stale', 'give ok', 'give stale', 'give gone', 'force ok', 'force gone'];
	expect([...met].toSorted()).toEqual(words.toSorted());
});
