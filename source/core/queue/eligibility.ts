import {type Agent, agentName} from '../agent/agent.ts';
import {type RateLimit, rateLimitOn} from '../agent/rate-limit.ts';
import {STAGE_WORDS} from '../task/stages.ts';
import type {Stage, Task} from '../task/task.ts';
import type {Control, TeamSnapshot} from '../team/snapshot.ts';

const clock = (at: number): string => new Date(at).toTimeString().slice(0, 5);

/** How an account waits, in one clause: `work is rate-limited until 14:32 (told by dev-2)`. */
export const formatRateLimit = ({account, until, by, probe}: RateLimit): string =>
	probe === ''
		? `${account} is rate-limited until ${clock(until)} (told by ${agentName(by)})`
		: `${account} was rate-limited: ${agentName(probe)} tries again, the others follow`;

/** Why an agent is handed nothing for its account's sake; '' where it is not so. It is not told of the one that tries for the others. */
export const whyThrottled = (agent: {readonly id: string; readonly account: string}, {rateLimits}: Control, now: number): string => {
	const rateLimit = rateLimitOn(rateLimits, agent.account, now);
	return rateLimit && rateLimit.probe !== agent.id ? formatRateLimit(rateLimit) : '';
};

const NEEDING: readonly Stage[] = ['develop'];
const JUDGING: readonly Stage[] = ['review', 'audit'];

const ofRole = (task: Task, team: TeamSnapshot): readonly Agent[] =>
	[...team.agents.values()].filter(agent => agent.role === task.role && agent.status !== 'stopped');
const isAble = (task: Task, agent: Agent): boolean =>
	!NEEDING.includes(task.stage) || task.needs.every(need => agent.capabilities.includes(need));

/** Whoever wrote into a task neither judges nor lands it; whoever reviewed it does not land it. The scripts refuse both. */
const isOther = (task: Task, {id}: Agent): boolean => {
	const isAuthor = task.author === id || task.authors.includes(id);
	if (task.stage === 'merge') return !isAuthor && task.reviewer !== id;
	return !JUDGING.includes(task.stage) || !isAuthor;
};

/** Why nobody in the team can ever take a task, in one clause; '' where somebody can. */
export const whyUnserved = (task: Task, team: TeamSnapshot): string => {
	const members = ofRole(task, team);
	if (members.length === 0) return `no ${task.role} in the team`;
	const able = members.filter(agent => isAble(task, agent));
	if (able.length === 0) return `no ${task.role} can do ${task.needs.join(', ')}`;
	if (able.some(agent => isOther(task, agent))) return '';
	const because = task.stage === 'merge' ? 'wrote or reviewed it' : 'wrote it';
	return able.length === 1 ? `its only ${task.role} ${because}` : `every ${task.role} ${because}`;
};

/** What keeps an agent from taking something. */
const busyWith = (agent: Agent, {tasks}: TeamSnapshot): string => {
	const name = agentName(agent.id);
	if (agent.paused) return `${name} is paused`;
	if (agent.status === 'needs-input') return `${name} asks you something`;
	if (agent.status === 'waiting') return `${name} waits for your word`;
	if (agent.status === 'logged-out') return `${name} is logged out`;
	if (agent.task !== '') return `${name} ${STAGE_WORDS[tasks.get(agent.task)?.stage ?? 'develop'].does(agent.task)}`;
	if (agent.status === 'crashed') return `${name} rests after it died`;
	return `${name} is ${agent.status}`;
};

/** So many of those who are busy are named. */
const NAMED = 3;

/**
 * Who could take a task, and with what they are busy; `ready` where somebody is free. Those who are free and whose account is told to wait are told by
 * that alone. `now` is server time, epoch ms.
 */
export const whyWaiting = (task: Task, team: TeamSnapshot, now = team.at): string => {
	const able = ofRole(task, team).filter(agent => isAble(task, agent) && isOther(task, agent));
	const free = able.filter(agent => agent.status === 'idle' && !agent.paused);
	const throttled = free.map(agent => whyThrottled(agent, team.control, now));
	if (throttled.includes('')) return 'ready';
	if (free.length > 0) return [...new Set(throttled)].join(', ');
	const busy = able.slice(0, NAMED).map(agent => busyWith(agent, team));
	const more = able.length > NAMED ? [`and ${able.length - NAMED} more`] : [];
	const who = [...busy, ...more].join(', ');
	return `no free ${task.role}${who === '' ? '' : `: ${who}`}`;
};

/** The paused agents that could take a task: one of them that goes on would move it. */
export const pausedFor = (task: Task, team: TeamSnapshot): readonly string[] =>
	ofRole(task, team)
		.filter(agent => agent.paused && isAble(task, agent) && isOther(task, agent))
		.map(({id}) => agentName(id));

/** A person chose one agent: what that one is at decides when the task goes on. */
export const reserved = (task: Task, team: TeamSnapshot): string => {
	const agent = team.agents.get(task.assigned);
	const state = agent && agent.status !== 'idle' ? `, which ${agent.task ? `works on ${agent.task}` : `is ${agent.status}`}` : '';
	return `reserved for ${agentName(task.assigned)}${state}`;
};

/** So long a task is kept for the agent that was cut off in its session, ms; the scripts decide by the same. */
const KEPT_MS = 20_000;

/** That a task is kept for the agent that was cut off in it; '' where it is not, or not any more. */
export const whyKept = ({prefers, readyAt, role}: Task, {agents, control}: TeamSnapshot, now: number): string => {
	const agent = agents.get(prefers);
	if (!agent || agent.paused || agent.task !== '' || agent.role !== role || whyThrottled(agent, control, now) !== '') return '';
	// A wait of its account comes before that time.
	const since = Math.max(readyAt, ...control.rateLimits.filter(({account}) => account === agent.account).map(({until}) => until));
	if (now - since >= KEPT_MS) return '';
	if (agent.status === 'stopped' || agent.status === 'unreachable' || agent.status === 'logged-out') return '';
	return `kept a moment for ${agentName(prefers)}, which goes on with its session`;
};
