import {beforeEach, describe, expect, test} from 'vitest';
import type {Coordination} from '../../source/core/team/coordination.ts';
import {EVENTS_KEPT, reduce} from '../../source/core/team/snapshot.ts';
import {coordinationOn, joins, submission, takes} from '../helpers/coordination.ts';
import {serverOfFile} from '../helpers/server-of-file.ts';

const server = serverOfFile(['--appendfsync', 'no']);
let team: Coordination;

beforeEach(() => {
	team = coordinationOn(server.connection, server.newNamespace());
});

const submitMany = async (count: number): Promise<void> => {
	await Promise.all(Array.from({length: count}, () => team.submit(submission())));
};

describe('a snapshot', () => {
	test('of nothing is empty, and the first event folds onto it', async () => {
		const {team: empty, now} = await team.snapshot();
		expect(empty).toMatchObject({streamId: '0-0', control: {paused: false, drained: false, frozen: false}});
		expect([empty.tasks.size, empty.agents.size, empty.locks.size, empty.events.length]).toEqual([0, 0, 0, 0]);
		expect(now).toBeGreaterThan(1_700_000_000_000);
		await team.submit(submission({title: 'login'}));
		expect(reduce(empty, await team.events('0-0', 10)).tasks.get('t-1')?.title).toBe('login');
	});

	test('keeps the newest events, oldest first, and the tail goes on from its id', async () => {
		await submitMany(EVENTS_KEPT + 20);
		const {team: state} = await team.snapshot();
		expect(state.events.length).toBe(EVENTS_KEPT);
		expect([state.events[0]?.task, state.events.at(-1)?.task, state.events.at(-1)?.id]).toEqual([
			't-21',
			`t-${EVENTS_KEPT + 20}`,
			state.streamId,
		]);
		const waiting = team.tail(state.streamId, 10_000);
		await team.control({paused: true}, 'lunch');
		expect((await waiting).map(({type, text}) => [type, text])).toEqual([['control_changed', 'lunch']]);
		expect(await team.tail((await team.snapshot()).team.streamId, 20)).toEqual([]);
	});

	test('has no long text, which is read for one task; of a feedback it has the end', async () => {
		await team.submit(submission({id: 'x', description: 'b'.repeat(200_000)}));
		await joins(team, 'agent:dev:001');
		const claimed = await takes(team, 'agent:dev:001');
		expect(claimed.task.description).toHaveLength(200_000);
		const feedback = `${'ü'.repeat(100_000)} the end`;
		await team.fail({task: 'x', agent: 'agent:dev:001', token: claimed.token, reason: 'no', feedback, delayMs: 0, fields: {}});
		const {team: state} = await team.snapshot();
		expect(Object.keys(state.rawTasks.get('x') ?? {})).not.toEqual(expect.arrayContaining(['description', 'feedback']));
		expect(state.tasks.get('x')?.last).toMatch(/^ü{290,300} the end$/);
		expect(JSON.stringify(await team.events('0-0', 10)).length).toBeLessThan(20_000);
		expect(await team.task('x')).toMatchObject({feedback, description: 'b'.repeat(200_000), state: 'ready'});
		expect([...(await team.read(['x', 'nowhere', 'not an id'])).keys()]).toEqual(['x']);
		expect(await team.task('nowhere')).toBeUndefined();
	});

	test('a list in pages has every task once, whatever ends and begins between them', async () => {
		await submitMany(130);
		const seen: string[] = [];
		let cursor = '';
		do {
			const page = await team.list(cursor, 50);
			seen.push(...page.tasks.map(({id}) => id));
			if (cursor === '') for (const id of ['t-50', 't-60', 't-1']) await team.cancel(id, 'between');
			({cursor} = page);
		} while (cursor !== '');
		expect(new Set(seen)).toEqual(new Set(Array.from({length: 130}, (_, index) => `t-${index + 1}`)));
	});

	test('shows what an outsider wrote into a status field', async () => {
		await team.submit(submission({id: 'user-auth'}));
		await server.connection.call('HSET', `${server.namespace}:tasks:status:user-auth`, 'progress', '50%');
		expect((await team.snapshot()).team.tasks.get('user-auth')?.progress).toBe('50%');
	});

	test('field names from outside cannot reach the prototype of anything', async () => {
		await team.submit(submission({id: 'x'}));
		await server.connection.call('HSET', `${server.namespace}:tasks:status:x`, '__proto__', 'bad', 'constructor', 'bad');
		const fields = (await team.snapshot()).team.rawTasks.get('x');
		expect(Object.getPrototypeOf(fields)).toBeNull();
		expect(Object.keys(fields ?? {})).toContain('__proto__');
	});
});
