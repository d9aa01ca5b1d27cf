import {expect, test} from 'vitest';
import {APPROVES, openEngine, WRITES} from '../../helpers/engine.ts';
import {outsidersAt} from '../../helpers/outsiders.ts';

const PENDING = 'workflow:tasks:pending';
const PRIORITY = 'workflow:tasks:priority';

test('what outsiders took in the moment of the push, or just after it, comes back once when they are killed', async () => {
	const room = await openEngine({agents: {developer: WRITES, 'code-sentinel': APPROVES}, config: {review: 'off'}});
	const {types, waits} = outsidersAt(room);
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
