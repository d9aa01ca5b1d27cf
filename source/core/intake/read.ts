import {oneLine} from '../text/quote.ts';
import {type Refusal, refusal} from '../text/refusal.ts';
import type {Admission, Entry} from './external-workers.ts';
import type {NewTask} from './new-task.ts';
import {readSubmission} from './submission.ts';

const safe = (text: string): string =>
	text
		.toLowerCase()
		.replace(/[^a-z0-9-]+/g, '-')
		.replace(/^-+/, '')
		.slice(0, 40)
		.replace(/-+$/, '');

/** `task:implement:user-auth`: the last part is the id, the whole is the title. Without colons it is a plain title. */
const readPlain = (text: string): NewTask => {
	const line = oneLine(text, Number.POSITIVE_INFINITY);
	const parts = line
		.split(':')
		.map(part => part.trim())
		.filter(Boolean);
	const words = parts[0]?.toLowerCase() === 'task' ? parts.slice(1) : parts;
	return {title: words.join(' '), id: safe(words.at(-1) ?? '')};
};

const texts = (value: unknown): readonly string[] | undefined =>
	Array.isArray(value) ? value.filter(item => typeof item === 'string').slice(0, 100) : undefined;

/** Reads JSON with the fields of a submission; ignores fields of a wrong type. Returns undefined unless it is an object. */
const readJson = (text: string): NewTask | undefined => {
	let given: unknown;
	try {
		given = JSON.parse(text);
	} catch {
		return undefined;
	}
	if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined;
	const fields: Readonly<Record<string, unknown>> = {...given};
	const words = (name: string): string | undefined => {
		const value = fields[name];
		return typeof value === 'string' ? value : undefined;
	};
	const id = words('id')?.toLowerCase();
	return {
		title: oneLine(words('title') ?? '', Number.POSITIVE_INFINITY),
		...(id === undefined ? {} : {id}),
		description: words('brief') ?? words('description') ?? '',
		...(typeof fields.priority === 'number' ? {priority: clamped(fields.priority)} : {}),
		...(words('role') === undefined ? {} : {role: words('role')}),
		needs: texts(fields.needs) ?? texts(fields.capabilities) ?? [],
		after: (texts(fields.after) ?? []).map(other => other.toLowerCase()),
		...(fields.feature === true ? {feature: true} : {}),
	};
};

const clamped = (priority: number): number => (Number.isNaN(priority) ? 50 : Math.round(Math.min(100, Math.max(0, priority))));

/**
 * Reads an entry of tasks:pending or tasks:priority: plain words or JSON. The score of tasks:priority is the priority, 0 to 100. Refuses
 * what makes no task.
 */
export const readEntry = (
	entry: Entry,
	options: {readonly plan: 'ask' | 'auto' | 'off'; readonly attempts: number},
): {readonly ok: true; readonly admission: Admission} | Refusal => {
	const isJson = entry.text.trimStart().startsWith('{');
	const given = isJson ? readJson(entry.text) : readPlain(entry.text);
	if (!given) return refusal('bad-task', 'The entry is not valid JSON.');
	const id = given.id ?? safe(given.title);
	if (id === '') return refusal('bad-task', 'The entry names no task.');
	const task = {...given, id, ...(entry.score === undefined ? {} : {priority: clamped(entry.score)})};
	const read = readSubmission(task, options);
	if (!read.ok) return read;
	const {submission} = read;
	return {ok: true, admission: {...submission, mark: entry.mark, isExact: isJson && given.id !== undefined}};
};

/** Whether an external task may have this id. */
export const isUsableId = (id: string): boolean => /^[a-z0-9][a-z0-9-]{0,39}$/.test(id);

/** Reads a message `task:<id>:<state>`; undefined for anything else. */
export const readWord = (message: string): {readonly task: string; readonly word: string} | undefined => {
	const match = /^task:([a-z0-9][a-z0-9-]{0,39}):([a-z][a-z-]{0,39})$/.exec(message);
	return match?.[1] && match[2] ? {task: match[1], word: match[2]} : undefined;
};

const DONE: readonly string[] = ['ready-for-review', 'completed', 'complete', 'done'];
const FAILED: readonly string[] = ['failed', 'error'];

/** Returns the meaning of an external agent's word: submitted, given up or nothing (`in-progress` and the like). */
export const meaningOf = (word: string): 'done' | 'failed' | undefined =>
	DONE.includes(word) ? 'done' : FAILED.includes(word) ? 'failed' : undefined;

/** Returns the branch of external work: as named, else `agent/<id>` by convention; '' for an invalid branch name. */
export const branchOf = (task: string, named: string): string => {
	const branch = named === '' ? `agent/${task}` : named.replace(/^refs\/heads\//, '');
	const isUsable = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$/.test(branch) && !/\.\.|\/\/|\/\.|\.lock(?:\/|$)|[./]$/.test(branch);
	return isUsable ? branch : '';
};
