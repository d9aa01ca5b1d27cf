import {setTimeout as wait} from 'node:timers/promises';
import {expect, test} from 'vitest';
import {connectRedis} from '../../source/redis/connection.ts';
import {loadScript} from '../../source/redis/scripts/table.ts';
import {addressOf} from '../../source/redis/server/credentials.ts';
import {testOfWhole} from '../helpers/cases.ts';
import {isRunning} from '../helpers/cleanup.ts';
import {coordinationOn, nextNonce, submission} from '../helpers/coordination.ts';
import {
	addTasks,
	attemptsOf,
	createSurvivalStory,
	expectNothingUnsaved,
	expectWhole,
	kill,
	mergesOf,
	redisOf,
	roomLog,
	set,
	stateFolder,
	testsOf,
} from '../helpers/survival.ts';
import {until} from '../helpers/wait.ts';

/** A small generator (mulberry32): the same seed gives the same moments and victims. */
const randomOf = (seed: number): (() => number) => {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
};

const TASKS = Array.from({length: 10}, (_, at) => `t${at}`);
const KILLS = 7;
const seed = Number(process.env.SURVIVAL_SEED) || Date.now() % 1_000_000;

// `npm test` has a soak of its own: two hundred tasks under kills of everything, with a judge (`test/soak/soak.test.ts`).
testOfWhole(`ten tasks come through kills at random moments (SURVIVAL_SEED=${seed})`, async () => {
	const random = randomOf(seed);
	const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
	const story = createSurvivalStory({attempts: 20, test: 'sleep 0.2; sh check.sh'});
	set(story, 'pace');
	await addTasks(story, ...TASKS);
	const start = () => story.start('run', '--until-empty', '--json');
	let running = start();
	const said: string[] = [];
	const victims = {
		agent: () => [pick(attemptsOf(story))?.pid ?? 0],
		room: () => [running.pid],
		redis: () => redisOf(story),
		test: () => testsOf(story),
		merge: () => mergesOf(story),
		all: () => [running.pid, ...redisOf(story), ...attemptsOf(story).map(({pid}) => pid)],
	};
	const names = Object.keys(victims) as (keyof typeof victims)[];
	const order = [...names, 'room' as const].toSorted(() => random() - 0.5);
	for (const name of Array.from({length: KILLS}, (_, at) => order[at % order.length] ?? 'room')) {
		await wait(200 + random() * 1000);
		// A victim that is not at work yet is waited for, unless the run ends first.
		const look = (): readonly number[] | undefined => {
			const pids = isRunning(running.pid) ? victims[name]().filter(pid => pid > 0) : [0];
			return pids.length > 0 ? pids : undefined;
		};
		const pids = await until(look, {everyMs: 5, what: () => `a ${name} to kill\n${running.output().slice(-2000)}`});
		if (!isRunning(running.pid)) break;
		said.push(`${name} ${pids.join(' ')}`);
		await kill(...pids);
		if (!isRunning(running.pid)) running = start();
	}
	const ended = await running.ended;
	const account = (): string => `${said.join('; ')}\n${ended.stdout.slice(-2000)}${ended.stderr}\n${roomLog(story)}`;
	expect(said.length, account()).toBeGreaterThan(3);
	expect(ended.code, account()).toBe(0);
	await expectWhole(story, TASKS);
	expectNothingUnsaved(story);
	expect(redisOf(story)).toEqual([]);
});

test('a claim whose answer never arrived is begun all the same, by the agent in whose name it was granted', async () => {
	const story = createSurvivalStory({lease: '900ms', developers: 1});
	const running = story.start('run', '--json');
	const isUp = async (): Promise<boolean> => {
		const {room, agents} = await story.status();
		return room !== null && agents.length === 4;
	};
	await until(isUp, {what: () => `the room with its team\n${roomLog(story)}`});
	const connection = await connectRedis(addressOf(`${stateFolder(story)}/redis`));
	try {
		const team = coordinationOn(connection);
		const room = (await team.snapshot()).team.agents.get('agent:dev:001')?.room ?? '';
		for (const name of ['close-agents', 'submit', 'claim']) await connection.call('SCRIPT', 'LOAD', loadScript(name).text);
		// Its room believes that it waits: the claim comes from elsewhere, as one whose answer was lost.
		const [, , claimed] = await Promise.all([
			team.closeAgents(['agent:dev:001']),
			team.submit(submission({id: 'lost'})),
			team.claim({agent: 'agent:dev:001', room, leaseMs: 900, nonce: nextNonce(), stages: ['develop']}),
		]);
		expect(claimed.code).toBe('ok');
		await until(async () => (await team.snapshot()).team.tasks.get('lost')?.state === 'merged', {
			what: () => `the lost task to be merged\n${running.output().slice(-3000)}\n${roomLog(story)}`,
		});
	} finally {
		connection.close();
	}
	await story.must('stop');
	await expectWhole(story, ['lost']);
});
