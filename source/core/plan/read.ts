import type {NewTask} from '../intake/new-task.ts';
import {readSubmission} from '../intake/submission.ts';
import {plainText, plainTextLine} from '../text/quote.ts';
import {type Refusal, refusal} from '../text/refusal.ts';
import {MOST_PLANNED, orderPlan, type Plan, type PlanProblem, type PlanTask, problemText} from './plan.ts';
import {type LineOf, parsePlan} from './yaml.ts';

/** `lineOf` locates a task (by index) or one of its keys in the text. */
export type PlanRead =
	| {readonly ok: true; readonly plan: Plan; readonly lineOf: LineOf}
	| {readonly ok: false; readonly problems: readonly PlanProblem[]};

const KEYS = ['title', 'id', 'description', 'priority', 'needs', 'paths', 'after', 'role', 'model'] as const;

type Roles = Parameters<typeof readSubmission>[1]['roles'];

/** What the queue would refuse of a task, key by key, for errors with lines. */
const formProblems = (task: NewTask, index: number, lineOf: LineOf, roles: Roles): readonly PlanProblem[] =>
	KEYS.flatMap(key => {
		if (task[key] === undefined) return [];
		const read = readSubmission({title: 'a task', [key]: task[key]}, {plan: 'off', attempts: 1, ...(roles ? {roles} : {})});
		return read.ok ? [] : [{line: lineOf('tasks', index, key), message: `\`${key}\`: ${read.message} ${read.hint}`.trim()}];
	});

const whole = (task: NewTask, priority: number): PlanTask => ({
	id: task.id ?? '',
	title: plainTextLine(task.title),
	description: plainText(task.description ?? ''),
	acceptance: (task.acceptance ?? []).map(criterion => plainTextLine(criterion, 1000)).filter(Boolean),
	after: [...new Set(task.after ?? [])],
	priority: task.priority ?? priority,
	needs: [...new Set(task.needs ?? [])],
	paths: [...new Set(task.paths ?? [])],
	role: task.role ?? 'developer',
	audit: task.audit ?? false,
	...(task.model ? {model: task.model} : {}),
});

/** In characters: a longer plan would block the room, and is too long to review. */
const LONGEST = 256 * 1024;

const lowered = (task: NewTask): NewTask => ({...task, id: task.id?.toLowerCase(), after: task.after?.map(id => id.toLowerCase())});

/**
 * Reads an agent's or your plan and checks its form: keys, unique ids, no cycle, size; hidden characters are made visible. `checkPlan`
 * checks what depends on team and queue. `priority` is the default, `roles` are the configured ones.
 */
export const readPlan = (text: string, {priority = 50, roles}: {readonly priority?: number; readonly roles?: Roles} = {}): PlanRead => {
	if (text.length > LONGEST)
		return {ok: false, problems: [{line: 1, message: `the plan has ${text.length} characters; at most ${LONGEST}.`}]};
	const parsed = parsePlan(text);
	if (!parsed.ok) return parsed;
	const {summary, cancel, lineOf} = parsed.file;
	const tasks = parsed.file.tasks.map(lowered);
	const fail = (...problems: readonly PlanProblem[]): PlanRead => ({ok: false, problems});
	if (tasks.length === 0 && cancel.length === 0) return fail({line: 1, message: 'the plan has no task.'});
	if (tasks.length > MOST_PLANNED)
		return fail({line: 1, message: `the plan has ${tasks.length} tasks; at most ${MOST_PLANNED}. Make larger ones.`});
	const problems = tasks.flatMap((task, index) => formProblems(task, index, lineOf, roles));
	const nested = tasks.findIndex(task => task.feature);
	if (nested >= 0) problems.push({line: lineOf('tasks', nested, 'feature'), message: '`feature`: a task of a plan cannot be a feature.'});
	const twice = tasks.findIndex((task, index) => tasks.findIndex(other => other.id === task.id) < index);
	if (twice >= 0) problems.push({line: lineOf('tasks', twice, 'id'), message: `the id \`${tasks[twice]?.id}\` is used twice.`});
	if (problems.length > 0) return fail(...problems);
	const ordered = orderPlan(tasks);
	if (!ordered.ok) return fail({line: lineOf('tasks', circleAt(tasks), 'after'), message: `${ordered.message} ${ordered.hint}`});
	return {
		ok: true,
		plan: {
			summary: plainText(summary, 2000),
			tasks: tasks.map(task => whole(task, priority)),
			cancel: cancel.map(id => id.toLowerCase()),
		},
		lineOf,
	};
};

/** Index of a task in a cycle. */
const circleAt = (tasks: readonly NewTask[]): number => {
	const waits = new Map(tasks.map(task => [task.id, task.after ?? []]));
	const meets = (goal: string | undefined, ids: readonly string[], seen: Set<string>): boolean =>
		ids.some(id => {
			if (id === goal) return true;
			if (seen.has(id)) return false;
			seen.add(id);
			return meets(goal, waits.get(id) ?? [], seen);
		});
	return Math.max(
		0,
		tasks.findIndex(task => meets(task.id, task.after ?? [], new Set())),
	);
};

export const badPlan = (problems: readonly PlanProblem[]): Refusal => refusal('bad-plan', problemText(problems));
