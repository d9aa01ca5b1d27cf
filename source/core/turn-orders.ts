/** Orders of a person about whose turn it is in the queue, each one atomic step. */
export type TurnOrders = {
	/**
	 * Two tasks that wait change places, so that `task` comes before `other`; no other task moves. `same`: it did already. `gone`, `leased`, `asks`:
	 * `id` is over, is being worked on, or waits for a decision.
	 */
	move(task: string, other: string): Promise<{code: 'ok' | 'same' | 'gone' | 'leased' | 'asks'; id: string}>;
	/** Another priority for a task that waits, 0 to 100. */
	prioritise(task: string, priority: number): Promise<'ok' | 'same' | 'gone' | 'leased' | 'asks'>;
};
