/** Where in the pipeline a task stands (DESIGN: the pipeline is data, `core/pipeline.ts`). */
export const STAGES = ['plan', 'develop', 'review', 'audit', 'test', 'resolve', 'merge', 'document'] as const;
export type Stage = (typeof STAGES)[number];

/** The state sets of Redis: at every script boundary a task is in exactly one of them. */
export const TASK_STATES = ['blocked', 'delayed', 'ready', 'leased', 'merged', 'dead', 'cancelled'] as const;
export type TaskState = (typeof TASK_STATES)[number];

/** States that a task never leaves by itself. */
export const FINAL_STATES: readonly TaskState[] = ['merged', 'dead', 'cancelled'];

/** One task as the status hash holds it; times are epoch ms of the Redis server, 0 where unset. */
export type Task = {
	readonly id: string;
	readonly title: string;
	readonly state: TaskState;
	readonly stage: Stage;
	readonly role: string;
	readonly needs: readonly string[];
	readonly after: readonly string[];
	/** How many of `after` are not merged yet. */
	readonly waits: number;
	/** 0 to 100, 100 first. */
	readonly priority: number;
	readonly feature: string;
	/** Patterns of the paths it will touch: nobody claims it while another agent holds a lock over one of them. */
	readonly paths: readonly string[];
	/** Number of the current development attempt, from 1; 0 before the first claim. */
	readonly attempt: number;
	/** Faults that count against `attempts`. */
	readonly failures: number;
	readonly attempts: number;
	/** Review rounds that asked for changes. */
	readonly rounds: number;
	/** True when the next develop claim must begin a new attempt (own worktree and branch). */
	readonly fresh: boolean;
	/** The only agent that may claim it in this stage, where a person chose one. */
	readonly assigned: string;
	readonly owner: string;
	/** Fencing token `<number>:<nonce>` of the current lease, '' when nobody holds it. */
	readonly token: string;
	readonly leaseUntil: number;
	readonly progress: string;
	readonly branch: string;
	readonly worktree: string;
	/** Commit the current attempt started from. */
	readonly base: string;
	/** Last commit that the developer handed in. */
	readonly commit: string;
	readonly author: string;
	readonly reviewer: string;
	readonly reviewedCommit: string;
	readonly candidate: string;
	readonly candidateBase: string;
	readonly landed: string;
	/** Why it went back, was delayed or died: the last failure in words. */
	readonly reason: string;
	/** Why it waits although nobody works on it (a landing that git refuses), in words. */
	readonly hold: string;
	/** The end of the last feedback, for a screen: at most 600 bytes. */
	readonly last: string;
	readonly createdAt: number;
	readonly updatedAt: number;
	readonly stageAt: number;
	readonly readyAt: number;
	readonly doneAt: number;
	/** What was used up for it, in millionths of a dollar, and tokens. */
	readonly spent: number;
	readonly tokensIn: number;
	readonly tokensOut: number;
};

/** A task with its long texts, which no snapshot has: read for the one task that is meant. */
export type WholeTask = Task & {
	readonly brief: string;
	/** Full text of the last failure (test output, review comments), for the next brief. */
	readonly feedback: string;
};

const list = (value: string | undefined): readonly string[] => (value ? value.split(',') : []);
const whole = (value: string | undefined): number => {
	const parsed = Number(value);
	return Number.isFinite(parsed) ? parsed : 0;
};
const oneOf = <T extends string>(value: string | undefined, known: readonly T[], otherwise: T): T =>
	known.find(candidate => candidate === value) ?? otherwise;

/**
 * Reads a task from the flat fields of its status hash. Unknown fields are ignored, missing ones are empty; an outsider may have
 * written any of them, so nothing here throws.
 */
export const parseTask = (id: string, fields: Readonly<Record<string, string>>): Task => ({
	id,
	title: fields.title ?? id,
	state: oneOf(fields.state, TASK_STATES, 'blocked'),
	stage: oneOf(fields.stage, STAGES, 'develop'),
	role: fields.role ?? 'developer',
	needs: list(fields.needs),
	after: list(fields.after),
	waits: whole(fields.waits),
	priority: whole(fields.priority ?? '50'),
	feature: fields.feature ?? '',
	paths: list(fields.paths),
	attempt: whole(fields.attempt),
	failures: whole(fields.failures),
	attempts: whole(fields.attempts ?? '3'),
	rounds: whole(fields.rounds),
	fresh: fields.fresh === '1',
	// A choice is of the role it was made for: the review of a reassigned task is for any reviewer.
	assigned: !fields.assignedRole || fields.assignedRole === (fields.role ?? 'developer') ? (fields.assigned ?? '') : '',
	owner: fields.owner ?? '',
	token: fields.token ?? '',
	leaseUntil: whole(fields.leaseUntil),
	progress: fields.progress ?? '',
	branch: fields.branch ?? '',
	worktree: fields.worktree ?? '',
	base: fields.base ?? '',
	commit: fields.commit ?? '',
	author: fields.author ?? '',
	reviewer: fields.reviewer ?? '',
	reviewedCommit: fields.reviewedCommit ?? '',
	candidate: fields.candidate ?? '',
	candidateBase: fields.candidateBase ?? '',
	landed: fields.landed ?? '',
	reason: fields.reason ?? '',
	hold: fields.hold ?? '',
	last: fields.last ?? '',
	createdAt: whole(fields.createdAt),
	updatedAt: whole(fields.updatedAt),
	stageAt: whole(fields.stageAt),
	readyAt: whole(fields.readyAt),
	doneAt: whole(fields.doneAt),
	spent: whole(fields.spent),
	tokensIn: whole(fields.tokensIn),
	tokensOut: whole(fields.tokensOut),
});

/** The same with its long texts. */
export const parseWholeTask = (id: string, fields: Readonly<Record<string, string>>): WholeTask => ({
	...parseTask(id, fields),
	brief: fields.brief ?? '',
	feedback: fields.feedback ?? '',
});

/** The badge of a priority: P0 is 90 and up, P1 70, P2 40, P3 below. */
export const priorityBadge = (priority: number): 'P0' | 'P1' | 'P2' | 'P3' =>
	priority >= 90 ? 'P0' : priority >= 70 ? 'P1' : priority >= 40 ? 'P2' : 'P3';
