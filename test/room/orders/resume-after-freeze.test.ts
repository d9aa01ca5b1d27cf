import {describe, expect, test} from 'vitest';
import {DEV_1, DEV_2, openEngine, type TestRoom, WAITS, WRITES} from '../../helpers/engine.ts';

const SLOW = `${WRITES}\n${WAITS}`;
const twoAtWork = async (): Promise<TestRoom> => {
	const room = await openEngine({agents: {developer: [SLOW, SLOW]}, config: {review: 'off'}});
	for (const id of ['a', 'b']) await room.must({type: 'add-task', title: id, id});
	await Promise.all([room.atWork('a', 1), room.atWork('b', 1)]);
	return room;
};
const workerOf = (room: TestRoom, task: string): string => room.task(task).owner;

describe('after a freeze', () => {
	test('some go on and the others stay paused by name, in one step for all', async () => {
		const room = await twoAtWork();
		expect(await room.ask({type: 'resume-after-freeze', agents: [DEV_1]})).toMatchObject({ok: false, code: 'refused'});
		await room.must({type: 'freeze', on: true});
		await room.when('both stopped', () => [DEV_1, DEV_2].every(id => room.agent(id).status === 'paused'));
		expect(await room.ask({type: 'resume-after-freeze', agents: ['dev-9']})).toMatchObject({ok: false, code: 'gone'});
		expect(room.team().control.frozen).toBe(true);
		const [goes, stays] = [workerOf(room, 'a'), workerOf(room, 'b')];
		await room.must({type: 'resume-after-freeze', agents: [goes]});
		await room.when('one at work', () => room.agent(goes).status === 'working');
		expect(room.agent(stays)).toMatchObject({status: 'paused', paused: true, task: 'b'});
		// Nothing of the other's record says that it went on in between.
		const unfrozen = room.events.findIndex(({controlFields}) => controlFields.frozen === '0');
		const paused = room.events.findIndex(({agent, agentFields}) => agent === stays && agentFields.paused === '1');
		expect(paused).toBeGreaterThan(-1);
		expect(paused).toBeLessThan(unfrozen);
		room.touch('go-a');
		room.touch('go-b');
		await room.when('its merge', () => room.team().tasks.get('a')?.state === 'merged' || room.team().tasks.get('a')?.stage === 'test');
		expect(room.task('b')).toMatchObject({state: 'leased', owner: stays});
		await room.must({type: 'resume-agent', agent: stays});
		await room.when('the other', () => room.task('b').state !== 'leased' || room.task('b').stage !== 'develop');
	});

	test('turns can be ended instead: nobody is handed anything new', async () => {
		const room = await twoAtWork();
		await room.must({type: 'add-task', title: 'c', id: 'c'});
		await room.must({type: 'freeze', on: true});
		await room.when('both stopped', () => [DEV_1, DEV_2].every(id => room.agent(id).status === 'paused'));
		const told = await room.must({type: 'interrupt-all'});
		expect(told).toMatchObject({text: '2 turns were interrupted; no tasks are assigned until P'});
		expect(room.team().control).toMatchObject({frozen: false, drained: true});
		await room.when('their ends', () => room.task('a').state !== 'leased' && room.task('b').state !== 'leased');
		expect(room.task('c')).toMatchObject({state: 'ready', attempt: 0});
	});
});

describe('stopping when the turns end', () => {
	test('waits for who is at work, hands out nothing, and leaves the next room undrained', async () => {
		const room = await twoAtWork();
		await room.must({type: 'add-task', title: 'c', id: 'c'});
		expect(await room.must({type: 'stop-room', how: 'turns'})).toMatchObject({text: 'the room stops after 2 running turns'});
		const banner = (): string =>
			room.store
				.getSnapshot()
				.banners.map(({text}) => text)
				.join();
		await room.when('the word', () => banner().includes('Stopping after current turns: dev-1, dev-2. P resumes.'));
		room.touch('go-a');
		await room.when('one of them', () => !banner().includes(','));
		room.touch('go-b');
		const end = await room.room.ended;
		expect(end).toMatchObject({reason: 'the last turn has ended', failed: 0});
		const next = await openEngine({agents: {developer: WRITES}, config: {review: 'off'}, again: room});
		await next.when('what was left', () => next.team().tasks.get('c')?.state === 'merged');
		expect(next.team().control.drained).toBe(false);
		expect(next.task('c').attempt).toBe(1);
	});

	test('names who is at work in the order of the team, whoever began first', async () => {
		const room = await openEngine({agents: {developer: [SLOW, SLOW]}, config: {review: 'off'}});
		await room.must({type: 'pause-agent', agent: DEV_1});
		await room.must({type: 'add-task', title: 'a', id: 'a'});
		expect((await room.atWork('a', 1)).owner).toBe(DEV_2);
		await room.must({type: 'resume-agent', agent: DEV_1});
		await room.must({type: 'add-task', title: 'b', id: 'b'});
		expect((await room.atWork('b', 1)).owner).toBe(DEV_1);
		await room.must({type: 'stop-room', how: 'turns'});
		const named = (): boolean => room.store.getSnapshot().banners.some(({text}) => text.includes('current turns: dev-1, dev-2. P'));
		await room.when('the word', named, 10_000);
	});

	test('is called off by handing out again, and refused while everything stands still', async () => {
		const room = await twoAtWork();
		await room.must({type: 'freeze', on: true});
		await room.when('the freeze', () => room.team().control.frozen);
		expect(await room.ask({type: 'stop-room', how: 'turns'})).toMatchObject({ok: false, code: 'refused'});
		await room.must({type: 'freeze', on: false});
		await room.when('the end of it', () => !room.team().control.frozen);
		await room.must({type: 'stop-room', how: 'turns'});
		await room.when('the drain', () => room.team().control.drained);
		await room.must({type: 'drain', on: false});
		await room.when('silence', () => room.store.getSnapshot().banners.every(({text}) => !text.startsWith('Stopping')));
		room.touch('go-a');
		room.touch('go-b');
		await room.when('both merges', () => ['a', 'b'].every(id => room.team().tasks.get(id)?.state === 'merged'));
		await room.must({type: 'add-task', title: 'd', id: 'd'});
		room.touch('go-d');
		await room.when('more work', () => room.team().tasks.get('d')?.state === 'merged');
	});
});
