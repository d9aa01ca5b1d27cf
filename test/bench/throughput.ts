import {completion} from '../helpers/coordination.ts';
import {type BenchRedis, call, fill, withBenchRedis} from './bench-redis.ts';
import {createPeer} from './bullmq.ts';
import {figure, figures, head, line, median, verdict} from './stats.ts';

const ROUNDS = 3;
const CLAIMANTS = [1, 8, 50, 200];
const ONE_SET = "return redis.call('SET', KEYS[1], ARGV[1])";

type Round = {
	readonly perSecond: number;
	/** µs of CPU a task. */
	readonly node: number;
	readonly redis: number;
	/** Commands a task, those inside scripts included: a measure that no load on the machine moves. */
	readonly calls: number;
	readonly latencies: readonly number[];
};

/** Runs `count` pieces of work; what one costs this process and Redis, µs of CPU. */
const measured = async (redis: BenchRedis, count: number, work: () => Promise<number>, latencies: readonly number[]): Promise<Round> => {
	const before = {redis: await redis.cpu(), node: process.cpuUsage()};
	let ms = Number.NaN;
	const spent = await redis.spentIn(async () => {
		ms = await work();
	});
	const {user, system} = process.cpuUsage(before.node);
	const calls = [...spent].reduce((sum, [name, row]) => (name === 'evalsha' ? sum : sum + row.calls), 0);
	return {
		perSecond: (count / ms) * 1000,
		node: (user + system) / count,
		redis: ((await redis.cpu()) - before.redis) / count,
		calls: calls / count,
		latencies,
	};
};

/** All claimants over one connection, each claiming and completing without a pause until the queue is empty. */
const ours = async (redis: BenchRedis, claimants: number, count: number): Promise<Round> => {
	const {team, agents} = await redis.enrol(claimants);
	await fill(team, count);
	const latencies: number[] = [];
	const work = async (agent: string): Promise<void> => {
		for (;;) {
			const start = performance.now();
			const claimed = await team.claim(call(agent));
			if (claimed.code !== 'ok') return;
			latencies.push(performance.now() - start);
			await team.complete(completion(claimed, {next: 'merged', nextRole: ''}));
		}
	};
	return measured(
		redis,
		count,
		async () => {
			const start = performance.now();
			await Promise.all(agents.map(work));
			return performance.now() - start;
		},
		latencies,
	);
};

const bull = async (redis: BenchRedis, claimants: number, count: number): Promise<Round> => {
	const peer = createPeer(redis.socketPath);
	try {
		await peer.fill(count);
		return await measured(redis, count, () => peer.drain(count, claimants), []);
	} finally {
		await peer.close();
	}
};

/** Two scripts of one SET for every task: what claim and complete cannot be faster than. */
const bare = async (redis: BenchRedis, claimants: number, count: number): Promise<Round> => {
	const sha = String(await redis.connection.call('SCRIPT', 'LOAD', ONE_SET));
	let left = count;
	const work = async (key: string): Promise<void> => {
		while (left-- > 0) {
			await redis.connection.call('EVALSHA', sha, 1, key, left);
			await redis.connection.call('EVALSHA', sha, 1, key, left);
		}
	};
	return measured(
		redis,
		count,
		async () => {
			const start = performance.now();
			await Promise.all(Array.from({length: claimants}, (_, index) => work(`bench:${index}`)));
			return performance.now() - start;
		},
		[],
	);
};

/** Claim and complete under load beside two one-SET scripts a task and beside BullMQ, rounds in turn on one server with AOF always. */
export const benchThroughput = (print: (text: string) => void): Promise<void> =>
	withBenchRedis(async redis => {
		await ours(redis, 8, 500);
		await bull(redis, 8, 500);
		for (const claimants of CLAIMANTS) {
			const count = claimants === 1 ? 400 : 1500;
			const rounds: Record<'bare' | 'bull' | 'ours', Round[]> = {bare: [], bull: [], ours: []};
			for (let round = 0; round < ROUNDS; round++) {
				rounds.bare.push(await bare(redis, claimants, count));
				rounds.bull.push(await bull(redis, claimants, count));
				rounds.ours.push(await ours(redis, claimants, count));
			}
			const middle = (among: readonly Round[], name: 'calls' | 'node' | 'perSecond' | 'redis') => median(among.map(round => round[name]));
			const costs = (among: readonly Round[]) =>
				`   a task: ${middle(among, 'calls').toFixed(0)} commands, µs of CPU: Redis ${middle(among, 'redis').toFixed(0)}, Node ${middle(among, 'node').toFixed(0)}`;
			const peer = middle(rounds.bull, 'perSecond');
			const latency = figures(rounds.ours.flatMap(({latencies}) => latencies));
			print(head(`${claimants} claimants without a pause (${ROUNDS} rounds in turn, ${count} tasks each, one connection)`, 'BullMQ'));
			print(figure('two one-SET scripts a task', middle(rounds.bare, 'perSecond'), '/s', peer) + costs(rounds.bare));
			print(figure('BullMQ, one worker, as many at once', peer, '/s', peer) + costs(rounds.bull));
			print(figure('claim + complete', middle(rounds.ours, 'perSecond'), '/s', peer, {atLeast: 2}) + costs(rounds.ours));
			print(
				line('a claim under this load', latency) + (claimants === 50 ? `   p99 ${verdict(latency.p99, {atMost: 5, unit: ' ms'})}` : ''),
			);
		}
	});
