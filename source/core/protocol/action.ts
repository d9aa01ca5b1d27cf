import {z} from 'zod';
import {AT_BUDGET, type AtBudget} from '../cost/budget.ts';
import type {NewTask} from '../intake/submission.ts';
import type {Refusal} from '../text/refusal.ts';

/** Everything that a person, a script or the screen can ask of the room. */
export type Action =
	| ({readonly type: 'add-task'} & NewTask)
	| {readonly type: 'add-plan'; readonly tasks: readonly NewTask[]}
	| {readonly type: 'pause-agent'; readonly agent: string}
	| {readonly type: 'resume-agent'; readonly agent: string}
	| {readonly type: 'pause-all'}
	| {readonly type: 'resume-all'}
	| {readonly type: 'drain'; readonly on: boolean}
	| {readonly type: 'freeze'; readonly on: boolean}
	/** Millionths of a dollar, 0 for none; what is left out stays as it is. */
	| {readonly type: 'budget'; readonly micros?: number; readonly reached?: AtBudget}
	| {readonly type: 'reassign-task'; readonly task: string; readonly agent?: string}
	| {readonly type: 'release-task'; readonly task: string}
	| {readonly type: 'cancel-task'; readonly task: string; readonly by?: string}
	| {readonly type: 'requeue-task'; readonly task: string}
	/** Again from a clean worktree: what was made so far stays on its branch and is not gone on with. */
	| {readonly type: 'retry-task'; readonly task: string}
	/** `task` comes before `other` in the queue. */
	| {readonly type: 'move-task'; readonly task: string; readonly before: string}
	/** 0 to 100. */
	| {readonly type: 'prioritise-task'; readonly task: string; readonly priority: number}
	/** About a place of its change; `file` '' and `line` 0 where it is about none. */
	| {
			readonly type: 'remark';
			readonly task: string;
			readonly file: string;
			readonly line: number;
			readonly severity: 'must-fix' | 'nit';
			readonly text: string;
	  }
	/** As soon as its tests have passed, before others; a landing that waits is tried again. */
	| {readonly type: 'merge-task'; readonly task: string}
	/** Its merge is built anew on the base as it is now, and tested again. */
	| {readonly type: 'rebuild-task'; readonly task: string}
	/** What it has landed is taken back, as a task of its own. */
	| {readonly type: 'revert-task'; readonly task: string}
	/** It goes on without `without`, which it waits for and which will not be merged any more. */
	| {readonly type: 'free-task'; readonly task: string; readonly without: string}
	/** Decides what a task asks (`Task.asks`); `plan` is the text of an edited plan, taken in place of the proposed one. */
	| {readonly type: 'accept'; readonly task: string; readonly plan?: string}
	/** `reason` may be '' where a no is all that is asked for. */
	| {readonly type: 'reject'; readonly task: string; readonly reason: string}
	/** Takes back what an agent has moved the base to, or keeps it as the person's own. */
	| {readonly type: 'undo-base'}
	| {readonly type: 'keep-base'}
	/** Handed-in work goes back to its author with these words. */
	| {readonly type: 'bounce-task'; readonly task: string; readonly reason: string}
	/** A new plan for a running feature; `text` says what changed, '' for nothing in particular. */
	| {readonly type: 'replan'; readonly feature: string; readonly text: string}
	| {readonly type: 'unlock'; readonly name: string}
	/** Lifts the wait of an account that was refused for now. */
	| {readonly type: 'unbrake'; readonly account: string}
	| {readonly type: 'message'; readonly agent: string; readonly text: string}
	| {readonly type: 'stop-agent'; readonly agent: string; readonly how: 'interrupt' | 'stop' | 'kill'}
	| {readonly type: 'kill-all'}
	/** One more like those of the configuration's team; `harness` '' for the first of the role. For the life of the room. */
	| {readonly type: 'add-agent'; readonly role: string; readonly harness: string}
	/** It leaves the team after its task, for the life of the room. */
	| {readonly type: 'retire-agent'; readonly agent: string}
	/** Ends a freeze for these agents alone; the others are paused. */
	| {readonly type: 'resume-only'; readonly agents: readonly string[]}
	/** Ends a freeze by ending the turns that it holds. */
	| {readonly type: 'interrupt-all'}
	| {readonly type: 'answer'; readonly agent: string; readonly questionId: string; readonly choice?: number; readonly text?: string}
	/** `turns`: as soon as no turn runs any more; `kill`: agents get no time to end. */
	| {readonly type: 'stop-room'; readonly how?: 'now' | 'turns' | 'kill'}
	/** Asks a Redis that is away again now. */
	| {readonly type: 'reconnect'}
	| {readonly type: 'detach-all'};

