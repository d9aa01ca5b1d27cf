import {randomUUID} from 'node:crypto';
import {expect, test} from 'vitest';
import type {Coordination} from '../../source/core/team/coordination.ts';
import type {RedisConnection} from '../../source/redis/connection.ts';
import {callOffMove, type Move, moveQueue, movingTo, type Side} from '../../source/redis/move.ts';
import {completion, coordinationOn, joins, submission, takes} from '../helpers/coordination.ts';
import {serverOfFile} from '../helpers/server-of-file.ts';

const server = serverOfFile();
const ROOM = 'room:here';
const move: Move = {room: ROOM, newId: randomUUID, to: 'there', merge: 'push', text: 'the queue came from here', isNoted: true};

type Place = Side & {readonly team: Coordination};
const place = (): Place => {
	const namespace = server.newNamespace();
	return {connection: server.connection, namespace, team: coordinationOn(server.connection, namespace)};
};

/** A queue with a merged, a failed, a leased and two waiting tasks, of a room that has joined; without `leased` all have gone back. */
const fill = async ({team}: Place, isLeased = false): Promise<void> => {
	const joining = {room: `${ROOM}:1`, machine: 'm', boot: 'b', host: 'laptop', version: '1', base: 'main', test: 't', leaseMs: 9000};
	await team.joinTeam({...joining, ttlMs: 30_000, merge: 'local', replaces: ''});
	await joins(team, 'agent:dev:001', 'developer', [], `${ROOM}:1`);
	for (const title of ['merged', 'leased', 'waits']) await team.submit(submission({title, description: `${title} *?[]\\ é\n"x"`}));
	await team.submit(submission({id: 'later', title: 'later', after: ['t-3']}));
	const first = await takes(team, 'agent:dev:001', {room: `${ROOM}:1`});
	await team.complete(completion(first, {next: 'merged', nextRole: ''}));
	const second = await takes(team, 'agent:dev:001', {room: `${ROOM}:1`});
	if (!isLeased)
		await team.release({
			task: second.task.id,
			token: second.token,
			reason: 'the end',
			to: '',
			fields: {commit: 'abc'},
		});
	await team.leaveTeam(`${ROOM}:1`);
};

const tasksOf = async ({team}: Place) =>
	(await team.list('', 100)).tasks.map(({id, state, title, commit}) => [id, state, title, commit].join(' ')).toSorted();
const textsOf = async ({team}: Place): Promise<readonly string[]> => (await team.events('0-0', 1000)).map(({id, text}) => `${id} ${text}`);

/** Both places, of whose calls the one with this number is lost: before it is sent, or its answer. */
const losing = (at: number, isSent: boolean, ...places: readonly Place[]): readonly Place[] => {
	let calls = 0;
	const lost = async <Answer>(send: () => Promise<Answer>): Promise<Answer> => {
		const isLost = ++calls === at;
		if (isLost && !isSent) throw new Error('killed');
		const answer = await send();
		if (isLost) throw new Error('killed');
		return answer;
	};
	return places.map(one => ({
		...one,
		connection: {
			call: (...args: Parameters<RedisConnection['call']>) => lost(() => one.connection.call(...args)),
			run: (...args: Parameters<RedisConnection['run']>) => lost(() => one.connection.run(...args)),
		},
	}));
};

test('all of a queue goes along: tasks with their texts, the whole record, numbers; and rooms are kept from the place it has left', async () => {
	const [here, there] = [place(), place()];
	await fill(here);
	const [tasks, texts, task] = [await tasksOf(here), await textsOf(here), await here.team.task('t-2')];
	expect(await moveQueue(here, there, move)).toMatchObject({code: 'ok'});
	expect(await tasksOf(there)).toEqual(tasks);
	expect((await textsOf(there)).slice(0, -1)).toEqual(texts);
	expect(await there.team.task('t-2')).toEqual(task);
	expect((await there.team.submit(submission())).id).toBe('t-4');
	expect(await tasksOf(here)).toEqual([]);
	expect(await movingTo(here)).toBe('there');
	expect(await moveQueue(there, here, {...move, to: 'back', merge: 'local', isNoted: false})).toMatchObject({code: 'ok'});
	expect((await tasksOf(here)).filter(line => !line.startsWith('t-4'))).toEqual(tasks);
	expect(await movingTo(here)).toBe('');
	expect(await server.connection.call('KEYS', `${there.namespace}:*`)).toEqual([]);
});

