import {randomBytes, randomUUID} from 'node:crypto';
import process from 'node:process';
import {setTimeout as wait} from 'node:timers/promises';
import type {RoomEvent} from '../../source/core/event/event.ts';
import type {Call, Lease} from '../../source/core/team/coordination.ts';
import {connectRedis, type RedisConnection} from '../../source/redis/connection.ts';
import {createCoordination} from '../../source/redis/coordination.ts';
import {isWriting} from '../../source/room/redis/writes.ts';
import {createLiveness} from '../../source/room/team/liveness.ts';
import {type Agent, startAgent} from './agent.ts';
import {type Attempt, runAttempt, STAGE_OF} from './attempt.ts';
import {createCommits, createMerging} from './git-lines.ts';
import {mutated} from './mutants.ts';
import {filesOf, type Post, ROLES} from './plan.ts';
import {createRandom} from './random.ts';
import {submitAll} from './submit.ts';

/** A room of the soak: the product's connection, scripts and rules around agents that do next to nothing. Started and broken by chaos.ts. */
const {plan, slot, name, life} = JSON.parse(process.argv[2] ?? '') as Post;
const files = filesOf(plan.folder);
const random = createRandom(plan.seed * 1_000_003 + slot * 1009 + life);
const room = `room:soak-${name}:${life}`;
const {leaseMs} = plan;
process.once('disconnect', () => process.exit(0));

const connect = async (): Promise<RedisConnection> => {
	for (;;) {
		try {
			return mutated(await connectRedis({socketPath: files.proxy(slot)}), plan.mutant);
		} catch {
			await wait(100);
		}
	}
};
const connection = await connect();
const team = createCoordination({connection, newOpId: randomUUID});
const whenConnected = async (): Promise<void> => {
	do await wait(50);
	while (!connection.isConnected);
};
const retryUntilWritten = isWriting({whenConnected, isRunning: () => true, onRefused: () => undefined});

if (slot === 0) {
	await submitAll(team, plan, files.ledger, random, retryUntilWritten);
	process.send?.('submitted');
	await new Promise(() => undefined);
}

const roles = new Map<string, (typeof ROLES)[number]>(ROLES.map((role, index) => [`agent:${role}:${name}-${index}`, role] as const));
const agents = new Map<string, Agent>();
const attempts = new Map<string, Attempt>();
const claiming = new Set<string>();
/** Agents that wait in Redis to be handed a task: nobody asks for them again, so a task that is not handed over is seen to be lost. */
let waiting: ReadonlySet<string> = new Set();
/** Tokens that were begun here: a lease of which an answer, the stream and a beat tell begins once. */
const begun = new Set<string>();
/** What the stream told of an agent that was not done yet. */
const offers = new Map<string, Lease>();

const commits = createCommits(files.repository, files.scratch, `${slot}-${life}`);
const mergeCandidate = createMerging(files.repository);
/** As in the product: what a program does is claimed when it may be done, all others take their next task with their last answer, or wait. */
const isProgram = (id: string): boolean => roles.get(id) === 'repository-guardian';
const callOf = (id: string): Call => ({leaseMs, nonce: randomBytes(8).toString('hex'), stages: [STAGE_OF[roles.get(id) ?? 'developer']]});

const begin = async (agent: Agent, attempt: Attempt): Promise<void> => {
	if (begun.has(attempt.token)) return;
	begun.add(attempt.token);
	attempts.set(agent.id, attempt);
	waiting = new Set([...waiting].filter(id => id !== agent.id));
	const nextCall = isProgram(agent.id) ? undefined : callOf(agent.id);
	const completed = await runAttempt(attempt, {
		team,
		agent,
		plan,
		random,
		ledger: files.ledger,
		retryUntilWritten,
		commits,
		mergeCandidate,
		nextCall,
	});
	attempts.delete(agent.id);
	const handed = completed?.handed ? {...completed.handed, agent: agent.id} : offers.get(agent.id);
	offers.delete(agent.id);
	if (handed) void beginHanded(handed);
	else if (completed && nextCall) waiting = new Set([...waiting, agent.id]);
	else void claimFor(agent.id);
};

const beginHanded = async (held: Lease): Promise<void> => {
	const {agent: id, token} = held;
	if (begun.has(token)) return;
	if (claiming.has(id) || attempts.has(id)) {
		offers.set(id, held);
		return;
	}
	claiming.add(id);
	try {
		const task = await team.task(held.task);
		const agent = agents.get(id);
		if (agent && task?.token === token) void begin(agent, {...held, stage: task.stage, commit: task.commit});
	} catch {
		// The next beat tells of the lease again.
	} finally {
		claiming.delete(id);
	}
};

