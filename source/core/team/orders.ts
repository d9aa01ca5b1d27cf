import type {Submission} from '../intake/submission.ts';
import type {Lease} from './coordination.ts';
import type {FullChange} from './full-tests.ts';

/** Answers of the scripts. `stale`: the token was superseded; `gone`: no such task, or it is finished. */
export type Written = 'ok' | 'stale' | 'gone';

/** Usage and rate limits of accounts: one script each. */
export interface Accounts {
	/**
	 * Records an agent's usage, also for the task's feature (`tokensCached`: part of `tokensIn`); `stale`: not for the task, which another
	 * agent has. `counter` names what the amounts are running totals of (a session): only its growth counts, however often or late it is
	 * reported.
	 */
	recordUsage(
		cost: Lease & {
			micros: number;
			tokensIn: number;
			tokensOut: number;
			tokensCached?: number;
			counter?: string;
			cancelledCalls?: number;
			model?: string;
		},
	): Promise<Written>;
	/**
	 * An account was rate-limited: its agents get no task until the returned time (epoch ms of the server). Then one tries, and the others
	 * resume when it succeeds. `retryMs`: the provider's delay, 0 if unknown: then 30 s, doubled each consecutive time, at most 10 min.
	 */
	throttle(refusal: {account: string; agent: string; retryMs: number; reason: string}): Promise<{until: number}>;
	/** Clears a rate limit by your order. `gone`: there is none. */
	clearRateLimit(account: string): Promise<'ok' | 'gone'>;
}

/** Human orders outside the pipeline, each one atomic step. */
export type PersonOrders = QueueOrders & MergeOrders;

/** A commit that reverts a merge, and the task for it. */
export type RevertOrder = {
	/** The merged task and its merge commit. */
	readonly task: string;
	readonly mergedCommit: string;
	readonly id: string;
	readonly title: string;
	/** For the agent that continues it if its tests fail. */
	readonly description: string;
	readonly attempts: number;
	readonly commit: string;
	readonly branch: string;
	readonly worktree: string;
	/** The commit it is based on. */
	readonly base: string;
};

/** An agent's move of the base: whose work (`agent` '' if unknown), from and to which commit. */
export type StrayMove = {readonly task: string; readonly agent: string; readonly from: string; readonly to: string};

/**
 * What a forge says of a task's pull request. `kept`: only the fields change; `home`: changes are requested; `test`: tested again on the present
 * base; `closed`: you are asked; `open`: again, nothing is asked; `merged`: as `mergedCommit`. `role` is that of the stage that it goes to.
 */
export type PullChange = {
	readonly task: string;
	readonly head: string;
	readonly outcome: 'kept' | 'home' | 'test' | 'closed' | 'open' | 'merged';
	readonly role: string;
	readonly mergedCommit: string;
	readonly text: string;
	readonly fields: Readonly<Record<string, string>>;
};

/** Steps about merged tasks and those that never will be, each one atomic step. */
export type MergeOrders = {
	/**
	 * Queues the commit for its test, as a task. `exists`: another (`id`) already reverts the merge; `taken`: the id is taken; `gone`: the
	 * task has no such merge commit.
	 */
	revert(order: RevertOrder): Promise<{code: 'ok' | 'exists' | 'taken' | 'gone'; id: string}>;
	/** The base lost `mergedCommit`: the task needs a decision about merging again, and says `why`. `stale`: it is not merged as that. */
	unmerge(lost: {readonly task: string; readonly mergedCommit: string; readonly why: string}): Promise<Written>;
	/** The base has it again, perhaps as another commit. `stale`: it neither waits because of `was`, nor is it merged as that. */
	remerge(found: {readonly task: string; readonly was: string; readonly mergedCommit: string; readonly text: string}): Promise<Written>;
	/** What became of a pull request, for exactly the head that was pushed. `stale`: another was since, or the task does not wait for it. */
	pullRequest(given: PullChange): Promise<Written>;
	/** An unmerged attempt's work was put on the base: no test or merge starts until `unstray`. */
	stray(reorder: StrayMove & {readonly text: string}): Promise<void>;
	/** The alarm is resolved. `stale`: it is not, or no longer, about that commit. */
	unstray(commit: string, text: string): Promise<'ok' | 'stale'>;
	/** What all tests have shown about the base. `was`: `stateOf` what the run was started for; `stale`: another was recorded since. */
	noteBaseTests(given: FullChange & {readonly was: string}): Promise<'ok' | 'stale'>;
	/**
	 * Unblocks a task from `without`, which failed, was cancelled, or is a feature with such a task. `gone`: it is not blocked; `stale`: it
	 * does not wait for that; `open`: that may still merge.
	 */
	removeDependency(task: string, without: string): Promise<'ok' | 'gone' | 'stale' | 'open'>;
};

/** Human orders about the queue order, each one atomic step. */
export type QueueOrders = {
	/**
	 * Swaps two waiting tasks, so that `task` comes before `other`; no other task moves. `same`: it already did. `gone`, `leased`,
	 * `needs-decision`: `id` has ended, is running, or waits for a decision.
	 */
	reorder(task: string, other: string): Promise<{code: 'ok' | 'same' | 'gone' | 'leased' | 'needs-decision'; id: string}>;
	/** Sets the priority of a waiting task, 0 to 100. */
	setPriority(task: string, priority: number): Promise<'ok' | 'same' | 'gone' | 'leased' | 'needs-decision'>;
};

/** A feature's plan, as it is applied. */
export type PlanOrder = {
	/** The plan's own task; it ends as `planned`. */
	readonly task: string;
	/** Of its lease; '' for a human who decides on the plan. */
	readonly token: string;
	readonly agent: string;
	/** Unfinished tasks of the feature to cancel, even leased ones. */
	readonly cancel: readonly string[];
	/** New tasks, all of the plan's feature. */
	readonly tasks: readonly Submission[];
	readonly text: string;
};
/**
 * `exists`: the id is taken; `unknown`: no such dependency, or nothing to cancel under that id; `cycle`: these wait for each other (with
 * commas); `merging`: about to be on the base, cannot be cancelled; `many`: too many tasks; `stale`: the token was superseded, or the
 * decision is no longer needed.
 */
export type Planned =
	| {readonly code: 'ok'; readonly ids: readonly string[]}
	| {readonly code: 'exists' | 'unknown' | 'cycle' | 'merging' | 'gathered' | 'many'; readonly id: string}
	| {readonly code: 'stale' | 'gone'};
