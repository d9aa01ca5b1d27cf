/** A commit that takes back what landed, and the task that it becomes. */
export type RevertOrder = {
	/** The task that landed, and as which commit. */
	readonly task: string;
	readonly landed: string;
	readonly id: string;
	readonly title: string;
	/** For whoever takes it up where its tests fail. */
	readonly brief: string;
	readonly attempts: number;
	readonly commit: string;
	readonly branch: string;
	readonly worktree: string;
	/** The commit that it stands on. */
	readonly base: string;
};

/** Orders of a person about what has landed or never will, each one atomic step. */
export type LandingOrders = {
	/**
	 * The commit waits for its test at once, as a task. `exists`: another (`id`) takes the landing back already; `taken`: the id is another's; `gone`: the
	 * task has not landed as that commit.
	 */
	revert(order: RevertOrder): Promise<{code: 'ok' | 'exists' | 'taken' | 'gone'; id: string}>;
	/**
	 * A blocked task waits no longer for `without`, which is dead or cancelled, or a feature of which something is. `gone`: it is not blocked; `stale`: it does not
	 * wait for that; `open`: that may still be merged.
	 */
	free(task: string, without: string): Promise<'ok' | 'gone' | 'stale' | 'open'>;
};
