import {Document, isMap, isSeq, Scalar} from 'yaml';
import type {Plan, PlanTask} from './plan.ts';

/** Only what says something: a default that was left out is read as itself. */
const entryOf = (task: PlanTask): Readonly<Record<string, unknown>> => ({
	id: task.id,
	title: task.title,
	...(task.role === 'developer' ? {} : {role: task.role}),
	priority: task.priority,
	...(task.after.length === 0 ? {} : {after: task.after}),
	...(task.needs.length === 0 ? {} : {needs: task.needs}),
	...(task.paths.length === 0 ? {} : {paths: task.paths}),
	...(task.audit ? {audit: true} : {}),
	...(task.brief === '' ? {} : {brief: task.brief}),
	...(task.acceptance.length === 0 ? {} : {acceptance: task.acceptance}),
});

const HEAD = [
	' A task has: id, title, brief, acceptance, after (ids), priority (0 to 100, 100 first),',
	' needs (capabilities), paths, role, audit. Lines that begin with # are left out.',
].join('\n');

const FLOWING = ['after', 'needs', 'paths'];

/**
 * A plan as YAML for people: `readPlan` reads it back as the same plan. `titles` names the tasks that it cancels.
 */
export const planText = (plan: Plan, titles: ReadonlyMap<string, string> = new Map()): string => {
	const document = new Document({
		...(plan.summary === '' ? {} : {summary: plan.summary}),
		...(plan.cancel.length === 0 ? {} : {cancel: plan.cancel}),
		tasks: plan.tasks.map(entryOf),
	});
	document.commentBefore = HEAD;
	const tasks = document.get('tasks', true);
	for (const [index, task] of isSeq(tasks) ? tasks.items.entries() : []) {
		if (!isMap(task)) continue;
		// A line between two tasks lets one see where the next begins.
		if (index > 0) task.spaceBefore = true;
		for (const key of FLOWING) {
			const list = task.get(key, true);
			if (isSeq(list)) list.flow = true;
		}
	}
	const cancelled = document.get('cancel', true);
	for (const item of isSeq(cancelled) ? cancelled.items : [])
		if (item instanceof Scalar) item.comment = titles.has(String(item.value)) ? ` ${oneLine(titles.get(String(item.value)) ?? '')}` : null;
	return document.toString({lineWidth: 0, flowCollectionPadding: false});
};

const oneLine = (text: string): string => text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
