import type {Agent} from '../../core/agent/agent.ts';
import type {Task} from '../../core/task/task.ts';
import type {TeamSnapshot} from '../../core/team/snapshot.ts';
import {isToldPaused} from '../parts/state.ts';
import type {PlannedAgent} from '../team/team.ts';
import {decideMergeQueue} from './decide-merges.ts';
import type {Effect, Local, RunningAttempt} from './effect.ts';

const isFree = (planned: PlannedAgent, team: TeamSnapshot, local: Local): boolean => {
	const agent = team.agents.get(planned.id);
	return (
		agent?.status === 'idle' &&
		agent.room === local.room &&
		!agent.paused &&
		agent.token === '' &&
		!local.attempts.has(planned.id) &&
		!local.claiming.has(planned.id) &&
		!local.handed.has(planned.id) &&
		(local.restUntil.get(planned.id) ?? 0) <= local.now
	);
};

/** An agent that got nothing asks again only after something has changed. */
const mayAsk = (planned: PlannedAgent, team: TeamSnapshot, local: Local): boolean =>
	local.refusedAt.get(planned.id) !== team.streamId && isFree(planned, team, local);

/** Idle agents ask once: they get a task or wait for one. Programs ask only for work that is due. */
const needsInput = (team: TeamSnapshot, local: Local): readonly Effect[] =>
	local.team
		.filter(planned => !planned.program && !local.waiting.has(planned.id) && mayAsk(planned, team, local))
		.filter(({stages}) => !stages.some(stage => local.waitForRemote.has(stage)))
		.map(({id}) => ({type: 'claim', agent: id}));

/** Leases of agents that have not started here: a task was assigned, or the answer to a claim was lost. */
const begins = (team: TeamSnapshot, local: Local): readonly Effect[] =>
	local.team.flatMap(({id}) => {
		const agent = team.agents.get(id);
		const lease = local.handed.get(id) ?? (agent?.room === local.room ? agent : undefined);
		if (!lease?.token || local.begun.has(lease.token)) return [];
		if (local.attempts.has(id) || local.claiming.has(id) || (local.restUntil.get(id) ?? 0) > local.now) return [];
		return [{type: 'begin', agent: id, task: lease.task, token: lease.token} as const];
	});

/** Idle programs of this room, longest idle first. */
const freePrograms = (team: TeamSnapshot, local: Local): readonly PlannedAgent[] =>
	local.team
		.filter(planned => planned.program && mayAsk(planned, team, local))
		.toSorted((a, b) => (team.agents.get(a.id)?.statusAt ?? 0) - (team.agents.get(b.id)?.statusAt ?? 0));

const mustPause = (id: string, team: TeamSnapshot, local: Local): boolean =>
	['freeze', 'all', id].some(what => local.pausedHere.has(what) || isToldPaused(team, what));

/** Time limit of a merge, the room's own work: enough for a large repository whatever the limit of attempts, ms. */
const MERGING_MS = 600_000;

/** Time limit of an attempt. A test run has its own limit for each of its commands. */
const limitOf = (task: Task | undefined, {timeoutMs}: Local): number => {
	if (task?.stage === 'test') return Number.POSITIVE_INFINITY;
	return task?.stage === 'merge' ? Math.max(timeoutMs, MERGING_MS) : timeoutMs;
};

const attempt = (id: string, running: RunningAttempt, team: TeamSnapshot, local: Local): readonly Effect[] => {
	if (running.isEnding) return [];
	if (local.isRecovering) return running.isPaused ? [] : [{type: 'pause', agent: id}];
	const task = team.tasks.get(running.task);
	const agent = team.agents.get(id);
	// A task outside this room's memory is judged by the heartbeat alone.
	if (running.wasSeen && task && task.token !== running.token) {
		const by = task.state === 'cancelled' ? 'the task was cancelled' : task.reason || 'the task was reassigned';
		return [{type: 'abandon', agent: id, reason: by}];
	}
	const pause = mustPause(id, team, local);
	if (pause !== running.isPaused) return [{type: pause ? 'pause' : 'continue', agent: id}];
	if (pause) return [];
	if (local.now - running.startedAt > limitOf(task, local)) return [{type: 'time-out', agent: id}];
	if (running.isStopped) return [];
	const isSilent = local.now - running.outputAt > local.stallMs;
	if (isSilent && agent?.status === 'working') return [{type: 'stall', agent: id}];
	return (!isSilent && agent?.status === 'stalled') || agent?.status === 'unreachable' ? [{type: 'unstall', agent: id}] : [];
};

/** Statuses of an agent with a task. One may be left over: from a report that came after the attempt's end, or a pause of all that is over. */
const OF_A_TASK: readonly Agent['status'][] = [
	...(['starting', 'working', 'needs-input', 'stalled', 'paused'] as const),
	...(['waiting', 'finished', 'unknown', 'retrying', 'rate-limited', 'out-of-context'] as const),
];

const isLeftOver = (agent: Agent, {control}: TeamSnapshot, local: Local): boolean =>
	OF_A_TASK.includes(agent.status) &&
	agent.task === '' &&
	!local.attempts.has(agent.id) &&
	!local.claiming.has(agent.id) &&
	!(agent.status === 'paused' && (agent.paused || control.paused || control.frozen));

/** Ready again: it has rested after a crash, its room was given up by another and lives, or its task ended during a pause or freeze that is over. */
const isRevived = (agent: Agent, team: TeamSnapshot, local: Local): boolean =>
	agent.status === 'crashed'
		? (local.restUntil.get(agent.id) ?? 0) <= local.now
		: (agent.status === 'unreachable' && !local.attempts.has(agent.id) && !local.claiming.has(agent.id)) || isLeftOver(agent, team, local);

const revivals = (team: TeamSnapshot, local: Local): readonly Effect[] =>
	local.team.flatMap(planned => {
		const agent = team.agents.get(planned.id);
		return agent && isRevived(agent, team, local) ? [{type: 'revive', agent: planned.id} as const] : [];
	});

/**
 * The orchestrator: decides what must happen now from the state alone. Pure: the same snapshot and local facts give the same effects. An effect is
 * repeated while its condition holds, so a lost one heals by itself.
 */
export const decide = (team: TeamSnapshot, local: Local): readonly Effect[] => {
	const running = [...local.attempts].flatMap(([id, current]) => attempt(id, current, team, local));
	return local.isConnected && !local.isRecovering
		? [
				...running,
				...revivals(team, local),
				...begins(team, local),
				...needsInput(team, local),
				...decideMergeQueue(team, local, freePrograms(team, local)),
			]
		: running;
};
