import {z} from 'zod';
import type {NewTask} from '../intake/new-task.ts';
import type {Inferred} from '../text/inferred.ts';
import {type Refusal, refusal} from '../text/refusal.ts';

/** A task as a plan has it; every key is there. */
export const planTaskSchema = z.object({
	id: z.string(),
	title: z.string(),
	description: z.string(),
	/** What must be true when it is done, one criterion each. */
	acceptance: z.array(z.string()),
	/** Tasks of the plan, or tasks and features that there are already. */
	after: z.array(z.string()),
	/** 0 to 100, 100 first. */
	priority: z.number(),
	/** Capabilities that its agent must have. */
	needs: z.array(z.string()),
	paths: z.array(z.string()),
	role: z.string(),
	/** Wants a security audit beside the review. */
	audit: z.boolean(),
});
export type PlanTask = Inferred<typeof planTaskSchema>;

/** What an orchestrator makes of a feature. */
export const planSchema = z.object({
	/** The plan in a sentence or two. */
	summary: z.string(),
	tasks: z.array(planTaskSchema),
	/** Unfinished tasks of the feature that a new plan for it leaves out. */
	cancel: z.array(z.string()),
});
export type Plan = Inferred<typeof planSchema>;

/** One thing that is wrong with a plan. `line` is of the text that it was read from, from 1; 0 where there is none. */
export type PlanProblem = {readonly line: number; readonly message: string};

/** A plan made by an agent has at most so many tasks: more than that nobody can look through before accepting it. */
export const MOST_PLANNED = 100;

/** Reads the plan that a task waits with (its `proposal`); undefined where there is none. */
export const readProposal = (json: string): Plan | undefined => {
	if (json === '') return undefined;
	try {
		return planSchema.parse(JSON.parse(json));
	} catch {
		return undefined;
	}
};

/** What is wrong, one thing a line, for a person or for the agent that wrote it. */
export const problemText = (problems: readonly PlanProblem[]): string =>
	problems.map(({line, message}) => (line > 0 ? `line ${line}: ${message}` : message)).join('\n');

/** `hold` of a task whose planning gave nothing that could be accepted begins with this. */
export const NO_NEW_PLAN = 'no new plan';

/** Who asks for a plan to be accepted, and has none: a person writes one, has it planned again, or ends it. */
export const isWithoutPlan = ({decision, waitReason}: {readonly decision: string; readonly waitReason: string}): boolean =>
	decision === 'plan' && waitReason.startsWith(NO_NEW_PLAN);

/** Tasks that are accepted in one step: it holds up all others for some hundred milliseconds. */
export const MOST_AT_ONCE = 2000;

/**
 * The tasks of a plan so that each comes after those it waits for; ids that the plan does not have are left to the queue. Refuses an
 * id given twice, a circle, naming its members, and more than one step may take.
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
