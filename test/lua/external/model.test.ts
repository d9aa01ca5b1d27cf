import fc from 'fast-check';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {isExternalToken} from '../../../source/core/intake/external-workers.ts';
import type {Claimed} from '../../../source/core/team/coordination.ts';
import {emptySnapshot, reduce, type TeamSnapshot} from '../../../source/core/team/snapshot.ts';
import type {RedisConnection} from '../../../source/redis/connection.ts';
import {claims, completion, joins, submission} from '../../helpers/coordination.ts';
import {type ExternalWorker, externalWorkerIn} from '../../helpers/external-worker.ts';
import {startTestRedis, type TestRedis} from '../../helpers/redis.ts';

let redis: TestRedis;
let connection: RedisConnection;
let runs = 0;
beforeAll(async () => {
	redis = await startTestRedis(['--appendfsync', 'no']);
	connection = await redis.connect();
});
afterAll(() => redis.stop());

const DEVELOPERS = ['agent:dev:001', 'agent:dev:002'];
const EXTERNAL_WORKERS = ['agent:x', 'agent:y'];
const NAMES = ['one', 'two', 'three', 'four'];
const entryOf = (name: string): string => `task:do:${name}`;

type World = {
	readonly at: ExternalWorker;
	readonly pushed: Map<string, number>;
	/** Names of entries that a sweep has seen once. */
	readonly seen: Set<string>;
	/** External workers that wrote to lists of their own since the last sweep. */
	readonly takers: Set<string>;
	readonly held: Map<string, Claimed>;
	folded: TeamSnapshot;
};
type Step = (world: World) => Promise<unknown>;

/** What rooms and outsiders do, in whatever order; an outsider may also take without locking, and lock without taking. */
const pushes =
	(which: number, score: number | undefined): Step =>
	({at, pushed}) => {
		const name = NAMES[which % NAMES.length] ?? '';
		pushed.set(name, (pushed.get(name) ?? 0) + 1);
		return score === undefined
			? at.types('LPUSH', 'tasks:pending', entryOf(name))
			: at.types('ZADD', 'tasks:priority', score, entryOf(name));
	};
const pops =
	(command: 'RPOP' | 'LPOP' | 'ZPOPMAX'): Step =>
	({at}) =>
		at.types(command, command === 'ZPOPMAX' ? 'tasks:priority' : 'tasks:pending');
/** Handed to a worker that waited, in the moment of the push; the room reads that in the file of its server. */
const hands =
	(which: number): Step =>
	async ({at, pushed, seen}) => {
		const name = NAMES[which % NAMES.length] ?? '';
		pushed.set(name, (pushed.get(name) ?? 0) + 1);
		await at.types('LPUSH', 'tasks:pending', entryOf(name));
		await at.types('LPOP', 'tasks:pending');
		await at.team.noteTaken([{source: 'l', text: entryOf(name)}]);
		seen.add(name);
	};
const moves =
	(who: number, from: 'LEFT' | 'RIGHT'): Step =>
	async ({at, takers}) => {
		const agent = EXTERNAL_WORKERS[who % 2] ?? '';
		await at.types('LMOVE', 'tasks:pending', `${at.namespace}:tasks:taken:${agent}`, from, 'LEFT');
		takers.add(agent);
	};
const tidies =
	(who: number): Step =>
	({at}) =>
		at.types('RPOP', `tasks:taken:${EXTERNAL_WORKERS[who % 2]}`);
const locks =
	(which: number, who: number, isSecond: boolean): Step =>
	({at}) =>
		at.types('SET', `locks:task:${NAMES[which % NAMES.length]}${isSecond ? '-2' : ''}`, EXTERNAL_WORKERS[who % 2] ?? '', 'NX', 'EX', 1000);
const unlocks =
	(which: number): Step =>
	async ({at}) => {
		const key = `locks:task:${NAMES[which % NAMES.length]}`;
		const holder = await at.types('GET', key);
		if (holder !== null && !String(holder).includes(' ')) await at.types('DEL', key);
	};
const says =
	(which: number): Step =>
	({at}) =>
		at.team.reportExternal(NAMES[which % NAMES.length] ?? '', 'ready-for-review', 3);
