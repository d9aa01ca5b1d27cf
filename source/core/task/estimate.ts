import {pathsOverlap} from '../lock/lock.ts';
import {stageRole} from './stages.ts';
import {priorityBadge, type Task} from './task.ts';

/** Middle and ninth decile of what tasks took, in ms from their first claim to their merge, and cost, in millionths of a dollar; 0 where not known. */
export type Estimate = {
	readonly ms: number;
	readonly micros: number;
	readonly msHigh: number;
	readonly microsHigh: number;
	/** How many tasks it is made of. */
	readonly count: number;
	/** What they have in common with the one that is meant, in words: `developer tasks in src/cart/**`. */
	readonly like: string;
};

/** What a task is judged by before anybody has begun it. */
export type Wanted = {readonly role: string; readonly priority: number; readonly paths: readonly string[]};

/** The finished tasks that are looked at, newest first; older ones say less about the repository as it is. */
const MOST = 200;
/** Fewer than this say nothing; tasks that are closer to the one meant must be a few more to be preferred. */
const LEAST = 3;
const LEAST_CLOSE = 5;

/** The role that a task begins with; its own is the role of the stage that it is in. */
export const firstRole = ({firstStage, firstRole}: Pick<Task, 'firstStage' | 'firstRole'>): string => firstRole || stageRole(firstStage);

/** Of values in any order the one below which lies this share of them; 0 of none. */
export const quantile = (values: readonly number[], share: number): number => {
	const sorted = values.toSorted((one, other) => one - other);
	return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
};

/** The middle value; of an even number of them the mean of the two. */
export const median = (values: readonly number[]): number => {
	const sorted = values.toSorted((one, other) => one - other);
	const [low = 0, high = 0] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
	return (low + high) / 2;
};

const estimateOf = (tasks: readonly Task[], like: string): Estimate => {
	const times = tasks.filter(({startedAt, doneAt}) => startedAt > 0 && doneAt > startedAt).map(({startedAt, doneAt}) => doneAt - startedAt);
	const costs = tasks.filter(({spent}) => spent > 0).map(({spent}) => spent);
	return {
		ms: median(times),
		micros: Math.round(median(costs)),
		msHigh: quantile(times, 0.9),
		microsHigh: quantile(costs, 0.9),
		count: tasks.length,
		like,
	};
};

/**
 * Estimates from this repository's own merged tasks: of those of the same role that touch the same paths, else that have the same priority, else
 * of all of the role; undefined where they are too few. Each question is answered once.
 */
export const createEstimator = (tasks: Iterable<Task>): ((wanted: Wanted) => Estimate | undefined) => {
	const merged = [...tasks]
		.filter(({state, startedAt, spent}) => state === 'merged' && startedAt + spent > 0)
		.sort((one, other) => other.doneAt - one.doneAt)
		.slice(0, MOST);
	const byRole = Map.groupBy(merged, firstRole);
	const known = new Map<string, Estimate | undefined>();
	const answer = ({role, priority, paths}: Wanted): Estimate | undefined => {
		const all = byRole.get(role) ?? [];
		const there = all.filter(task => task.paths.some(path => paths.some(other => pathsOverlap(path, other))));
		if (there.length >= LEAST_CLOSE) return estimateOf(there, `${role} tasks in ${paths.join(', ')}`);
		const badge = priorityBadge(priority);
		const alike = all.filter(task => priorityBadge(task.priority) === badge);
		if (alike.length >= LEAST_CLOSE) return estimateOf(alike, `${badge} ${role} tasks`);
		return all.length >= LEAST ? estimateOf(all, `${role} tasks`) : undefined;
	};
	return wanted => {
		const key = JSON.stringify([wanted.role, priorityBadge(wanted.priority), wanted.paths]);
		if (!known.has(key)) known.set(key, answer(wanted));
		return known.get(key);
	};
};
