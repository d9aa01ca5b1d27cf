import {type BenchRedis, call, fill, withBenchRedis} from './bench-redis.ts';
import {createPeer} from './bullmq.ts';
import {type Figures, figure, figures, head, line, median, type Target, verdict} from './stats.ts';

const ROUNDS = 3;
const CLAIMANTS = [1, 8, 50, 200];
/** The task is done with: as a job of BullMQ is completed. */
const DEVELOPED = {
	stage: 'develop',
	next: 'merged',
	nextRole: '',
	word: 'merged',
	fields: {commit: '1d4f2c6', branch: 'agent/user-auth'},
	counts: 'none',
	delayMs: 0,
	text: '',
} as const;
const ONE_SET = "return redis.call('SET', KEYS[1], ARGV[1])";

type Handed = {readonly task: string; readonly token: string};

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
	const calls = [...spent].reduce((sum, [name, row]) => (name === 'evalsha' || name === 'fcall' ? sum : sum + row.calls), 0);
	return {
		perSecond: (count / ms) * 1000,
		node: (user + system) / count,
		redis: ((await redis.cpu()) - before.redis) / count,
		calls: calls / count,
		latencies,
	};
};

/**
 * All claimants over one connection, each at work without a pause until the queue is empty: with a claim and a completion for every task, or
 * with completions that take the next one in the same step.
 */
const ours = async (redis: BenchRedis, claimants: number, count: number, takesNext: boolean): Promise<Round> => {
	const {team, agents} = await redis.enrol(claimants);
	await fill(team, count);
	const latencies: number[] = [];
	const claim = async (agent: string): Promise<Handed | undefined> => {
		const start = performance.now();
		const claimed = await team.claim(call(agent));
		if (claimed.code !== 'ok') return undefined;
		latencies.push(performance.now() - start);
		return {task: claimed.task.id, token: claimed.token};
	};
	const work = async (agent: string): Promise<void> => {
		for (let held = await claim(agent); held; ) {
			const completed = await team.complete({
				...held,
				...DEVELOPED,
				agent,
				nextCall: takesNext ? call(agent) : undefined,
			});
			if (completed.code !== 'ok') throw new Error(`a completion gave ${completed.code}`);
			held = takesNext ? completed.handed : await claim(agent);
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

/** Everybody asks at the same moment, as when a plan comes in: how long each waits for its task. */
const burst = async (redis: BenchRedis, claimants: number, bursts: number): Promise<Figures> => {
	const {team, agents} = await redis.enrol(claimants);
	await fill(team, claimants * bursts);
	const latencies: number[] = [];
	for (let index = 0; index < bursts; index++) {
		const held = await Promise.all(
			agents.map(async agent => {
				const start = performance.now();
				const claimed = await team.claim(call(agent));
				latencies.push(performance.now() - start);
				if (claimed.code !== 'ok') throw new Error(`a claim gave ${claimed.code}`);
				return {task: claimed.task.id, token: claimed.token, agent};
			}),
		);
		await Promise.all(held.map(lease => team.complete({...lease, ...DEVELOPED})));
	}
	return figures(latencies);
};

const bull = async (redis: BenchRedis, claimants: number, count: number): Promise<Round> => {
	const peer = createPeer(redis.address);
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
		await ours(redis, 8, 500, true);
		await bull(redis, 8, 500);
		for (const claimants of CLAIMANTS) {
			const count = claimants === 1 ? 300 : 1200;
			const ways = {
				bare: () => bare(redis, claimants, count),
				bull: () => bull(redis, claimants, count),
				two: () => ours(redis, claimants, count, false),
				one: () => ours(redis, claimants, count, true),
			};
			const rounds: Record<keyof typeof ways, Round[]> = {bare: [], bull: [], two: [], one: []};
			for (let round = 0; round < ROUNDS; round++)
				for (const name of ['bare', 'bull', 'two', 'one'] as const) rounds[name].push(await ways[name]());
			const middle = (name: keyof typeof ways, of: 'calls' | 'node' | 'perSecond' | 'redis') =>
				median(rounds[name].map(round => round[of]));
			const peer = middle('bull', 'perSecond');
			const row = (text: string, name: keyof typeof ways, target?: Target): string =>
				`${figure(text, middle(name, 'perSecond'), '/s', peer, target)}\n      a task: ${middle(name, 'calls').toFixed(0)} commands; µs of CPU: Redis ${middle(name, 'redis').toFixed(0)}, Node ${middle(name, 'node').toFixed(0)}`;
			const latency = figures(rounds.two.flatMap(({latencies}) => latencies));
			print(head(`${claimants} claimants without a pause (${ROUNDS} rounds in turn, ${count} tasks each, one connection)`, 'BullMQ'));
			print(row('two one-SET scripts a task', 'bare'));
			print(row('BullMQ, one worker, as many at once', 'bull'));
			print(row('claim, then complete', 'two'));
			print(row('complete and take the next in one step', 'one', {atLeast: claimants === 200 ? 2 : 1.2}));
			const claims = (text: string, of: Figures): void => {
				print(line(text, of));
				if (claimants === 50) print(`${figure('    p99', of.p99, 'ms')}   ${verdict(of.p99, {atMost: 5, unit: ' ms'})}`);
			};
			claims('a claim under this load', latency);
			if (claimants > 1) claims('a claim when all claim at once', await burst(redis, claimants, Math.ceil(1200 / claimants)));
		}
	});
