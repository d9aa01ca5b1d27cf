import {z} from 'zod';

/** A task as a plan has it; every key is there. */
export type PlanTask = {
	readonly id: string;
	readonly title: string;
	readonly brief: string;
	/** What must be true when it is done, one criterion each. */
	readonly acceptance: readonly string[];
	/** Tasks of the plan, or tasks and features that there are already. */
	readonly after: readonly string[];
	/** 0 to 100, 100 first. */
	readonly priority: number;
	/** Capabilities that its agent must have. */
	readonly needs: readonly string[];
	readonly paths: readonly string[];
	readonly role: string;
	/** Wants a security audit beside the review. */
	readonly audit: boolean;
};

/** What an orchestrator makes of a feature. */
export type Plan = {
	/** The plan in a sentence or two. */
	readonly summary: string;
	readonly tasks: readonly PlanTask[];
	/** Unfinished tasks of the feature that a new plan for it leaves out. */
	readonly cancel: readonly string[];
};

/** One thing that is wrong with a plan. `line` is of the text that it was read from, from 1; 0 where there is none. */
export type PlanProblem = {readonly line: number; readonly message: string};

/** A plan made by an agent has at most so many tasks: more than that nobody can look through before accepting it. */
export const MOST_PLANNED = 100;

const stored = z.object({
	summary: z.string(),
	tasks: z.array(
		z.object({
			id: z.string(),
			title: z.string(),
			brief: z.string(),
			acceptance: z.array(z.string()),
			after: z.array(z.string()),
			priority: z.number(),
			needs: z.array(z.string()),
			paths: z.array(z.string()),
			role: z.string(),
			audit: z.boolean(),
		}),
	),
	cancel: z.array(z.string()),
}) satisfies z.ZodType<Plan>;

/** Reads the plan that a task waits with (its `proposal`); undefined where there is none. */
export const readProposal = (json: string): Plan | undefined => {
	if (json === '') return undefined;
	try {
		return stored.parse(JSON.parse(json));
	} catch {
		return undefined;
	}
};

/** What is wrong, one thing a line, for a person or for the agent that wrote it. */
export const problemText = (problems: readonly PlanProblem[]): string =>
	problems.map(({line, message}) => (line > 0 ? `line ${line}: ${message}` : message)).join('\n');
