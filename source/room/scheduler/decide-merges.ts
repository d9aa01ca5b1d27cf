import type {Agent} from '../../core/agent/agent.ts';
import {byQueueOrder, decidable, type MergeQueue, mergeQueueOf} from '../../core/queue/merge-queue.ts';
import {stageRole} from '../../core/task/stages.ts';
import type {Task} from '../../core/task/task.ts';
import type {TeamSnapshot} from '../../core/team/snapshot.ts';
import {isDue, isRested, withBuilt} from '../parts/merge-queue.ts';
import type {PlannedAgent} from '../team/team.ts';
import type {Effect, Local} from './effect.ts';

/** Runs in the merge queue for each test orchestrator: those further behind would be rebuilt too often before they merge. */
const RUNS_A_TESTER = 4;

const canTake = (task: Task, agent: PlannedAgent): boolean =>
	task.role === agent.role && agent.stages.includes(task.stage) && (task.assigned === '' || task.assigned === agent.id);

/** Running tests, here or in another room, and passed ones, whose candidate is based on something that is gone. */
const outdated = ({agents}: TeamSnapshot, mergeQueue: MergeQueue, local: Local): readonly Effect[] =>
	mergeQueue.outdated.flatMap((task): readonly Effect[] => {
		if (task.stage === 'merge')
			return [{type: 'recall', task: task.id, candidate: task.candidate, reason: 'its base is outdated: retested'}];
		const running = [...local.attempts].find(
			// By its token: a batch is one run, started for its first entry.
			([, attempt]) => attempt.token === task.token && !attempt.isEnding,
		);
		if (running) return [{type: 'restart', agent: running[0], task: task.id}];
		const isElsewhere = task.token !== '' && (agents.get(task.owner)?.room ?? local.room) !== local.room;
		return isElsewhere ? [{type: 'take-back', task: task.id, token: task.token}] : [];
	});

/** The head waits for your uncommitted files: entries behind it that can merge go first. */
const setAside = (mergeQueue: MergeQueue, local: Local): readonly Effect[] => {
	const [head, ...behind] = mergeQueue.entries;
	if (head?.state !== 'passed' || !local.blockedByChanges.has(head.task.id)) return [];
	const others = mergeQueue.queue.some(({id}) => !local.blockedByChanges.has(id));
	return behind.length > 0 || others
		? [
				{
					type: 'recall',
					task: head.task.id,
					candidate: head.task.candidate,
					reason: head.task.waitReason || 'blocked by local changes: skipped',
				},
			]
		: [];
};

/** Roles whose rooms have a clone with candidates. */
const HOLDERS: readonly string[] = [stageRole('test'), stageRole('merge')];

/** Whether another live room may have the candidates that this one lacks. */
export const hasOtherHolders = ({agents}: TeamSnapshot, room: string): boolean =>
	[...agents.values()].some(
		agent =>
			agent.room !== '' &&
			agent.room !== room &&
			HOLDERS.includes(agent.role) &&
			agent.status !== 'stopped' &&
			agent.status !== 'unreachable',
	);

/** The head has passed, but its candidate was lost with its clone: no room could ever merge it, and all behind it would wait. */
const lostHead = (team: TeamSnapshot, mergeQueue: MergeQueue, local: Local): readonly Effect[] => {
	const [head] = mergeQueue.entries;
	if (head?.state !== 'passed' || local.isHeadHere || hasOtherHolders(team, local.room)) return [];
	return [{type: 'recall', task: head.task.id, candidate: head.task.candidate, reason: 'its merge candidate is gone: retested'}];
};

type Due = {
	/** Failures that can be decided. */
	readonly decided: readonly Task[];
	/** New entries that fit into the merge queue, in order. */
	readonly fresh: readonly Task[];
};

/** Testers of other rooms, whatever they do. */
const testersElsewhere = ({agents}: TeamSnapshot, {isTeam, room}: Local): readonly Agent[] =>
	isTeam
		? [...agents.values()].filter(
				agent =>
					agent.role === stageRole('test') &&
					agent.room !== '' &&
					agent.room !== room &&
					agent.status !== 'stopped' &&
					agent.status !== 'unreachable',
			)
		: [];

/** How many runs the entries of the merge queue took or take: those of a batch share one. */
const runsOf = ({entries}: MergeQueue): number =>
	new Set(entries.map(({task, state}) => (state === 'testing' && task.token !== '' ? task.token : task.testedCommit || task.id))).size;

/** What is tested next. */
const dueTests = (team: TeamSnapshot, mergeQueue: MergeQueue, local: Local): Due => {
	const decided = decidable(mergeQueue, local.hasBasePassed).map(({task}) => task);
	const none: Due = {decided, fresh: []};
	if (!local.isTailHere && mergeQueue.entries.length > 0) return none;
	const isRed = team.control.failingBase !== '' && team.control.failingBase === local.baseHead;
	const testers = local.team.filter(({program}) => program === 'test');
	const running = [...team.tasks.values()].filter(({stage, state}) => stage === 'test' && state === 'leased').length;
	const asked = testers.filter(({id}) => local.claiming.has(id)).length;
	const isOne = isRed || local.missingUntil > 0;
	if (local.missingUntil > local.now) return {decided: [], fresh: []};
	// On a failing base one entry at a time: each is a try to fix it, and says nothing about the next.
	if (isOne && (mergeQueue.entries.length > 0 || running > 0 || asked > 0)) return none;
	const all = testers.length + testersElsewhere(team, local).length;
	const room = isOne ? 1 : Math.max(0, RUNS_A_TESTER * all - runsOf(mergeQueue));
	// An outdated entry returns to the task queue in a moment: no later task is built in its place meanwhile.
	const [back] = mergeQueue.outdated.toSorted(byQueueOrder);
	const due = mergeQueue.queue.filter(
		task => isDue(task, mergeQueue, local, isRed) && (back === undefined || byQueueOrder(task, back) < 0),
	);
	return {decided, fresh: due.slice(0, room)};
};