test.each([false, true])(
	'killed at any step, each task is at one place, and doing it again ends the move (answers lost: %s)',
	async isSent => {
		for (let at = 1, isOver = false; !isOver; at++) {
			const [here, there] = [place(), place()];
			await fill(here);
			const tasks = await tasksOf(here);
			const [from, to] = losing(at, isSent, here, there);
			if (!from || !to) throw new Error('no places');
			const first = await moveQueue(from, to, move).catch((error: unknown) => error);
			isOver = !(first instanceof Error);
			const [left, arrived] = [await tasksOf(here), await tasksOf(there)];
			// What is left behind after it has arrived is closed: no room works on it.
			if (arrived.length > 0) expect(await movingTo(here), `call ${at}`).toBe('there');
			else expect(left, `call ${at}`).toEqual(tasks);
			expect(await moveQueue(here, there, move), `call ${at}`).toMatchObject({code: 'ok'});
			expect([await tasksOf(here), await tasksOf(there)], `call ${at}`).toEqual([[], tasks]);
			expect(at).toBeLessThan(40);
		}
	},
);

test('it is refused without a change while a task is assigned, another room is in the team, or the other place is in use', async () => {
	const [here, there, other] = [place(), place(), place()];
	await fill(here, true);
	expect(await moveQueue(here, there, move)).toEqual({code: 'leased', tasks: ['t-2']});
	expect(await moveQueue(here, there, {...move, room: 'room:other'})).toEqual({code: 'rooms', host: 'laptop'});
	await other.team.submit(submission({title: 'theirs'}));
	await fill(there);
	expect(await moveQueue(there, other, move)).toEqual({code: 'taken'});
	for (const one of [here, there]) expect(await movingTo(one)).toBe('');
	expect(await tasksOf(other)).toHaveLength(1);
});

test('one that has begun is ended at the same place or called off; until then no room joins', async () => {
	const [here, there, other] = [place(), place(), place()];
	await fill(here);
	const tasks = await tasksOf(here);
	const [from, to] = losing(6, true, here, there);
	if (!from || !to) throw new Error('no places');
	await expect(moveQueue(from, to, move)).rejects.toThrow('killed');
	expect(await moveQueue(here, other, {...move, to: 'other'})).toEqual({code: 'elsewhere', to: 'there'});
	const joining = {room: `${ROOM}:2`, machine: 'm', boot: 'b', host: 'laptop', version: '1', base: 'main', test: 't', leaseMs: 9000};
	expect(await here.team.joinTeam({...joining, ttlMs: 30_000, merge: 'local', replaces: ''})).toEqual({code: 'moving', to: 'there'});
	expect(await callOffMove(here, there)).toBe(true);
	expect(await tasksOf(here)).toEqual(tasks);
	expect(await server.connection.call('KEYS', `${there.namespace}:*`)).toEqual([]);
	expect(await here.team.joinTeam({...joining, ttlMs: 30_000, merge: 'local', replaces: ''})).toMatchObject({code: 'ok'});
});

test('a long record goes along in parts, with the places of what was trimmed long ago', async () => {
	const [here, there] = [place(), place()];
	for (let at = 0; at < 30; at++)
		await server.connection.call(
			'EVAL',
			"for i = 1, 200 do redis.call('XADD', KEYS[1], '*', 'type', 'x', 'task', '', 'agent', '', 'text', string.rep('é', 100) .. i) end",
			1,
			`${here.namespace}:events`,
		);
	await server.connection.call('XTRIM', `${here.namespace}:events`, 'MAXLEN', 5000);
	const before = (await server.connection.call('XINFO', 'STREAM', `${here.namespace}:events`)) as unknown[];
	const added = (info: unknown[]): unknown => info[info.indexOf('entries-added') + 1];
	expect(await moveQueue(here, there, move)).toMatchObject({code: 'ok'});
	const after = (await server.connection.call('XINFO', 'STREAM', `${there.namespace}:events`)) as unknown[];
	expect([added(before), added(after)]).toEqual([6000, 6001]);
	expect(await server.connection.call('XLEN', `${there.namespace}:events`)).toBe(5001);
});
