/** What was handed over: the first prompt of an attempt, a person's reply, a reminder at the end of a turn, that it may go on, or mail. */
export type Handed = 'prompt' | 'reply' | 'reminder' | 'go-on' | 'mail';

/**
 * What became of a text that was handed to an agent's program. `proved`: a sign of the program says that it took it up. `rejected`: it was not typed,
 * or the program would not have it. `unknown`: it was typed and nothing proves that it arrived; that never takes a task from anybody.
 */
export type Receipt = {
	readonly what: Handed;
	readonly outcome: 'proved' | 'rejected' | 'unknown';
	/** Which sign proved it, or why not, in words. */
	readonly by: string;
	/** Moment of the attempt's own clock, ms. */
	readonly at: number;
};
