import {type Agent, parseAgent} from '../../core/agent/agent.ts';
import {foldSpending} from '../../core/cost/spending.ts';
import {parseEvent, type RoomEvent} from '../../core/event/event.ts';
import {type Lock, type LockAnswer, type Waiter, waiterKey} from '../../core/lock/lock.ts';
import {parseFeature} from '../../core/plan/feature.ts';
import {parseTask, type Task} from '../../core/task/task.ts';
import type {Expired, Lease, Mail, Swept} from '../../core/team/coordination.ts';
import {emptySnapshot, foldControl, type TeamSnapshot} from '../../core/team/snapshot.ts';
import {parseCounts} from '../../core/team/window.ts';

const isEmptyTable = (reply: unknown): boolean =>
	typeof reply === 'object' && reply !== null && !Array.isArray(reply) && Object.keys(reply).length === 0;

/** A reply as a list; throws for anything else. Lua's JSON encodes an empty list as {}. */
export const listOf = (reply: unknown): readonly unknown[] => {
	if (isEmptyTable(reply)) return [];
	if (!Array.isArray(reply)) throw new TypeError('Redis answered something that is not a list.');
	return reply;
};

/** A reply as a list of texts. */
export const wordsOf = (reply: unknown): readonly string[] => listOf(reply).map(String);

/** The first word of a reply; throws unless the script documents it. */
export const wordOf = <Word extends string>(reply: unknown, ...known: readonly Word[]): Word => {
	const [first] = wordsOf(reply);
	const word = known.find(candidate => candidate === first);
	if (!word) throw new TypeError(`Redis answered \`${first}\`, which is none of ${known.join(', ')}.`);
	return word;
};

/** Flat names and values as a record without prototype: field names may be hostile. */
export const fieldsOf = (reply: unknown): Record<string, string> => {
	const flat = listOf(reply);
	const fields: Record<string, string> = Object.create(null);
	for (let index = 0; index + 1 < flat.length; index += 2) fields[String(flat[index])] = String(flat[index + 1]);
	return fields;
};

/** Splits a flat list into rows of `width`. */
export const rowsOf = (reply: unknown, width: number): readonly (readonly unknown[])[] => {
	const flat = listOf(reply);
	return Array.from({length: Math.floor(flat.length / width)}, (_, row) => flat.slice(row * width, (row + 1) * width));
};

export const packedOf = (reply: unknown): unknown => JSON.parse(String(reply));

/** Alternating ids and fields. */
export const recordsOf = (reply: unknown): ReadonlyMap<string, Readonly<Record<string, string>>> =>
	new Map(rowsOf(reply, 2).map(([id, fields]) => [String(id), fieldsOf(fields)] as const));

export const eventsOf = (reply: unknown): readonly RoomEvent[] =>
	listOf(reply).map(entry => {
		const [id, fields] = listOf(entry);
		return parseEvent(String(id), wordsOf(fields));
	});

/** Entries of a `mail:` stream. External workers may write them, so any field may be missing. */
export const mailOf = (reply: unknown): readonly Mail[] =>
	listOf(reply).map(entry => {
		const [id, fields] = listOf(entry);
		const {from = '', task = '', text = ''} = fieldsOf(fields);
		return {id: String(id), at: Number(String(id).split('-')[0]), from, task, text};
	});

/** Leases as alternating agent, task and token. */
export const heldOf = (reply: unknown): readonly Lease[] =>
	rowsOf(reply, 3).map(([agent, task, token]) => ({agent: String(agent), task: String(task), token: String(token)}));

const expiredOf = (reply: unknown): readonly Expired[] =>
	rowsOf(reply, 7).map(([task, agent, token, leaseUntil, room, agentBeat, roomBeat]) => ({
		task: String(task),
		agent: String(agent),
		token: String(token),
		leaseUntil: Number(leaseUntil),
		room: String(room),
		agentBeat: Number(agentBeat),
		roomBeat: Number(roomBeat),
	}));

