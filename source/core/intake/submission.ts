import {ROLES, roleIn} from '../../roles/roles.ts';
import {isModel, type Permissions} from '../agent/agent.ts';
import {readAdopted} from '../task/adopted.ts';
import type {RoleChange} from '../task/stages.ts';
import {FIRST_STAGES, type Stage} from '../task/task.ts';
import {nearest, type Refusal, refusal} from '../text/refusal.ts';
import type {NewTask} from './new-task.ts';

const ID = /^[a-z0-9][a-z0-9-]{0,39}$/;
const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;
const PATH = /^(?!(?:.*\/)?\.\.(?:\/|$))[^\s,/][^\p{Cc},]{0,199}$/u;
const LONGEST_TITLE = 300;
const LONGEST_BRIEF = 200_000;
const MOST_CRITERIA = 100;
const LONGEST_CRITERION = 2000;

/** Roles that may start a task; the others only judge or merge. */
const STARTS: ReadonlyMap<string, Stage> = new Map(
	ROLES.flatMap(({name, stages}): ReadonlyArray<[string, Stage]> => {
		const home = stages.find(stage => FIRST_STAGES.some(each => each === stage));
		return home === undefined ? [] : [[name, home]];
	}),
);

/** Configured roles: tasks of a custom role start at the first of its stages. */
type Roles = Readonly<Record<string, RoleChange>>;

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

const badName = (what: string, value: string): Refusal =>
	refusal('bad-task', `Invalid ${what} \`${value}\`.`, 'Use at most 40 lower-case letters, digits and dashes.');

const check = (task: NewTask, title: string): Refusal | undefined => {
	if (!title) return refusal('bad-task', 'Missing task title.', 'Example: agent-room add "Add login with rate limiting"');
	if (title.length > LONGEST_TITLE)
		return refusal(
			'bad-task',
			`The title has ${title.length} characters.`,
			`Use at most ${LONGEST_TITLE}; put the rest into the description.`,
		);
	if ((task.description ?? '').length > LONGEST_BRIEF)
		return refusal('bad-task', `The description of \`${title}\` is too long.`, 'Use at most 200,000 characters.');
	if (task.id !== undefined && !ID.test(task.id)) return badName('id', task.id);
	if (task.of !== undefined && !ID.test(task.of)) return badName('feature', task.of);
	const priority = task.priority ?? 50;
	if (!Number.isInteger(priority) || priority < 0 || priority > 100)
		return refusal('bad-task', `Invalid priority \`${priority}\`.`, 'Use a whole number from 0 to 100; 100 runs first.');
	const need = (task.needs ?? []).find(name => !NAME.test(name));
	if (need !== undefined) return badName('capability', need);
	const path = (task.paths ?? []).find(pattern => !PATH.test(pattern));
	if (path !== undefined)
		return refusal(
			'bad-task',
			`Invalid path \`${path}\`.`,
			'Use a pattern below the root such as `src/db/**`, without commas, at most 200 characters.',
		);
	if ((task.acceptance ?? []).length > MOST_CRITERIA || task.acceptance?.some(criterion => criterion.length > LONGEST_CRITERION))
		return refusal(
			'bad-task',
			`The acceptance criteria of \`${title}\` are too long.`,
			`Use at most ${MOST_CRITERIA} criteria of ${LONGEST_CRITERION.toLocaleString('en')} characters.`,
		);
	const before = (task.after ?? []).find(id => !ID.test(id));
	if (before !== undefined) return badName('task id', before);
	if (task.model !== undefined && !isModel(task.model))
		return refusal(
			'bad-task',
			`\`${task.model.slice(0, 80)}\` is not the name of a model.`,
			'Use the name that your agent CLI takes, such as `opus`.',
		);
	if (task.adopts !== undefined && readAdopted(task.adopts) === undefined)
		return refusal('bad-task', `\`${task.adopts.slice(0, 80)}\` is not a session.`, 'See `agent-room adopt`.');
	if (task.startsAt !== undefined && !/^[0-9a-f]{40,64}$/.test(task.startsAt))
		return refusal('bad-task', `\`${task.startsAt.slice(0, 80)}\` is not a commit id.`, 'Use `agent-room adopt --branch NAME`.');
	if (task.id !== undefined && task.after?.includes(task.id))
		return refusal('bad-task', `Task \`${task.id}\` depends on itself.`, 'Remove it from `after`.');
	return undefined;
};