const claimsOne =
	(which: number): Step =>
	async ({at, held}) => {
		const agent = DEVELOPERS[which % 2] ?? '';
		const claimed = await claims(at.team, agent);
		if (claimed.code === 'ok') held.set(agent, claimed);
	};
const ends =
	(which: number, how: 'done' | 'failed'): Step =>
	async ({at, held}) => {
		const agent = DEVELOPERS[which % 2] ?? '';
		const claimed = held.get(agent);
		if (!claimed) return;
		held.delete(agent);
		if (how === 'done') await at.team.complete(completion(claimed, {next: 'merged', nextRole: '', fields: {author: 'agent:else'}}));
		else await at.team.fail({task: claimed.task.id, agent, token: claimed.token, reason: 'x', feedback: '', delayMs: 0, fields: {}});
	};
const cancels =
	(which: number): Step =>
	({at}) =>
		at.team.cancel(NAMES[which % NAMES.length] ?? '', 'enough');
/** As a room: a sweep, and what outsiders say is carried out; a silent one loses its task. */
const sweeps =
	(areOver: boolean): Step =>
	async ({at, seen, takers}) => {
		const {externalLeases, entries} = await at.sweeps([...takers]);
		takers.clear();
		for (const {text} of entries) seen.add(text.slice('task:do:'.length));
		for (const {task, agent, token, word} of externalLeases) {
			const rest = {stage: 'develop', next: 'merged', nextRole: '', word: 'merged', fields: {author: 'agent:else'}} as const;
			if (word !== '') await at.team.complete({task, agent, token, ...rest, counts: 'none', delayMs: 0, text: ''});
			else if (areOver) await at.team.reclaim({task, token, reason: 'silent', isProven: true, counts: false, delayMs: 0, fields: {}});
		}
	};
const graceEnds: Step = async ({at}) => {
	for (const id of (await at.types('ZRANGE', 'tasks:delayed', 0, -1)) as string[]) await at.types('ZADD', 'tasks:delayed', 1, id);
};

const steps = fc.oneof(
	{weight: 4, arbitrary: fc.tuple(fc.nat(3), fc.option(fc.integer({min: -10, max: 110}), {nil: undefined})).map(given => pushes(...given))},
	{weight: 3, arbitrary: fc.constantFrom('RPOP' as const, 'LPOP' as const, 'ZPOPMAX' as const).map(pops)},
	{weight: 2, arbitrary: fc.nat(3).map(hands)},
	{weight: 3, arbitrary: fc.tuple(fc.nat(1), fc.constantFrom('LEFT' as const, 'RIGHT' as const)).map(given => moves(...given))},
	{weight: 1, arbitrary: fc.nat(1).map(tidies)},
	{weight: 3, arbitrary: fc.tuple(fc.nat(3), fc.nat(1), fc.boolean()).map(given => locks(...given))},
	{weight: 1, arbitrary: fc.nat(3).map(unlocks)},
	{weight: 2, arbitrary: fc.nat(3).map(says)},
	{weight: 3, arbitrary: fc.nat(1).map(claimsOne)},
	{weight: 3, arbitrary: fc.tuple(fc.nat(1), fc.constantFrom('done' as const, 'failed' as const)).map(given => ends(...given))},
	{weight: 1, arbitrary: fc.nat(3).map(cancels)},
	{weight: 5, arbitrary: fc.boolean().map(sweeps)},
	{weight: 1, arbitrary: fc.constant(graceEnds)},
);

const INDEXES = {
	leased: 'leases',
	delayed: 'tasks:delayed',
	failed: 'tasks:failed',
	merged: 'tasks:done',
	cancelled: 'tasks:done',
} as const;
const comparable = (raw: ReadonlyMap<string, Readonly<Record<string, string>>>) =>
	Object.fromEntries([...raw].map(([id, {status: _, leaseUntil: __, beatAt: ___, ...fields}]) => [id, fields]));

