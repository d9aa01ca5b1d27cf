import type {Claimed, Coordination} from '../../source/core/coordination.ts';
import {PIPELINE} from '../../source/core/pipeline.ts';
import type {Stage} from '../../source/core/task.ts';
import type {RedisConnection} from '../../source/redis/connection.ts';
import {claims, completion, joins, submission} from './coordination.ts';

const AGENTS = [
	...['agent:dev:001', 'agent:dev:002', 'agent:dev:003'].map(id => ({id, role: 'developer'})),
	...['agent:rev:001', 'agent:rev:002'].map(id => ({id, role: 'code-sentinel'})),
	{id: 'agent:test:001', role: 'test-orchestrator'},
	{id: 'agent:merge:001', role: 'repository-guardian'},
];
const NEXT: Partial<Record<Stage, readonly (Stage | 'merged')[]>> = {
	develop: ['review', 'review', 'test'],
	review: ['test', 'test', 'develop'],
	test: ['merge', 'merge', 'merge', 'develop'],
	merge: ['merged', 'merged', 'merged', 'test'],
};

/** Writes many entries in one step, as `progress` would: the task's hash and the record change together. */
const FILL = `
local tasks = redis.call('ZRANGE', KEYS[2], 0, 19)
for index = 1, tonumber(ARGV[2]) do
	local id = tasks[index % #tasks + 1]
	local said = ARGV[3] .. '.' .. index
	redis.call('HSET', ARGV[1] .. ':tasks:status:' .. id, 'progress', said)
	redis.call('XADD', KEYS[1], 'MAXLEN', '~', 20000, '*', 'type', 'task_progressed', 'task', id, 'agent', '', 'text', '', 't:progress', said)
end`;

/** Small, quick and the same for the same seed. */
const randomFrom = (seed: number) => {
	let state = seed;
	return (below: number): number => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((state / 2 ** 32) * below);
	};
};

/** A team at work: every kind of transition in an order that the seed decides, with at most 60 open tasks. */
export const createHistory = async (team: Coordination, connection: RedisConnection, namespace: string, seed: number) => {
	const random = randomFrom(seed);
	const held = new Map<string, Claimed>();
	const ids: string[] = [];
	const ended = new Set<string>();
	let fillings = 0;
	for (const {id, role} of AGENTS) await joins(team, id, role);

	const pick = <T>(of: readonly T[]): T | undefined => of[random(of.length)];
	const agent = (): string => pick(AGENTS)?.id ?? '';
	const open = (): string[] => ids.filter(id => !ended.has(id));
	const holding = (act: (claimed: Claimed) => Promise<unknown>) => async (): Promise<unknown> => {
		const claimed = pick([...held.values()]);
		return claimed && act(claimed);
	};
	const holder = (claimed: Claimed) => ({agent: claimed.task.owner, task: claimed.task.id, token: claimed.token});
	const ending = {reason: 'why', feedback: 'log', fields: {}};

	const submit = async (): Promise<void> => {
		if (open().length >= 60) return;
		const after = random(4) === 0 ? [pick(open())].filter(id => id !== undefined) : [];
		const {id} = await team.submit(submission({title: `task ${ids.length}`, brief: 'long', priority: random(101), after}));
		ids.push(id);
	};
	const claim = async (): Promise<void> => {
		const claimed = await claims(team, agent(), {leaseMs: 600_000});
		if (claimed.code === 'ok') held.set(claimed.task.id, claimed);
	};
	const complete = holding(async claimed => {
		held.delete(claimed.task.id);
		const next = pick(NEXT[claimed.task.stage] ?? []) ?? 'test';
		const nextRole = next === 'merged' ? 'none' : PIPELINE[next].role;
		const counts = next === 'develop' ? 'rounds' : 'none';
		const fields: Record<string, string> = claimed.task.stage === 'develop' ? {commit: `c${random(999)}`} : {};
		const given = completion(claimed, {next, nextRole, counts, delayMs: random(9) === 0 ? 5 : 0, fields});
		const {code} = await team.complete(given);
		if ((code === 'ok' && next === 'merged') || code === 'dead') ended.add(claimed.task.id);
	});
	const fail = holding(async claimed => {
		held.delete(claimed.task.id);
		if ((await team.fail({...holder(claimed), ...ending, delayMs: random(2)})) === 'dead') ended.add(claimed.task.id);
	});
	const release = holding(async claimed => {
		held.delete(claimed.task.id);
		await team.release({...holder(claimed), ...ending, to: random(5) === 0 ? agent() : ''});
	});
	const cancel = async (): Promise<void> => {
		const id = pick(open());
		if (id && (await team.cancel(id, 'no')) === 'ok') ended.add(id);
	};
	const requeue = async (): Promise<void> => {
		const id = pick([...ended]);
		if (id && (await team.requeue(id)) === 'ok') ended.delete(id);
	};
	const lock = async (): Promise<unknown> => {
		const order = {name: `path:src/${random(3)}`, owner: agent(), token: `${random(2)}:a`};
		return random(2) ? team.lock({...order, ttlMs: random(2) ? 2 : 60_000}) : team.unlock(order);
	};
	const steps: readonly (() => Promise<unknown>)[] = [
		...[submit, submit, submit, claim, claim, claim, claim, claim, claim, claim, claim, claim],
		...[complete, complete, complete, complete, complete, complete],
		...[fail, release, cancel, requeue, lock, () => team.sweep()],
		holding(claimed => team.progress(holder(claimed), {progress: `${random(100)}%`}, 'on it')),
		() => team.describe(agent(), {status: pick(['asks', 'dead', 'idle']) ?? '', question: 'Which?'}, ''),
		() => team.control({drained: random(20) === 0, frozen: random(20) === 0}, 'ordered'),
		async () => {
			const id = pick(open());
			return id && team.hold(id, random(2) ? 'its tree is dirty' : '');
		},
	];
	return {
		/** So many random commands. */
		work: async (count: number): Promise<void> => {
			for (let index = 0; index < count; index++) await pick(steps)?.();
		},
		/** So many entries of progress, quickly. */
		fill: async (count: number): Promise<void> => {
			await connection.call('EVAL', FILL, 2, `${namespace}:events`, `${namespace}:tasks:live`, namespace, count, `f${++fillings}`);
		},
	};
};