/** The result of a sweep. */
export const sweptOf = (reply: unknown): Swept => {
	const [now, expired, rooms, entries, isMore, externalWorkers, externalLeases] = listOf(reply);
	return {
		now: Number(now),
		expired: expiredOf(expired),
		rooms: rowsOf(rooms, 3).map(([room, beat, leaseMs]) => ({room: String(room), beat: Number(beat), leaseMs: Number(leaseMs)})),
		entries: rowsOf(entries, 3).map(([mark, score, text]) => ({
			mark: String(mark),
			score: score === '' ? undefined : Number(score === 'inf' ? Infinity : score === '-inf' ? -Infinity : score),
			text: String(text),
		})),
		isMore: isMore === '1',
		externalWorkers: rowsOf(externalWorkers, 3).map(([agent, stamp, ttlMs]) => ({
			agent: String(agent),
			stamp: String(stamp),
			ttlMs: Number(ttlMs),
		})),
		externalLeases: rowsOf(externalLeases, 7).map(([task, agent, token, lockUntil, ttlMs, word, branch]) => ({
			task: String(task),
			agent: String(agent),
			token: String(token),
			lockUntil: Number(lockUntil),
			ttlMs: Number(ttlMs),
			word: String(word),
			branch: String(branch),
		})),
	};
};

/** A claimed task from the `claim` script's two JSON texts: status as an object, long texts as a flat list. */
export const claimedFields = (status: unknown, texts: unknown): Readonly<Record<string, string>> => {
	const fields = fieldsOf(packedOf(texts));
	const read = packedOf(status);
	if (typeof read !== 'object' || read === null) throw new TypeError('Redis answered a task that is no object.');
	for (const [name, value] of Object.entries(read)) if (name !== 'id' && name !== 'was') fields[name] = String(value);
	return fields;
};

const readLocks = (reply: unknown): ReadonlyMap<string, Lock> =>
	new Map(
		rowsOf(reply, 4).map(([name, owner, until, takenAt]) => [
			String(name),
			{name: String(name), owner: String(owner), until: Number(until), takenAt: Number(takenAt)},
		]),
	);

const readWaiters = (reply: unknown): ReadonlyMap<string, Waiter> =>
	new Map(
		rowsOf(reply, 4)
			.map(([name, agent, since, until]) => ({name: String(name), agent: String(agent), since: Number(since), until: Number(until)}))
			.map(waiter => [waiterKey(waiter), waiter] as const),
	);

/** The snapshot script's state at its stream id, with agents' heartbeats and server time, epoch ms. */
export const readSnapshot = (reply: unknown): {team: TeamSnapshot; beats: ReadonlyMap<string, number>; now: number} => {
	const [now, streamId, control, agents, locks, events, tasks, counts, features] = listOf(packedOf(reply));
	const rawTasks = recordsOf(tasks);
	const agentRows = rowsOf(agents, 3).map(([id, fields, beat]) => ({id: String(id), fields: fieldsOf(fields), beat: Number(beat)}));
	return {
		team: {
			streamId: String(streamId),
			at: Number(now),
			tasks: new Map<string, Task>([...rawTasks].map(([id, fields]) => [id, parseTask(id, fields)])),
			counts: parseCounts(fieldsOf(counts)),
			features: new Map([...recordsOf(features)].map(([id, fields]) => [id, parseFeature(id, fields)])),
			agents: new Map<string, Agent>(agentRows.map(({id, fields}) => [id, parseAgent(id, fields)])),
			locks: readLocks(listOf(locks)[0]),
			waiters: readWaiters(listOf(locks)[1]),
			control: foldControl(emptySnapshot.control, fieldsOf(control)),
			spending: foldSpending(emptySnapshot.spending, fieldsOf(control)),
			events: [...eventsOf(events)].reverse(),
			rawTasks,
			rawAgents: new Map(agentRows.map(({id, fields}) => [id, fields])),
		},
		beats: new Map(agentRows.map(({id, beat}) => [id, beat])),
		now: Number(now),
	};
};

/** The reply of the `lock` script. */
export const lockAnswer = (reply: readonly string[]): LockAnswer => {
	const code = wordOf(reply, 'ok', 'held', 'waiting', 'deadlock', 'full', 'stale');
	const [, first = '', second = '', third = '', fourth = '', fifth = ''] = reply;
	switch (code) {
		case 'ok':
			return {code, owner: first, until: Number(second), fence: Number(third)};
		case 'held':
			return {code, owner: first, until: Number(second), name: third, since: Number(fourth), isWaiting: fifth === '1'};
		case 'waiting':
			return {code, position: Number(first), owner: second, name: third, since: Number(fourth)};
		case 'deadlock':
			return {code, ring: rowsOf(reply.slice(1), 2).map(([agent, name]) => ({agent: String(agent), name: String(name)}))};
		case 'full':
			return {code};
		case 'stale':
			return {code, reason: first === 'unlocked' ? 'unlocked' : 'superseded'};
	}
};
