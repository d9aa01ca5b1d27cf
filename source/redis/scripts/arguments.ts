import type {Submission} from '../../core/intake/submission.ts';
import {DECISIONS} from '../../core/task/task.ts';

const STRUCTURAL = new Set([
	...['state', 'stage', 'role', 'needs', 'after', 'waits', 'priority', 'score', 'assigned', 'assignedRole', 'owner', 'token', 'leaseUntil'],
	...['attempt', 'failures', 'attempts', 'rounds', 'createdAt', 'updatedAt', 'stageAt', 'readyAt', 'doneAt'],
	...[
		'firstStage',
		'firstRole',
		'authors',
		'decision',
		'refused',
		'feature',
		'supersededBy',
		'auditedCommit',
		'cleared',
		'letBack',
		'unmergedCommit',
		'revertedBy',
		'sessionOf',
		'prefers',
		'madeAt',
	],
]);
const OF_LEASES = new Set(['task', 'stage', 'token', 'room', 'beatAt', 'statusAt', 'account', 'resumes']);

const flat = (fields: Readonly<Record<string, string>>, refused: ReadonlySet<string>): readonly string[] =>
	Object.entries(fields).flatMap(([name, value]) => {
		if (refused.has(name)) throw new TypeError(`The field \`${name}\` changes only with the script that decides it.`);
		return [name, value];
	});

/** Task fields as arguments. Throws for those that only scripts write, such as its state. */
export const taskFields = (fields: Readonly<Record<string, string>>): readonly string[] => flat(fields, STRUCTURAL);

/** Fields of a task that asks a person, who must be told what. Throws where `decision` or `waitReason` does not say it. */
export const askingFields = ({decision, ...fields}: Readonly<Record<string, string>>): readonly string[] => {
	if (!DECISIONS.some(known => known === decision) || !fields.waitReason)
		throw new TypeError(`\`${decision}\` is not a decision, or \`waitReason\` is missing.`);
	return [...taskFields(fields), 'decision', decision ?? ''];
};

/** Fields of an agent as arguments. Throws on those that go with its lease. */
export const agentFields = (fields: Readonly<Record<string, string>>): readonly string[] => flat(fields, OF_LEASES);

/** Whether a text is a valid id. */
export const isSafeId = (id: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._:-]{0,199}$/.test(id);

/** An id of a task, agent or room, which becomes part of key names and comma lists. */
export const safeId = (id: string): string => {
	if (!isSafeId(id)) throw new TypeError(`\`${id}\` is not an id: letters, digits, dots, dashes and colons.`);
	return id;
};

/** A role, capability or other word that names a queue. */
export const safeWord = (word: string): string => {
	if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(word)) throw new TypeError(`\`${word}\` is not a name: letters, digits, dots and dashes.`);
	return word;
};

/** An account's name as part of a field name. */
export const accountOf = (name: string): string => name.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 100);

/** A lock's name with its kind; `task:` is for leases and may only be dropped. */
export const safeLock = (name: string): string => {
	if (!/^(repository|path|task):./s.test(name))
		throw new TypeError(`\`${name}\` is not a lock: \`repository:<branch>\` or \`path:<glob>\`.`);
	return name;
};

/** A path pattern below the repository's root, which becomes part of a comma list. */
const safePath = (pattern: string): string => {
	if (!/^[^\s,/][^\p{Cc},]{0,199}$/u.test(pattern))
		throw new TypeError(`\`${pattern}\` is not a path pattern such as \`src/db/**\`, without commas, at most 200 characters.`);
	return pattern;
};

/** Words for a script: unique, sorted, comma-separated. */
export const joined = (words: readonly string[]): string => [...new Set(words)].map(safeWord).toSorted().join(',');
/** Ids for a script: unique, comma-separated. */
export const ids = (given: readonly string[]): string => [...new Set(given)].map(safeId).join(',');

/** A task for the scripts `submit` and `plan`. */
export const rowOf = (task: Submission): readonly string[] => [
	task.id && safeId(task.id),
	task.title,
	task.description,
	(task.acceptance ?? [])
		.map(criterion => criterion.replace(/\s+/g, ' ').trim())
		.filter(Boolean)
		.join('\n'),
	task.stage,
	safeWord(task.role),
	String(task.priority),
	joined(task.needs),
	ids(task.after),
	task.feature && safeId(task.feature),
	String(task.attempts),
	task.assigned && safeId(task.assigned),
	(task.paths ?? []).map(safePath).join(','),
	task.audit ? '1' : '',
	task.model ?? '',
	task.permissions ?? '',
	task.adopts ?? '',
	task.startsAt ?? '',
];
