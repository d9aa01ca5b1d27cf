import {beforeEach} from 'vitest';
import type {RoomEvent} from '../../source/core/event/event.ts';
import type {LockAnswer} from '../../source/core/lock/lock.ts';
import type {Claimed, Coordination} from '../../source/core/team/coordination.ts';
import type {RedisConnection} from '../../source/redis/connection.ts';
import {coordinationOn, joins, submission, takes} from './coordination.ts';
import {serverOfFile} from './server-of-file.ts';

/** Four agents, `a` to `d`, each with a task; new ones for every test. */
export type LockHolders = {
	readonly team: Coordination;
	/** By the letter of the agent. */
	readonly leases: Readonly<Record<string, Claimed>>;
	/** A key of this test's namespace. */
	key(name: string): string;
	/** A command as anybody types it. */
	call: RedisConnection['call'];
	/** One more agent, or one of them anew, with a further task. */
	begin(name: string): Promise<void>;
	tokenOf(owner: string): string;
	/** Asks for a path under the owner's token. */
	ask(owner: string, path: string, waitMs?: number, ttlMs?: number): Promise<LockAnswer>;
	giveBack(owner: string, path: string): Promise<'ok' | 'stale' | 'gone'>;
	/** `owner path` of every lock. */
	holders(): Promise<readonly string[]>;
	/** `agent path` of every waiter, next one first. */
	waiting(): Promise<readonly string[]>;
	lastEvents(count: number): Promise<readonly RoomEvent[]>;
	/** Ends the owner's attempt. */
	release(owner: string): Promise<unknown>;
};

/** Starts a Redis for the tests of a file, and the agents anew for each of them. */
export const lockHolders = (): LockHolders => {
	const server = serverOfFile(['--appendfsync', 'no']);
	let team: Coordination;
	let leases: Record<string, Claimed>;

	const begin = async (name: string): Promise<void> => {
		await joins(team, name);
		await team.submit(submission({attempts: 9}));
		leases[name] = await takes(team, name);
	};
	beforeEach(async () => {
		team = coordinationOn(server.connection, server.newNamespace());
		leases = {};
		for (const name of ['a', 'b', 'c', 'd']) await begin(name);
	});

	const tokenOf = (owner: string): string => leases[owner]?.token ?? '';
	return {
		get team() {
			return team;
		},
		get leases() {
			return leases;
		},
		key: name => `${server.namespace}:${name}`,
		call: (command, ...args) => server.connection.call(command, ...args),
		begin,
		tokenOf,
		ask: (owner, path, waitMs = 60_000, ttlMs = 60_000) => team.lock({name: `path:${path}`, owner, token: tokenOf(owner), ttlMs, waitMs}),
		giveBack: (owner, path) => team.unlock({name: `path:${path}`, token: tokenOf(owner)}),
		holders: async () => [...(await team.snapshot()).team.locks.values()].map(({name, owner}) => `${owner} ${name.slice(5)}`).toSorted(),
		waiting: async () => [...(await team.snapshot()).team.waiters.values()].map(({name, agent}) => `${agent} ${name.slice(5)}`),
		lastEvents: async count => (await team.events('0-0', 10_000)).slice(-count),
		release: owner => team.release({task: leases[owner]?.task.id ?? '', token: tokenOf(owner), reason: '', to: '', fields: {}}),
	};
};
