import {beforeEach, describe, expect, test} from 'vitest';
import type {Coordination} from '../../source/core/team/coordination.ts';
import type {RedisConnection} from '../../source/redis/connection.ts';
import {createCoordination} from '../../source/redis/coordination.ts';
import {RedisLost} from '../../source/redis/errors.ts';
import {completion, coordinationOn, joins, nextOpId, submission, takes} from '../helpers/coordination.ts';
import {eventually, startTestRedis} from '../helpers/redis.ts';
import {serverOfFile} from '../helpers/server-of-file.ts';
import {slackMs} from '../helpers/wait.ts';

const server = serverOfFile();
let namespace = '';

beforeEach(() => {
	namespace = server.newNamespace();
});

/** A server.connection on which every script runs twice with the same arguments: the first answer is lost, the second is given. */
const twice = (inner: RedisConnection): RedisConnection => ({
	...inner,
	get isConnected() {
		return inner.isConnected;
	},
	async run(script, keys, args) {
		await inner.run(script, keys, args);
		return inner.run(script, keys, args);
	},
});
/** A server.connection on which the answer of each script is lost once. */
const losing = (inner: RedisConnection): RedisConnection => {
	let count = 0;
	return {
		...inner,
		get isConnected() {
			return inner.isConnected;
		},
		async run(script, keys, args) {
			const reply = await inner.run(script, keys, args);
			if (++count % 2 === 1) throw new RedisLost(true);
			return reply;
		},
	};
};

const story = async (team: Coordination): Promise<unknown[]> => {
	const replies: unknown[] = [];
	const note = async <T>(promise: Promise<T>): Promise<T> => {
		const reply = await promise;
		replies.push(reply);
		return reply;
	};
	await note(joins(team, 'agent:dev:001'));
	await note(joins(team, 'agent:rev:001', 'code-sentinel'));
	for (let index = 0; index < 4; index++) await note(team.submit(submission({attempts: 2})));
	const first = await takes(team, 'agent:dev:001');
	const held = {agent: 'agent:dev:001', task: first.task.id, token: first.token};
	replies.push(first.task.id, first.token.split(':')[0]);
	await note(team.progress(held, {progress: '50%'}, 'half'));
	await note(team.complete(completion(first, {next: 'review', nextRole: 'code-sentinel', fields: {commit: 'c1'}})));
	const review = await takes(team, 'agent:rev:001');
	await note(team.complete(completion(review, {next: 'develop', nextRole: 'developer', counts: 'rounds'})));
	const again = await takes(team, 'agent:dev:001');
	await note(
		team.fail({agent: again.task.owner, task: again.task.id, token: again.token, reason: 'r', feedback: '', delayMs: 0, fields: {}}),
	);
	const third = await takes(team, 'agent:dev:001');
	await note(team.release({task: third.task.id, token: third.token, reason: '', to: '', fields: {}}));
	const fourth = await takes(team, 'agent:dev:001');
	await note(team.reclaim({task: fourth.task.id, token: fourth.token, reason: '', isProven: true, counts: true, delayMs: 0, fields: {}}));
	await note(team.retry(fourth.task.id));
	await note(team.cancel('t-2', ''));
	await note(team.setWaitReason('t-3', 'why'));
	await note(team.lock({name: 'path:src', owner: 'agent:dev:001', token: '1:a', ttlMs: 60_000}));
	await note(team.unlock({name: 'path:src', token: '1:a'}));
	await note(team.control({paused: true}, 'a person'));
	await note(team.updateAgent('agent:dev:001', {doing: 'nothing'}, ''));
	const {team: state} = await team.snapshot();
	replies.push(
		[...state.tasks.values()].map(({id, state, failures, rounds, attempt, stage}) => ({id, state, failures, rounds, attempt, stage})),
	);
	replies.push(state.events.map(({type, task, agent, text}) => ({type, task, agent, text})));
	return replies.map(reply => JSON.parse(JSON.stringify(reply ?? null, (name, value) => (name === 'until' ? 0 : value))));
};

