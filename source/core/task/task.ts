import {isModel, PERMISSIONS, type Permissions} from '../agent/agent.ts';
import {type Comment, type ReviewRound, readComments, readReviews} from '../review/round.ts';
import {type Pull, parsePull} from './pull.ts';

/** A task's place in the pipeline (`core/task/stages.ts`). */
export const STAGES = ['plan', 'develop', 'review', 'audit', 'test', 'resolve', 'merge', 'document'] as const;
export type Stage = (typeof STAGES)[number];

/** The state sets of Redis: at every script boundary a task is in exactly one. */
export const TASK_STATES = ['blocked', 'delayed', 'ready', 'leased', 'merged', 'planned', 'failed', 'cancelled'] as const;
export type TaskState = (typeof TASK_STATES)[number];

/** States that a task never leaves by itself. `planned`: a feature's plan whose tasks were created. */
export const FINAL_STATES: readonly TaskState[] = ['merged', 'planned', 'failed', 'cancelled'];

/** Stages that start work; the others continue it. */
export const FIRST_STAGES = ['plan', 'develop', 'document'] as const satisfies readonly Stage[];
export type FirstStage = (typeof FIRST_STAGES)[number];

/**
 * What needs your decision: a plan; work that used up its review rounds; content that a conflict resolution may have lost; a merge with
 * findings; commits removed from the base that would return; a merge that was removed from the base; a commit of the base that has its name,
 * found after Redis lost data; a pull request that is open, or that somebody closed; an agent that reported a blocker and ended.
 */
export const DECISIONS = ['plan', 'rounds', 'dropped', 'checks', 'returns', 'unmerged', 'named', 'pull', 'closed', 'blocked'] as const;
export type NeededDecision = (typeof DECISIONS)[number];

/** Decisions that yes or no answers; a no to others needs a comment for the next agent. */
export const WORDLESS_DECISIONS: readonly string[] = ['returns', 'unmerged', 'named'] satisfies readonly NeededDecision[];

/** Whether a decision is yours to make now: an open pull request is merged on its forge and needs no decision here. */
export const isAsking = ({decision}: {readonly decision: NeededDecision | ''}): boolean => decision !== '' && decision !== 'pull';

/** A task as in its status hash; times are epoch ms of the Redis server, 0 where unset. */
export type Task = {
	readonly id: string;
	readonly title: string;
	readonly state: TaskState;
	readonly stage: Stage;
	/** Its first stage, where it returns to. */
	readonly firstStage: FirstStage;
	/** Its first role, if not the stage's own. */
	readonly firstRole: string;
	readonly role: string;
	readonly needs: readonly string[];
	readonly after: readonly string[];
	/** Number of unmerged tasks in `after`; 0 if it only waits for you (`decision`). */
	readonly waits: number;
	/** What you must decide; the task is `blocked`, and `waitReason` explains it. */
	readonly decision: NeededDecision | '';
	/** The decision that no one took in time, for which it failed: it can still be taken. */
	readonly refused: NeededDecision | '';
	/** 0 to 100, 100 first. */
	readonly priority: number;
	/** Queue order, least first: epoch ms of its creation minus a minute per point of priority, unless you moved it. */
	readonly score: number;
	/** For a plan without a feature: its own id. */
	readonly feature: string;
	/** Requires an audit: requested, or its changes touch a protected path. */
	readonly audit: boolean;
	/** Of the agents that write for it; '' for those of the agent. */
	readonly model: string;
	readonly permissions: Permissions | '';
	/** The session that it continues in a copy until it has one of its own, `<cli> <id>`, and the commit that it starts from; '' for none. */
	readonly adopts: string;
	readonly startsAt: string;
	/** Path patterns: no claim while another agent locks one of them. */
	readonly paths: readonly string[];
	/** Current development attempt, from 1; 0 before the first claim. */
	readonly attempt: number;
	/** Failures that count against `attempts`. */
	readonly failures: number;
	readonly attempts: number;
	/** Review rounds that requested changes. */
	readonly rounds: number;
	/** True if the next develop claim must start a new attempt (own worktree and branch). */
	readonly fresh: boolean;
	/** The only agent that may claim it in this stage, if you chose one. */
	readonly assigned: string;
	readonly owner: string;
	/** Fencing token `<number>:<nonce>` of the current lease, '' without one. */
	readonly token: string;
	readonly leaseUntil: number;
	readonly progress: string;
	readonly branch: string;
	readonly worktree: string;
	/** The agent CLI session that agent `sessionOf` can resume in this worktree: `<cli> <id>`, '' for none. */
	readonly session: string;
	readonly sessionOf: string;
	/** While ready again: its interrupted agent, which has precedence for a while. */
	readonly prefers: string;
	/** Commit that the current attempt started from. */
	readonly base: string;
	/** Last submitted commit. */
	readonly commit: string;
	/** The last author. */
	readonly author: string;
	/** All authors: none of them may review, audit or merge it. */
	readonly authors: readonly string[];
	readonly reviewer: string;
	readonly reviewedCommit: string;
	/** The commit that the current merge conflicts with, until resolved. */
	readonly conflictWith: string;
	/** The task's own commit in that conflict. */
	readonly conflicted: string;
	/** Consecutive conflict resolutions that lost added lines. */
	readonly drops: number;
	readonly candidate: string;
	readonly candidateBase: string;
	/** The candidate failed its tests; whether it or an entry ahead is the cause is undecided. */
	readonly failedCandidate: string;
	/** The commit whose tests passed with it in it: its own candidate, or the last one of its batch. */
	readonly testedCommit: string;
	/** How many entries its last tests covered; 0 if it was tested alone. */
	readonly batch: number;
	/** Only the tests that `affected` chose ran on `testedCommit`; '' for all tests. */
	readonly testedWith: 'affected' | '';
	/** How often it was removed from the merge queue with proof, and how often its tests failed and then passed on the same tree. */
	readonly removals: number;
	readonly flaky: number;
	/** Of its last test run: duration, exit code (-1: none), and the log's file name in `logs`. */
	readonly testMs: number;
	readonly testExit: number;
	readonly testLog: string;
	/** The commit that you approved despite its findings. */
	readonly cleared: string;
	/** The commit that a person let leave this machine, to other rooms of the team, in spite of what looks like a secret in it. */
	readonly mayLeave: string;
	/** Removed commits that would return to the base with it and need your decision; and those that you let return. */
	readonly returns: readonly string[];
	readonly letBack: readonly string[];
	readonly mergedCommit: string;
	/** Its merge commit that was removed from the base, or the commit that may be its merge; '' if there is none. */
	readonly unmergedCommit: string;
	/** Its candidate is built on the base alone, whatever is ahead of it: it becomes a pull request. */
	readonly isApart: boolean;
	/** Its pull request; `NO_PULL` without one. */
	readonly pull: Pull;
	/** Why it was returned, delayed or failed: the last failure in words. */
	readonly reason: string;
	/** Why it waits without an agent, such as a merge that git refuses. */
	readonly waitReason: string;
	/** The end of the last feedback, for a screen: at most 600 bytes. */
	readonly last: string;
	readonly createdAt: number;
	/** The first claim. */
	readonly startedAt: number;
	readonly updatedAt: number;
	readonly stageAt: number;
	readonly readyAt: number;
	readonly doneAt: number;
	/** Millionths of a dollar. */
	readonly spent: number;
	readonly tokensIn: number;
	readonly tokensOut: number;
	/** Part of `tokensIn` that came from the provider's cache. */
	readonly tokensCached: number;
	/** Requests to a model that were cut off before they said what they cost. */
	readonly cancelledCalls: number;
};

