import * as z from 'zod';
import {AGENT_STATUSES, PERMISSIONS} from '../agent/agent.ts';
import {AT_BUDGET} from '../cost/budget.ts';
import {planTaskSchema, planSchema as proposalSchema} from '../plan/plan.ts';
import {CHECK_STATES, PULL_STATES} from '../task/pull.ts';
import {DECISIONS, FIRST_STAGES, STAGES, TASK_STATES} from '../task/task.ts';
import type {Inferred} from '../text/inferred.ts';

/**
 * What `--json` prints, on the command line and the socket. Times are epoch ms of the Redis server, 0 where unset. Never contains fencing
 * tokens: an agent must not see another's.
 */
export const taskSchema = z.strictObject({
	id: z.string(),
	title: z.string(),
	state: z.enum(TASK_STATES),
	stage: z.enum(STAGES),
	firstStage: z.enum(FIRST_STAGES),
	firstRole: z.string(),
	role: z.string(),
	needs: z.array(z.string()),
	after: z.array(z.string()),
	waits: z.number(),
	decision: z.enum(['', ...DECISIONS]),
	/** The decision that no one took in time, for which it failed. */
	refused: z.enum(['', ...DECISIONS]),
	priority: z.number(),
	score: z.number(),
	feature: z.string(),
	audit: z.boolean(),
	/** Of the agents that write for it; '' for those of the agent. */
	model: z.string(),
	permissions: z.enum(['', ...PERMISSIONS]),
	/** The session that it continues in a copy, and the commit that it starts from (`agent-room adopt`). */
	adopts: z.string(),
	startsAt: z.string(),
	paths: z.array(z.string()),
	attempt: z.number(),
	failures: z.number(),
	attempts: z.number(),
	rounds: z.number(),
	fresh: z.boolean(),
	assigned: z.string(),
	owner: z.string(),
	leaseUntil: z.number(),
	progress: z.string(),
	branch: z.string(),
	worktree: z.string(),
	session: z.string(),
	sessionOf: z.string(),
	prefers: z.string(),
	base: z.string(),
	commit: z.string(),
	author: z.string(),
	authors: z.array(z.string()),
	reviewer: z.string(),
	reviewedCommit: z.string(),
	conflictWith: z.string(),
	conflicted: z.string(),
	drops: z.number(),
	candidate: z.string(),
	candidateBase: z.string(),
	failedCandidate: z.string(),
	testedCommit: z.string(),
	batch: z.number(),
	testedWith: z.enum(['affected', '']),
	removals: z.number(),
	flaky: z.number(),
	testMs: z.number(),
	testExit: z.number(),
	testLog: z.string(),
	cleared: z.string(),
	mayLeave: z.string(),
	returns: z.array(z.string()),
	letBack: z.array(z.string()),
	mergedCommit: z.string(),
	unmergedCommit: z.string(),
	isApart: z.boolean(),
	/** Its pull request; `number` is 0 without one. */
	pull: z.strictObject({
		number: z.number(),
		isOfFeature: z.boolean(),
		url: z.string(),
		state: z.enum(['', ...PULL_STATES]),
		isDraft: z.boolean(),
		branch: z.string(),
		head: z.string(),
		checks: z.array(z.strictObject({name: z.string(), state: z.enum(CHECK_STATES), isRequired: z.boolean()})),
		waiting: z.number(),
		updatedAt: z.string(),
		isWanted: z.boolean(),
		seen: z.array(z.string()),
		replies: z.array(z.string()),
	}),
	reason: z.string(),
	waitReason: z.string(),
	createdAt: z.number(),
	startedAt: z.number(),
	updatedAt: z.number(),
	stageAt: z.number(),
	readyAt: z.number(),
	doneAt: z.number(),
	spent: z.number(),
	tokensIn: z.number(),
	tokensOut: z.number(),
	tokensCached: z.number(),
	/** Requests to a model that were cut off before they said what they cost. */
	cancelledCalls: z.number(),
	/** Why it is not running, in one clause; '' if it is. */
	why: z.string(),
});
export type TaskLine = Inferred<typeof taskSchema>;

