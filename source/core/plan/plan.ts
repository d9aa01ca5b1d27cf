import * as z from 'zod';
import type {NewTask} from '../intake/new-task.ts';
import type {Inferred} from '../text/inferred.ts';
import {type Refusal, refusal} from '../text/refusal.ts';

/** A planned task; every key is required. */
export const planTaskSchema = z.object({
	id: z.string(),
	title: z.string(),
	description: z.string(),
	/** Acceptance criteria. */
	acceptance: z.array(z.string()),
	/** Tasks of the plan, or existing tasks and features. */
	after: z.array(z.string()),
	/** 0 to 100, 100 first. */
	priority: z.number(),
	/** Required capabilities. */
	needs: z.array(z.string()),
	paths: z.array(z.string()),
	role: z.string(),
	/** Requires a security audit besides the review. */
	audit: z.boolean(),
	/** The model of the agents that write for it; its agent's own without one. */
	model: z.string().optional(),
});
export type PlanTask = Inferred<typeof planTaskSchema>;

/** An orchestrator's plan of a feature. */
export const planSchema = z.object({
	/** One or two sentences. */
	summary: z.string(),
	tasks: z.array(planTaskSchema),
	/** Unfinished tasks of the feature that the new plan drops. */
	cancel: z.array(z.string()),
});
export type Plan = Inferred<typeof planSchema>;

/** A problem of a plan. `line` is of its text, from 1; 0 if unknown. */
export type PlanProblem = {readonly line: number; readonly message: string};

/** Limit for agents' plans: a longer one is too long to review. */
export const MOST_PLANNED = 100;

/** Returns the plan that a task proposes (`proposal`); undefined without one. */
export const readProposal = (json: string): Plan | undefined => {
	if (json === '') return undefined;
	try {
		return planSchema.parse(JSON.parse(json));
	} catch {
		return undefined;
	}
};

/** Formats problems, one a line. */
export const problemText = (problems: readonly PlanProblem[]): string =>
	problems.map(({line, message}) => (line > 0 ? `line ${line}: ${message}` : message)).join('\n');

/** `waitReason` of a task whose planning failed starts with this. */
export const NO_NEW_PLAN = 'no new plan';

/** Whether a plan needs approval but does not exist: you can write one, replan or cancel. */
export const isWithoutPlan = ({decision, waitReason}: {readonly decision: string; readonly waitReason: string}): boolean =>
	decision === 'plan' && waitReason.startsWith(NO_NEW_PLAN);

/** Limit for one step: a step of this size blocks all others for some hundred ms. */
export const MOST_AT_ONCE = 2000;

/**
 * Sorts tasks after their dependencies; unknown ids are left to the queue. Refuses duplicate ids, a cycle (naming its members), and more
 * than one step may take.
 */
export const orderPlan = (tasks: readonly NewTask[]): {readonly ok: true; readonly tasks: readonly NewTask[]} | Refusal => {
	if (tasks.length > MOST_AT_ONCE)
		return refusal(
			'bad-plan',
			`The plan has ${tasks.length} tasks; at most ${MOST_AT_ONCE} can be added at once.`,
			'Split it into several plans.',
		);
	const ids = tasks.flatMap(task => (task.id === undefined ? [] : [task.id]));
	const twice = ids.find((id, index) => ids.indexOf(id) !== index);
	if (twice !== undefined) return refusal('bad-plan', `The plan uses id \`${twice}\` twice.`, 'Give each task its own id.');
	const own = new Set(ids);
	const placed = new Set<string>();
	const ordered: NewTask[] = [];
	let rest = tasks;
	while (rest.length > 0) {
		const free = rest.filter(task => (task.after ?? []).every(id => !own.has(id) || placed.has(id)));
		if (free.length === 0) {
			const circle = rest.flatMap(task => task.id ?? []).join('`, `');
			return refusal('bad-plan', `These tasks of the plan depend on each other: \`${circle}\`.`, 'Remove one of them from `after`.');
		}
		ordered.push(...free);
		for (const task of free) if (task.id !== undefined) placed.add(task.id);
		rest = rest.filter(task => !free.includes(task));
	}
	return {ok: true, tasks: ordered};
};
