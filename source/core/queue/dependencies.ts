import {agentName} from '../agent/agent.ts';
import type {Feature} from '../plan/feature.ts';
import {STAGE_WORDS} from '../task/stages.ts';
import type {Task} from '../task/task.ts';
import type {TeamSnapshot} from '../team/snapshot.ts';

/** Returns the feature of an id: its own, or that of a plan whose tasks exist. */
const featureOf = (id: string, {features, tasks}: TeamSnapshot): Feature | undefined => {
	const task = tasks.get(id);
	return task === undefined || task.state === 'planned' ? features.get(task?.feature || id) : undefined;
};

/** Whether a dependency is finished: merged, or planned; a plan of another feature needs all its tasks merged. */
const isDone = (id: string, task: Task, team: TeamSnapshot): boolean => {
	const other = team.tasks.get(id);
	if (other?.state !== 'planned') return other?.state === 'merged';
	const feature = featureOf(id, team);
	return other.feature === task.feature || (feature !== undefined && feature.open + feature.failed + feature.cancelled === 0);
};

/** Returns a task's open dependencies. Unknown ones count as merged beyond its number of waits. */
export const openAfter = (task: Task, team: TeamSnapshot): readonly string[] => {
	const open = task.after.filter(id => !isDone(id, task, team));
	const known = open.filter(id => team.tasks.has(id));
	return known.length >= task.waits ? known : open;
};

/** Longest chain of dependencies that is explained. */
const MOST_HOPS = 4;

const feature = (id: string, team: TeamSnapshot): string => {
	const found = featureOf(id, team);
	if (!found) return '';
	const lost = (['failed', 'cancelled'] as const).flatMap(end => (found[end] > 0 ? [`, ${found[end]} ${end}`] : [])).join('');
	return `feature ${found.id} (${found.merged} of ${found.total} merged${lost})`;
};

/** Describes a dependency's state, as the end of a sentence; '' if there is nothing to say. */
const standing = (task: Task, why: (task: Task) => string): string => {
	if (task.decision !== '') return `${task.id} ${why(task)}`;
	if (task.state === 'leased') return `${agentName(task.owner)} ${STAGE_WORDS[task.stage].does(task.id)}`;
	const said = why(task);
	return said === '' || said === 'ready' ? '' : `${task.id}: ${said}`;
};

/** Returns the first dependency of a blocked task that ended unmerged, or whose feature did partly; '' if there is none. */
export const endedAfter = (task: Task, team: TeamSnapshot): string => {
	if (task.state !== 'blocked' || task.decision !== '') return '';
	const isOver = (id: string): boolean => {
		const state = team.tasks.get(id)?.state ?? '';
		const found = featureOf(id, team);
		return state === 'failed' || state === 'cancelled' || (found !== undefined && found.open === 0 && found.failed + found.cancelled > 0);
	};
	return openAfter(task, team).find(isOver) ?? '';
};

/** Describes how it ended, as the end of a sentence. */
export const endedWord = (id: string, {tasks}: Pick<TeamSnapshot, 'tasks'>): string => {
	const state = tasks.get(id)?.state;
	return state === 'failed' ? 'has failed' : state === 'cancelled' ? 'was cancelled' : 'has ended';
};

/**
 * Explains what a blocked task waits for, down to the first that is not blocked: `waits for t-3 to be merged, which waits for t-2: dev-1
 * works on t-2`. `why` explains another task.
 */
export const blockedBy = (task: Task, team: TeamSnapshot, why: (task: Task) => string): string => {
	const open = openAfter(task, team);
	const ended = open.find(id => ['failed', 'cancelled'].includes(team.tasks.get(id)?.state ?? ''));
	if (ended) return `waits for ${ended}, which ${endedWord(ended, team)}`;
	const [first] = open;
	if (first === undefined) return 'waits for its dependencies';
	const named = open.length === 1 ? feature(first, team) : '';
	const begin = named === '' ? `waits for ${open.join(', ')} to be merged` : `waits for ${named}`;
	const hops: string[] = [];
	const seen = new Set([task.id, first]);
	let at = team.tasks.get(first);
	while (at && at.state === 'blocked' && at.decision === '' && hops.length < MOST_HOPS) {
		const [next] = openAfter(at, team);
		if (next === undefined || seen.has(next)) break;
		seen.add(next);
		hops.push(`, which waits for ${feature(next, team) || next}`);
		at = team.tasks.get(next);
	}
	const isDeserted = [...team.agents.values()].every(({status}) => status === 'stopped');
	const isEnd = at !== undefined && (at.state !== 'blocked' || at.decision !== '');
	// If no room runs, no agent is idle, whatever the task needs.
	const ends = at && isEnd && (!isDeserted || at.decision !== '') ? standing(at, why) : '';
	return `${begin}${hops.join('')}${ends === '' ? '' : `: ${ends}`}`;
};