const commentSchema = z.strictObject({file: z.string(), line: z.number(), severity: z.enum(['must-fix', 'nit']), text: z.string()});

const reviewSchema = z.strictObject({
	round: z.number(),
	at: z.number(),
	stage: z.enum(['review', 'audit']),
	reviewer: z.string(),
	commit: z.string(),
	verdict: z.enum(['approve', 'changes']),
	text: z.string(),
	comments: z.array(commentSchema),
});

const personCommentSchema = commentSchema.extend({at: z.number(), commit: z.string()});

/** What `agent-room task ID` prints. */
export const taskDetailSchema = taskSchema.extend({
	description: z.string(),
	acceptance: z.array(z.string()),
	feedback: z.string(),
	handoff: z.string(),
	proposal: z.string(),
	reviews: z.array(reviewSchema),
	comments: z.array(personCommentSchema),
});
export type TaskDetail = Inferred<typeof taskDetailSchema>;

/** What `agent-room plan ID` prints: the state of a feature's plan. */
export const planSchema = z.strictObject({
	feature: z.string(),
	title: z.string(),
	/** The current or last planning task; '' if nobody plans the feature. */
	planTask: z.string(),
	/** `needs-decision`: the proposal needs your approval. */
	state: z.enum(['planning', 'needs-decision', 'planned', 'ended', 'none']),
	waitReason: z.string(),
	/** Null without a proposal, also with `needs-decision` if planning failed. */
	proposal: proposalSchema
		.extend({tasks: z.array(planTaskSchema.strict())})
		.strict()
		.nullable(),
	/** The feature's tasks, without planning tasks. */
	tasks: z.array(taskSchema),
});
export type PlanLine = Inferred<typeof planSchema>;

export const agentSchema = z.strictObject({
	id: z.string(),
	/** `dev-1` for `agent:dev:001`; every command takes both. */
	name: z.string(),
	role: z.string(),
	capabilities: z.array(z.string()),
	room: z.string(),
	harness: z.string(),
	host: z.string(),
	pid: z.number(),
	status: z.enum(AGENT_STATUSES),
	task: z.string(),
	stage: z.string(),
	question: z.string(),
	choices: z.array(z.string()),
	questionId: z.string(),
	detail: z.string(),
	evidence: z.string(),
	account: z.string(),
	resumes: z.string(),
	doing: z.string(),
	reason: z.string(),
	paused: z.boolean(),
	/** When its program asks its model again, epoch ms; 0 if unknown. */
	retryAt: z.number(),
	statusAt: z.number(),
	beatAt: z.number(),
	spent: z.number(),
	tokensIn: z.number(),
	tokensOut: z.number(),
	tokensCached: z.number(),
	/** Requests to a model that were cut off before they said what they cost. */
	cancelledCalls: z.number(),
	/** The model that it last used, as its program names it; '' if unknown. */
	model: z.string(),
});
export type AgentLine = Inferred<typeof agentSchema>;

export const lockSchema = z.strictObject({
	name: z.string(),
	owner: z.string(),
	until: z.number(),
	takenAt: z.number(),
	/** Who waits for it or an overlapping lock, next first. */
	waiters: z.array(z.strictObject({name: z.string(), agent: z.string(), since: z.number(), until: z.number()})),
});
export type LockLine = Inferred<typeof lockSchema>;

/** Two tasks that would conflict; the second is '' for the base. */
const conflictSchema = z.strictObject({
	tasks: z.tuple([z.string(), z.string()]),
	/** Owners or last authors, '' for none. */
	agents: z.tuple([z.string(), z.string()]),
	files: z.array(z.string()),
	since: z.number(),
});
export type ConflictLine = Inferred<typeof conflictSchema>;

export const eventSchema = z.strictObject({
	id: z.string(),
	at: z.number(),
	type: z.string(),
	task: z.string(),
	agent: z.string(),
	text: z.string(),
	/** How a human ordered it; '' if none did. */
	by: z.string(),
	/** The task's new state and stage, '' if unchanged. */
	state: z.string(),
	stage: z.string(),
	/** The agent's new status, '' if unchanged. */
	status: z.string(),
});
export type EventLine = Inferred<typeof eventSchema>;

