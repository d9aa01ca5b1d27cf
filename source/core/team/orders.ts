import type {Submission} from '../intake/submission.ts';
import type {Lease} from './coordination.ts';

/** Answers of the scripts as words. `stale`: the token was superseded; `gone`: no such task (or it is finished). */
export type Written = 'ok' | 'stale' | 'gone';

/** What agents use up, and what those of one account are allowed for now: steps of the coordination, one script each. */
export interface Accounts {
	/**
	 * Counts what an agent used up, also for the task's feature (`tokensCached`: of `tokensIn`, what a cache of the provider gave); `stale`: not on the task, which somebody else has by now. `counter` names what the
	 * amounts are the running totals of (a session): then only what it grew by is counted, however often, late or anew it is said.
	 */
	recordUsage(
		cost: Lease & {micros: number; tokensIn: number; tokensOut: number; tokensCached?: number; counter?: string},
	): Promise<Written>;
	/**
	 * An account was refused for now: nothing is handed to its agents until the time that is answered (epoch ms of the server). Then one of them
	 * goes ahead, and the others follow once it was answered. `retryMs`: how long it is told to wait, 0 where it is not told: then 30 s, twice as
	 * long each time in a row, 10 min at most.
	 */
	throttle(refusal: {account: string; agent: string; retryMs: number; reason: string}): Promise<{until: number}>;
	/** A person lifts it. `gone`: the account does not wait. */
	clearRateLimit(account: string): Promise<'ok' | 'gone'>;
}

/** What a person orders beside the work itself, each one atomic step. */
export type PersonOrders = QueueOrders & MergeOrders;

/** A commit that takes back what landed, and the task that it becomes. */
export type RevertOrder = {
	/** The task that landed, and as which commit. */
	readonly task: string;
	readonly mergedCommit: string;
	readonly id: string;
	readonly title: string;
	/** For whoever takes it up where its tests fail. */
	readonly description: string;
	readonly attempts: number;
	readonly commit: string;
	readonly branch: string;
	readonly worktree: string;
	/** The commit that it stands on. */
	readonly base: string;
};

/** A move of the base by an agent: whose work it was moved to (`agent` '' where nobody knows), from which commit to which. */
export type StrayMove = {readonly task: string; readonly agent: string; readonly from: string; readonly to: string};

/** Steps about what has landed or never will, and what a person orders about it, each one atomic step. */
export type MergeOrders = {
	/**
	 * The commit waits for its test at once, as a task. `exists`: another (`id`) takes the landing back already; `taken`: the id is another's; `gone`: the
	 * task has not landed as that commit.
	 */
	revert(order: RevertOrder): Promise<{code: 'ok' | 'exists' | 'taken' | 'gone'; id: string}>;
	/** The base holds the landing `landed` no longer: the task asks whether it is merged again, and says `why`. `stale`: it is not merged as that. */
	unmerge(lost: {readonly task: string; readonly mergedCommit: string; readonly why: string}): Promise<Written>;
	/** The base holds it again, or as another commit. `stale`: it neither waits because of `was`, nor is it merged as that. */
	remerge(found: {readonly task: string; readonly was: string; readonly mergedCommit: string; readonly text: string}): Promise<Written>;
	/** Work of an unlanded attempt was put on the base: nothing is tested or lands until `unstray`. */
	stray(reorder: StrayMove & {readonly text: string}): Promise<void>;
	/** It is decided. `stale`: the alarm is not about that commit (any more). */
	unstray(commit: string, text: string): Promise<'ok' | 'stale'>;
	/**
	 * A blocked task waits no longer for `without`, which is dead or cancelled, or a feature of which something is. `gone`: it is not blocked; `stale`: it does not
	 * wait for that; `open`: that may still be merged.
	 */
	removeDependency(task: string, without: string): Promise<'ok' | 'gone' | 'stale' | 'open'>;
};

/** Orders of a person about whose turn it is in the queue, each one atomic step. */
export type QueueOrders = {
	/**
	 * Two tasks that wait change places, so that `task` comes before `other`; no other task moves. `same`: it did already. `gone`, `leased`, `asks`:
	 * `id` is over, is being worked on, or waits for a decision.
	 */
	reorder(task: string, other: string): Promise<{code: 'ok' | 'same' | 'gone' | 'leased' | 'needs-decision'; id: string}>;
	/** Another priority for a task that waits, 0 to 100. */
	setPriority(task: string, priority: number): Promise<'ok' | 'same' | 'gone' | 'leased' | 'needs-decision'>;
};

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
	| {readonly code: 'exists' | 'unknown' | 'cycle' | 'merging' | 'many'; readonly id: string}
	| {readonly code: 'stale' | 'gone'};
