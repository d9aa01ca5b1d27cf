import {type Comment, type ReviewRound, readComments, readReviews} from '../review/round.ts';

/** Where in the pipeline a task stands (DESIGN: the pipeline is data, `core/task/stages.ts`). */
export const STAGES = ['plan', 'develop', 'review', 'audit', 'test', 'resolve', 'merge', 'document'] as const;
export type Stage = (typeof STAGES)[number];

/** The state sets of Redis: at every script boundary a task is in exactly one of them. */
export const TASK_STATES = ['blocked', 'delayed', 'ready', 'leased', 'merged', 'planned', 'failed', 'cancelled'] as const;
export type TaskState = (typeof TASK_STATES)[number];

/** States that a task never leaves by itself. `planned` is of the plan of a feature, whose tasks were created. */
export const FINAL_STATES: readonly TaskState[] = ['merged', 'planned', 'failed', 'cancelled'];

/** Stages that begin a piece of work; the others carry on what somebody began. */
export const FIRST_STAGES = ['plan', 'develop', 'document'] as const satisfies readonly Stage[];
export type FirstStage = (typeof FIRST_STAGES)[number];

/**
 * What a person must decide before a task goes on: a plan to accept or reject; whether the work is good enough, all rounds of review being
 * used up; whether content that the resolution of a conflict left out may be missing; whether a merge may land in spite of what its checks found; whether
 * commits that were taken off the base may come back with it; whether it is merged again, its own landing having been taken off the base.
 */
export const DECISIONS = ['plan', 'rounds', 'dropped', 'checks', 'returns', 'unmerged'] as const;
export type NeededDecision = (typeof DECISIONS)[number];

/** One task as the status hash holds it; times are epoch ms of the Redis server, 0 where unset. */
export type Task = {
	readonly id: string;
	readonly title: string;
	readonly state: TaskState;
	readonly stage: Stage;
	/** The stage that it began with, where it goes back to. */
	readonly firstStage: FirstStage;
	/** The role that it began with, where that is not the stage's own. */
	readonly firstRole: string;
	readonly role: string;
	readonly needs: readonly string[];
	readonly after: readonly string[];
	/** How many of `after` are not merged yet; 0 where it waits for a person alone (`asks`). */
	readonly waits: number;
	/** What a person must decide; such a task is `blocked`, and `hold` says it in words. */
	readonly decision: NeededDecision | '';
	/** 0 to 100, 100 first. */
	readonly priority: number;
	/** Its turn, the least first: epoch ms of its creation less a minute for each point of priority, and where a person moved it since. */
	readonly score: number;
	/** A plan that names none is of the feature which has its own id. */
	readonly feature: string;
	/** Wants an audit: asked for, or its changes touch a guarded path. */
	readonly audit: boolean;
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
	/** The session of an agent CLI that can be gone on with in this worktree by the agent `sessionOf`: `<cli> <id>`, '' for none. */
	readonly session: string;
	readonly sessionOf: string;
	/** While it is ready again: the agent that was cut off in it, which comes before others for a while. */
	readonly prefers: string;
	/** Commit the current attempt started from. */
	readonly base: string;
	/** Last commit that the developer handed in. */
	readonly commit: string;
	/** Who wrote last. */
	readonly author: string;
	/** Everybody who wrote into it: none of them may review, audit or merge it. */
	readonly authors: readonly string[];
	readonly reviewer: string;
	readonly reviewedCommit: string;
	/** The commit that the merge in progress is against, until the conflict with it is resolved. */
	readonly conflictWith: string;
	/** The task's own commit that conflicts with it. */
	readonly conflicted: string;
	/** How often in a row a resolution of it had left out what a side had added. */
	readonly drops: number;
	readonly candidate: string;
	readonly candidateBase: string;
	/** This candidate failed its tests, and whether it or one before it in the train is to blame is undecided. */
	readonly failedCandidate: string;
	/** How often it was thrown out of the train with proof, and how often its tests failed and then passed on the same tree. */
	readonly removals: number;
	readonly flaky: number;
	/** Of the last run of its tests: duration, exit code (-1: none), and its log's file name in the folder `logs`. */
	readonly testMs: number;
	readonly testExit: number;
	readonly testLog: string;
	/** The commit that a person let land in spite of what its checks found. */
	readonly cleared: string;
	/** The commit that a person let leave this machine, to other rooms of the team, in spite of what looks like a secret in it. */
	readonly mayLeave: string;
	/** Commits that would come back to the base with it, of which a person is asked; and those that a person let come back. */
	readonly returns: readonly string[];
	readonly letBack: readonly string[];
	readonly mergedCommit: string;
	/** As which commit it had landed before that was taken off the base; '' for one that never was. */
	readonly unmergedCommit: string;
	/** Why it went back, was delayed or died: the last failure in words. */
	readonly reason: string;
	/** Why it waits although nobody works on it (a landing that git refuses), in words. */
	readonly waitReason: string;
	/** The end of the last feedback, for a screen: at most 600 bytes. */
	readonly last: string;
	readonly createdAt: number;
	/** When somebody began it for the first time. */
	readonly startedAt: number;
	readonly updatedAt: number;
	readonly stageAt: number;
	readonly readyAt: number;
	readonly doneAt: number;
	/** What was used up for it, in millionths of a dollar, and tokens. */
	readonly spent: number;
	readonly tokensIn: number;
	readonly tokensOut: number;
	/** Of `tokensIn`, what the provider's cache gave. */
	readonly tokensCached: number;
};