export const statusSchema = z.strictObject({
	at: z.number(),
	/** Null if no room runs and the state came from Redis. */
	room: z.strictObject({id: z.string(), pid: z.number(), startedAt: z.number(), terminals: z.number()}).nullable(),
	repository: z.strictObject({name: z.string(), root: z.string(), base: z.string(), baseCommit: z.string()}),
	redis: z.strictObject({isConnected: z.boolean(), lostAt: z.number(), address: z.string()}),
	/** Budget and spending in millionths of a dollar; a budget of 0 is none. */
	control: z.strictObject({
		paused: z.boolean(),
		drained: z.boolean(),
		frozen: z.boolean(),
		frozenWhy: z.enum(['budget', 'rebuild', '']),
		recovery: z.string(),
		budget: z.number(),
		atBudget: z.enum(AT_BUDGET),
		/** The configured budget that a room applied last: `usd 50 tokens 0 hold`, '' if none was. */
		budgetFrom: z.string(),
		/** The room (`room:<id>`) whose configuration that is; '' if unknown. */
		budgetRoom: z.string(),
		reachedAt: z.number(),
		spent: z.number(),
		tokenBudget: z.number(),
		tokens: z.number(),
		failingBase: z.string(),
		failingSince: z.number(),
		failingWhy: z.string(),
		stray: z.string(),
		strayFrom: z.string(),
		strayTask: z.string(),
		strayAgent: z.string(),
		strayAt: z.number(),
		/** Runs of all tests on the base branch; `failed` is '' while they pass, `found` and `task` name the merge that broke it. */
		fullTests: z.strictObject({
			passed: z.string(),
			tested: z.string(),
			testedAt: z.number(),
			failed: z.string(),
			failedAt: z.number(),
			why: z.string(),
			found: z.string(),
			task: z.string(),
			steps: z.string(),
		}),
		rateLimits: z.array(
			z.strictObject({
				account: z.string(),
				at: z.number(),
				until: z.number(),
				level: z.number(),
				by: z.string(),
				probe: z.string(),
				reason: z.string(),
			}),
		),
	}),
	hasTestCommand: z.boolean(),
	isTrusted: z.boolean(),
	banners: z.array(z.strictObject({id: z.string(), severity: z.enum(['warning', 'error']), text: z.string(), since: z.number()})),
	/** Number of tasks per state. */
	counts: z.strictObject({
		blocked: z.number(),
		delayed: z.number(),
		ready: z.number(),
		leased: z.number(),
		merged: z.number(),
		planned: z.number(),
		failed: z.number(),
		cancelled: z.number(),
	}),
	/** The newest features with their task counts. */
	features: z.array(
		z.strictObject({
			id: z.string(),
			total: z.number(),
			open: z.number(),
			merged: z.number(),
			failed: z.number(),
			cancelled: z.number(),
			createdAt: z.number(),
			endedAt: z.number(),
			spent: z.number(),
			tokensIn: z.number(),
			tokensOut: z.number(),
			tokensCached: z.number(),
			/** Requests to a model that were cut off before they said what they cost. */
			cancelledCalls: z.number(),
		}),
	),
	/** Tasks in the room's memory: all running, the next of every queue, the last finished. `agent-room tasks` has all. */
	tasks: z.array(taskSchema),
	agents: z.array(agentSchema),
	locks: z.array(lockSchema),
	/** Predicted between active branches, oldest first; none if no room runs. */
	conflicts: z.array(conflictSchema),
});
export type StatusLine = Inferred<typeof statusSchema>;

const momentSchema = z.strictObject({id: z.string(), at: z.number()});