/** How long a test runner of `count: auto` is idle before it leaves, ms. */
const IDLE_MS = 600_000;

/**
 * `count: auto`: a test that no test runner is free for brings one more, up to one for each core. All but one leave again, the last that came
 * first, when they have long been idle.
 */
const scaled = (
	{agents}: TeamSnapshot,
	local: Local,
	{due, free}: {readonly due: readonly Task[]; readonly free: readonly PlannedAgent[]},
): readonly Effect[] => {
	if (local.mostTesters === 0) return [];
	const testers = local.team.filter(({program}) => program === 'test');
	// One that was just added is in the team before the record has it.
	const isComing = testers.some(({id}) => !agents.has(id));
	if (due.length > 0 && free.length === 0 && !isComing && testers.length < local.mostTesters) return [{type: 'add-tester'}];
	const last = testers.length > 1 && due.length === 0 ? testers.at(-1) : undefined;
	if (!last || !free.includes(last)) return [];
	const since = agents.get(last.id)?.statusAt ?? local.serverNow;
	return local.serverNow - since > IDLE_MS ? [{type: 'remove-tester', agent: last.id}] : [];
};

/** Idle programs, longest idle first, each with a task of its own. */
const assign = (due: readonly Task[], free: readonly PlannedAgent[]): readonly Effect[] => {
	const left = [...due];
	return free.flatMap((agent): readonly Effect[] => {
		const at = left.findIndex(task => canTake(task, agent));
		const [task] = at === -1 ? [] : left.splice(at, 1);
		return task ? [{type: 'claim', agent: agent.id, task: task.id}] : [];
	});
};

/**
 * One test for a tester of another room. Candidates are built one at a time, each on the one before: so only while no other is being built, and the
 * next one once that is in the record, and with it on the remote.
 */
const handOver = (team: TeamSnapshot, local: Local, [next]: readonly Task[]): readonly Effect[] => {
	const isBuilding =
		[...team.tasks.values()].some(task => task.stage === 'test' && task.state === 'leased' && task.candidate === '') ||
		local.team.some(({id, program}) => program === 'test' && local.claiming.has(id));
	if (!next || isBuilding) return [];
	const [agent] = testersElsewhere(team, local)
		.filter(
			({room, status, paused, token}) => status === 'idle' && !paused && token === '' && (local.restsElsewhere.get(room) ?? 0) <= local.now,
		)
		.toSorted((a, b) => a.statusAt - b.statusAt);
	return agent ? [{type: 'hand', agent: agent.id, to: agent.room, task: next.id}] : [];
};

/**
 * The part of the orchestrator that runs the merge queue: decides which tasks are tested and merged, and what is redone. `free` are idle programs of
 * this room.
 */
export const decideMergeQueue = (team: TeamSnapshot, local: Local, free: readonly PlannedAgent[]): readonly Effect[] => {
	const mergeQueue = mergeQueueOf(withBuilt(team, local.built), local.baseHead);
	const {failingBase, paused, frozen, stray} = team.control;
	// Frozen work stays as it is, whatever happens to the base; so does all work while it is unknown or undecided whose commits the base holds.
	if (frozen || stray !== '' || !local.isBaseJudged) return [];
	// Two rooms that decide at once would build on the same candidate.
	if (!local.isLeading) return [];
	const again = [...outdated(team, mergeQueue, local), ...setAside(mergeQueue, local), ...lostHead(team, mergeQueue, local)];
	// A base that moved is not the one that failed.
	if (failingBase !== '' && local.baseHead !== '' && failingBase !== local.baseHead) again.push({type: 'clear-red', failingBase});
	if (paused) return again;
	const {entries} = mergeQueue;
	// A pull request waits for no other.
	const apart = entries.find(({task, state}) => task.isApart && state === 'passed' && isRested(task.id, local));
	const head = apart ?? entries[0];
	const isLandable =
		head?.state === 'passed' &&
		isRested(head.task.id, local) &&
		(apart !== undefined || local.isHeadHere) &&
		!local.waitForRemote.has('merge');
	const isMover = (agent: PlannedAgent): boolean => agent.program === 'merge';
	const due = local.hasTestCommand ? dueTests(team, mergeQueue, local) : {decided: [], fresh: []};
	const {decided} = due;
	const fresh = local.isBuiltElsewhere || local.waitForRemote.has('test') ? [] : due.fresh;
	const testers = free.filter(agent => !isMover(agent));
	const here = assign([...decided, ...fresh], testers);
	const isTaken = (task: Task): boolean => here.some(effect => 'task' in effect && effect.task === task.id);
	const isAnyBuilt = fresh.some(isTaken);
	const handed = isAnyBuilt ? [] : handOver(team, local, fresh);
	return [
		...again,
		...here,
		...handed,
		...(handed.length > 0 ? [] : scaled(team, local, {due: [...decided, ...due.fresh], free: testers})),
		...assign(isLandable ? [head.task] : [], free.filter(isMover)),
	];
};
