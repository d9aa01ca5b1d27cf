import {expect} from 'vitest';
import type {Coordination} from '../../source/core/coordination.ts';
import {reduce, type TeamSnapshot} from '../../source/core/snapshot.ts';
import {FINAL_STATES, type Task} from '../../source/core/task.ts';
import {countTasks} from '../../source/core/window.ts';
import type {RedisConnection} from '../../source/redis/connection.ts';
import {checkDependents, checkFeatures, checkTurns, checkWaiting} from './invariants-handing.ts';
import {checkQueue} from './invariants-locks.ts';

const words = async (connection: RedisConnection, command: string, ...args: (string | number)[]): Promise<string[]> =>
	((await connection.call(command, ...args)) as unknown[]).map(String);

/** Every index of a namespace with its members, read as an outsider would: not through the scripts. */
const placesOf = async (connection: RedisConnection, namespace: string): Promise<ReadonlyMap<string, string[]>> => {
	const places = new Map<string, string[]>();
	const note = (id: string, place: string): void => void places.set(id, [...(places.get(id) ?? []), place]);
	const queues = (await words(connection, 'KEYS', `${namespace}:tasks:priority:*`)).map(key => [key, 'ready'] as const);
	const indexes = [
		['leases', 'leased'] as const,
		...(['delayed', 'dead', 'done', 'asking'] as const).map(name => [`tasks:${name}`, name] as const),
	];
	const all = [...queues, ...indexes.map(([name, place]) => [`${namespace}:${name}`, place] as const)];
	const members = await Promise.all(all.map(([key]) => words(connection, 'ZRANGE', key, 0, -1)));
	for (const [index, [, place]] of all.entries()) for (const id of members[index] ?? []) note(id, place);
	return places;
};

const PLACE = {
	ready: 'ready',
	leased: 'leased',
	delayed: 'delayed',
	dead: 'dead',
	merged: 'done',
	planned: 'done',
	cancelled: 'done',
	blocked: undefined,
};

/** Landing behind the head of the train, under a token that was the head's: its holder is at the head, or was when that one ended. */
const isBoarded = (task: Task, {agents}: TeamSnapshot): boolean => task.stage === 'merge' && agents.get(task.owner)?.task !== task.id;

/** Fields that change without an event: renewals and beats. */
const comparable = (raw: ReadonlyMap<string, Readonly<Record<string, string>>>): Record<string, unknown> =>
	Object.fromEntries([...raw].map(([id, fields]) => [id, {...fields, leaseUntil: '', beatAt: ''}]));

/**
 * What must hold after every command: each accepted task stands in exactly the one place that its state names; only leased ones have an owner, a
 * token, a lock and an agent that knows of it; path locks that overlap have one holder, whose task goes on; no token was issued twice; the
 * counts are those of the tasks; folding the record gives what a snapshot reads. For fewer than a hundred tasks: it knows them all by heart.
 */
export const checkInvariants = async (
	team: Coordination,
	connection: RedisConnection,
	namespace: string,
	accepted: ReadonlySet<string>,
	{folded, isSwept}: {readonly folded: TeamSnapshot; readonly isSwept: boolean},
): Promise<TeamSnapshot> => {
	const [places, {team: read, now}, liveIds, events, registered] = await Promise.all([
		placesOf(connection, namespace),
		team.snapshot(),
		words(connection, 'ZRANGE', `${namespace}:tasks:live`, 0, -1),
		team.events(folded.streamId, 10_000),
		words(connection, 'HGETALL', `${namespace}:agents:registry`),
	]);
	const live = new Set(liveIds);
	const named = [...read.tasks.keys()];
	const taskLocks =
		named.length === 0 ? [] : ((await connection.call('MGET', ...named.map(id => `${namespace}:locks:task:${id}`))) as unknown[]);
	expect(new Set(read.tasks.keys())).toEqual(accepted);
	for (const [id, task] of read.tasks) {
		const place = task.asks ? 'asking' : PLACE[task.state];
		expect([id, task.state, places.get(id) ?? []]).toEqual([id, task.state, place ? [place] : []]);
		expect([id, live.has(id)]).toEqual([id, !FINAL_STATES.includes(task.state)]);
		expect([id, task.state === 'blocked']).toEqual([id, task.asks !== '' || (task.waits > 0 && task.state !== 'cancelled')]);
		if (task.asks) expect([id, task.state, task.waits, task.hold !== '']).toEqual([id, 'blocked', 0, true]);
		expect([id, taskLocks[named.indexOf(id)]]).toEqual([id, task.state === 'leased' ? `${task.owner} ${task.token}` : null]);
		if (task.state !== 'leased') expect([id, task.owner, task.token]).toEqual([id, '', '']);
		else if (!isBoarded(task, read)) expect(read.agents.get(task.owner)).toMatchObject({task: id, token: task.token, stage: task.stage});
		expect(task.failures).toBeLessThanOrEqual(task.attempts);
		expect([id, task.authors.includes(task.reviewer)]).toEqual([id, false]);
	}
	for (const [id, agent] of read.agents) {
		if (agent.task) expect(read.tasks.get(agent.task)).toMatchObject({state: 'leased', owner: id});
		const registry = JSON.parse(registered[registered.indexOf(id) + 1] ?? '');
		expect(registry).toMatchObject({status: agent.status, task: agent.task, role: agent.role, capabilities: agent.capabilities});
	}
	const held: {readonly name: string; readonly owner: string}[] = [];
	for (const key of await words(connection, 'KEYS', `${namespace}:locks:path:*`)) {
		const [owner = '', token] = String(await connection.call('GET', key)).split(' ');
		held.push({name: key.slice(`${namespace}:locks:`.length), owner});
		expect([key, read.agents.get(owner)?.token]).toEqual([key, token]);
	}
	checkQueue(held, [...read.waiters.values()]);
	for (const key of await words(connection, 'KEYS', `${namespace}:tasks:priority:*`)) {
		const [queue = '', needs = ''] = key.slice(`${namespace}:tasks:priority:`.length).split(':');
		const index = queue.startsWith('@') ? ['tasks:assigned', key.slice(key.indexOf('@') + 1)] : [`tasks:sets:${queue}`, needs];
		expect([key, await connection.call('SISMEMBER', `${namespace}:${index[0]}`, index[1] ?? '')]).toEqual([key, 1]);
	}
	await checkTurns(connection, namespace, read);
	for (const index of await words(connection, 'KEYS', `${namespace}:tasks:sets:*`))
		for (const needs of await words(connection, 'SMEMBERS', index)) {
			const queue = `${index.replace(':sets:', ':priority:')}:${needs}`;
			if (needs) expect([queue, await connection.call('EXISTS', queue)]).toEqual([queue, 1]);
		}
	await checkWaiting(connection, namespace, read, isSwept ? now : 0);
	await Promise.all([checkFeatures, checkDependents].map(check => check(connection, namespace, read)));
	expect(read.counts).toEqual(countTasks(read.tasks.values()));
	const next = reduce(folded, events);
	expect(next.streamId).toBe(read.streamId);
	expect(comparable(next.rawTasks)).toEqual(comparable(read.rawTasks));
	expect(comparable(next.rawAgents)).toEqual(comparable(read.rawAgents));
	expect(next.counts).toEqual(read.counts);
	expect(next.control).toEqual(read.control);
	expect(Object.fromEntries(next.features)).toEqual(Object.fromEntries(read.features));
	expect(Object.fromEntries(next.locks)).toEqual(Object.fromEntries(read.locks));
	expect([...next.waiters]).toEqual([...read.waiters]);
	return next;
};
