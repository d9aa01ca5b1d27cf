import {z} from 'zod';
import {AT_BUDGET} from '../cost/budget.ts';
import {newTaskSchema} from '../intake/new-task.ts';
import type {Inferred} from '../text/inferred.ts';
import type {Refusal} from '../text/refusal.ts';

/** Texts are stored as they came, but not without end. */
const name = z.string().max(200);
const text = z.string().max(256 * 1024);

const plain = <T extends string>(type: T) => z.object({type: z.literal(type)});

/** Everything that a person, a script or the screen can ask of the room. */
export const actionSchema = z.discriminatedUnion('type', [
	newTaskSchema.extend({type: z.literal('add-task')}),
	z.object({type: z.literal('add-plan'), tasks: z.array(newTaskSchema).min(1).max(2000)}),
	z.object({type: z.literal('pause-agent'), agent: name}),
	z.object({type: z.literal('resume-agent'), agent: name}),
	plain('pause-all'),
	plain('resume-all'),
	z.object({type: z.literal('drain'), on: z.boolean()}),
	z.object({type: z.literal('freeze'), on: z.boolean()}),
	/** Millionths of a dollar, 0 for none; what is left out stays as it is. */
	z.object({type: z.literal('budget'), micros: z.int().min(0).max(1e12).optional(), reached: z.enum(AT_BUDGET).optional()}),
	z.object({type: z.literal('reassign-task'), task: name, agent: name.optional()}),
	z.object({type: z.literal('unassign-task'), task: name}),
	z.object({type: z.literal('cancel-task'), task: name, by: name.optional()}),
	z.object({type: z.literal('retry-task'), task: name}),
	/** Again from a clean worktree: what was made so far stays on its branch and is not gone on with. */
	z.object({type: z.literal('restart-task'), task: name}),
	/** `task` comes before `other` in the queue. */
	z.object({type: z.literal('move-task'), task: name, before: name}),
	z.object({type: z.literal('set-priority'), task: name, priority: z.int().min(0).max(100)}),
	/** About a place of its change; `file` '' and `line` 0 where it is about none. */
	z.object({
		type: z.literal('comment'),
		task: name,
		file: z.string().max(4096),
		line: z.int().min(0).max(1e9),
		severity: z.enum(['must-fix', 'nit']),
		text: text.min(1),
	}),
	/** As soon as its tests have passed, before others; a landing that waits is tried again. */
	z.object({type: z.literal('merge-task'), task: name}),
	/** Its merge is built anew on the base as it is now, and tested again. */
	z.object({type: z.literal('rebuild-task'), task: name}),
	/** What it has landed is taken back, as a task of its own. */
	z.object({type: z.literal('revert-task'), task: name}),
	/** It goes on without `without`, which it waits for and which will not be merged any more. */
	z.object({type: z.literal('unblock-task'), task: name, without: name}),
	/** Decides what a task asks (`Task.asks`); `plan` is the text of an edited plan, taken in place of the proposed one. */
	z.object({type: z.literal('approve'), task: name, plan: text.optional()}),
	/** Handed-in work goes back to its author with these words. */
	z.object({type: z.literal('request-changes'), task: name, reason: text}),
	/** A new plan for a running feature; `text` says what changed, '' for nothing in particular. */
	z.object({type: z.literal('replan'), feature: name, text}),
	z.object({type: z.literal('unlock'), name}),
	/** Lifts the wait of an account that was refused for now. */
	z.object({type: z.literal('clear-rate-limit'), account: name}),
	z.object({type: z.literal('message'), agent: name, text}),
	z.object({type: z.literal('stop-agent'), agent: name, how: z.enum(['interrupt', 'stop', 'kill'])}),
	plain('kill-all'),
	/** One more like those of the configuration's team; `harness` '' for the first of the role. For the life of the room. */
	z.object({type: z.literal('add-agent'), role: name, harness: name}),
	/** It leaves the team after its task, for the life of the room. */
	z.object({type: z.literal('retire-agent'), agent: name}),
	/** Ends a freeze for these agents alone; the others are paused. */
	z.object({type: z.literal('resume-after-freeze'), agents: z.array(name).min(1).max(200)}),
	/** Ends a freeze by ending the turns that it holds. */
	plain('interrupt-all'),
	z.object({
		type: z.literal('answer'),
		agent: name,
		questionId: name,
		choice: z.int().min(0).max(1000).optional(),
		text: text.optional(),
	}),
	/** `turns`: as soon as no turn runs any more; `kill`: agents get no time to end. */
	z.object({type: z.literal('stop-room'), how: z.enum(['now', 'turns', 'kill']).optional()}),
	/** Asks a Redis that is away again now. */
	plain('reconnect'),
	plain('detach-all'),
	/** Takes back what an agent has moved the base to, or keeps it as the person's own. */
	plain('undo-base'),
	plain('keep-base'),
]);
export type Action = Inferred<typeof actionSchema>;

export type ActionResult = {readonly ok: true; readonly text: string; readonly ids?: readonly string[]} | Refusal;
