import * as z from 'zod';
import type {Stage} from '../task/task.ts';
import type {Report} from './request.ts';

/** All keys required, no others allowed: the strictest schema that a model service may demand. */
const verdict = z.strictObject({
	verdict: z.enum(['approve', 'changes']).describe('approve: the work continues to its tests. changes: its author must fix it'),
	summary: z.string().describe('the reason, in one or two sentences'),
	comments: z
		.array(
			z.strictObject({
				file: z.string().describe('path in the repository; empty for none'),
				line: z.int().describe('from 1; 0 for none'),
				severity: z.enum(['must-fix', 'nit']).describe('must-fix: wrong, missing or dangerous; makes the verdict `changes`'),
				text: z.string().describe('what is wrong and how to fix it'),
			}),
		)
		.describe('one for each location'),
});

const plan = z.strictObject({
	summary: z.string().describe('what is built, in which order, and why, in one or two sentences'),
	tasks: z.array(
		z.strictObject({
			id: z.string().describe('at most 40 lower-case letters, digits and dashes'),
			title: z.string(),
			description: z.string().describe('what to do, and everything its developer must know'),
			acceptance: z.array(z.string()).describe('checkable criteria, one each'),
			after: z.array(z.string()).describe('ids of tasks that must merge first'),
			priority: z.int().describe('0 to 100, 100 first; 50 if it does not matter'),
			needs: z.array(z.string()).describe('capabilities that its agent needs'),
			paths: z.array(z.string()).describe('patterns of the paths it will change, such as src/db/**'),
			role: z.string().describe('empty for a developer'),
			audit: z.boolean().describe('true if a mistake would be a security risk'),
		}),
	),
	cancel: z.array(z.string()).describe('only when replanning: unfinished tasks of the feature that are no longer wanted'),
});

/** The structured answer of a stage; stages that answer with commits have none. */
const ANSWERS = {review: verdict, audit: verdict, plan} as const satisfies Partial<Record<Stage, z.ZodType>>;

const hasAnswer = (stage: Stage): stage is keyof typeof ANSWERS => Object.hasOwn(ANSWERS, stage);

/** Returns the JSON schema of a stage's answer for the CLI's own switch; '' without one. */
export const answerSchemaFor = (stage: Stage): string => {
	if (!hasAnswer(stage)) return '';
	const {$schema: _, ...schema} = z.toJSONSchema(ANSWERS[stage], {target: 'draft-7'});
	return JSON.stringify(schema, (key, value: unknown) => (key === 'minimum' || key === 'maximum' ? undefined : value));
};

/** Read leniently: omits what has one obvious meaning. */
const given = z.object({
	verdict: verdict.shape.verdict,
	summary: z.string().default(''),
	comments: z
		.array(
			z.object({
				file: z.string().nullish(),
				line: z.number().nullish(),
				severity: z.enum(['must-fix', 'nit']),
				text: z.string(),
			}),
		)
		.default([]),
});

/** An approval with unreadable comments does not count: one may be a must-fix. A request for changes always counts. */
const toVerdict = (value: unknown, text: string): Report | undefined => {
	const read = given.safeParse(value);
	if (read.success) {
		const comments = read.data.comments.map(({file, line, ...said}) => ({file: file ?? '', line: line ?? 0, ...said}));
		return {kind: 'done', verdict: read.data.verdict, comments: JSON.stringify({text: read.data.summary, comments})};
	}
	const needsInput = given.pick({verdict: true}).safeParse(value);
	return needsInput.success && needsInput.data.verdict === 'changes' ? {kind: 'done', verdict: 'changes', comments: text} : undefined;
};

/** Drops empty keys: the plan format has its own defaults. */
const toPlan = ({summary, tasks, cancel}: z.infer<typeof plan>): Report => {
	const said = (value: unknown): boolean => value !== '' && !(Array.isArray(value) && value.length === 0);
	const short = (value: object): object => Object.fromEntries(Object.entries(value).filter(([, part]) => said(part)));
	return {kind: 'plan', text: JSON.stringify({...short({summary, cancel}), tasks: tasks.map(short)}, null, '\t')};
};

const parsed = (json: string): unknown => {
	try {
		return JSON.parse(json);
	} catch {
		return undefined;
	}
};

/**
 * Returns the report of a structured answer; undefined if the stage has none or it is malformed: a missing verdict is no approval. A
 * malformed plan is reported as is, so that the room can name its errors.
 */
export const reportOfAnswer = (stage: Stage, answer: string): Report | undefined => {
	const value = parsed(answer);
	if (stage === 'plan') {
		const read = plan.safeParse(value);
		if (read.success) return toPlan(read.data);
		return answer.trim() === '' ? undefined : {kind: 'plan', text: answer};
	}
	if (stage !== 'review' && stage !== 'audit') return undefined;
	return toVerdict(value, answer);
};