/** What `agent-room replay` prints: the range that can be replayed and what happened in it. */
export const replaySchema = z.strictObject({
	at: z.number(),
	/** Null if nothing can be replayed yet. */
	oldest: momentSchema.nullable(),
	newest: momentSchema.nullable(),
	/** Entries and checkpoints of the event log. */
	entries: z.number(),
	/** Older entries that were trimmed. */
	gone: z.number(),
	checkpoints: z.number(),
	/** In the requested span, else in the whole log. */
	happened: z.strictObject({
		merged: z.number(),
		failed: z.number(),
		retried: z.number(),
		unreachable: z.number(),
		questions: z.number(),
		orders: z.number(),
	}),
	/** The newest, oldest first. */
	landmarks: z.array(eventSchema),
});
export type ReplayLine = Inferred<typeof replaySchema>;

/** What `agent-room replay --at TIME` prints: a past status. What only a running room knows is current or empty. */
export const replayedStatusSchema = statusSchema.extend({
	/** The entry and time that the status follows. */
	moment: momentSchema,
	/** The events just before, oldest first. */
	before: z.array(eventSchema),
});
export type ReplayedStatusLine = Inferred<typeof replayedStatusSchema>;

/** The room of a machine, as `hosts --json` prints it; times are epoch ms of Redis, 0 where unset. */
export const hostSchema = z.strictObject({
	/** What the machine is called in this team: behind the `@` of its agents. */
	host: z.string(),
	/** `draining`: it takes no more tasks and ends after those that run. `silent`: no heartbeat for its lease, and not yet given up. */
	state: z.enum(['up', 'draining', 'silent', 'gone', 'stopped']),
	/** Decides about tests and merges, and gives back what is late. */
	leads: z.boolean(),
	room: z.string(),
	machine: z.string(),
	version: z.string(),
	/** Percent of its cores, by the load average. */
	load: z.number(),
	/** Free, bytes. */
	memory: z.number(),
	agents: z.number(),
	working: z.number(),
	/** What it may run: its agents by role and harness. */
	runs: z.array(z.strictObject({role: z.string(), harness: z.string(), agents: z.number()})),
	/** Capabilities of its agents. */
	offers: z.array(z.string()),
	joinedAt: z.number(),
	beatAt: z.number(),
});
export type HostLine = Inferred<typeof hostSchema>;

/** A line of `worker --log-format json`. `time`: ISO 8601, of this machine; `event`: a type of the event log, or `ready`, `draining`, `ended`, `log`. */
export const logSchema = z.strictObject({
	time: z.string(),
	level: z.enum(['info', 'warning', 'error']),
	event: z.string(),
	task: z.string(),
	agent: z.string(),
	message: z.string(),
});
export type LogLine = Inferred<typeof logSchema>;

/** All of them; `at` is server time, epoch ms. */
export type HostsPage = {readonly at: number; readonly hosts: readonly HostLine[]};

/** The last line of `run --json`. */
export const summarySchema = z.strictObject({
	type: z.literal('summary'),
	merged: z.number(),
	failed: z.number(),
	cancelled: z.number(),
	open: z.number(),
	/** Questions that no one answered in time; `agent` is '' for a decision about the task. */
	unanswered: z.array(z.strictObject({task: z.string(), agent: z.string(), question: z.string()})),
	exitCode: z.number(),
});
export type SummaryLine = Inferred<typeof summarySchema>;

/** A package whose code the program contains, as `licenses --json` prints it. */
export const licenseSchema = z.strictObject({
	name: z.string(),
	version: z.string(),
	/** SPDX id. */
	license: z.string(),
	/** '' if the package names none. */
	author: z.string(),
	/** Its repository; '' if the package names none. */
	source: z.string(),
	/** Its license and notices in full, each under its file name. */
	text: z.string(),
});
export type LicenseLine = Inferred<typeof licenseSchema>;

/** A line that `search --json` prints: the file in `logs` of the state folder, its line from 1, and its text without escape sequences. */
export const foundSchema = z.strictObject({log: z.string(), line: z.number(), text: z.string()});
export type FoundLine = Inferred<typeof foundSchema>;

/** The object on stderr when a command fails with `--json`. */
export const errorSchema = z.strictObject({error: z.strictObject({code: z.string(), message: z.string(), hint: z.string()})});
