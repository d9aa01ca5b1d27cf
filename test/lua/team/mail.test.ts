import {beforeEach, describe, expect, test} from 'vitest';
import type {Claimed, Coordination} from '../../../source/core/team/coordination.ts';
import {reduce} from '../../../source/core/team/snapshot.ts';
import {coordinationOn, joins, submission, takes} from '../../helpers/coordination.ts';
import {serverOfFile} from '../../helpers/server-of-file.ts';

const A = 'agent:dev:001';
const B = 'agent:dev:002';
const server = serverOfFile(['--appendfsync', 'no']);
let team: Coordination;
let lease: Claimed;

beforeEach(async () => {
	team = coordinationOn(server.connection, server.newNamespace());
	for (const agent of [A, B]) await joins(team, agent);
	await team.submit(submission({id: 'one'}));
	lease = await takes(team, A);
});

const write = (text: string, token = lease.token, to = B) => team.sendMail({from: A, token, to, text});

describe('mail', () => {
	test('reaches its receiver with sender and task, oldest first, and is recorded', async () => {
		expect(await write('the schema is in docs/db.md')).toBe('ok');
		expect(await team.sendMail({from: 'whoever', token: '', to: B, text: 'stop for today'})).toBe('ok');
		expect(await team.unread(B)).toEqual([
			{id: expect.any(String), at: expect.any(Number), from: A, task: 'one', text: 'the schema is in docs/db.md'},
			{id: expect.any(String), at: expect.any(Number), from: '', task: '', text: 'stop for today'},
		]);
		expect(await team.unread(A)).toEqual([]);
		const [event] = (await team.events('0-0', 100)).slice(-2);
		expect(event).toMatchObject({type: 'mail_sent', agent: B, task: 'one', text: `${A}: the schema is in docs/db.md`});
	});

	test('needs the sender’s current token, and a receiver that exists', async () => {
		expect(await write('x', '9:other')).toBe('stale');
		expect(await write('x', lease.token, 'agent:dev:009')).toBe('gone');
		await team.release({task: 'one', token: lease.token, reason: '', to: '', fields: {}});
		expect(await write('x')).toBe('stale');
		expect(await team.unread(B)).toEqual([]);
		expect(await server.connection.call('EXISTS', `${server.namespace}:mail:agent:dev:009`)).toBe(0);
	});

	test('is read up to a mark that only its agent moves, and never back', async () => {
		for (const text of ['one', 'two', 'three']) await team.sendMail({from: '', token: '', to: A, text});
		const [first, second] = await team.unread(A);
		const mark = (upTo = '', token = lease.token) => team.readMail({agent: A, token, upTo});
		expect(await mark(second?.id, '9:other')).toBe('stale');
		expect((await team.unread(A)).length).toBe(3);
		expect(await mark(second?.id)).toBe('ok');
		expect((await team.unread(A)).map(({text}) => text)).toEqual(['three']);
		expect(await mark(first?.id)).toBe('ok');
		expect((await team.unread(A)).map(({text}) => text)).toEqual(['three']);
		await server.connection.call('HSET', `${server.namespace}:agents:status:${A}`, 'mailRead', 'nonsense');
		expect((await team.unread(A)).length).toBe(3);
	});

	test('folds into what a snapshot reads; a long text is cut between characters in the record, not in the mail', async () => {
		const before = (await team.snapshot()).team;
		const text = 'ü'.repeat(400);
		await write(text);
		const events = await team.events(before.streamId, 10);
		expect(events[0]?.text).toBe(`${A}: ${'ü'.repeat(150)}`);
		expect((await team.unread(B))[0]?.text).toBe(text);
		const [{id: upTo = ''} = {}] = await team.unread(B);
		await team.submit(submission());
		const {token} = await takes(team, B);
		await team.readMail({agent: B, token, upTo});
		const folded = reduce(before, await team.events(before.streamId, 100));
		const {team: read} = await team.snapshot();
		expect(folded.rawAgents.get(B)).toEqual(read.rawAgents.get(B));
		expect(read.rawAgents.get(B)).toMatchObject({mailAt: upTo, mailRead: upTo});
	});

	test('keeps about the last thousand', async () => {
		await Promise.all(Array.from({length: 1500}, (_, index) => team.sendMail({from: '', token: '', to: B, text: String(index)})));
		const kept = Number(await server.connection.call('XLEN', `${server.namespace}:mail:${B}`));
		expect(kept).toBeGreaterThanOrEqual(1000);
		expect(kept).toBeLessThan(1200);
	});
});
