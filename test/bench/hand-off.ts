import {submission} from '../helpers/coordination.ts';
import {type BenchRedis, call, LEASE_MS, ROOM, withBenchRedis} from './bench-redis.ts';
import {addOne, createPeer} from './bullmq.ts';
import {figures, head, line} from './stats.ts';

const SAMPLES = 150;
const ROUNDS = 3;
const WARM_UP = 20;

/** A way to wait for work: `offer` puts in one piece and resolves with the time at which a waiting one had it, ready for the next. */
type Waiting = {offer(): Promise<number>; close(): Promise<void>};

/** Resolved by a listener with the time of what is heard next. */
const hearing = () => {
	let resolve: ((at: number) => void) | undefined;
	return {
		next: () =>
			new Promise<number>(done => {
				resolve = done;
			}),
		hear: () => resolve?.(performance.now()),
	};
};

/** Connections that block on one list: what waiting for work costs Redis at the least. */
const popping = async ({connection}: BenchRedis, waiting: number): Promise<Waiting> => {
	const key = `bench:pop:${waiting}`;
	const {next, hear} = hearing();
	let isOpen = true;
	const blocked = await Promise.all(Array.from({length: waiting}, () => connection.duplicateBlocking()));
	for (const one of blocked)
		void (async () => {
			while (isOpen) {
				const reply = await one.call('BRPOP', key, 0).catch(() => undefined);
				if (reply) hear();
			}
		})();
	return {
		async offer() {
			const heard = next();
			await connection.call('LPUSH', key, 'task:implement:user-auth');
			return heard;
		},
		async close() {
			isOpen = false;
			for (const one of blocked) one.close();
		},
	};
};

/** A BullMQ worker that waits, as many at once as there are agents. */
const bull = async ({address}: BenchRedis, waiting: number): Promise<Waiting> => {
	const peer = createPeer(address);
	const {next, hear} = hearing();
	const completed = hearing();
	const worker = await peer.listen(waiting, hear);
	worker.on('completed', completed.hear);
	return {
		async offer() {
			const heard = next();
			const done = completed.next();
			await addOne(peer);
			const at = await heard;
			await done;
			return at;
		},
		close: () => peer.close(),
	};
};

/** A room with agents that wait: what is submitted is given to one of them in the same step, and the room reads so in the record. */
const ours = async (redis: BenchRedis, waiting: number): Promise<Waiting> => {
	const {team, agents} = await redis.enrol(waiting);
	const {next, hear} = hearing();
	const completed = hearing();
	let isOpen = true;
	await team.heartbeat({room: ROOM, leaseMs: LEASE_MS, ttlMs: LEASE_MS * 10, agents, held: []});
	for (const agent of agents) await team.claim({...call(agent), waits: true});
	const follow = async (): Promise<void> => {
		let since = (await team.snapshot()).team.streamId;
		while (isOpen)
			for (const {id, type, task, agent, taskFields} of await team.tail(since, 200)) {
				since = id;
				if (type !== 'task_claimed') continue;
				hear();
				const held = {task, agent, token: taskFields.token ?? '', stage: 'develop', word: 'merged'} as const;
				const rest = {next: 'merged', nextRole: '', fields: {}, counts: 'none', delayMs: 0, text: ''} as const;
				await team.complete({...held, ...rest, nextCall: call(agent)});
				completed.hear();
			}
	};
	const following = follow();
	return {
		async offer() {
			const heard = next();
			const done = completed.next();
			await team.submit(submission());
			const at = await heard;
			await done;
			return at;
		},
		async close() {
			isOpen = false;
			await following;
		},
	};
};

const sample = async (waiting: Waiting, into: number[], count: number): Promise<void> => {
	for (let index = 0; index < count; index++) {
		const start = performance.now();
		into.push((await waiting.offer()) - start);
	}
};

/** From putting a task in to the moment at which a waiting agent has it, beside BRPOP and BullMQ, rounds in turn on one server with AOF always. */
export const benchHandOff = (print: (text: string) => void): Promise<void> =>
	withBenchRedis(async redis => {
		for (const waiting of [1, 50]) {
			const ways = {pop: await popping(redis, waiting), bull: await bull(redis, waiting), ours: await ours(redis, waiting)};
			const samples = {pop: [] as number[], bull: [] as number[], ours: [] as number[]};
			const names = ['pop', 'bull', 'ours'] as const;
			for (const name of names) await sample(ways[name], [], WARM_UP);
			for (let round = 0; round < ROUNDS; round++) for (const name of names) await sample(ways[name], samples[name], SAMPLES / ROUNDS);
			for (const name of names) await ways[name].close();
			const [pop, peer, own] = [figures(samples.pop), figures(samples.bull), figures(samples.ours)];
			const rounds = `(${SAMPLES} samples, in turn)`;
			print(head(`Submit to one of ${waiting} waiting agents next to BRPOP ${rounds}`, 'BRPOP'));
			print(line('BRPOP, a connection each', pop));
			print(line('hand-off', own, pop, waiting === 50 ? {atMost: 1.4} : undefined));
			print(head(`Submit to one of ${waiting} waiting agents next to BullMQ ${rounds}`, 'BullMQ'));
			print(line('BullMQ, one worker, as many at once', peer));
			print(line('hand-off', own, peer, waiting === 50 ? {atMost: 0.5} : undefined));
		}
	});
