import {expect, onTestFinished, test} from 'vitest';
import {APPROVES, openEngine, WRITES} from '../../helpers/engine.ts';
import {externalProcessesAt, externalProcessesOf} from '../../helpers/external-processes.ts';
import {startTestRedis} from '../../helpers/redis.ts';
import {slackMs} from '../../helpers/wait.ts';

const PENDING = 'workflow:tasks:pending';
const PRIORITY = 'workflow:tasks:priority';

test('what external workers took in the moment of the push, or just after it, comes back once when they are killed', async () => {
	const room = await openEngine({agents: {developer: WRITES, 'code-sentinel': APPROVES}, config: {review: 'off'}});
	const {types, waits} = externalProcessesAt(room);
	await room.must({type: 'pause-agent', agent: 'agent:dev:001'});
	// Even where nothing tells the room to look.
	await types('CONFIG', 'SET', 'notify-keyspace-events', '');
	const names: string[] = [];
	const pushedTo = async (handed: Promise<string>, id: string): Promise<void> => {
		names.push(id);
		await types('LPUSH', PENDING, `task:implement:${id}`);
		expect(await handed).toContain(`task:implement:${id}`);
	};
	for (let number = 1; number <= 4; number++) {
		const waiting = await waits('BRPOP', PENDING, '0');
		await pushedTo(waiting.handed, `waited-${number}`);
		waiting.dies();
	}
	await types('BGREWRITEAOF');
	for (let number = 1; number <= 4; number++) {
		names.push(`popped-${number}`);
		await types('LPUSH', PENDING, `task:implement:popped-${number}`);
		const taker = await waits('BRPOP', PENDING, '0');
		await taker.handed;
		taker.dies();
	}
	const waiting = await waits('BZPOPMAX', PRIORITY, '0');
	names.push('urgent');
	await types('ZADD', PRIORITY, '90', 'task:implement:urgent');
	await waiting.handed;
	waiting.dies();
	await room.when('the room knows all of them', () => room.team().tasks.size === names.length);
	for (const id of names)
		expect(room.task(id)).toMatchObject({state: 'delayed', waitReason: expect.stringContaining('waits for its lock')});

	// The time that a taker has for its first word is over.
	for (const id of names) await types('ZADD', 'workflow:tasks:delayed', 'XX', '1', id);
	await room.must({type: 'resume-agent', agent: 'agent:dev:001'});
	await room.when('all are merged', () => room.mergedCommit().length === names.length);
	expect([...room.mergedCommit()].toSorted()).toEqual(names.toSorted());
	expect(room.team().tasks.size).toBe(names.length);
});

test('on a server of the user that notifies of nothing, a push is seen at once, and what BLMOVE took comes back once when its agent is killed', async () => {
	const redis = await startTestRedis();
	onTestFinished(() => redis.stop());
	const {types, waits} = externalProcessesOf(redis);
	// Before the room opens, by an agent that is not registered.
	await types('LPUSH', PENDING, 'task:implement:before');
	await types('LMOVE', PENDING, 'workflow:tasks:taken:agent:before', 'RIGHT', 'LEFT');
	const room = await openEngine({
		agents: {developer: WRITES, 'code-sentinel': APPROVES},
		config: {review: 'off', lease: '1s'},
		options: {redisUrl: redis.socketPath},
	});
	await room.must({type: 'pause-agent', agent: 'agent:dev:001'});
	const pushedAt: number[] = [];
	for (const id of ['one', 'two', 'three']) {
		const began = performance.now();
		await types('LPUSH', PENDING, `task:implement:${id}`);
		await room.when('it is known', () => room.team().tasks.has(id));
		pushedAt.push(performance.now() - began);
	}
	// A sweep would see one of three so soon.
	expect(Math.min(...pushedAt.slice(1)) + Math.max(...pushedAt.slice(1))).toBeLessThan(1000 + slackMs());
	const takers = [];
	for (const id of ['one', 'two']) {
		const taker = await waits('BLMOVE', PENDING, `workflow:tasks:taken:agent:${id}`, 'RIGHT', 'LEFT', '0');
		expect(await taker.handed).toBe(`task:implement:${id}`);
		takers.push(taker);
	}
	await types('RPOP', PENDING);
	const waiting = await waits('BLMOVE', PENDING, 'workflow:tasks:taken:agent:four', 'RIGHT', 'LEFT', '0');
	await types('LPUSH', PENDING, 'task:implement:four');
	await waiting.handed;
	for (const taker of [...takers, waiting]) taker.dies();
	const claimed = () => room.events.filter(({type}) => type === 'task_claimed').map(({task, agent}) => `${agent} ${task}`);
	const each = ['before', 'one', 'two', 'four'].map(id => `agent:${id} ${id}`);
	await room.when('each has its task', () => each.every(line => claimed().includes(line)));
	await types('ZADD', 'workflow:tasks:delayed', 'XX', '1', 'three');
	await room.must({type: 'resume-agent', agent: 'agent:dev:001'});
	await room.when('all are merged', () => room.mergedCommit().length === 5);
	expect([...room.mergedCommit()].toSorted()).toEqual(['before', 'four', 'one', 'three', 'two']);
	for (const id of ['before', 'one', 'two', 'four']) expect(await types('EXISTS', `workflow:tasks:taken:agent:${id}`)).toBe('0');
	expect(room.team().tasks.size).toBe(5);
});
