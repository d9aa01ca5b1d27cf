import {PIPELINE} from '../../source/core/task/stages.ts';
import {FINAL_STATES, STAGES, type Stage, type Task} from '../../source/core/task/task.ts';
import type {Coordination} from '../../source/core/team/coordination.ts';
import type {RedisConnection} from '../../source/redis/connection.ts';
import {joins, nextNonce, submission} from './coordination.ts';

const AGENTS = [
	...['agent:dev:001', 'agent:dev:002', 'agent:dev:003'].map(id => ({id, role: 'developer'})),
	...['agent:rev:001', 'agent:rev:002'].map(id => ({id, role: 'code-sentinel'})),
	{id: 'agent:test:001', role: 'test-orchestrator'},
	{id: 'agent:merge:001', role: 'repository-guardian'},
	{id: 'agent:orc:001', role: 'orchestrator'},
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

type Lease = {readonly agent: string; readonly task: string; readonly token: string; readonly stage: Stage};

/** A team at work: every kind of transition in an order that the seed decides, with at most 60 open tasks. */
export const createHistory = async (team: Coordination, connection: RedisConnection, namespace: string, seed: number) => {
	const random = randomFrom(seed);
	let leases: readonly Lease[] = [];
	let open: readonly string[] = [];
	let ended: readonly string[] = [];
	let asking: readonly Task[] = [];
	let tested: readonly Task[] = [];
	let waiting: readonly Task[] = [];
	let mergedTasks: readonly Task[] = [];
	let submitted = 0;
	let fillings = 0;
	for (const {id, role} of AGENTS) await joins(team, id, role);

	const pick = <T>(of: readonly T[]): T | undefined => of[random(of.length)];
	const agent = (): string => pick(AGENTS)?.id ?? '';
	/** A task may be handed to an agent by a step of another's: who holds what is looked up now and then. */
	const look = async (): Promise<void> => {
		const tasks = [...(await team.snapshot()).team.tasks.values()];
		leases = tasks
			.filter(({state}) => state === 'leased')
			.map(task => ({agent: task.owner, task: task.id, token: task.token, stage: task.stage}));
		open = tasks.filter(({state}) => !FINAL_STATES.includes(state)).map(({id}) => id);
		asking = tasks.filter(({decision}) => decision !== '');
		tested = tasks.filter(({stage, state, candidate}) => stage === 'merge' && state === 'ready' && candidate !== '');
		waiting = tasks.filter(({stage, state}) => state === 'ready' && (stage === 'test' || stage === 'merge'));
		mergedTasks = tasks.filter(({mergedCommit, decision}) => mergedCommit !== '' || decision === 'unmerged');
		ended = tasks.filter(({state}) => FINAL_STATES.includes(state)).map(({id}) => id);
	};
	const holding = (act: (lease: Lease) => Promise<unknown>) => async (): Promise<unknown> => {
		const lease = pick(leases);
		return lease && act(lease);
	};
	const naming =
		<T>(of: () => readonly T[], act: (named: T) => Promise<unknown>) =>
		async (): Promise<unknown> => {
			const named = pick(of());
			return named === undefined ? undefined : act(named);
		};
	const ending = {reason: 'why', feedback: 'log', fields: {}};
	const call = () => ({leaseMs: 600_000, nonce: nextNonce(), stages: STAGES});

	const submit = async (): Promise<void> => {
		if (open.length + (submitted % 8) >= 60) return;
		const after = random(4) === 0 ? [pick(open)].filter(id => id !== undefined) : [];
		const feature = random(3) === 0 ? `feature-${random(3)}` : '';
		const start = random(9) === 0 ? {stage: 'plan' as const, role: 'orchestrator'} : {};
		await team.submit(
			submission({
				...start,
				title: `task ${++submitted}`,
				description: 'long',
				priority: random(101),
				attempts: 1 + random(2),
				after,
				feature,
			}),
		);
	};
	const claim = (): Promise<unknown> => team.claim({...call(), agent: agent(), room: 'r1', waits: random(2) === 0});
	/** Tests and landings, which nobody is handed. */
	const claimNamed = naming(
		() => waiting,
		({id, role}) => team.claim({...call(), agent: AGENTS.find(member => member.role === role)?.id ?? '', room: 'r1', wanted: id}),
	);
	const parts = () => Array.from({length: random(3)}, () => submission({title: `task ${++submitted}`, priority: random(101)}));
	const ask = {decision: 'rounds', waitReason: 'waits for you'};
	const complete = holding(({stage, ...lease}) => {
		if (stage === 'plan' && random(2)) return team.plan({...lease, cancel: [], tasks: parts(), text: 'planned'});
		if (stage === 'plan' || (stage === 'review' && random(5) === 0))
			return team.complete({
				...{...lease, stage, next: 'needs-decision', nextRole: '', word: 'needs-decision', counts: 'rounds', delayMs: 0, text: ''},
				fields: stage === 'plan' ? {...ask, decision: 'plan'} : ask,
			});
		const next = pick(NEXT[stage] ?? []) ?? 'test';
		const candidate = next === 'merge' ? `x${random(999)}` : '';
		return team.complete({
			...lease,
			stage,
			next,
			nextRole: next === 'merged' ? 'none' : PIPELINE[next].role,
			word: 'done',
			fields: {
				...(stage === 'develop' ? {commit: `c${random(999)}`} : {}),
				...(next === 'merged' ? {mergedCommit: `l${random(999)}`} : {}),
				...(next === 'merge' ? {candidate, checked: candidate, testedCommit: candidate} : {}),
			},
			counts: next === 'develop' ? 'rounds' : 'none',
			delayMs: random(9) === 0 ? 5 : 0,
			text: '',
			...(random(2) ? {nextCall: call()} : {}),
		});
	});
	const lock = holding(lease => {
		const order = {name: `path:src/${random(2)}/**`, token: lease.token};
		return random(6) ? team.lock({...order, owner: lease.agent, ttlMs: random(4) ? 60_000 : 2, waitMs: 60_000}) : team.unlock(order);
	});
	const decide = ({id, decision}: Task): Promise<unknown> => {
		if (decision === 'plan' && random(2)) return team.plan({task: id, token: '', agent: '', cancel: [], tasks: parts(), text: 'accepted'});
		const next = decision === 'plan' ? 'plan' : random(2) ? 'test' : 'develop';
		return team.decide({task: id, decision: decision || 'plan', next, nextRole: PIPELINE[next].role, fields: {}, text: 'decided'});
	};
	/** Whoever moves it: it is told, an alarm or its end, or a landing is off it, or on it again. */
	const moveBase = async (): Promise<unknown> => {
		const [how, merging] = [random(12), pick(mergedTasks)];
		if (how > 3 || how === 0 || !merging) return team.appendEvent({type: 'base_moved', task: '', agent: '', text: 'moved'});
		const {id, mergedCommit, unmergedCommit} = merging;
		if (how === 1) return team.stray({task: id, agent: '', from: `c${random(3)}`, to: `c${random(3)}`, text: 'moved'});
		if (how === 2) return team.unstray(`c${random(3)}`, 'decided');
		return mergedCommit === ''
			? team.remerge({task: id, was: unmergedCommit, mergedCommit: unmergedCommit, text: ''})
			: team.unmerge({task: id, mergedCommit, why: 'off'});
	};
	const entries = () => tested.map(({id, candidate}) => ({task: id, candidate}));
	const steps: readonly (() => Promise<unknown>)[] = [
		...[submit, submit, submit, claim, claim, claim, claim, claim, claim, claim, claim, claim],
		...[claimNamed, claimNamed, claimNamed, claimNamed, claimNamed, claimNamed, complete, complete, complete],
		...[complete, complete, complete, complete, complete, complete, lock, lock, lock, lock],
		holding(lease => team.fail({...lease, ...ending, delayMs: random(2)})),
		holding(lease => team.fail({...lease, ...ending, delayMs: 0})),
		holding(lease => team.release({...lease, ...ending, to: random(5) === 0 ? agent() : ''})),
		holding(lease => team.reclaim({...lease, ...ending, isProven: true, counts: random(2) === 0, delayMs: 0})),
		holding(lease => team.progress(lease, {progress: `${random(100)}%`}, 'on it')),
		holding(lease => team.recordUsage({...lease, micros: random(100), tokensIn: 1, tokensOut: 2})),
		naming(
			() => open,
			id => team.cancel(id, 'no', random(2) ? (pick(open) ?? '') : ''),
		),
		naming(
			() => ended,
			id => team.retry(id),
		),
		naming(
			() => open,
			id => (random(2) ? team.setPriority(id, random(101)) : team.reorder(id, pick(open) ?? id)),
		),
		naming(
			() => open,
			id => team.setWaitReason(id, random(2) ? 'its tree is dirty' : ''),
		),
		naming(() => asking, decide),
		holding(lease => team.joinMergeGroup({...lease, leaseMs: 600_000, entries: entries()})),
		naming(
			() => tested,
			({id, candidate}) => team.retest({task: id, candidate, reason: 'the base moved'}),
		),
		moveBase,
		() => team.control({failingBase: random(2) ? `c${random(99)}` : ''}, 'red or not'),
		() => team.sweep(),
		() => team.unlock({name: `path:src/${random(2)}/**`, token: ''}),
		() => team.updateAgent(agent(), {status: pick(['needs-input', 'crashed', 'idle']) ?? '', question: 'Which?'}, ''),
		() => team.control({drained: random(20) === 0, frozen: random(20) === 0}, 'ordered'),
	];
	return {
		/** So many random commands. */
		work: async (count: number): Promise<void> => {
			for (let index = 0; index < count; index++) {
				if (index % 8 === 0) await look();
				await pick(steps)?.();
			}
		},
		/** So many entries of progress, quickly. */
		fill: async (count: number): Promise<void> => {
			await connection.call('EVAL', FILL, 2, `${namespace}:events`, `${namespace}:tasks:live`, namespace, count, `f${++fillings}`);
		},
	};
};
