import {Document, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, Scalar, visit} from 'yaml';
import * as z from 'zod';
import type {NewTask} from '../intake/new-task.ts';
import {nearest} from '../text/refusal.ts';
import {slug} from './markdown.ts';
import {MOST_AT_ONCE, type Plan, type PlanProblem, type PlanTask} from './plan.ts';

const words = z
	.union([z.array(z.coerce.string()), z.string().transform(text => text.split(','))], 'a list, or words separated by commas')
	.transform(list => list.map(word => word.trim()).filter(Boolean));

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

const criteria = z
	.union(
		[z.array(z.coerce.string()), z.string().transform(text => text.split('\n').map(line => line.replace(/^\s*[-*] /, '')))],
		'a list of sentences',
	)
	.transform(list => list.map(oneLine).filter(Boolean))
	.pipe(z.array(z.string().max(1000, 'a criterion has at most 1,000 characters')).max(50, 'at most 50 criteria'));

const task = z.strictObject({
	title: z.string().min(1),
	id: z.coerce.string().optional(),
	description: z.string().optional(),
	acceptance: criteria.optional(),
	priority: z.number().optional(),
	role: z.string().optional(),
	needs: words.optional(),
	after: words.optional(),
	paths: words.optional(),
	audit: z.boolean().optional(),
	model: z.coerce.string().optional(),
	feature: z.boolean().optional(),
});

const TOP = ['summary', 'tasks', 'cancel'];

/** Line of a key of a list entry, from 1; without a key, of the entry. */
export type LineOf = (list: string, index: number, key?: string) => number;

/** A plan as its file has it: only the given keys, and an id for each task. */
export type PlanFile = {
	readonly summary: string;
	readonly tasks: readonly NewTask[];
	readonly cancel: readonly string[];
	readonly lineOf: LineOf;
};

export type PlanFileRead = {readonly ok: true; readonly file: PlanFile} | {readonly ok: false; readonly problems: readonly PlanProblem[]};

/** The first problems often cause the rest. */
const MOST_PROBLEMS = 20;

const bad = (problems: readonly PlanProblem[]): PlanFileRead => ({ok: false, problems: problems.slice(0, MOST_PROBLEMS)});

const unknownKey = (key: string, known: readonly string[]): string => {
	const meant = nearest(key, known);
	return `unknown key \`${key}\`. ${meant ? `Did you mean \`${meant}\`?` : `Known here: ${known.join(', ')}.`}`;
};

/** Removes a Markdown fence around the whole answer; line numbers stay. */
const withoutFence = (content: string): string => {
	const fenced = /^(\s*)```[^\n]*\n([\s\S]*?)\n```\s*$/.exec(content);
	return fenced ? `${fenced[1]}\n${fenced[2]}\n` : content;
};

/** Finds a duplicate key. The library compares all pairs, which takes minutes on large maps. */
const keyTwice = (document: Document, lines: LineCounter): PlanProblem | undefined => {
	let found: PlanProblem | undefined;
	visit(document, {
		Map: (_, {items}) => {
			const keys = new Set<unknown>();
			for (const {key} of items) {
				if (!isScalar(key)) continue;
				if (keys.has(key.value)) {
					found = {line: lines.linePos(key.range?.[0] ?? 0).line, message: `the key \`${String(key.value)}\` is used twice.`};
					return visit.BREAK;
				}
				keys.add(key.value);
			}
			return undefined;
		},
	});
	return found;
};

const linesOf = (document: Document, lines: LineCounter, isMap: boolean): LineOf => {
	const lineAt = (path: ReadonlyArray<string | number>): number | undefined => {
		const node = document.getIn(path, true);
		return isNode(node) && node.range ? lines.linePos(node.range[0]).line : undefined;
	};
	return (list, index, key) => {
		const path = [...(isMap ? [list] : []), index];
		return (key === undefined ? undefined : lineAt([...path, key])) ?? lineAt(path) ?? (isMap ? lineAt([list]) : undefined) ?? 1;
	};
};

const entryProblems = (entry: unknown, index: number, lineOf: LineOf): readonly PlanProblem[] => {
	const checked = task.safeParse(entry);
	if (checked.success) return [];
	return checked.error.issues.map(issue => {
		if (issue.code === 'unrecognized_keys') {
			const [key = ''] = issue.keys;
			return {line: lineOf('tasks', index, key), message: unknownKey(key, Object.keys(task.shape))};
		}
		const [key] = issue.path.map(String);
		if (key === 'title' && issue.code === 'invalid_type') return {line: lineOf('tasks', index, key), message: 'missing `title`.'};
		return key === undefined
			? {line: lineOf('tasks', index), message: 'a task is a title, or a map with `title:`.'}
			: {line: lineOf('tasks', index, key), message: `\`${key}\`: ${issue.message}.`};
	});
};

