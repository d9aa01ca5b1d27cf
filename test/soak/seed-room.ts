import {randomUUID} from 'node:crypto';
import process from 'node:process';
import {setTimeout as wait} from 'node:timers/promises';
import {Redis} from 'ioredis';
import {startAgent} from './agent.ts';
import {writeLine} from './ledger.ts';
import {filesOf, idOf, type Post, ROLES, workOf} from './plan.ts';
import {createRandom} from './random.ts';

/**
 * The control: the seed's commands as they are written down, by somebody who means well. BRPOP takes a task, SET NX EX locks it, the
 * registry says who works on what, SETEX says that an agent lives, and an orchestrator that hears of an expired heartbeat puts the task of
 * that agent back and drops its lock. The client is ioredis as it comes: it connects again, subscribes again and sends again by itself.
 * An XADD beside each PUBLISH is ours: the judge reads it.
 */
const {plan, slot, life} = JSON.parse(process.argv[2] ?? '') as Post;
const files = filesOf(plan.folder);
const random = createRandom(plan.seed * 1_000_003 + slot * 1009 + life);
process.once('disconnect', () => process.exit(0));

const connect = (): Redis => {
	const client = new Redis({path: files.proxy(slot), maxRetriesPerRequest: null, retryStrategy: times => Math.min(times * 50, 500)});
	client.on('error', () => undefined);
	return client;
};
const redis = connect();
const key = (name: string): string => `workflow:${name}`;

const submitAll = async (): Promise<void> => {
	const began = performance.now();
	for (let number = 0; number < plan.tasks; number++) {
		const due = plan.tasks / 3 + ((performance.now() - began) / 1000) * plan.submitRate;
		if (number > due) await wait(50);
		const id = idOf(number);
		await redis.lpush(key('tasks:pending'), `task:implement:${id}`);
		writeLine(files.ledger, 'submitted', id);
	}
	process.send?.('submitted');
};

/** An agent that comes back after its process died is a new one: its predecessor's heartbeat may expire in peace. */
const work = async (seat: string): Promise<void> => {
	const popping = connect();
	for (let number = 1; ; number++) {
		let isAlive = true;
		const id = `agent:dev:${seat}-${life}-${number}`;
		const agent = startAgent(id, files.ledger, () => {
			isAlive = false;
		});
		seats.set(seat, agent);
		const beat = (): void => {
			if (isAlive) void redis.psetex(key(`heartbeat:${id}`), plan.leaseMs, 'alive');
		};
		const beating = setInterval(beat, plan.leaseMs / 3);
		beat();
		await redis.hset(key('agents:registry'), id, JSON.stringify({status: 'active', task: ''}));
		while (isAlive) {
			const popped = await popping.brpop(key('tasks:pending'), 0);
			const entry = popped?.[1];
			const task = entry?.split(':').at(-1) ?? '';
			if (!entry || (await redis.set(key(`locks:task:${task}`), id, 'EX', 3600, 'NX')) !== 'OK') continue;
			const execution = randomUUID();
			await redis.hset(key('agents:registry'), id, JSON.stringify({status: 'working', task: entry}));
			// As much work as the three stages of the room are together: the chaos gets as long a look at each task.
			if (
				!(await agent.work(
					task,
					execution,
					'develop',
					workOf(plan, random) + workOf(plan, random, 'review') + workOf(plan, random, 'merge'),
				))
			)
				break;
			await redis
				.multi()
				.hset(key(`tasks:status:${task}`), 'status', 'completed', 'progress', '100%')
				.hset(key('agents:registry'), id, JSON.stringify({status: 'active', task: ''}))
				.publish(key('events:task_completed'), `task:${task}:completed`)
				.xadd(key('events'), '*', 'type', 'task_completed', 'task', task, 'agent', id, 'execution', execution)
				.exec();
			writeLine(files.ledger, 'accepted', task, {token: execution, agent: id});
		}
		clearInterval(beating);
	}
};
const seats = new Map<string, ReturnType<typeof startAgent>>();

/** Hears that a heartbeat has expired and reassigns what that agent worked on. */
const watch = async (): Promise<void> => {
	const listening = connect();
	listening.on('message', (_: string, expired: string) => {
		const prefix = key('heartbeat:');
		if (expired.startsWith(prefix)) void reassign(expired.slice(prefix.length));
	});
	await listening.subscribe('__keyevent@0__:expired');
};
const reassign = async (agent: string): Promise<void> => {
	const entry = await redis.hget(key('agents:registry'), agent);
	const {task = ''} = entry ? (JSON.parse(entry) as {readonly task?: string}) : {};
	await redis.hset(key('agents:registry'), agent, JSON.stringify({status: 'unreachable', task: ''}));
	if (!task) return;
	await redis.del(key(`locks:task:${task.split(':').at(-1)}`));
	await redis.lpush(key('tasks:pending'), task);
	await redis.publish(key('events:task_reassigned'), `${task}:pending`);
	await redis.xadd(key('events'), '*', 'type', 'task_reassigned', 'task', task, 'agent', agent);
};

if (slot === 0) await submitAll();
else if (slot > plan.rooms) await watch();
else for (const [index] of ROLES.entries()) void work(`${slot}${index}`);
process.on('message', (order: {readonly kill?: number; readonly stop?: number; readonly ms?: number}) => {
	const victims = [...seats.values()];
	if (order.kill !== undefined) victims[order.kill]?.kill();
	if (order.stop !== undefined) victims[order.stop]?.stop(order.ms ?? 0);
});
