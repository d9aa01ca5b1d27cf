import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {APPROVES, openEngine, type TestRoom, WAITS, WRITES} from '../../helpers/engine.ts';
import {ofTest} from '../../helpers/fleet-of-test.ts';
import {FLEET_PASSWORD, SENTINEL_PASSWORD, startClusterFleet, startSentinelFleet} from '../../helpers/redis-fleet.ts';

const TASKS = ['a', 'b', 'c'];

/** Tasks on their way through all stages; the first waits at work until `$D/go-a` is made. */
const opens = async (options: Parameters<typeof openEngine>[0]['options']): Promise<TestRoom> => {
	const room = await openEngine({
		agents: {
			developer: [`${WRITES}\n[ "$AGENT_ROOM_TASK" != a ] || { ${WAITS.replaceAll('\n', ';').replace('do;', 'do')}; }`, WRITES],
			'code-sentinel': APPROVES,
		},
		options,
	});
	await room.must({type: 'add-task', title: 'first', id: 'a'});
	await room.when('the first is at work', () => room.read('at-a-1') !== '');
	return room;
};

/** The rest comes while something moves; all of it is merged once, in one attempt of each. */
const isAllMergedOnce = async (room: TestRoom): Promise<void> => {
	await room.when('the merges', () => TASKS.every(id => room.team().tasks.get(id)?.state === 'merged'));
	expect([...room.mergedCommit()].toSorted()).toEqual(TASKS);
	expect(TASKS.map(id => room.task(id).attempt)).toEqual([1, 1, 1]);
	expect(room.team().control.recovery).toBe('');
};

const addsMore = async (room: TestRoom): Promise<void> => {
	// What is asked while nobody answers is refused, and asked again.
	for (const id of TASKS.slice(1))
		await room.when(`${id} is taken`, async () => (await room.ask({type: 'add-task', title: id, id})).ok || room.team().tasks.has(id));
	room.touch('go-a');
};

test('a failover by Sentinel in mid-work, over TLS, is followed: nothing is lost, and nothing done twice', async () => {
	const fleet = await startSentinelFleet(ofTest);
	const ca = readFileSync(fleet.ca ?? '', 'utf8');
	const room = await opens({redisUrl: fleet.url, redisAccess: {password: FLEET_PASSWORD, sentinelPassword: SENTINEL_PASSWORD, ca}});
	const first = await fleet.primary();
	await first.kill();
	await addsMore(room);
	await isAllMergedOnce(room);
	expect((await fleet.primary()).port).not.toBe(first.port);
});

test('in a Cluster the node of the namespace is found from any other, and its failover is followed', async () => {
	const fleet = await startClusterFleet(ofTest, '{shop}');
	const room = await opens({redisUrl: fleet.url, redisAccess: {password: FLEET_PASSWORD}, namespace: '{shop}'});
	const first = await fleet.primary();
	await first.kill();
	await addsMore(room);
	await isAllMergedOnce(room);
	expect((await fleet.primary()).port).not.toBe(first.port);
});
