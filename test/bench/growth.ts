import process from 'node:process';
import type {Claimed, Coordination} from '../../source/core/team/coordination.ts';
import {completion, submission} from '../helpers/coordination.ts';
import {type BenchRedis, call, LEASE_MS, ROOM, withBenchRedis} from './bench-redis.ts';
import {type Figures, figure, figures, head, line, verdict} from './stats.ts';

const ROUNDS = 200;
const FEW = 100;
const MANY = 100_000;
const AT_ONCE = 500;
const AT_WORK = 50;
const CLAIM_ROUNDS = 15;

const load = async (team: Coordination, count: number): Promise<void> => {
	for (let from = 0; from < count; from += AT_ONCE)
		await team.submitAll(
			Array.from({length: Math.min(AT_ONCE, count - from)}, (_, index) =>
				submission({title: `Task ${from + index} of many, with a title of usual length`, description: 'What is to be done. '.repeat(40)}),
			),
		);
};

/** Milliseconds of a call, and what it costs both processes of CPU, which a busy machine changes least. */
type Cost = {readonly figures: Figures; readonly redisMs: number; readonly nodeMs: number};

const costOf = async (redis: BenchRedis, work: () => Promise<unknown>): Promise<Cost> => {
	const samples: number[] = [];
	await work();
	const before = {node: process.cpuUsage(), redis: await redis.cpu()};
	for (let round = 0; round < ROUNDS; round++) {
		const start = performance.now();
		await work();
		samples.push(performance.now() - start);
	}
	const {user, system} = process.cpuUsage(before.node);
	return {
		figures: figures(samples),
		redisMs: ((await redis.cpu()) - before.redis) / ROUNDS / 1000,
		nodeMs: (user + system) / ROUNDS / 1000,
	};
};

/** µs of Redis in a claim, by the server's own account, of all agents in turn; the tasks are ended and replaced between the rounds. */
const claimCost = async (redis: BenchRedis, team: Coordination, agents: readonly string[]): Promise<number> => {
	const samples: number[] = [];
	for (let round = 0; round < CLAIM_ROUNDS; round++) {
		const held: Claimed[] = [];
		const spent = await redis.spentIn(async () => {
			for (const agent of agents) {
				const claimed = await team.claim(call(agent));
				if (claimed.code === 'ok') held.push(claimed);
			}
		});
		if (held.length < agents.length) throw new Error(`${agents.length - held.length} claims gave nothing`);
		samples.push((spent.get('fcall')?.usec ?? Number.NaN) / agents.length);
		for (const claimed of held) await team.complete(completion(claimed, {next: 'merged', nextRole: ''}));
		await load(team, agents.length);
	}
	return figures(samples).p50;
};

/** Fills a record to its cap with entries of the usual size: one that is full trims as it grows, whatever the queue. */
const fillRecord = (redis: BenchRedis, namespace: string): Promise<unknown> =>
	redis.connection.call(
		'EVAL',
		"local f = {} for i = 1, 25 do f[#f + 1] = 't:field' .. i f[#f + 1] = '1764000000000' end for i = 1, 20100 do redis.call('XADD', KEYS[1], '*', unpack(f)) end",
		1,
		`${namespace}:events`,
	);

const cpuText = ({redisMs, nodeMs}: Cost): string => `    of it CPU: ${redisMs.toFixed(2)} ms in Redis, ${nodeMs.toFixed(2)} ms here`;

/** State and claim with a short and with a long queue, fifty agents at work and a hundred tasks merged; then a registry of a thousand. */
export const benchGrowth = (print: (text: string) => void): Promise<void> =>
	withBenchRedis(async redis => {
		const {team, agents} = await redis.enrol(AT_WORK + 1);
		const [free = ''] = agents;
		await load(team, FEW + AT_WORK + 100);
		for (const agent of agents.slice(1)) await team.claim(call(agent));
		for (let round = 0; round < 100; round++) {
			const claimed = await team.claim(call(free));
			if (claimed.code === 'ok') await team.complete(completion(claimed, {next: 'merged', nextRole: ''}));
		}
		const few = await costOf(redis, () => team.snapshot());
		await load(team, MANY - FEW);
		const many = await costOf(redis, () => team.snapshot());
		print(head(`Growth (${redis.version}, ${AT_WORK} agents at work, 100 merged, ${ROUNDS} rounds)`, `a queue of ${FEW}`));
		print(line(`snapshot with ${FEW} queued`, few.figures));
		print(cpuText(few));
		print(`${line(`snapshot with ${MANY} queued`, many.figures, few.figures)}   ${verdict(many.figures.p50, {atMost: 5, unit: ' ms'})}`);
		print(cpuText(many));
		const queue = await redis.enrol(100);
		await fillRecord(redis, queue.namespace);
		await load(queue.team, FEW + queue.agents.length);
		const fewClaim = await claimCost(redis, queue.team, queue.agents);
		await load(queue.team, MANY - FEW);
		const manyClaim = await claimCost(redis, queue.team, queue.agents);
		print(figure(`claim with ${MANY} queued`, manyClaim, 'µs of Redis', fewClaim, {atMost: 1.2}));
		const crowd = await redis.enrol(1000);
		const beat = (ids: readonly string[]) => () =>
			crowd.team.heartbeat({room: ROOM, leaseMs: LEASE_MS, ttlMs: LEASE_MS, agents: ids, held: []});
		const small = await costOf(redis, beat(crowd.agents.slice(0, 50)));
		print(line('beat of 50 agents', small.figures));
		print(line('beat of 1,000 agents', (await costOf(redis, beat(crowd.agents))).figures, small.figures));
		const whole = await costOf(redis, () => crowd.team.snapshot());
		print(line('snapshot with 1,000 agents and no task', whole.figures, few.figures));
		print(cpuText(whole));
	});