export type ActionResult = {readonly ok: true; readonly text: string; readonly ids?: readonly string[]} | Refusal;

/** Texts are stored as they came, but not without end. */
const name = z.string().max(200);
const title = z.string().min(1).max(1000);
const text = z.string().max(256 * 1024);

const newTask = z.object({
	title,
	id: name.optional(),
	brief: text.optional(),
	priority: z.number().min(0).max(100).optional(),
	role: name.optional(),
	needs: z.array(name).max(50).optional(),
	after: z.array(name).max(500).optional(),
	paths: z.array(name).max(50).optional(),
	acceptance: z.array(z.string().max(1000)).max(50).optional(),
	audit: z.boolean().optional(),
	feature: z.boolean().optional(),
	of: name.optional(),
	assigned: name.optional(),
});

const plain = <T extends string>(type: T) => z.object({type: z.literal(type)});

/** Everything that may be asked of the room over the socket. */
export const actionSchema = z.discriminatedUnion('type', [
	newTask.extend({type: z.literal('add-task')}),
	z.object({type: z.literal('add-plan'), tasks: z.array(newTask).min(1).max(2000)}),
	z.object({type: z.literal('pause-agent'), agent: name}),
	z.object({type: z.literal('resume-agent'), agent: name}),
	plain('pause-all'),
	plain('resume-all'),
	z.object({type: z.literal('drain'), on: z.boolean()}),
	z.object({type: z.literal('freeze'), on: z.boolean()}),
	z.object({type: z.literal('budget'), micros: z.int().min(0).max(1e12).optional(), reached: z.enum(AT_BUDGET).optional()}),
	z.object({type: z.literal('reassign-task'), task: name, agent: name.optional()}),
	z.object({type: z.literal('release-task'), task: name}),
	z.object({type: z.literal('cancel-task'), task: name, by: name.optional()}),
	z.object({type: z.literal('requeue-task'), task: name}),
	z.object({type: z.literal('retry-task'), task: name}),
	z.object({type: z.literal('move-task'), task: name, before: name}),
	z.object({type: z.literal('prioritise-task'), task: name, priority: z.int().min(0).max(100)}),
	z.object({
		type: z.literal('remark'),
		task: name,
		file: z.string().max(4096),
		line: z.int().min(0).max(1e9),
		severity: z.enum(['must-fix', 'nit']),
		text: text.min(1),
	}),
	z.object({type: z.literal('merge-task'), task: name}),
	z.object({type: z.literal('rebuild-task'), task: name}),
	z.object({type: z.literal('revert-task'), task: name}),
	z.object({type: z.literal('free-task'), task: name, without: name}),
	z.object({type: z.literal('accept'), task: name, plan: text.optional()}),
	z.object({type: z.literal('reject'), task: name, reason: text}),
	z.object({type: z.literal('bounce-task'), task: name, reason: text.min(1)}),
	z.object({type: z.literal('replan'), feature: name, text}),
	z.object({type: z.literal('unlock'), name}),
	z.object({type: z.literal('unbrake'), account: name}),
	z.object({type: z.literal('message'), agent: name, text}),
	z.object({type: z.literal('stop-agent'), agent: name, how: z.enum(['interrupt', 'stop', 'kill'])}),
	plain('kill-all'),
	z.object({type: z.literal('add-agent'), role: name, harness: name}),
	z.object({type: z.literal('retire-agent'), agent: name}),
	z.object({type: z.literal('resume-only'), agents: z.array(name).min(1).max(200)}),
	plain('interrupt-all'),
	z.object({
		type: z.literal('answer'),
		agent: name,
		questionId: name,
		choice: z.int().min(0).max(1000).optional(),
		text: text.optional(),
	}),
	z.object({type: z.literal('stop-room'), how: z.enum(['now', 'turns', 'kill']).optional()}),
	plain('reconnect'),
	plain('detach-all'),
	plain('undo-base'),
	plain('keep-base'),
]) satisfies z.ZodType<Action>;
