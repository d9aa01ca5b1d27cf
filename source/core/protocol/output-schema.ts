import {z} from 'zod';
import {AGENT_STATUSES} from '../agent/agent.ts';
import {AT_BUDGET} from '../cost/budget.ts';
import {ASKS, HOMES, STAGES, TASK_STATES} from '../task/task.ts';
import type {
	AgentLine,
	ConflictLine,
	EventLine,
	LicenseLine,
	LockLine,
	PlanLine,
	ReplayedStatusLine,
	ReplayLine,
	StatusLine,
	SummaryLine,
	TaskDetail,
	TaskLine,
} from './output.ts';

/** The documented shape of every line that `--json` prints. Times are epoch ms of the Redis server, 0 where unset. */
export const taskSchema = z.strictObject({
	id: z.string(),
	title: z.string(),
	state: z.enum(TASK_STATES),
	stage: z.enum(STAGES),
	home: z.enum(HOMES),
	homeRole: z.string(),
	role: z.string(),
	needs: z.array(z.string()),
	after: z.array(z.string()),
	waits: z.number(),
	asks: z.enum(['', ...ASKS]),
	priority: z.number(),
	score: z.number(),
	feature: z.string(),
	audit: z.boolean(),
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
	ejections: z.number(),
	flaky: z.number(),
	testMs: z.number(),
	testExit: z.number(),
	testLog: z.string(),
	cleared: z.string(),
	returns: z.array(z.string()),
	letBack: z.array(z.string()),
	landed: z.string(),
	wasLanded: z.string(),
	reason: z.string(),
	hold: z.string(),
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
	why: z.string(),
}) satisfies z.ZodType<TaskLine>;

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

const remarkSchema = commentSchema.extend({at: z.number(), commit: z.string()});

export const taskDetailSchema = taskSchema.extend({
	brief: z.string(),
	acceptance: z.array(z.string()),
	feedback: z.string(),
	handover: z.string(),
	proposal: z.string(),
	reviews: z.array(reviewSchema),
	remarks: z.array(remarkSchema),
}) satisfies z.ZodType<TaskDetail>;

export const planSchema = z.strictObject({
	feature: z.string(),
	title: z.string(),
	planTask: z.string(),
	state: z.enum(['planning', 'asks', 'planned', 'ended', 'none']),
	hold: z.string(),
	proposal: z
		.strictObject({
			summary: z.string(),
			tasks: z.array(
				z.strictObject({
					id: z.string(),
					title: z.string(),
					brief: z.string(),
					acceptance: z.array(z.string()),
					after: z.array(z.string()),
					priority: z.number(),
					needs: z.array(z.string()),
					paths: z.array(z.string()),
					role: z.string(),
					audit: z.boolean(),
				}),
			),
			cancel: z.array(z.string()),
		})
		.nullable(),
	tasks: z.array(taskSchema),
}) satisfies z.ZodType<PlanLine>;

export const agentSchema = z.strictObject({
	id: z.string(),
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
	statusAt: z.number(),
	beatAt: z.number(),
	spent: z.number(),
	tokensIn: z.number(),
	tokensOut: z.number(),
	tokensCached: z.number(),
}) satisfies z.ZodType<AgentLine>;

export const lockSchema = z.strictObject({
	name: z.string(),
	owner: z.string(),
	until: z.number(),
	takenAt: z.number(),
	waiters: z.array(z.strictObject({name: z.string(), agent: z.string(), since: z.number(), until: z.number()})),
}) satisfies z.ZodType<LockLine>;

const conflictSchema = z.strictObject({
	tasks: z.tuple([z.string(), z.string()]).readonly(),
	agents: z.tuple([z.string(), z.string()]).readonly(),
	files: z.array(z.string()),
	since: z.number(),
}) satisfies z.ZodType<ConflictLine>;

export const eventSchema = z.strictObject({
	id: z.string(),
	at: z.number(),
	type: z.string(),
	task: z.string(),
	agent: z.string(),
	text: z.string(),
	by: z.string(),
	state: z.string(),
	stage: z.string(),
	status: z.string(),
}) satisfies z.ZodType<EventLine>;

export const statusSchema = z.strictObject({
	at: z.number(),
	room: z.strictObject({id: z.string(), pid: z.number(), startedAt: z.number(), terminals: z.number()}).nullable(),
	repository: z.strictObject({name: z.string(), root: z.string(), base: z.string(), baseCommit: z.string()}),
	redis: z.strictObject({isConnected: z.boolean(), lostAt: z.number(), address: z.string()}),
	control: z.strictObject({
		paused: z.boolean(),
		drained: z.boolean(),
		frozen: z.boolean(),
		frozenWhy: z.enum(['budget', '']),
		recovery: z.string(),
		budget: z.number(),
		atBudget: z.enum(AT_BUDGET),
		reachedAt: z.number(),
		spent: z.number(),
		red: z.string(),
		redAt: z.number(),
		redWhy: z.string(),
		stray: z.string(),
		strayFrom: z.string(),
		strayTask: z.string(),
		strayAgent: z.string(),
		strayAt: z.number(),
		brakes: z.array(
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
	counts: z.strictObject({
		blocked: z.number(),
		delayed: z.number(),
		ready: z.number(),
		leased: z.number(),
		merged: z.number(),
		planned: z.number(),
		dead: z.number(),
		cancelled: z.number(),
	}),
	features: z.array(
		z.strictObject({
			id: z.string(),
			total: z.number(),
			open: z.number(),
			merged: z.number(),
			dead: z.number(),
			cancelled: z.number(),
			createdAt: z.number(),
			endedAt: z.number(),
			spent: z.number(),
			tokensIn: z.number(),
			tokensOut: z.number(),
			tokensCached: z.number(),
		}),
	),
	tasks: z.array(taskSchema),
	agents: z.array(agentSchema),
	locks: z.array(lockSchema),
	conflicts: z.array(conflictSchema),
}) satisfies z.ZodType<StatusLine>;

const momentSchema = z.strictObject({id: z.string(), at: z.number()});

export const replaySchema = z.strictObject({
	at: z.number(),
	oldest: momentSchema.nullable(),
	newest: momentSchema.nullable(),
	entries: z.number(),
	gone: z.number(),
	checkpoints: z.number(),
	happened: z.strictObject({
		merged: z.number(),
		dead: z.number(),
		failed: z.number(),
		lost: z.number(),
		questions: z.number(),
		orders: z.number(),
	}),
	landmarks: z.array(eventSchema),
}) satisfies z.ZodType<ReplayLine>;

export const replayedStatusSchema = statusSchema.extend({
	moment: momentSchema,
	before: z.array(eventSchema),
}) satisfies z.ZodType<ReplayedStatusLine>;

export const summarySchema = z.strictObject({
	type: z.literal('summary'),
	merged: z.number(),
	dead: z.number(),
	cancelled: z.number(),
	open: z.number(),
	exitCode: z.number(),
}) satisfies z.ZodType<SummaryLine>;

export const licenseSchema = z.strictObject({
	name: z.string(),
	version: z.string(),
	license: z.string(),
	author: z.string(),
	source: z.string(),
	text: z.string(),
}) satisfies z.ZodType<LicenseLine>;

/** The one object on stderr of a command that failed with `--json`. */
export const errorSchema = z.strictObject({error: z.strictObject({code: z.string(), message: z.string(), hint: z.string()})});
