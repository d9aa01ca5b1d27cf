import {completion} from '../helpers/coordination.ts';
import {call, fill, withBenchRedis} from './bench-redis.ts';
import {figures, head, line} from './stats.ts';

const ROUNDS = 1000;
const WARM_UP = 200;
const ONE_SET = "return redis.call('SET', KEYS[1], ARGV[1])";

const timed = async <Result>(samples: number[], work: () => Promise<Result>): Promise<Result> => {
	const start = performance.now();
	const result = await work();
	samples.push(performance.now() - start);
	return result;
};

/** A claim against a bare round trip and against a script that does one SET: one connection, one server with AOF always, in turn. */
export const benchClaims = (print: (text: string) => void): Promise<void> =>
	withBenchRedis(async ({version, connection, enrol}) => {
		const {team, agents} = await enrol(1);
		const agent = agents[0] ?? '';
		await fill(team, ROUNDS + WARM_UP);
		const sha = String(await connection.call('SCRIPT', 'LOAD', ONE_SET));
		const ping: number[] = [];
		const set: number[] = [];
		const claim: number[] = [];
		const complete: number[] = [];
		for (let index = 0; index < ROUNDS + WARM_UP; index++) {
			await timed(ping, () => connection.call('PING'));
			await timed(set, () => connection.call('EVALSHA', sha, 1, 'bench:one', index));
			const claimed = await timed(claim, () => team.claim(call(agent)));
			if (claimed.code !== 'ok') throw new Error(`a claim gave ${claimed.code}`);
			await timed(complete, () => team.complete(completion(claimed, {next: 'merged', nextRole: ''})));
		}
		const kept = (samples: number[]) => figures(samples.slice(WARM_UP));
		print(head(`Coordination (${version}, AOF always, unix socket, 1 claimant, ${ROUNDS} rounds in turn)`, 'one SET in a script'));
		print(line('bare round trip (PING)', kept(ping), kept(set)));
		print(line('script with one SET', kept(set)));
		print(line('claim', kept(claim), kept(set), {atMost: 1.5}));
		print(line('complete', kept(complete), kept(set)));
	});
