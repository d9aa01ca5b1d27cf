import type {Stage} from '../core/task.ts';

/** What a kind of agent is for. A role is data: its stages are its queues, its short name makes its agents' ids. */
export type Role = {
	readonly name: string;
	/** Of its agents' ids: `agent:<short>:001`. Letters only. */
	readonly short: string;
	readonly stages: readonly Stage[];
	/** What it commits travels on. The others work in a tree of their own of which nothing is ever taken. */
	readonly writes: boolean;
	/** Where its work is a program of the room, which one runs in its pane. */
	readonly program?: 'test' | 'merge';
	/** The first text that its agents get: a template in Markdown (`placeholders.ts`). */
	readonly brief: string;
};
