import {expect} from 'vitest';
import type {Agent} from '../../source/core/agent/agent.ts';
import {locksExclude} from '../../source/core/lock/lock.ts';
import {isNew} from '../../source/core/task/stages.ts';
import {FINAL_STATES, type Task} from '../../source/core/task/task.ts';
import type {TeamSnapshot} from '../../source/core/team/snapshot.ts';
import type {Stored} from './stored.ts';

const isOwnWork = (task: Task, {id}: Agent): boolean => ['review', 'audit', 'merge'].includes(task.stage) && task.authors.includes(id);

/** Whether an agent could take a ready task now; orders to the whole team and the budget aside. */
const couldTake = (task: Task, agent: Agent, {locks}: TeamSnapshot): boolean => {
	// Tests and landings are claimed by name.
	if (task.stage === 'test' || task.stage === 'merge') return false;
	if (task.state !== 'ready' || task.role !== agent.role || isOwnWork(task, agent)) return false;
	const others = [...locks.values()].filter(({owner}) => owner.split(' ')[0] !== agent.id);
	if (task.paths.some(path => others.some(({name}) => locksExclude(`path:${path}`, name)))) return false;
	if (task.assigned !== '') return task.assigned === agent.id;
	return task.stage !== 'develop' || task.needs.every(need => agent.capabilities.includes(need));
};

/** Kept for the agent that was cut off in its session; after a sweep only where that one could come for it. */
const isKept = ({prefers, role}: Task, agent: Agent, {agents, control}: TeamSnapshot, swept: number): boolean => {
	const author = agents.get(prefers);
	if (prefers === '' || prefers === agent.id || !author) return false;
	const isAway =
		author.token !== '' || author.paused || author.role !== role || ['stopped', 'unreachable', 'logged-out'].includes(author.status);
	return swept === 0 || (!isAway && !isThrottled(author, control, swept));
};

/** Told to wait; a moment longer than the brake says, which may have ended since the sweep. */
const isThrottled = ({account, id}: Agent, {rateLimits}: TeamSnapshot['control'], swept: number): boolean =>
	rateLimits.some(rateLimit => rateLimit.account === account && rateLimit.probe !== id && (swept === 0 || swept < rateLimit.until + 200));

/**
 * Nobody waits in vain: whoever waits is free and known to both indexes, and while no order holds the team back there is no ready task that
 * a waiting agent could take. A wake-up can thus not be lost: there is none. What time alone has made possible is found by the sweep: `swept` is the
 * time of one since which nothing has happened, else 0.
 */
export const checkWaiting = (stored: Stored, team: TeamSnapshot, swept: number): void => {
	const waiting = stored.members('waiting');
	const calls = [...stored.hash('calls').keys()];
	const byRole = stored.names('waiting:').flatMap(name => stored.members(name));
	expect([calls.toSorted(), byRole.toSorted()]).toEqual([waiting.toSorted(), waiting.toSorted()]);
	const control = stored.hash('control');
	const [budget = 0, spent = 0] = ['budget', 'spent'].map(name => Number(control.get(name)) || 0);
	const action = control.get('atBudget');
	const isOver = budget > 0 && spent >= budget && action !== 'warn';
	const {paused, frozen, drained} = team.control;
	for (const id of waiting) {
		const agent = team.agents.get(id);
		expect(agent).toMatchObject({token: '', paused: false});
		if (!agent || paused || frozen || isThrottled(agent, team.control, swept)) continue;
		const open = [...team.tasks.values()].filter(
			task => couldTake(task, agent, team) && !isKept(task, agent, team, swept) && !(drained && isNew(task)) && !isOver,
		);
		expect([id, open.map(task => task.id)]).toEqual([id, []]);
	}
};

