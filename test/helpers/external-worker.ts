import {beforeEach} from 'vitest';
import type {Agent} from '../../source/core/agent/agent.ts';
import {readEntry} from '../../source/core/intake/read.ts';
import type {Task} from '../../source/core/task/task.ts';
import type {Coordination, Swept} from '../../source/core/team/coordination.ts';
import type {RedisConnection} from '../../source/redis/connection.ts';
import {coordinationOn, joins} from './coordination.ts';
import {serverOfFile} from './server-of-file.ts';

/** A team of two developers in a namespace of its own, and somebody who types commands beside it. */
export type ExternalWorker = {
	readonly team: Coordination;
	readonly namespace: string;
	readonly connection: RedisConnection;
	/** A command as redis-cli would send it; the key without its namespace. */
	types(command: string, key: string, ...args: readonly (string | number)[]): Promise<unknown>;
	/** As a room does: one sweep, then every entry it named is accepted or refused. */
	sweeps(takers?: readonly string[]): Promise<Swept>;
	taskOf(id: string): Promise<Task | undefined>;
	agentOf(id: string): Promise<Agent | undefined>;
	ids(): Promise<readonly string[]>;
	/** The record as lines `type task agent text`. */
	told(): Promise<readonly string[]>;
};

export const externalWorkerIn = (connection: RedisConnection, namespace: string): ExternalWorker => {
	const team = coordinationOn(connection, namespace);
	const snapshot = async () => (await team.snapshot()).team;
	return {
		team,
		namespace,
		connection,
		types: (command, key, ...args) => connection.call(command, `${namespace}:${key}`, ...args),
		sweeps: async takers => {
			const swept = await team.sweep('', takers);
			for (const entry of swept.entries) {
				const read = readEntry(entry, {plan: 'off', attempts: 3});
				const code = read.ok ? (await team.acceptIntake(read.admission)).code : read.message;
				if (!read.ok || code === 'exists' || code === 'unknown') await team.rejectIntake(entry.mark, code);
			}
			return swept;
		},
		taskOf: async id => (await snapshot()).tasks.get(id),
		agentOf: async id => (await snapshot()).agents.get(id),
		ids: async () => [...(await snapshot()).tasks.keys()],
		told: async () => (await snapshot()).events.map(event => `${event.type} ${event.task} ${event.agent} ${event.text}`.trim()),
	};
};

/** For the tests of a file: one server, and for each of them a new namespace with `agent:dev:001` and `agent:dev:002`. */
export const besideATeam = (): (() => ExternalWorker) => {
	const server = serverOfFile();
	let current: ExternalWorker;
	beforeEach(async () => {
		current = externalWorkerIn(server.connection, server.newNamespace());
		await joins(current.team, 'agent:dev:001');
		await joins(current.team, 'agent:dev:002');
	});
	return () => current;
};
