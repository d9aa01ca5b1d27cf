import {type Agent, agentName} from './agent.ts';
import {dollars} from './money.ts';
import {isOutsideToken} from './outside.ts';
import {locksExclude} from './paths.ts';
import {isNew} from './pipeline.ts';
import type {TeamSnapshot} from './snapshot.ts';
import type {Task} from './task.ts';

/** A span as people read it: `4s`, `12m`, `3h`, `2d`. */
export const formatAge = (ms: number): string => {
	const seconds = Math.max(0, Math.floor(ms / 1000));
	if (seconds < 60) return `${seconds}s`;
	if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
	return seconds < 86_400 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
};

/** What a task waits for. Of dependencies that are not known those count as merged that its number of waits leaves no room for. */
export const openAfter = (task: Task, {tasks}: TeamSnapshot): readonly string[] => {
	const known = task.after.filter(id => tasks.has(id) && tasks.get(id)?.state !== 'merged');
	return known.length >= task.waits ? known : task.after.filter(id => tasks.get(id)?.state !== 'merged');
};

const blockedBy = (task: Task, team: TeamSnapshot): string => {
	const open = openAfter(task, team);
	const ended = open.find(id => ['dead', 'cancelled'].includes(team.tasks.get(id)?.state ?? ''));
	if (ended) return `waits for ${ended}, which is ${team.tasks.get(ended)?.state}`;
	return open.length > 0 ? `waits for ${open.join(', ')} to be merged` : 'waits for its dependencies';
};

const ofRole = (task: Task, team: TeamSnapshot): readonly Agent[] =>
	[...team.agents.values()].filter(agent => agent.role === task.role && agent.status !== 'stopped');
const isAble = (task: Task, agent: Agent): boolean =>
	task.stage !== 'develop' || task.needs.every(need => agent.capabilities.includes(need));
const isOther = (task: Task, agent: Agent): boolean => task.stage !== 'review' || agent.id !== task.author;

/** Why nobody in the team can ever take a task, in one clause; '' where somebody can. */
export const whyUnserved = (task: Task, team: TeamSnapshot): string => {
	const members = ofRole(task, team);
	if (members.length === 0) return `no ${task.role} in the team`;
	const able = members.filter(agent => isAble(task, agent));
	if (able.length === 0) return `no ${task.role} can do ${task.needs.join(', ')}`;
	return able.some(agent => isOther(task, agent)) ? '' : `its only ${task.role} is the author`;
};

const suits = (task: Task, team: TeamSnapshot): string => {
	const isFree = ofRole(task, team).some(agent => agent.status === 'idle' && isAble(task, agent) && isOther(task, agent));
	return whyUnserved(task, team) || (isFree ? 'ready' : `no free ${task.role}`);
};

/** A person chose one agent: what that one is at decides when the task goes on. */
const reserved = (task: Task, team: TeamSnapshot): string => {
	const agent = team.agents.get(task.assigned);
	const state = agent && agent.status !== 'idle' ? `, which ${agent.task ? `works on ${agent.task}` : `is ${agent.status}`}` : '';
	return `reserved for ${agentName(task.assigned)}${state}`;
};

/** Tests and merges cost nothing: they go on. */
const isOverBudget = ({stage}: Task, {control: {budget, spent}}: TeamSnapshot): boolean =>
	budget > 0 && spent >= budget && stage !== 'test' && stage !== 'merge';

const ordered = (task: Task, team: TeamSnapshot): string => {
	const {control} = team;
	if (control.recovery) return `everything is frozen: ${control.recovery}`;
	if (control.frozen) return 'everything is frozen';
	if (control.paused) return 'all agents are paused';
	if (control.drained && isNew(task)) return 'draining: no new work is handed out';
	if (isOverBudget(task, team)) return `over budget: ${dollars(control.spent)} of ${dollars(control.budget)} are spent`;
	return '';
};

/** What a room knows beside the team's state. */
export type RoomFacts = {readonly hasTestCommand: boolean};

/** One candidate is tested at a time, and the next only once it has landed. */
const tested = (task: Task, team: TeamSnapshot, room: RoomFacts): string => {
	if (task.stage !== 'test') return '';
	if (!room.hasTestCommand) return 'no test command: merges are held';
	const before = [...team.tasks.values()].find(
		({id, stage, state}) =>
			id !== task.id && ((stage === 'test' && state === 'leased') || (stage === 'merge' && (state === 'ready' || state === 'leased'))),
	);
	return before ? `waits for ${before.id}, which is ${before.stage === 'test' ? 'tested' : 'about to land'}` : '';
};

/** Somebody's lock over what the task will touch keeps everybody else from claiming it. */
const lockedOut = (task: Task, {locks}: TeamSnapshot, now: number): string => {
	if (task.paths.length === 0) return '';
	const lock = [...locks.values()].find(
		({name, owner}) => owner.split(' ')[0] !== task.assigned && task.paths.some(path => locksExclude(`path:${path}`, name)),
	);
	if (!lock) return '';
	const holder = lock.owner.split(' ')[0] ?? '';
	return `lock ${lock.name.slice('path:'.length)} held by ${agentName(holder)} for ${formatAge(now - lock.takenAt)}`;
};

/**
 * Why a task is not running, in one clause; '' for one that is. The one place where this is computed: the queue, the task's line
 * and `agent-room explain` print it. `now` is server time, epoch ms.
 */
export const whyNotRunning = (task: Task, team: TeamSnapshot, now: number, room: RoomFacts = {hasTestCommand: true}): string => {
	if (task.state === 'leased') return isOutsideToken(task.token) ? task.hold : '';
	if (task.state === 'merged') return '';
	if (task.state === 'dead' || task.state === 'cancelled') return `${task.state}: ${task.reason || 'no reason was given'}`;
	if (task.state === 'blocked') return blockedBy(task, team);
	if (task.hold) return task.hold;
	if (task.state === 'delayed') return `again in ${formatAge(task.readyAt - now)}: ${task.reason}`;
	const order = ordered(task, team) || tested(task, team, room);
	if (order) return order;
	if (task.assigned) return lockedOut(task, team, now) || reserved(task, team);
	return whyUnserved(task, team) || lockedOut(task, team, now) || suits(task, team);
};

/** What a person could do about it; '' where nothing is needed. */
export const whatMoves = (task: Task, team: TeamSnapshot): string => {
	if (task.state === 'dead') return `\`agent-room requeue ${task.id}\` gives it fresh attempts`;
	if (team.control.frozen) return '`agent-room freeze --off` lets everything go on';
	if (team.control.paused) return '`agent-room resume` lets the agents go on';
	if (team.control.drained && isNew(task)) return '`agent-room drain --off` hands out work again';
	if (isOverBudget(task, team)) return '`agent-room budget USD` allows more';
	return '';
};
