import {randomUUID} from 'node:crypto';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {connectRedis} from '../../source/redis/connection.ts';
import {createCoordination} from '../../source/redis/coordination.ts';
import {startServer} from '../../source/redis/server.ts';
import {figures, head, line} from './stats.ts';

const ROUNDS = 1500;
const WARM_UP = 200;
const ONE_SET = "return redis.call('SET', KEYS[1], ARGV[1])";

const timed = async (samples: number[], work: () => Promise<unknown>): Promise<void> => {
	const start = performance.now();
	await work();
	samples.push(performance.now() - start);
};

/** A claim against a bare round trip and against a script that does one SET: one connection, one server with AOF always, in turn. */
export const benchClaims = async (print: (text: string) => void): Promise<void> => {
	const folder = mkdtempSync(join(tmpdir(), 'ar-bench-'));
	const server = await startServer({folder});
	const connection = await connectRedis({socketPath: server.socketPath});
	try {
		const coordination = createCoordination({connection, namespace: 'bench', newOpId: randomUUID});
		const agent = 'agent:dev:001';
		await coordination.register({id: agent, role: 'developer', capabilities: [], room: 'room:bench', harness: 'shell', host: 'here'});
		for (let index = 0; index < ROUNDS + WARM_UP; index++)
			await coordination.submit({
				id: '',
				title: `task ${index}`,
				brief: '',
				stage: 'develop',
				role: 'developer',
				priority: 50,
				needs: [],
				after: [],
				feature: '',
				attempts: 3,
				assigned: '',
			});
		const ping: number[] = [];
		const set: number[] = [];
		const claim: number[] = [];
		const complete: number[] = [];
		for (let index = 0; index < ROUNDS + WARM_UP; index++) {
			await timed(ping, () => connection.call('PING'));
			await timed(set, () => connection.call('EVAL', ONE_SET, '1', 'bench:one', String(index)));
			let token = '';
			let task = '';
			await timed(claim, async () => {
				const claimed = await coordination.claim({agent, room: 'room:bench', leaseMs: 15_000, nonce: 'bench', stages: ['develop']});
				if (claimed.code !== 'ok') throw new Error(`a claim gave ${claimed.code}`);
				token = claimed.token;
				task = claimed.task.id;
			});
			await timed(complete, () =>
				coordination.complete({
					task,
					agent,
					token,
					stage: 'develop',
					next: 'merged',
					nextRole: '',
					word: 'merged',
					fields: {},
					counts: 'none',
					delayMs: 0,
					text: '',
				}),
			);
		}
		const kept = (samples: number[]) => figures(samples.slice(WARM_UP));
		print(head(`Coordination (${server.version}, AOF always, unix socket, 1 claimant, ${ROUNDS} rounds in turn)`, 'one SET in a script'));
		print(line('bare round trip (PING)', kept(ping), kept(set)));
		print(line('script with one SET', kept(set)));
		print(line('claim (target: p50 <= 1.5x)', kept(claim), kept(set)));
		print(line('complete', kept(complete), kept(set)));
	} finally {
		await connection.close();
		await server.stop();
		rmSync(folder, {recursive: true, force: true});
	}
};
