import {beforeEach, describe, expect, test} from 'vitest';
import type {Coordination} from '../../../source/core/team/coordination.ts';
import {completion, coordinationOn, joins, submission, takes} from '../../helpers/coordination.ts';
import {eventually} from '../../helpers/redis.ts';
import {serverOfFile} from '../../helpers/server-of-file.ts';

const server = serverOfFile();
let team: Coordination;
const name = 'repository:main';

beforeEach(() => {
	team = coordinationOn(server.connection, server.newNamespace());
});

/** Its answer's own fields where it was granted or held by another. */
const lock = async (owner: string, token = '', ttlMs = 60_000) => {
	const answer = await team.lock({name, owner, token, ttlMs});
	if (answer.code !== 'ok' && answer.code !== 'held') throw new Error(answer.code);
	return answer;
};
const shown = async () => (await team.snapshot()).team.locks.get(name);
const key = () => `${server.namespace}:locks:${name}`;

describe('locks', () => {
	test('one holder at a time; the same owner and token renew', async () => {
		const first = await lock('agent:merge:001', '1:a');
		expect(first).toMatchObject({code: 'ok', owner: 'agent:merge:001'});
		expect(await lock('agent:merge:002', '2:b')).toEqual({
			code: 'held',
			owner: 'agent:merge:001',
			until: first.until,
			name,
			since: expect.any(Number),
			isWaiting: false,
		});
		expect((await lock('agent:merge:001', '3:c')).code).toBe('held');
		const renewed = await lock('agent:merge:001', '1:a', 90_000);
		expect(renewed.code).toBe('ok');
		expect(renewed.until).toBeGreaterThan(first.until);
		expect(await shown()).toMatchObject({owner: 'agent:merge:001', until: renewed.until});
	});

	test('is given back with its token only, or by a person', async () => {
		expect(await team.unlock({name, token: ''})).toBe('gone');
		await lock('agent:merge:001', '1:a');
		expect(await team.unlock({name, token: '2:b'})).toBe('stale');
		expect(await team.unlock({name, token: '1:a'})).toBe('ok');
		await lock('agent:merge:002', '2:b');
		expect(await team.unlock({name, token: ''})).toBe('ok');
		expect(await shown()).toBeUndefined();
		expect((await lock('agent:merge:001', '1:a')).code).toBe('ok');
	});

	test('an outsider’s plain SET NX EX excludes us, is shown once met, and ours excludes it', async () => {
		await server.connection.call('SET', key(), 'agent:dev:777', 'NX', 'EX', 300);
		const held = await lock('agent:merge:001', '1:a');
		expect(held).toMatchObject({code: 'held', owner: 'agent:dev:777'});
		expect(await shown()).toMatchObject({owner: 'agent:dev:777', until: held.until});
		const met = (await team.events('0-0', 100)).length;
		await lock('agent:merge:001', '1:a');
		expect((await team.events('0-0', 100)).length).toBe(met);
		await server.connection.call('DEL', key());
		await lock('agent:merge:001', '1:a');
		expect(await server.connection.call('SET', key(), 'agent:dev:777', 'NX', 'EX', 300)).toBeNull();
		expect(await shown()).toMatchObject({owner: 'agent:merge:001'});
	});

	test('a lock that ended by itself leaves the screen with the next sweep; one that an outsider took over is shown as theirs', async () => {
		await lock('agent:merge:001', '1:a', 20);
		await eventually(async () => {
			await team.sweep();
			return (await shown()) === undefined;
		}, 'the lock ends');
		expect((await team.events('0-0', 100)).at(-1)).toMatchObject({type: 'lock_released', lockFields: {name, owner: ''}});
		await lock('agent:merge:001', '1:a', 20);
		await eventually(async () => (await server.connection.call('SET', key(), 'agent:dev:777', 'NX', 'EX', 300)) === 'OK', 'the lock ends');
		await eventually(async () => {
			await team.sweep();
			return (await shown())?.owner === 'agent:dev:777';
		}, 'the outsider is shown');
	});

	test('the lock of a task cannot be taken as a name, nor one without a kind', async () => {
		await expect(team.lock({name: 'task:t-1', owner: 'a', token: '', ttlMs: 1})).rejects.toThrow('task:t-1');
		await expect(team.lock({name: 'index', owner: 'a', token: '', ttlMs: 1})).rejects.toThrow('index');
	});

	test('what was locked under a token is given back in the step that ends its attempt, whatever ends it, and nothing else', async () => {
		await joins(team, 'agent:dev:001');
		await joins(team, 'agent:dev:002');
		const path = (token: string, area: string) => team.lock({name: `path:${area}`, owner: 'agent:dev:001', token, ttlMs: 60_000});
		const held = async () => [...(await team.snapshot()).team.locks.keys()].toSorted();
		const endings = [
			(task: string, token: string) => team.release({task, token, reason: '', to: '', fields: {}}),
			(task: string) => team.release({task, token: '', reason: '', to: '', fields: {}}),
			(task: string, token: string) => team.fail({task, agent: 'agent:dev:001', token, reason: '', feedback: '', delayMs: 0, fields: {}}),
			(task: string, token: string) => team.reclaim({task, token, reason: '', isProven: true, counts: false, delayMs: 0, fields: {}}),
			(task: string) => team.cancel(task, ''),
		];
		await team.submit(submission());
		const other = await takes(team, 'agent:dev:002');
		await team.lock({name: 'path:other', owner: 'agent:dev:002', token: other.token, ttlMs: 60_000});
		await server.connection.call('SET', `${server.namespace}:locks:path:plain`, 'agent:dev:001', 'NX', 'EX', 300);
		const met = {code: 'held', owner: 'agent:dev:001', name: 'path:plain'};
		expect(await team.lock({name: 'path:plain/x', owner: 'agent:dev:002', token: other.token, ttlMs: 1})).toMatchObject(met);
		for (const end of endings) {
			await team.submit(submission());
			const {task, token} = await takes(team, 'agent:dev:001');
			await path(token, 'a');
			await path(token, 'b');
			expect(await held()).toEqual(['path:a', 'path:b', 'path:other', 'path:plain']);
			await end(task.id, token);
			expect(await held()).toEqual(['path:other', 'path:plain']);
			await team.cancel(task.id, '');
		}
		await team.submit(submission());
		const claimed = await takes(team, 'agent:dev:001');
		await path(claimed.token, 'a');
		await team.complete(completion(claimed, {next: 'review', nextRole: 'code-sentinel'}));
		expect(await held()).toEqual(['path:other', 'path:plain']);
	});
});
