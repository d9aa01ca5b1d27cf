import type {Agent} from '../../core/agent.ts';
import {locksExclude} from '../../core/paths.ts';
import {stageRole} from '../../core/pipeline.ts';
import type {Task} from '../../core/task.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {LOOK_ORDER, lookOf} from '../model/looks.ts';

/** An agent that could take a task, and what speaks for it and against it, in a few words. */
export type Candidate = {readonly agent: Agent; readonly why: readonly string[]};

const roleOf = (task: Task): string => (task.stage === 'develop' ? task.role : stageRole(task.stage));

const mayTake = (task: Task, agent: Agent): boolean =>
	agent.role === roleOf(task) &&
	agent.id !== task.owner &&
	agent.status !== 'stopped' &&
	lookOf(agent) !== 'dead' &&
	(task.stage !== 'develop' || task.needs.every(need => agent.capabilities.includes(need))) &&
	!((task.stage === 'review' || task.stage === 'audit') && task.authors.includes(agent.id));

/** Paths of a task that another one, which the agent wrote, has touched as well. */
const knownPath = (task: Task, agent: Agent, written: readonly Task[]): string =>
	task.paths.find(path =>
		written.some(
			other =>
				other.id !== task.id &&
				other.authors.includes(agent.id) &&
				other.paths.some(wrote => locksExclude(`path:${path}`, `path:${wrote}`)),
		),
	) ?? '';

type Ranked = Candidate & {readonly rank: readonly number[]};

const rankedFor = (tasks: readonly Task[], {team}: RoomSnapshot): ((agent: Agent) => Ranked) => {
	const all = [...team.tasks.values()];
	const written = all.filter(({authors, paths}) => authors.length > 0 && paths.length > 0);
	const harness = team.agents.get(tasks[0]?.owner ?? '')?.harness ?? '';
	return agent => {
		const look = lookOf(agent);
		const hasWritten = tasks.some(({authors}) => authors.includes(agent.id));
		const path = tasks.map(task => knownPath(task, agent, written)).find(Boolean) ?? '';
		const isAlike = harness !== '' && agent.harness === harness;
		const kept = all.filter(({assigned, state}) => assigned === agent.id && ['ready', 'delayed', 'blocked'].includes(state)).length;
		const why = [
			look === 'idle'
				? 'idle'
				: `${look}${agent.task ? ` on ${agent.task}` : ''}: takes it ${look === 'paused' ? 'once it goes on' : 'next'}`,
			hasWritten ? 'worked on it' : path ? `worked on ${path}` : '',
			isAlike ? `${harness} too` : '',
			kept > 0 ? `${kept} kept for it` : '',
		].filter(Boolean);
		const busy = -LOOK_ORDER.indexOf(look);
		return {agent, why, rank: [look === 'idle' ? 0 : 1, hasWritten ? 0 : 1, path ? 0 : 1, isAlike ? 0 : 1, kept, busy]};
	};
};

const byRank = (a: Ranked, b: Ranked): number => {
	const at = a.rank.findIndex((value, index) => value !== b.rank[index]);
	return at === -1 ? a.agent.id.localeCompare(b.agent.id, 'en', {numeric: true}) : (a.rank[at] ?? 0) - (b.rank[at] ?? 0);
};

/**
 * Agents that could take all these tasks: of the role that their stage needs, who may, without who holds one; the dead not at all. The idle come
 * first, then who has worked on it or on its paths, then the same harness, then whoever has the least kept for it.
 */
export const reassignChoices = (ids: readonly string[], snapshot: RoomSnapshot): readonly Candidate[] => {
	const tasks = ids.flatMap(id => snapshot.team.tasks.get(id) ?? []);
	if (tasks.length === 0) return [];
	const able = [...snapshot.team.agents.values()].filter(agent => tasks.every(task => mayTake(task, agent)));
	return able.map(rankedFor(tasks, snapshot)).sort(byRank);
};