/** A task with its long texts, which no snapshot has: read for the one task that is meant. */
export type WholeTask = Task & {
	readonly description: string;
	/** What must hold for it to be done, one criterion each. */
	readonly acceptance: readonly string[];
	/** Full text of the last failure (test output, review comments), for the next brief. */
	readonly feedback: string;
	/** The note of who had it before: what was tried, and where it stands. */
	readonly handoff: string;
	/** JSON of the plan that waits for a person. */
	readonly proposal: string;
	/** Rounds of review and audit, oldest first, the last twenty. */
	readonly reviews: readonly ReviewRound[];
	/** What a person said about its change, oldest first. */
	readonly comments: readonly Comment[];
};

const list = (value: string | undefined): readonly string[] => (value ? value.split(',') : []);
const whole = (value: string | undefined): number => {
	const parsed = Number(value);
	return Number.isFinite(parsed) ? parsed : 0;
};
const oneOf = <T extends string, Otherwise extends string>(
	value: string | undefined,
	known: readonly T[],
	otherwise: Otherwise,
): T | Otherwise => known.find(candidate => candidate === value) ?? otherwise;

/**
 * Reads a task from the flat fields of its status hash. Unknown fields are ignored, missing ones are empty; an outsider may have
 * written any of them, so nothing here throws.
 */
export const parseTask = (id: string, fields: Readonly<Record<string, string>>): Task => ({
	id,
	title: fields.title ?? id,
	state: oneOf(fields.state, TASK_STATES, 'blocked'),
	stage: oneOf(fields.stage, STAGES, 'develop'),
	firstStage: oneOf(fields.firstStage, FIRST_STAGES, 'develop'),
	firstRole: fields.firstRole ?? '',
	role: fields.role ?? 'developer',
	needs: list(fields.needs),
	after: list(fields.after),
	waits: whole(fields.waits),
	decision: oneOf(fields.decision, DECISIONS, ''),
	priority: whole(fields.priority ?? '50'),
	score: fields.score === undefined ? whole(fields.createdAt) - whole(fields.priority ?? '50') * 60_000 : whole(fields.score),
	feature: fields.feature ?? '',
	audit: fields.audit === '1',
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
	session: fields.session ?? '',
	sessionOf: fields.sessionOf ?? '',
	prefers: fields.prefers ?? '',
	base: fields.base ?? '',
	commit: fields.commit ?? '',
	author: fields.author ?? '',
	authors: list(fields.authors),
	reviewer: fields.reviewer ?? '',
	reviewedCommit: fields.reviewedCommit ?? '',
	conflictWith: fields.conflictWith ?? '',
	conflicted: fields.conflicted ?? '',
	drops: whole(fields.drops),
	candidate: fields.candidate ?? '',
	candidateBase: fields.candidateBase ?? '',
	failedCandidate: fields.failedCandidate ?? '',
	removals: whole(fields.removals),
	flaky: whole(fields.flaky),
	testMs: whole(fields.testMs),
	testExit: whole(fields.testExit || '-1'),
	testLog: fields.testLog ?? '',
	cleared: fields.cleared ?? '',
	mayLeave: fields.mayLeave ?? '',
	returns: list(fields.returns),
	letBack: list(fields.letBack),
	mergedCommit: fields.mergedCommit ?? '',
	unmergedCommit: fields.unmergedCommit ?? '',
	reason: fields.reason ?? '',
	waitReason: fields.waitReason ?? '',
	last: fields.last ?? '',
	createdAt: whole(fields.createdAt),
	startedAt: whole(fields.startedAt),
	updatedAt: whole(fields.updatedAt),
	stageAt: whole(fields.stageAt),
	readyAt: whole(fields.readyAt),
	doneAt: whole(fields.doneAt),
	spent: whole(fields.spent),
	tokensIn: whole(fields.tokensIn),
	tokensOut: whole(fields.tokensOut),
	tokensCached: whole(fields.tokensCached),
});

/** The same with its long texts. */
export const parseWholeTask = (id: string, fields: Readonly<Record<string, string>>): WholeTask => ({
	...parseTask(id, fields),
	description: fields.description ?? '',
	acceptance: (fields.acceptance ?? '').split('\n').filter(Boolean),
	feedback: fields.feedback ?? '',
	handoff: fields.handoff ?? '',
	proposal: fields.proposal ?? '',
	reviews: readReviews(fields.reviews),
	comments: readComments(fields.comments),
});

/** A task whose long texts cannot be read now: of its feedback there is the end. */
export const withoutTexts = (task: Task): WholeTask => ({
	...task,
	description: '',
	acceptance: [],
	feedback: task.last,
	handoff: '',
	proposal: '',
	reviews: [],
	comments: [],
});

/** The badge of a priority: P0 is 90 and up, P1 70, P2 40, P3 below. */
export const priorityBadge = (priority: number): 'P0' | 'P1' | 'P2' | 'P3' =>
	priority >= 90 ? 'P0' : priority >= 70 ? 'P1' : priority >= 40 ? 'P2' : 'P3';
