import {roleWord} from '../agent/role-label.ts';
import {pathsOverlap} from '../lock/lock.ts';
import {stageRole} from './stages.ts';
import {priorityBadge, type Task} from './task.ts';

/** Median and ninth decile of durations, in ms from first claim to merge, and of costs, in millionths of a dollar; 0 if unknown. */
export type Estimate = {
	readonly ms: number;
	readonly micros: number;
	readonly msHigh: number;
	readonly microsHigh: number;
	/** Number of tasks behind it. */
	readonly count: number;
	/** What these tasks have in common: `developer tasks in src/cart/**`. */
	readonly like: string;
};

/** What a new task's estimate depends on. */
export type Wanted = {readonly role: string; readonly priority: number; readonly paths: readonly string[]};

/** Finished tasks considered, newest first; older ones say less about the repository. */
const MOST = 200;
/** Minimum for an estimate; a closer match needs a few more to be preferred. */
const LEAST = 3;
const LEAST_CLOSE = 5;

/** Returns the first role of a task; its current role is that of its stage. */
export const firstRole = ({firstStage, firstRole}: Pick<Task, 'firstStage' | 'firstRole'>): string => firstRole || stageRole(firstStage);

/** Returns the value below which this share of the values lies; 0 for none. */
export const quantile = (values: readonly number[], share: number): number => {
	const sorted = values.toSorted((one, other) => one - other);
	return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
};

/** Returns the middle value; for an even count the mean of the two; 0 for none. */
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
 * Estimates from the repository's merged tasks: same role and paths, else same priority, else same role; undefined if too few. Answers are
 * cached.
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
		if (there.length >= LEAST_CLOSE) return estimateOf(there, `${roleWord(role)} tasks in ${paths.join(', ')}`);
		const badge = priorityBadge(priority);
		const alike = all.filter(task => priorityBadge(task.priority) === badge);
		if (alike.length >= LEAST_CLOSE) return estimateOf(alike, `${badge} ${roleWord(role)} tasks`);
		return all.length >= LEAST ? estimateOf(all, `${roleWord(role)} tasks`) : undefined;
	};
	return wanted => {
		const key = JSON.stringify([wanted.role, priorityBadge(wanted.priority), wanted.paths]);
		if (!known.has(key)) known.set(key, answer(wanted));
		return known.get(key);
	};
};