describe('sent again', () => {
	test.each([
		['twice', twice],
		['after its answer was lost', losing],
	])('every command %s has one effect and gives the first answer', async (_, wrapped) => {
		const once = await story(coordinationOn(server.connection, `${namespace}-once`));
		const again = await story(createCoordination({connection: wrapped(server.connection), namespace, newOpId: nextOpId}));
		expect(again).toEqual(once);
		expect(once.length).toBeGreaterThan(20);
	});

	test('a claim gives the same token, and a thousand equal submissions make one task', async () => {
		const fixed = createCoordination({connection: server.connection, namespace, newOpId: () => 'same'});
		const replies = await Promise.all(Array.from({length: 1000}, () => fixed.submit(submission())));
		expect(new Set(replies.map(reply => JSON.stringify(reply)))).toEqual(new Set(['{"code":"ok","id":"t-1"}']));
		const team = coordinationOn(server.connection, namespace);
		await joins(team, 'agent:dev:001');
		const claiming = createCoordination({connection: server.connection, namespace, newOpId: () => 'claim'});
		const claim = (nonce: string) => claiming.claim({agent: 'agent:dev:001', room: 'r1', leaseMs: 1000, nonce, stages: ['develop']});
		expect(await claim('second')).toMatchObject({code: 'ok', token: '1:second'});
		expect(await claim('second')).toMatchObject({code: 'ok', token: '1:second', task: {id: 't-1'}});
		expect((await team.events('0-0', 100)).map(({type}) => type)).toEqual(['task_submitted', 'agent_registered', 'task_claimed']);
	});

	test('answers are kept in one hash an hour that ends by itself', async () => {
		const team = coordinationOn(server.connection, namespace);
		for (let index = 0; index < 20; index++) await team.submit(submission());
		const keys = (await server.connection.call('KEYS', `${namespace}:ops:*`)) as string[];
		expect(keys.length).toBeLessThanOrEqual(2);
		expect(Number(await server.connection.call('TTL', keys[0] ?? ''))).toBeGreaterThan(24 * 3600);
	});

	test('an answer is kept for a day also in the hour of another clock that is nearly forgotten', async () => {
		const team = coordinationOn(server.connection, namespace);
		await team.submit(submission());
		const [hour = ''] = (await server.connection.call('KEYS', `${namespace}:ops:*`)) as string[];
		await server.connection.call('EXPIRE', hour, 60);
		await team.submit(submission());
		expect(Number(await server.connection.call('TTL', hour))).toBeGreaterThan(24 * 3600);
	});

	test('a plan of two thousand tasks is accepted once, with one answer; a larger one is refused whole', async () => {
		const fixed = createCoordination({connection: server.connection, namespace, newOpId: () => 'same'});
		const plan = Array.from({length: 2000}, () => submission());
		await expect(fixed.submitAll([...plan, submission()])).rejects.toThrow('at most 2000');
		const accepted = await fixed.submitAll(plan);
		expect(accepted.code === 'ok' && [accepted.ids.length, accepted.ids.at(-1)]).toEqual([2000, 't-2000']);
		expect(await fixed.submitAll(plan)).toEqual(accepted);
	});

	test('scripts that the server forgot are sent whole', async () => {
		const team = coordinationOn(server.connection, namespace);
		await team.submit(submission());
		await server.connection.call('SCRIPT', 'FLUSH');
		expect(await team.submit(submission())).toEqual({code: 'ok', id: 't-2'});
	});
});

describe('Redis killed in the middle of work', () => {
	test('nothing acknowledged is lost, nothing happens twice, and calls that were on the way end well', async () => {
		const own = await startTestRedis();
		try {
			const ownConnection = await own.connect();
			const team = coordinationOn(ownConnection);
			const accepted = new Set<string>();
			let isOver = false;
			const submitting = Array.from({length: 4}, async (_, worker) => {
				for (let index = 0; !isOver; index++) {
					const id = `w${worker}-${index}`;
					try {
						const reply = await team.submit(submission({id}));
						if (reply.code === 'ok') accepted.add(id);
						else throw new Error(`\`${id}\` was submitted once and is said to exist`);
					} catch (error) {
						if (!(error instanceof RedisLost)) throw error;
						if (error.wasSent) throw error;
						await new Promise(resolve => setTimeout(resolve, 2));
					}
				}
			});
			for (let round = 1; round <= 3; round++) {
				const before = accepted.size;
				await eventually(() => accepted.size > before + 50, 'work goes on');
				await own.kill();
				await own.restart();
			}
			await eventually(() => ownConnection.isConnected, 'the server.connection is back');
			isOver = true;
			await Promise.all(submitting);
			const {team: state} = await team.snapshot();
			const kept = await team.read([...accepted]);
			expect([...accepted].filter(id => !kept.has(id))).toEqual([]);
			const submitted = (await team.events('0-0', 100_000)).filter(({type}) => type === 'task_submitted').map(({task}) => task);
			expect(submitted.length).toBe(new Set(submitted).size);
			expect(state.counts.ready).toBe(new Set(submitted).size);
		} finally {
			await own.stop();
		}
	});

	test('while it is away a call fails at once, and listeners hear of loss and return', async () => {
		const own = await startTestRedis();
		try {
			const ownConnection = await own.connect();
			const heard: string[] = [];
			ownConnection.onLost(() => heard.push('lost'));
			ownConnection.onRestored(() => heard.push('restored'));
			const team = coordinationOn(ownConnection);
			const tailing = team.tail('0-0', 30_000).catch((error: unknown) => error);
			await own.kill();
			await eventually(() => heard.includes('lost'), 'the loss is heard');
			const startedAt = performance.now();
			await expect(team.submit(submission())).rejects.toMatchObject({name: 'RedisLost', wasSent: false});
			expect(performance.now() - startedAt).toBeLessThan(1000 + slackMs());
			expect(await tailing).toBeInstanceOf(RedisLost);
			await own.restart();
			await eventually(() => heard.includes('restored'), 'the return is heard');
			expect(await team.submit(submission())).toEqual({code: 'ok', id: 't-1'});
			expect((await team.tail('0-0', 5000)).map(({type}) => type)).toEqual(['task_submitted']);
			expect(heard).toEqual(['lost', 'restored']);
		} finally {
			await own.stop();
		}
	});
});
