import {describe, expect, test} from 'vitest';
import type {TasksPage} from '../../../source/core/protocol/output.ts';
import {follow} from '../../../source/socket/client.ts';
import {APPROVES, DEV_1, openEngine, WRITES} from '../../helpers/engine.ts';

describe('a room with a long queue', () => {
	test('knows its head by heart, counts it all, and finds, moves and works on what is far behind', async () => {
		const room = await openEngine({agents: {developer: WRITES, 'code-sentinel': APPROVES}});
		await room.must({type: 'freeze', on: true});
		const tasks = Array.from({length: 3000}, (_, index) => ({title: `task ${index}`, id: `n-${index}`}));
		expect(await room.ask({type: 'add-plan', tasks})).toMatchObject({ok: false, code: 'bad-plan'});
		for (const part of [tasks.slice(0, 1500), tasks.slice(1500)])
			expect(await room.ask({type: 'add-plan', tasks: part})).toMatchObject({ok: true});
		await room.when('all are counted', () => room.team().counts.ready === 3000);
		expect(room.team().tasks.size).toBeLessThan(2000);
		expect(room.team().tasks.has('n-0')).toBe(true);
		expect(await room.call({op: 'status'})).toMatchObject({data: {counts: {ready: 3000}}});

		const seen = new Set<string>();
		await follow(room.room.socketPath, {op: 'tasks'}, reply => {
			for (const {id} of (reply.data as TasksPage | undefined)?.tasks ?? []) seen.add(id);
		});
		expect(seen.size).toBe(3000);

		await room.redis('CLIENT', 'KILL', 'TYPE', 'normal');
		await room.when('it has begun anew with the head of the queue', () => room.team().tasks.size < 200);
		expect(room.team().counts.ready).toBe(3000);
		expect(room.team().tasks.has('n-2999')).toBe(false);
		expect(await room.call({op: 'explain', id: 'n-2999'})).toMatchObject({data: {why: 'everything is frozen', task: {title: 'task 2999'}}});
		for (let index = 0; index < 60; index++) await room.must({type: 'cancel-task', task: `n-${index}`});
		await room.when('it looks for more', () => room.team().tasks.has('n-150'));
		expect(room.team().counts).toMatchObject({ready: 2940, cancelled: 60});

		await room.must({type: 'reassign-task', task: 'n-2999', agent: DEV_1});
		await room.when('it is known', () => room.team().tasks.get('n-2999')?.assigned === DEV_1);
		expect(room.task('n-2999').title).toBe('task 2999');
		await room.must({type: 'freeze', on: false});
		await room.when('it is merged', () => room.task('n-2999').state === 'merged');
		await room.must({type: 'freeze', on: true});
		const {counts} = room.team();
		expect(counts.merged).toBeGreaterThanOrEqual(1);
		expect(counts.ready + counts.leased + counts.merged).toBe(2940);
	});
});