const claimFor = async (id: string): Promise<void> => {
	const agent = agents.get(id);
	if (!agent?.isAlive() || attempts.has(id) || claiming.has(id) || waiting.has(id) || !connection.isConnected) return;
	claiming.add(id);
	try {
		const claimed = await team.claim({...callOf(id), agent: id, room, waits: !isProgram(id)});
		if (claimed.code === 'ok') {
			const {task, token} = claimed;
			void begin(agent, {agent: id, task: task.id, token, stage: task.stage, commit: task.commit});
		} else if (claimed.code === 'none' && !isProgram(id)) waiting = new Set([...waiting, id]);
	} catch {
		// Redis is away, or the answer is lost for good: the beat tells of a lease that came of it.
	} finally {
		claiming.delete(id);
	}
	const offer = offers.get(id);
	offers.delete(id);
	if (offer && !attempts.has(id)) void beginHanded(offer);
};

const employ = (id: string): void => {
	agents.set(
		id,
		startAgent(id, files.ledger, () => {
			// What it worked on is taken back by its attempt, which sees the death too.
			employ(id);
			void claimFor(id);
		}),
	);
};

const beat = async (): Promise<void> => {
	const held = [...attempts.values()];
	const known = new Set(held.map(attempt => attempt.token));
	const wereAsking = new Set(claiming);
	const beaten = await team.heartbeat({room, leaseMs, ttlMs: Math.max(30_000, leaseMs * 2), agents: [...roles.keys()], held});
	const isAsking = (id: string): boolean => wereAsking.has(id) || claiming.has(id);
	waiting = new Set([...beaten.waiting.filter(id => !isAsking(id) && !attempts.has(id)), ...[...waiting].filter(isAsking)]);
	for (const lease of beaten.leases) {
		if (known.has(lease.token) || isAsking(lease.agent) || attempts.get(lease.agent)?.token === lease.token) continue;
		if (begun.has(lease.token)) await giveBack(lease);
		else void beginHanded(lease);
	}
	for (const id of roles.keys()) void claimFor(id);
};

/** A lease in our name that nothing works under any more. */
const giveBack = (lease: Lease): Promise<unknown> =>
	retryUntilWritten(() => team.reclaim({...lease, reason: 'nothing worked on it', isProven: true, counts: false, delayMs: 0, fields: {}}));

/** What an earlier life of this room held: it is dead, for the driver starts the next one only then. */
const recover = async (): Promise<void> => {
	const {team: seen} = await retryUntilWritten(() => team.snapshot());
	const isOurs = (owner: string): boolean => seen.agents.get(owner)?.room.startsWith(`room:soak-${name}:`) === true;
	for (const task of seen.tasks.values())
		if (task.state === 'leased' && isOurs(task.owner)) await giveBack({agent: task.owner, task: task.id, token: task.token});
};

const liveness = createLiveness(leaseMs);
const sweep = async (): Promise<void> => {
	const swept = await team.sweep();
	const ours = new Set([...attempts.values()].map(attempt => attempt.token));
	const {leases} = liveness.observe(
		{
			...swept,
			expired: swept.expired.filter(lease => !ours.has(lease.token)),
			rooms: swept.rooms.filter(beat => beat.room !== room),
		},
		{now: performance.now(), isJudge: true},
	);
	for (const {task, token} of leases)
		await team.reclaim({task, token, reason: 'no heartbeat for a whole lease', isProven: false, counts: true, delayMs: 0, fields: {}});
};

/** Begins what was handed over, and wakes an idle guardian for each task that became ready. */
const follow = async (): Promise<void> => {
	let since = '$';
	for (;;) {
		try {
			const events: readonly RoomEvent[] = await team.tail(since, 1000);
			since = events.at(-1)?.id ?? since;
			for (const {type, task, agent, taskFields} of events) {
				if (type === 'task_claimed' && roles.has(agent) && taskFields.token) void beginHanded({agent, task, token: taskFields.token});
				if (taskFields.state !== 'ready') continue;
				const idle = [...roles.keys()].find(id => isProgram(id) && !attempts.has(id) && !claiming.has(id));
				if (idle) void claimFor(idle);
			}
		} catch {
			await whenConnected();
		}
	}
};

const every = (everyMs: number, work: () => Promise<void>): void => {
	let isBusy = false;
	setInterval(() => {
		if (isBusy || !connection.isConnected) return;
		isBusy = true;
		work()
			.catch(() => undefined)
			.finally(() => {
				isBusy = false;
			});
	}, everyMs);
};

await recover();
for (const [id, role] of roles)
	while ((await retryUntilWritten(() => team.register({id, role, capabilities: [], room, harness: 'scripted', host: 'here'}))) === 'taken')
		await wait(100);
for (const id of roles.keys()) employ(id);
await beat().catch(() => undefined);
every(Math.floor(leaseMs / 3), beat);
every(Math.min(1000, leaseMs), sweep);
void follow();
for (const id of roles.keys()) void claimFor(id);
process.on('message', (order: {readonly kill?: number; readonly stop?: number; readonly ms?: number}) => {
	const victims = [...agents.values()];
	if (order.kill !== undefined) victims[order.kill]?.kill();
	if (order.stop !== undefined) victims[order.stop]?.stop(order.ms ?? 0);
});