/** A task with its long texts, which no snapshot has: read on demand. */
export type WholeTask = Task & {
	readonly description: string;
	readonly acceptance: readonly string[];
	/** The last failure in full (test output, review comments), for the next prompt. */
	readonly feedback: string;
	/** The previous agent's note: what was tried and the current state. */
	readonly handoff: string;
	/** JSON of the plan that needs approval. */
	readonly proposal: string;
	/** Rounds of review and audit, oldest first, the last twenty. */
	readonly reviews: readonly ReviewRound[];
	/** Human comments on its change, oldest first. */
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
 * Reads a task from the flat fields of its status hash. Ignores unknown fields, missing ones are empty. Never throws: external workers may
 * write any of them.
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
	refused: oneOf(fields.refused, DECISIONS, ''),
	priority: whole(fields.priority ?? '50'),
	score: fields.score === undefined ? whole(fields.createdAt) - whole(fields.priority ?? '50') * 60_000 : whole(fields.score),
	feature: fields.feature ?? '',
	audit: fields.audit === '1',
	model: isModel(fields.model ?? '') ? (fields.model ?? '') : '',
	permissions: oneOf(fields.permissions, PERMISSIONS, ''),
	adopts: fields.adopts ?? '',
	startsAt: fields.startsAt ?? '',
	paths: list(fields.paths),
	attempt: whole(fields.attempt),
	failures: whole(fields.failures),
	attempts: whole(fields.attempts ?? '3'),
	rounds: whole(fields.rounds),
	fresh: fields.fresh === '1',
	// The choice is for one role: any reviewer may review a reassigned task.
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
	testedCommit: fields.testedCommit ?? '',
	batch: whole(fields.batch),
	testedWith: fields.testedWith === 'affected' ? 'affected' : '',
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
	isApart: fields.apart === '1',
	pull: parsePull(fields),
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
	cancelledCalls: whole(fields.cancelledCalls),
});

/** Reads a task with its long texts. */
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

/** A task whose long texts are unavailable: only the end of its feedback. */
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

/** Returns the badge of a priority: P0 from 90, P1 from 70, P2 from 40, else P3. */
export const priorityBadge = (priority: number): 'P0' | 'P1' | 'P2' | 'P3' =>
	priority >= 90 ? 'P0' : priority >= 70 ? 'P1' : priority >= 40 ? 'P2' : 'P3';
