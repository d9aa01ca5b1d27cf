import {isScalar, LineCounter, type Node, parseDocument} from 'yaml';
import {z} from 'zod';
import type {NewTask} from '../core/action.ts';
import {CommandError} from './command-error.ts';
import {didYouMean} from './did-you-mean.ts';
import {slug} from './plan-markdown.ts';

const words = z.union([z.array(z.coerce.string()), z.string().transform(text => text.split(',').map(word => word.trim()))]);

const task = z.strictObject({
	title: z.string().min(1),
	id: z.coerce.string().optional(),
	brief: z.string().optional(),
	priority: z.number().optional(),
	role: z.string().optional(),
	needs: words.optional(),
	after: words.optional(),
	paths: words.optional(),
	feature: z.boolean().optional(),
});

/** A task is its title alone, or a map with the keys of `agent-room add`. */
const plan = z.array(
	z.union([
		z
			.string()
			.min(1)
			.transform(title => ({title})),
		task,
	]),
);

const bad = (name: string, line: number, message: string, hint = ''): CommandError =>
	new CommandError('bad-plan', `${name}:${line}: ${message}`, hint);

/** A plan in YAML: a list of tasks, or `tasks:` with one. Refuses with file, line and key. Tasks without an id get one of their title. */
export const readYamlPlan = (name: string, content: string): readonly NewTask[] => {
	const lines = new LineCounter();
	const document = parseDocument(content, {lineCounter: lines, prettyErrors: false});
	const [error] = document.errors;
	if (error) throw bad(name, lines.linePos(error.pos[0]).line, error.message.split('\n')[0] ?? 'not YAML');
	const whole: unknown = document.toJS({maxAliasCount: 50});
	const isMap = typeof whole === 'object' && whole !== null && 'tasks' in whole;
	const entries = isMap ? whole.tasks : whole;
	if (!Array.isArray(entries)) throw bad(name, 1, 'a plan is a list of tasks, or `tasks:` with one.');
	const ids = new Set<string>();
	return entries.map((entry: unknown, index): NewTask => {
		const node = document.getIn([...(isMap ? ['tasks'] : []), index], true) as Node | undefined;
		const line = node?.range ? lines.linePos(node.range[0]).line : 1;
		const raw = isScalar(node) ? [String(node.value)] : [entry];
		const read = plan.safeParse(raw);
		if (!read.success) throw refuseEntry(name, line, entry);
		const [found] = read.data;
		if (!found) throw bad(name, line, 'this entry is empty.');
		const given: NewTask = found;
		let id = given.id ?? slug(given.title);
		if (given.id === undefined) for (let number = 2; ids.has(id); number++) id = `${slug(given.title)}-${number}`;
		ids.add(id);
		return {...given, id};
	});
};

const refuseEntry = (name: string, line: number, entry: unknown): CommandError => {
	const checked = task.safeParse(entry);
	const [issue] = checked.success ? [] : checked.error.issues;
	if (issue?.code === 'unrecognized_keys') {
		const [key = ''] = issue.keys;
		const known = Object.keys(task.shape);
		return bad(name, line, `unknown key \`${key}\`.`, didYouMean(key, known, `Known here: ${known.join(', ')}.`));
	}
	const place = issue?.path.map(String).join('.');
	return bad(name, line, place ? `\`${place}\`: ${issue?.message}.` : 'a task is a title, or a map with `title:`.');
};
