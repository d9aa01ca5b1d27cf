import type {Submission} from './coordination.ts';

/** The plan of a feature as it is carried out. */
export type PlanOrder = {
	/** The plan's own task; it ends as `planned`. */
	readonly task: string;
	/** Of its lease; '' for a person who decides on a task that asks `plan`. */
	readonly token: string;
	readonly agent: string;
	/** Unfinished tasks of the same feature that are cancelled, whoever works on them. */
	readonly cancel: readonly string[];
	/** New tasks, all of the plan's feature. */
	readonly tasks: readonly Submission[];
	readonly text: string;
};
/**
 * `exists`: the id is taken; `unknown`: no such dependency, or nothing to cancel under that id; `cycle`: these wait for one another (with
 * commas); `landing`: it is about to be on the base and cannot be cancelled; `many`: too many tasks; `stale`: the token was superseded, or the task no longer asks.
 */
export type Planned =
	| {readonly code: 'ok'; readonly ids: readonly string[]}
	| {readonly code: 'exists' | 'unknown' | 'cycle' | 'landing' | 'many'; readonly id: string}
	| {readonly code: 'stale' | 'gone'};