/** The counts of a feature are those of its tasks, and it has ended exactly when none of them is open. */
export const checkFeatures = (stored: Stored, team: TeamSnapshot): void => {
	for (const id of stored.members('features')) {
		// A plan that is carried out, what it gave up, and one whose place another of the same feature has taken count no more.
		const isReplaced = (task: Task): boolean => team.tasks.get(team.rawTasks.get(task.id)?.supersededBy ?? '')?.feature === id;
		const all = [...team.tasks.values()].filter(task => task.feature === id);
		expect([id, stored.members(`features:tasks:${id}`).toSorted()]).toEqual([id, all.map(task => task.id).toSorted()]);
		const tasks = all.filter(task => task.state !== 'planned' && !isReplaced(task));
		const count = (state: string): number => tasks.filter(task => task.state === state).length;
		const open = tasks.filter(task => !FINAL_STATES.includes(task.state)).length;
		const feature = stored.hash(`features:${id}`);
		const known = ['total', 'open', 'merged', 'failed', 'cancelled'].map(name => Number(feature.get(name)) || 0);
		const endedAt = Number(feature.get('endedAt')) || 0;
		expect([id, ...known]).toEqual([id, tasks.length, open, count('merged'), count('failed'), count('cancelled')]);
		expect([id, endedAt > 0]).toEqual([id, open === 0]);
		const {spent = 0, tokensIn = 0, tokensOut = 0} = team.features.get(id) ?? {};
		const sum = (of: (task: Task) => number): number => all.reduce((total, task) => total + of(task), 0);
		expect([id, spent, tokensIn, tokensOut]).toEqual([
			id,
			...[sum(task => task.spent), sum(task => task.tokensIn), sum(task => task.tokensOut)],
		]);
	}
};

/**
 * Whoever waits for others stands behind exactly so many names as it says, and nobody waits for itself in the end, through tasks or features:
 * a task waits for what it stands behind, a feature for its tasks that are not merged.
 */
export const checkDependents = (stored: Stored, team: TeamSnapshot): void => {
	const prefix = 'tasks:after:';
	const behind = new Map<string, string[]>();
	const note = (name: string, waiter: string): void => void behind.set(name, [...(behind.get(name) ?? []), waiter]);
	const names = new Map<string, string[]>();
	for (const key of stored.names(prefix)) {
		const name = key.slice(prefix.length);
		expect([name, team.tasks.get(name)?.state]).not.toEqual([name, expect.stringMatching(/merged|planned/)]);
		for (const id of stored.members(key)) {
			if (team.tasks.get(id)?.state !== 'blocked') continue;
			names.set(id, [...(names.get(id) ?? []), name]);
			note(name, id);
		}
	}
	for (const task of team.tasks.values()) {
		if (task.state === 'blocked') expect([task.id, names.get(task.id)?.length ?? 0]).toEqual([task.id, task.waits]);
		if (task.feature && task.state === 'blocked') note(task.id, `@${task.feature}`);
	}
	const clear = new Set<string>();
	const visit = (name: string, path: readonly string[]): void => {
		expect(path).not.toContain(name);
		if (clear.has(name)) return;
		for (const waiter of behind.get(name) ?? []) visit(waiter, [...path, name]);
		clear.add(name);
	};
	for (const name of behind.keys()) visit(name, []);
};

/** The turn in a queue is the task's own, and the order of pages stays that of its creation, wherever it was moved to. */
export const checkTurns = (stored: Stored, {rawTasks, tasks}: TeamSnapshot): void => {
	for (const queue of stored.names('tasks:priority:'))
		for (const [id, score] of stored.scores(queue)) expect([id, score]).toEqual([id, Number(rawTasks.get(id)?.score)]);
	// Exact to the microsecond, and each of one call by one later: a call at the very end of a millisecond reaches into the next.
	for (const [id, score] of stored.scores('tasks:live')) {
		const later = score - (tasks.get(id)?.createdAt ?? 0);
		expect([id, later >= 0 && later < 1.1]).toEqual([id, true]);
	}
};
