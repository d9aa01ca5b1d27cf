import {type Agent, agentName, isSpread, nameIn} from '../agent/agent.ts';
import {type RateLimit, rateLimitOn} from '../agent/rate-limit.ts';
import {roleWord} from '../agent/role-label.ts';
import {STAGE_WORDS} from '../task/stages.ts';
import type {Stage, Task} from '../task/task.ts';
import type {Control, TeamSnapshot} from '../team/snapshot.ts';

const clock = (at: number): string => new Date(at).toTimeString().slice(0, 5);

/** Describes a rate limit in one clause: `work is rate-limited until 14:32 (told by dev-2)`. */
export const formatRateLimit = ({account, until, by, probe}: RateLimit): string =>
	probe === ''
		? `${account} is rate-limited until ${clock(until)} (reported by ${agentName(by)})`
		: `${account} was rate-limited: ${agentName(probe)} tries again before the others`;

/** Explains why an agent's account is rate-limited; '' if it is not, or if this agent is the one that tries. */
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

/** Authors neither judge nor merge their task, and its reviewer does not merge it. The scripts enforce both. */
const isOther = (task: Task, {id}: Agent): boolean => {
	const isAuthor = task.author === id || task.authors.includes(id);
	if (task.stage === 'merge') return !isAuthor && task.reviewer !== id;
	return !JUDGING.includes(task.stage) || !isAuthor;
};

/** Explains why no team member can ever take a task; '' if one can. */
export const whyUnserved = (task: Task, team: TeamSnapshot): string => {
	const members = ofRole(task, team);
	if (members.length === 0) return `no ${roleWord(task.role)} in the team`;
	const able = members.filter(agent => isAble(task, agent));
	const needs = task.needs.join(', ');
	if (able.length === 0) return isSpread(members) ? `no machine offers ${needs}` : `no ${roleWord(task.role)} has the capability ${needs}`;
	if (able.some(agent => isOther(task, agent))) return '';
	const because = task.stage === 'merge' ? 'wrote or reviewed it' : 'wrote it';
	return able.length === 1 ? `its only ${roleWord(task.role)} ${because}` : `every ${roleWord(task.role)} ${because}`;
};

/** Explains why an agent cannot take a task now. */
const busyWith = (agent: Agent, {agents, tasks}: TeamSnapshot): string => {
	const name = nameIn(agent.id, agents);
	if (agent.paused) return `${name} is paused`;
	if (agent.status === 'needs-input') return `${name} needs input`;
	if (agent.status === 'waiting') return `${name} has ended its turn`;
	if (agent.status === 'logged-out') return `${name} is ${agent.reason.startsWith('not set up') ? 'not set up' : 'logged out'}`;
	if (agent.task !== '') return `${name} ${STAGE_WORDS[tasks.get(agent.task)?.stage ?? 'develop'].does(agent.task)}`;
	if (agent.status === 'crashed') return `${name} restarts after a crash`;
	return `${name} is ${agent.status}`;
};

/** Limit of running agents that are named. */
const NAMED = 3;

/** Who could take a task, by role, capabilities and authorship. */
const ableFor = (task: Task, team: TeamSnapshot): readonly Agent[] =>
	ofRole(task, team).filter(agent => isAble(task, agent) && isOther(task, agent));

/** Idle agents that can take a task now: the room gives it to no other. `now` is server time, epoch ms. */
export const idleFor = (task: Task, team: TeamSnapshot, now: number): readonly Agent[] =>
	ableFor(task, team).filter(agent => agent.status === 'idle' && !agent.paused && whyThrottled(agent, team.control, now) === '');

/**
 * Explains who could take a task and why they cannot now; `ready` if one can. If idle agents are rate-limited, only that is said. `now` is
 * server time, epoch ms.
 */
export const whyWaiting = (task: Task, team: TeamSnapshot, now = team.at): string => {
	const able = ableFor(task, team);
	const free = able.filter(agent => agent.status === 'idle' && !agent.paused);
	const throttled = free.map(agent => whyThrottled(agent, team.control, now));
	if (throttled.includes('')) return 'ready';
	if (free.length > 0) return [...new Set(throttled)].join(', ');
	const busy = able.slice(0, NAMED).map(agent => busyWith(agent, team));
	const more = able.length > NAMED ? [`and ${able.length - NAMED} more`] : [];
	const who = [...busy, ...more].join(', ');
	return `no idle ${roleWord(task.role)}${who === '' ? '' : `: ${who}`}`;
};

/** Returns paused agents that could take the task once resumed. */
export const pausedFor = (task: Task, team: TeamSnapshot): readonly string[] =>
	ofRole(task, team)
		.filter(agent => agent.paused && isAble(task, agent) && isOther(task, agent))
		.map(({id}) => agentName(id));

/** A human assigned the task: the agent's state decides when it continues. */
export const reserved = (task: Task, team: TeamSnapshot): string => {
	const agent = team.agents.get(task.assigned);
	const state = agent && agent.status !== 'idle' ? `, which ${agent.task ? `works on ${agent.task}` : `is ${agent.status}`}` : '';
	return `assigned to ${agentName(task.assigned)}${state}`;
};

/** How long a task is reserved for its interrupted agent, ms; the scripts use the same value. */
const KEPT_MS = 20_000;

/** Says that a task is reserved for its interrupted agent; '' if not, or not any more. */
export const whyKept = ({prefers, readyAt, role}: Task, {agents, control}: TeamSnapshot, now: number): string => {
	const agent = agents.get(prefers);
	if (!agent || agent.paused || agent.task !== '' || agent.role !== role || whyThrottled(agent, control, now) !== '') return '';
	// The reservation starts after the account's rate limit.
	const since = Math.max(readyAt, ...control.rateLimits.filter(({account}) => account === agent.account).map(({until}) => until));
	if (now - since >= KEPT_MS) return '';
	if (agent.status === 'stopped' || agent.status === 'unreachable' || agent.status === 'logged-out') return '';
	return `reserved for ${agentName(prefers)} (20 s) to continue its session`;
};
