import {randomUUID} from 'node:crypto';
import {type Job, Queue, Worker} from 'bullmq';
import type {SocketAddress} from '../../source/redis/address.ts';

/** BullMQ on the same server, a queue of its own with prioritized jobs as our tasks are. Its strongest form: one worker, one connection, n at once. */
export type Peer = {
	readonly queue: Queue;
	readonly connection: {readonly path: string; readonly maxRetriesPerRequest: null};
	fill(count: number): Promise<void>;
	/** Milliseconds until `count` jobs are done, `concurrency` at once. */
	drain(count: number, concurrency: number): Promise<number>;
	/** A worker that calls `onJob` as soon as it is handed a job, ready and waiting. */
	listen(concurrency: number, onJob: () => void): Promise<Worker>;
	/** A worker without a processor, with as many jobs taken by hand. */
	waitReason(count: number): Promise<{readonly worker: Worker; readonly jobs: readonly Job[]}>;
	close(): Promise<void>;
};

const OPTIONS = {priority: 50, attempts: 3};

export const createPeer = ({socketPath, ...credentials}: SocketAddress): Peer => {
	const connection = {path: socketPath, ...credentials, maxRetriesPerRequest: null};
	const name = `peer-${randomUUID().slice(0, 8)}`;
	const queue = new Queue(name, {connection});
	const workers: Worker[] = [];
	const employ = (processor: (() => Promise<string>) | undefined, concurrency: number): Worker => {
		const worker = new Worker(name, processor, {connection, concurrency});
		workers.push(worker);
		return worker;
	};
	return {
		queue,
		connection,
		async fill(count) {
			for (let from = 0; from < count; from += 500)
				await queue.addBulk(
					Array.from({length: Math.min(500, count - from)}, (_, index) => ({
						name: 'task',
						data: {title: `task ${from + index}`, description: '', role: 'developer'},
						opts: OPTIONS,
					})),
				);
		},
		async drain(count, concurrency) {
			const start = performance.now();
			let done = 0;
			const worker = employ(async () => 'ok', concurrency);
			await new Promise<void>((resolve, reject) => {
				worker.on('completed', () => {
					done++;
					if (done === count) resolve();
				});
				worker.on('error', reject);
			});
			return performance.now() - start;
		},
		async listen(concurrency, onJob) {
			const worker = employ(async () => {
				onJob();
				return 'ok';
			}, concurrency);
			await worker.waitUntilReady();
			return worker;
		},
		async waitReason(count) {
			const worker = employ(undefined, 1);
			const jobs: Job[] = [];
			for (let taken = 0; taken < count; taken++) {
				const job = await worker.getNextJob(`token-${taken}`);
				if (job) jobs.push(job);
			}
			return {worker, jobs};
		},
		async close() {
			await Promise.all(workers.map(worker => worker.close(true)));
			await queue.close();
		},
	};
};

/** The job that tells a waiting worker of it. */
export const addOne = (peer: Peer): Promise<Job> => peer.queue.add('task', {title: 'a task', description: '', role: 'developer'}, OPTIONS);