/** One place for a task, one holder for a lease, and a record that tells all of it. */
const check = async (world: World): Promise<void> => {
	const {at} = world;
	const {team: read} = await at.team.snapshot();
	const ready = new Set(
		(await Promise.all(['developer', '@agent:dev:001'].map(queue => at.types('ZRANGE', `tasks:priority:${queue}`, 0, -1))))
			.flat()
			.map(String),
	);
	for (const [id, task] of read.tasks) {
		expect([id, task.state, ready.has(id)]).toEqual([id, task.state, task.state === 'ready']);
		for (const [state, index] of Object.entries(INDEXES))
			if (index !== 'tasks:done')
				expect([id, index, (await at.types('ZSCORE', index, id)) !== null]).toEqual([id, index, task.state === state]);
		const lock = await at.types('GET', `locks:task:${id}`);
		if (task.state !== 'leased') expect([id, task.token, String(lock).includes(' ')]).toEqual([id, '', false]);
		else if (!isExternalToken(task.token)) {
			expect(lock).toBe(`${task.owner} ${task.token}`);
			expect(read.agents.get(task.owner)).toMatchObject({task: id, token: task.token});
		} else expect(read.agents.get(task.owner)?.room).toBe('');
	}
	for (const [id, {task, token}] of read.agents) if (task) expect([id, read.tasks.get(task)]).toMatchObject([id, {owner: id, token}]);
	world.folded = reduce(world.folded, await at.team.events(world.folded.streamId, 10_000));
	expect(comparable(world.folded.rawTasks)).toEqual(comparable(read.rawTasks));
	expect(comparable(world.folded.rawAgents)).toEqual(comparable(read.rawAgents));
};

/** Outsiders leave, our own do what is left: nothing that was seen once may be lost, or done more often than it was asked for. */
const comesToAnEnd = async (world: World): Promise<void> => {
	const {at, held, pushed, seen} = world;
	for (let round = 0; round < 100; round++) {
		for (const name of NAMES.flatMap(one => [one, `${one}-2`, `${one}-3`])) {
			const holder = await at.types('GET', `locks:task:${name}`);
			if (holder !== null && !String(holder).includes(' ')) await at.types('DEL', `locks:task:${name}`);
		}
		await sweeps(true)(world);
		await graceEnds(world);
		for (const which of [0, 1]) {
			if (!held.has(DEVELOPERS[which] ?? '')) await claimsOne(which)(world);
			await ends(which, 'done')(world);
		}
		if (
			Number(await at.types('ZCARD', 'tasks:live')) === 0 &&
			(await at.sweeps()).entries.length === 0 &&
			(await at.types('EXISTS', 'tasks:takers')) === 0
		)
			break;
	}
	await check(world);
	const {tasks} = (await at.team.snapshot()).team;
	expect([...tasks.values()].filter(task => !['merged', 'failed', 'cancelled'].includes(task.state))).toEqual([]);
	for (const name of NAMES) {
		const made = [...tasks.keys()].filter(id => id === name || id.startsWith(`${name}-`)).length;
		expect([name, made >= (seen.has(name) ? 1 : 0), made <= (pushed.get(name) ?? 0) + 1]).toEqual([name, true, true]);
	}
	expect([await at.types('LLEN', 'tasks:pending'), await at.types('ZCARD', 'tasks:priority')]).toEqual([0, 0]);
	for (const left of [
		'tasks:intake',
		'tasks:intake:task',
		'tasks:intake:order',
		'tasks:taken',
		'tasks:takers',
		'tasks:external',
		'leases',
		...EXTERNAL_WORKERS.map(agent => `tasks:taken:${agent}`),
	])
		expect([left, await at.types('EXISTS', left)]).toEqual([left, 0]);
};

test('whatever outsiders push, take, lock and say among what a team does, the promises hold, and everything comes to an end', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(steps, {minLength: 5, maxLength: 40}), async sequence => {
			const at = externalWorkerIn(connection, `m${++runs}`);
			for (const agent of DEVELOPERS) await joins(at.team, agent);
			await at.team.submit(submission({id: 'own'}));
			const world: World = {at, pushed: new Map(), seen: new Set(), takers: new Set(), held: new Map(), folded: emptySnapshot};
			for (const step of sequence) {
				await step(world);
				await check(world);
			}
			await comesToAnEnd(world);
		}),
		{numRuns: Number(process.env.AGENT_ROOM_RUNS ?? 25)},
	);
});