const startOf = (role: string, roles: Roles): Stage | Refusal => {
	const stage = STARTS.get(role);
	if (stage) return stage;
	const [own] = Object.hasOwn(roles, role) && !ROLES.some(known => known.name === role) ? roleIn(role, roles).stages : [];
	if (own) return own;
	if (ROLES.some(known => known.name === role))
		return refusal('bad-task', `Role \`${role}\` cannot start a task.`, `Use one of: ${[...STARTS.keys()].join(', ')}.`);
	if (!NAME.test(role)) return badName('role', role);
	const meant = nearest(
		role,
		ROLES.map(known => known.name),
	);
	// A custom role works on `develop`; a near miss of a built-in one is a typo.
	return meant ? refusal('bad-task', `There is no role \`${role}\`.`, `Did you mean \`${meant}\`?`) : 'develop';
};

/**
 * Validates a human's task for the queue. Refuses an unusable id, priority, role or name. A feature starts with its plan unless planning is
 * off.
 */
export const readSubmission = (
	task: NewTask,
	options: {readonly plan: 'ask' | 'auto' | 'off'; readonly attempts: number; readonly roles?: Roles},
): {readonly ok: true; readonly submission: Submission} | Refusal => {
	const title = oneLine(task.title);
	const bad = check(task, title);
	if (bad) return bad;
	const role = task.role ?? (task.feature && options.plan !== 'off' ? 'orchestrator' : 'developer');
	const stage = startOf(role, options.roles ?? {});
	if (typeof stage !== 'string') return stage;
	return {
		ok: true,
		submission: {
			id: task.id ?? '',
			title,
			description: task.description ?? '',
			stage,
			role,
			priority: task.priority ?? 50,
			needs: [...new Set(task.needs ?? [])],
			after: [...new Set(task.after ?? [])],
			paths: [...new Set(task.paths ?? [])],
			feature: task.of ?? '',
			attempts: options.attempts,
			assigned: task.assigned ?? '',
			acceptance: (task.acceptance ?? []).map(oneLine).filter(Boolean),
			audit: task.audit ?? false,
			...(task.model ? {model: task.model} : {}),
			...(task.permissions ? {permissions: task.permissions} : {}),
			...(task.adopts ? {adopts: task.adopts} : {}),
			...(task.startsAt ? {startsAt: task.startsAt} : {}),
		},
	};
};

/** Explains why Redis refused a task or a plan. `id` is the taken id, the missing dependency, or the cycle with commas. */
export const notSubmitted = (code: NotSubmitted, id: string): Refusal => {
	if (code === 'exists') return refusal('exists', `Task id \`${id}\` is already in use.`, 'Choose another id, or give none.');
	if (code === 'cycle')
		return refusal('cycle', `These tasks depend on each other: \`${id.replaceAll(',', ' → ')}\`.`, 'Remove one of them from `after`.');
	if (code === 'many')
		return refusal('many', 'Too many tasks depend on its feature to rule out a dependency cycle.', 'Add the task without the feature.');
	return refusal('unknown', `Cannot add the task: dependency \`${id}\` does not exist.`, 'List tasks with `agent-room tasks`.');
};

export type NotSubmitted = 'exists' | 'unknown' | 'cycle' | 'many';

export type Submission = {
	readonly id: string;
	readonly title: string;
	readonly description: string;
	readonly stage: Stage;
	readonly role: string;
	readonly priority: number;
	readonly needs: readonly string[];
	readonly after: readonly string[];
	readonly feature: string;
	readonly attempts: number;
	readonly assigned: string;
	/** Path patterns: no claim while another agent holds a lock on one of them. */
	readonly paths?: readonly string[];
	/** Acceptance criteria, without line breaks. */
	readonly acceptance?: readonly string[];
	/** Requires an audit, whatever it changes. */
	readonly audit?: boolean;
	/** The model, and the permissions, of the agents that write for it; its agent's own where there is none. */
	readonly model?: string;
	readonly permissions?: Permissions;
	/** The session that it continues, and the commit that it starts from (`agent-room adopt`). */
	readonly adopts?: string;
	readonly startsAt?: string;
};
