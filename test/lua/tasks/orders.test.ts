import {beforeEach, describe, expect, test} from 'vitest';
import type {Coordination} from '../../../source/core/team/coordination.ts';
import {claims, completion, coordinationOn, joins, submission, takes} from '../../helpers/coordination.ts';
import {serverOfFile} from '../../helpers/server-of-file.ts';

const server = serverOfFile();
let team: Coordination;

beforeEach(async () => {
	team = coordinationOn(server.connection, server.newNamespace());
	await joins(team, 'agent:dev:001');
	await joins(team, 'agent:rev:001', 'code-sentinel');
	await team.submit(submission({id: 't'}));
});
const taskOf = async (id: string) => (await team.snapshot()).team.tasks.get(id);

describe('a person’s orders', () => {
	test('a task that went on to the next stage while a person looked is not kept for an agent that cannot take it', async () => {
		const claimed = await takes(team, 'agent:dev:001');
		await team.complete(completion(claimed, {next: 'review', nextRole: 'code-sentinel'}));
		const late = {task: 't', token: '', reason: 'asked', to: 'agent:dev:001', fields: {}};
		expect(await team.release(late)).toBe('stale');
		expect(await team.release({...late, token: claimed.token})).toBe('stale');
		expect(await taskOf('t')).toMatchObject({stage: 'review', state: 'ready', assigned: ''});
	});

	test('a task kept for a developer is any reviewer’s in review, and his again when it comes back', async () => {
		await team.release({task: 't', token: '', reason: '', to: 'agent:dev:001', fields: {}});
		const claimed = await takes(team, 'agent:dev:001');
		await team.complete(completion(claimed, {next: 'review', nextRole: 'code-sentinel'}));
		expect(await taskOf('t')).toMatchObject({assigned: ''});
		const review = await takes(team, 'agent:rev:001');
		await team.complete(completion(review, {next: 'develop', nextRole: 'developer', counts: 'rounds'}));
		expect(await taskOf('t')).toMatchObject({assigned: 'agent:dev:001'});
	});

	test('why a landing waits is kept over a release that says it, and cleared by any other', async () => {
		const first = await takes(team, 'agent:dev:001');
		await team.release({task: 't', token: first.token, reason: '', to: '', fields: {waitReason: 'landing waits'}});
		expect(await taskOf('t')).toMatchObject({waitReason: 'landing waits'});
		const second = await takes(team, 'agent:dev:001');
		await team.release({task: 't', token: second.token, reason: '', to: '', fields: {}});
		expect(await taskOf('t')).toMatchObject({waitReason: ''});
	});

	test('a task that is delayed after a failure is not ready before its time, however often the sweep looks', async () => {
		const claimed = await takes(team, 'agent:dev:001');
		const failure = {task: 't', agent: 'agent:dev:001', token: claimed.token, reason: 'no', feedback: '', fields: {}};
		await team.fail({...failure, delayMs: 600_000});
		for (let look = 0; look < 3; look++) await team.sweep();
		expect(await taskOf('t')).toMatchObject({state: 'delayed'});
		expect(await claims(team, 'agent:dev:001')).toEqual({code: 'none'});
	});

	test('a task that is moved comes before the other, in their queue and after a requeue, and a claim takes it first', async () => {
		await team.submitAll([submission({id: 'u'}), submission({id: 'v'})]);
		expect(await team.reorder('v', 'u')).toEqual({code: 'ok', id: ''});
		expect(await team.reorder('v', 'u')).toEqual({code: 'same', id: ''});
		expect(await team.reorder('v', 't')).toMatchObject({code: 'ok'});
		const order = [await takes(team, 'agent:dev:001')];
		expect(await team.reorder('u', 'v')).toEqual({code: 'leased', id: 'v'});
		expect(await team.reorder('nowhere', 'u')).toEqual({code: 'gone', id: 'nowhere'});
		await joins(team, 'agent:dev:002');
		await joins(team, 'agent:dev:003');
		order.push(await takes(team, 'agent:dev:002'), await takes(team, 'agent:dev:003'));
		expect(order.map(({task}) => task.id)).toEqual(['v', 't', 'u']);
		const pages = await team.list('', 10);
		expect(pages.tasks.map(({id}) => id)).toEqual(['t', 'u', 'v']);
	});

	test('a dead task that had been moved keeps its turn, and its page in the list, when it is queued again', async () => {
		await team.submit(submission({id: 'u', attempts: 1}));
		await team.reorder('u', 't');
		const claimed = await takes(team, 'agent:dev:001');
		await team.fail({task: 'u', agent: claimed.task.owner, token: claimed.token, reason: 'no', feedback: '', delayMs: 0, fields: {}});
		expect(await team.retry('u')).toBe('ok');
		expect((await team.list('', 10)).tasks.map(({id}) => id)).toEqual(['t', 'u']);
		expect((await takes(team, 'agent:dev:001')).task.id).toBe('u');
	});

	test('a priority is changed while a task waits, and each point is worth a minute', async () => {
		await team.submit(submission({id: 'u'}));
		const before = await taskOf('u');
		expect(await team.setPriority('u', 95)).toBe('ok');
		expect(await team.setPriority('u', 95)).toBe('same');
		expect(await taskOf('u')).toMatchObject({priority: 95, score: (before?.score ?? 0) - 45 * 60_000});
		expect((await takes(team, 'agent:dev:001')).task.id).toBe('u');
		expect(await team.setPriority('u', 20)).toBe('leased');
		expect(await team.setPriority('nowhere', 20)).toBe('gone');
		for (const priority of [-1, 101, 1.5, Number.NaN]) await expect(team.setPriority('t', priority)).rejects.toThrow(TypeError);
	});

	test('a drain holds back what nobody has begun; what came back from review is developed to its end', async () => {
		const claimed = await takes(team, 'agent:dev:001');
		await team.control({drained: true}, '');
		await team.submit(submission({id: 'new', priority: 100}));
		await team.complete(completion(claimed, {next: 'review', nextRole: 'code-sentinel'}));
		expect(await claims(team, 'agent:dev:001')).toEqual({code: 'drained'});
		const review = await takes(team, 'agent:rev:001');
		await team.complete(completion(review, {next: 'develop', nextRole: 'developer', counts: 'rounds'}));
		expect((await takes(team, 'agent:dev:001')).task.id).toBe('t');
	});
});