const named = (tasks: readonly NewTask[]): readonly NewTask[] => {
	const ids = new Set<string>();
	return tasks.map(given => {
		const plain = given.id ?? slug(given.title);
		let id = plain;
		if (given.id === undefined) for (let number = 2; ids.has(id); number++) id = `${plain}-${number}`;
		ids.add(id);
		return {...given, id};
	});
};

/**
 * Reads a plan in YAML or JSON: a list of tasks, or a map with `tasks:` and more. A task is a title or a map. Reports all problems at once,
 * with lines. Tasks without an id get one from their title.
 */
export const parsePlan = (content: string): PlanFileRead => {
	const lines = new LineCounter();
	const document = parseDocument(withoutFence(content), {lineCounter: lines, prettyErrors: false, uniqueKeys: false});
	if (document.errors.length > 0)
		return bad(
			document.errors.map(error => ({line: lines.linePos(error.pos[0]).line, message: error.message.split('\n')[0] ?? 'not YAML'})),
		);
	let whole: unknown;
	try {
		const twice = keyTwice(document, lines);
		if (twice) return bad([twice]);
		whole = document.toJS({maxAliasCount: 50});
	} catch {
		return bad([{line: 1, message: 'too many aliases.'}]);
	}
	const map =
		typeof whole === 'object' && whole !== null && !Array.isArray(whole) ? (whole as Readonly<Record<string, unknown>>) : undefined;
	const isPlan = map && ('tasks' in map || 'cancel' in map);
	const entries = map ? (map.tasks ?? []) : whole;
	if (!Array.isArray(entries) || (map && !isPlan)) return bad([{line: 1, message: 'a plan is a list of tasks, or `tasks:` with one.'}]);
	const lineOf = linesOf(document, lines, map !== undefined);
	const wrongKey = Object.keys(map ?? {}).find(key => !TOP.includes(key));
	if (wrongKey !== undefined) return bad([{line: lineOf(wrongKey, 0), message: unknownKey(wrongKey, TOP)}]);
	const summary = z.string().nullish().safeParse(map?.summary);
	const cancel = words.nullish().safeParse(map?.cancel);
	if (!summary.success) return bad([{line: 1, message: '`summary`: a text.'}]);
	if (!cancel.success) return bad([{line: lineOf('cancel', 0), message: '`cancel`: a list of ids.'}]);
	// Checked before the tasks are read: a flood must not block the room.
	if (entries.length > MOST_AT_ONCE) return bad([{line: 1, message: `it has ${entries.length} tasks; at most ${MOST_AT_ONCE} are read.`}]);
	const raw = entries.map((entry: unknown): unknown => (typeof entry === 'string' ? {title: entry} : entry));
	const problems = raw.flatMap((entry, index) => entryProblems(entry, index, lineOf));
	if (problems.length > 0) return bad(problems);
	const tasks = named(raw.map((entry): NewTask => task.parse(entry)));
	return {ok: true, file: {summary: summary.data ?? '', tasks, cancel: cancel.data ?? [], lineOf}};
};

/** Drops values that equal their default. */
const entryOf = (task: PlanTask): Readonly<Record<string, unknown>> => ({
	id: task.id,
	title: task.title,
	...(task.role === 'developer' ? {} : {role: task.role}),
	priority: task.priority,
	...(task.after.length === 0 ? {} : {after: task.after}),
	...(task.needs.length === 0 ? {} : {needs: task.needs}),
	...(task.paths.length === 0 ? {} : {paths: task.paths}),
	...(task.audit ? {audit: true} : {}),
	...(task.model ? {model: task.model} : {}),
	...(task.description === '' ? {} : {description: task.description}),
	...(task.acceptance.length === 0 ? {} : {acceptance: task.acceptance}),
});

const HEAD = [
	' A task has: id, title, description, acceptance, after (ids), priority (0 to 100, 100 first),',
	' needs (capabilities), paths, role, audit, model. Lines that begin with # are left out.',
].join('\n');

const FLOWING = ['after', 'needs', 'paths'];

/** Writes a plan as YAML that `readPlan` reads back unchanged. `titles` names the tasks it cancels. */
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
		// Blank lines separate tasks.
		if (index > 0) task.spaceBefore = true;
		for (const key of FLOWING) {
			const list = task.get(key, true);
			if (isSeq(list)) list.flow = true;
		}
	}
	const cancelled = document.get('cancel', true);
	for (const item of isSeq(cancelled) ? cancelled.items : [])
		if (item instanceof Scalar)
			item.comment = titles.has(String(item.value)) ? ` ${commentText(titles.get(String(item.value)) ?? '')}` : null;
	return document.toString({lineWidth: 0, flowCollectionPadding: false});
};

const commentText = (text: string): string => text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
