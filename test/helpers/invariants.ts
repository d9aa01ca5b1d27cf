import {expect} from 'vitest';
import {FINAL_STATES, type Task} from '../../source/core/task/task.ts';
import type {Coordination} from '../../source/core/team/coordination.ts';
import {reduce, type TeamSnapshot} from '../../source/core/team/snapshot.ts';
import {countTasks} from '../../source/core/team/window.ts';
import type {RedisConnection} from '../../source/redis/connection.ts';
import {checkDependents, checkFeatures, checkTurns, checkWaiting} from './invariants-handing.ts';
import {checkQueue} from './invariants-locks.ts';
import {readStored, type Stored} from './stored.ts';

/** Every index of a namespace with its members. */
const placesOf = (stored: Stored): ReadonlyMap<string, string[]> => {
	const places = new Map<string, string[]>();
	const queues = stored.names('tasks:priority:').map(name => [name, 'ready'] as const);
	const indexes = (['delayed', 'failed', 'done', 'asking'] as const).map(name => [`tasks:${name}`, name] as const);
	for (const [name, place] of [...queues, ['leases', 'leased'] as const, ...indexes])
		for (const id of stored.members(name)) places.set(id, [...(places.get(id) ?? []), place]);
	return places;
};

const PLACE = {
	ready: 'ready',
	leased: 'leased',
	delayed: 'delayed',
	failed: 'failed',
	merged: 'done',
	planned: 'done',
	cancelled: 'done',
	blocked: undefined,
};

/** Landing behind the head of the train, under a token that was the head's: its holder is at the head, or was when that one ended. */
const hasJoined = (task: Task, {agents}: TeamSnapshot): boolean => task.stage === 'merge' && agents.get(task.owner)?.task !== task.id;

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
	const [stored, {team: read, now}, events] = await Promise.all([
		readStored(connection, namespace),
		team.snapshot(),
		team.events(folded.streamId, 10_000),
	]);
	const places = placesOf(stored);
	const live = new Set(stored.members('tasks:live'));
	expect(new Set(read.tasks.keys())).toEqual(accepted);
	for (const [id, task] of read.tasks) {
		const place = task.decision ? 'asking' : PLACE[task.state];
		expect([id, task.state, places.get(id) ?? []]).toEqual([id, task.state, place ? [place] : []]);
		expect([id, live.has(id)]).toEqual([id, !FINAL_STATES.includes(task.state)]);
		expect([id, task.state === 'blocked']).toEqual([id, task.decision !== '' || (task.waits > 0 && task.state !== 'cancelled')]);
		if (task.decision) expect([id, task.state, task.waits, task.waitReason !== '']).toEqual([id, 'blocked', 0, true]);
		expect([id, stored.text(`locks:task:${id}`)]).toEqual([id, task.state === 'leased' ? `${task.owner} ${task.token}` : undefined]);
		if (task.state !== 'leased') expect([id, task.owner, task.token]).toEqual([id, '', '']);
		else if (!hasJoined(task, read)) expect(read.agents.get(task.owner)).toMatchObject({task: id, token: task.token, stage: task.stage});
		expect(task.failures).toBeLessThanOrEqual(task.attempts);
		expect([id, task.authors.includes(task.reviewer)]).toEqual([id, false]);
	}
	const registered = stored.hash('agents:registry');
	for (const [id, agent] of read.agents) {
		if (agent.task) expect(read.tasks.get(agent.task)).toMatchObject({state: 'leased', owner: id});
		const registry = JSON.parse(registered.get(id) ?? '');
		expect(registry).toMatchObject({status: agent.status, task: agent.task, role: agent.role, capabilities: agent.capabilities});
	}
	const held: {readonly name: string; readonly owner: string}[] = [];
	for (const key of stored.names('locks:path:')) {
		const [owner = '', token] = (stored.text(key) ?? '').split(' ');
		held.push({name: key.slice('locks:'.length), owner});
		expect([key, read.agents.get(owner)?.token]).toEqual([key, token]);
	}
	checkQueue(held, [...read.waiters.values()]);
	for (const key of stored.names('tasks:priority:')) {
		const [queue = '', needs = ''] = key.slice('tasks:priority:'.length).split(':');
		const [index = '', entry] = queue.startsWith('@')
			? ['tasks:assigned', key.slice(key.indexOf('@') + 1)]
			: [`tasks:sets:${queue}`, needs];
		expect([key, stored.members(index).includes(entry ?? '')]).toEqual([key, true]);
	}
	checkTurns(stored, read);
	for (const index of stored.names('tasks:sets:'))
		for (const needs of stored.members(index)) {
			const queue = `${index.replace(':sets:', ':priority:')}:${needs}`;
			if (needs) expect([queue, stored.names(queue).includes(queue)]).toEqual([queue, true]);
		}
	checkWaiting(stored, read, isSwept ? now : 0);
	checkFeatures(stored, read);
	checkDependents(stored, read);
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
