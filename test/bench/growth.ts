import {randomUUID} from 'node:crypto';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Coordination} from '../../source/core/coordination.ts';
import {connectRedis, type RedisConnection} from '../../source/redis/connection.ts';
import {createCoordination} from '../../source/redis/coordination.ts';
import {startServer} from '../../source/redis/server.ts';
import {completion, submission} from '../helpers/coordination.ts';
import {type Figures, figures, head, line} from './stats.ts';

const ROOM = 'room:bench';
const ROUNDS = 200;
const FEW = 100;
const MANY = 100_000;

const timed = async (rounds: number, work: () => Promise<unknown>): Promise<Figures> => {
	const samples: number[] = [];
	for (let round = 0; round < rounds; round++) {
		const start = performance.now();
		await work();
		samples.push(performance.now() - start);
	}
	return figures(samples);
};

const load = async (team: Coordination, count: number): Promise<void> => {
	for (let from = 0; from < count; from += 1000)
		await Promise.all(
			Array.from({length: Math.min(1000, count - from)}, (_, index) =>
				team.submit(
					submission({title: `Task ${from + index} of many, with a title of usual length`, brief: 'What is to be done. '.repeat(40)}),
				),
			),
		);
};

const enrol = async (team: Coordination, from: number, to: number): Promise<readonly string[]> => {
	const ids = Array.from({length: to - from}, (_, index) => `agent:dev:${String(from + index + 1).padStart(3, '0')}`);
	await Promise.all(ids.map(id => team.register({id, role: 'developer', capabilities: [], room: ROOM, harness: 'shell', host: 'here'})));
	return ids;
};

const claim = (team: Coordination, agent: string) => team.claim({agent, room: ROOM, leaseMs: 600_000, nonce: 'bench', stages: ['develop']});

/** A claim with the end of its task after it, which is not timed: the queue stays as long as it is. */
const claims = async (team: Coordination, agent: string): Promise<Figures> => {
	const samples: number[] = [];
	for (let round = 0; round < ROUNDS; round++) {
		await team.submit(submission({}));
		const start = performance.now();
		const claimed = await claim(team, agent);
		samples.push(performance.now() - start);
		if (claimed.code !== 'ok') throw new Error(`a claim gave ${claimed.code}`);
		await team.complete(completion(claimed, {next: 'merged', nextRole: ''}));
	}
	return figures(samples);
};

/** What Redis itself spends on a call, as its own statistics say, ms. */
const spent = async (
	connection: RedisConnection,
	work: () => Promise<unknown>,
): Promise<{readonly work: Figures; readonly server: number}> => {
	await connection.call('CONFIG', 'RESETSTAT');
	const done = (await work()) as Figures;
	const stats = String(await connection.call('INFO', 'commandstats'));
	const [, calls, usec] = /cmdstat_evalsha:calls=(\d+),usec=(\d+)/.exec(stats) ?? [];
	return {work: done, server: Number(usec) / Number(calls) / 1000};
};

/** The state and a claim with a short and a long queue, on one server with AOF always; then a registry of a thousand agents. */
export const benchGrowth = async (print: (text: string) => void): Promise<void> => {
	const folder = mkdtempSync(join(tmpdir(), 'ar-bench-'));
	const server = await startServer({folder});
	const connection = await connectRedis({socketPath: server.socketPath});
	try {
		const team = createCoordination({connection, namespace: 'bench', newOpId: randomUUID});
		const agents = await enrol(team, 0, 51);
		await load(team, FEW + 150);
		for (const agent of agents.slice(1)) await claim(team, agent);
		const first = agents[0] ?? '';
		for (let round = 0; round < 100; round++) {
			const claimed = await claim(team, first);
			if (claimed.code === 'ok') await team.complete(completion(claimed, {next: 'merged', nextRole: ''}));
		}
		const fewSnapshots = await spent(connection, () => timed(ROUNDS, () => team.snapshot()));
		const fewClaims = await claims(team, first);
		await load(team, MANY - FEW);
		const manySnapshots = await spent(connection, () => timed(ROUNDS, () => team.snapshot()));
		const manyClaims = await claims(team, first);
		print(head(`Growth (${server.version}, AOF always, 50 agents at work, 100 merged, ${ROUNDS} rounds)`, `with ${FEW} queued`));
		print(line(`snapshot with ${FEW} queued`, fewSnapshots.work));
		print(line(`snapshot with ${MANY} queued (target: < 5 ms)`, manySnapshots.work, fewSnapshots.work));
		print(`  of it in Redis ${manySnapshots.server.toFixed(2)} ms a call, ${fewSnapshots.server.toFixed(2)} with ${FEW}`);
		print(line(`claim with ${FEW} queued`, fewClaims));
		print(line(`claim with ${MANY} queued (target: <= 1.2x)`, manyClaims, fewClaims));
		const all = [...agents, ...(await enrol(team, 51, 1000))];
		const beat = (ids: readonly string[]) => () => team.beat({room: ROOM, leaseMs: 600_000, ttlMs: 600_000, agents: ids, held: []});
		const fewBeats = await timed(ROUNDS, beat(all.slice(0, 50)));
		print(line('beat of 50 agents', fewBeats));
		print(line('beat of 1,000 agents', await timed(ROUNDS, beat(all)), fewBeats));
		print(line('snapshot with 1,000 agents', await timed(ROUNDS, () => team.snapshot()), manySnapshots.work));
	} finally {
		await connection.close();
		await server.stop();
		rmSync(folder, {recursive: true, force: true});
	}
};
