import {randomUUID} from 'node:crypto';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Coordination} from '../../source/core/team/coordination.ts';
import type {SocketAddress} from '../../source/redis/address.ts';
import {connectRedis, type RedisConnection} from '../../source/redis/connection.ts';
import {createCoordination} from '../../source/redis/coordination.ts';
import {startServer} from '../../source/redis/server/server.ts';
import {submission} from '../helpers/coordination.ts';

export const ROOM = 'room:bench';
export const LEASE_MS = 60_000;

/** The private server as the room starts it (unix socket, AOF always), with one connection, for the time of a benchmark. */
export type BenchRedis = {
	readonly version: string;
	readonly address: SocketAddress;
	readonly connection: RedisConnection;
	/** A team of its own: a fresh namespace with agents `agent:dev:001` and so on, none at work. */
	enrol(agents: number): Promise<{readonly team: Coordination; readonly namespace: string; readonly agents: readonly string[]}>;
	/** Calls of each command and µs spent in them while `work` runs, by the server's own statistics; those inside scripts are told besides. */
	spentIn(work: () => Promise<unknown>): Promise<ReadonlyMap<string, {readonly calls: number; readonly usec: number}>>;
	/** CPU of the server's process so far, µs. */
	cpu(): Promise<number>;
};

const amount = (info: string, name: string): number => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1] ?? Number.NaN);

/** Runs `work` beside a server that ends with it, its folder too. */
export const withBenchRedis = async (work: (redis: BenchRedis) => Promise<void>): Promise<void> => {
	const folder = mkdtempSync(join(tmpdir(), 'ar-bench-'));
	const server = await startServer({folder});
	const connection = await connectRedis(server.address, {commandTimeoutMs: 30_000});
	try {
		await work({
			version: server.version,
			address: server.address,
			connection,
			async enrol(count) {
				const namespace = `bench-${randomUUID().slice(0, 8)}`;
				const team = createCoordination({connection, namespace, newOpId: randomUUID});
				const agents = Array.from({length: count}, (_, index) => `agent:dev:${String(index + 1).padStart(3, '0')}`);
				await Promise.all(
					agents.map(id => team.register({id, role: 'developer', capabilities: [], room: ROOM, harness: 'shell', host: 'here'})),
				);
				return {team, namespace, agents};
			},
			async spentIn(measured) {
				await connection.call('CONFIG', 'RESETSTAT');
				await measured();
				const stats = String(await connection.call('INFO', 'commandstats'));
				const rows = stats.matchAll(/cmdstat_([^:]+):calls=(\d+),usec=(\d+)/g);
				return new Map([...rows].map(([, name = '', calls, usec]) => [name, {calls: Number(calls), usec: Number(usec)}]));
			},
			async cpu() {
				const info = String(await connection.call('INFO', 'cpu'));
				return (amount(info, 'used_cpu_user') + amount(info, 'used_cpu_sys')) * 1e6;
			},
		});
	} finally {
		connection.close();
		await server.stop();
		rmSync(folder, {recursive: true, force: true});
	}
};

/** Puts tasks for developers into the queue. */
export const fill = async (team: Coordination, count: number): Promise<void> => {
	for (let from = 0; from < count; from += 200)
		await team.submitAll(Array.from({length: Math.min(200, count - from)}, (_, index) => submission({title: `task ${from + index}`})));
};

/** What an agent of the benchmark asks for a task with. */
export const call = (agent: string) =>
	({agent, room: ROOM, leaseMs: LEASE_MS, nonce: randomUUID().slice(0, 8), stages: ['develop']}) as const;
