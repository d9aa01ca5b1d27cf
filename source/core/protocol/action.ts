import * as z from 'zod';
import {AT_BUDGET} from '../cost/budget.ts';
import {newTaskSchema} from '../intake/new-task.ts';
import type {Inferred} from '../text/inferred.ts';
import type {Refusal} from '../text/refusal.ts';

/** Texts are stored as given, up to a limit. */
const name = z.string().max(200);
const text = z.string().max(256 * 1024);

const plain = <T extends string>(type: T) => z.object({type: z.literal(type)});

/** Every order that a human, a script or the screen can give. */
export const actionSchema = z.discriminatedUnion('type', [
	newTaskSchema.extend({type: z.literal('add-task')}),
	z.object({type: z.literal('add-plan'), tasks: z.array(newTaskSchema).min(1).max(2000)}),
	z.object({type: z.literal('pause-agent'), agent: name}),
	z.object({type: z.literal('resume-agent'), agent: name}),
	plain('pause-all'),
	plain('resume-all'),
	z.object({type: z.literal('drain'), on: z.boolean()}),
	z.object({type: z.literal('freeze'), on: z.boolean()}),
	/** Takes up the changed configuration: the contents of `print`, trusting them, or without it what is trusted already. */
	z.object({type: z.literal('take-config'), print: name.optional()}),
	/** Decides about a Redis that lost its data: rebuilt from the journal, or taken as it is. `isTrial` only says what that would do. */
	z.object({type: z.literal('rebuild'), from: z.enum(['journal', 'redis']), isTrial: z.boolean().optional()}),
	/** Millionths of a dollar, and tokens, 0 for none; omitted fields stay unchanged. */
	z.object({
		type: z.literal('budget'),
		micros: z.int().min(0).max(1e12).optional(),
		tokens: z.int().min(0).max(1e12).optional(),
		reached: z.enum(AT_BUDGET).optional(),
	}),
	z.object({type: z.literal('reassign-task'), task: name, agent: name.optional()}),
	z.object({type: z.literal('unassign-task'), task: name}),
	z.object({type: z.literal('cancel-task'), task: name, by: name.optional(), isFeature: z.boolean().optional()}),
	z.object({type: z.literal('retry-task'), task: name}),
	/** Restarts from a clean worktree; the old branch is kept but not used. */
	z.object({type: z.literal('restart-task'), task: name}),
	/** `task` is moved before `other` in the queue. */
	z.object({type: z.literal('move-task'), task: name, before: name}),
	z.object({type: z.literal('set-priority'), task: name, priority: z.int().min(0).max(100)}),
	/** A comment on a place of the change; `file` '' and `line` 0 for the whole. */
	z.object({
		type: z.literal('comment'),
		task: name,
		file: z.string().max(4096),
		line: z.int().min(0).max(1e9),
		severity: z.enum(['must-fix', 'nit']),
		text: text.min(1),
	}),
	/** Merges before others once tested; retries a blocked merge. */
	z.object({type: z.literal('merge-task'), task: name}),
	/** Rebuilds the merge candidate on the current base and retests it. */
	z.object({type: z.literal('rebuild-task'), task: name}),
	/** Reverts the task's merge, as a new task. */
	z.object({type: z.literal('revert-task'), task: name}),
	/** Unblocks the task from `without`, a dependency that will not merge any more. */
	z.object({type: z.literal('unblock-task'), task: name, without: name}),
	/** Decides what a task needs (`Task.decision`); `plan` is an edited plan that replaces the proposal. */
	z.object({type: z.literal('approve'), task: name, plan: text.optional()}),
	/** Returns submitted work to its author with these words. */
	z.object({type: z.literal('request-changes'), task: name, reason: text}),
	/** Replans a running feature; `text` says what changed, '' for nothing in particular. */
	z.object({type: z.literal('replan'), feature: name, text}),
	z.object({type: z.literal('unlock'), name}),
	/** Clears an account's rate limit. */
	z.object({type: z.literal('clear-rate-limit'), account: name}),
	z.object({type: z.literal('message'), agent: name, text}),
	/** Types a line and Enter into the agent's pane; never into a dialog or a pane that somebody types in. */
	/** A new task whose agent continues a copy of the session of this agent, or of the agent of this task. */
	z.object({type: z.literal('fork-session'), of: name, title: name.optional()}),
	z.object({type: z.literal('type-line'), agent: name, text}),
	z.object({type: z.literal('stop-agent'), agent: name, how: z.enum(['interrupt', 'stop', 'kill'])}),
	plain('kill-all'),
	/** Adds an agent until the room ends; `harness` '' for the role's first one. */
	z.object({type: z.literal('add-agent'), role: name, harness: name}),
	/** Removes the agent after its task, until the room ends. */
	z.object({type: z.literal('retire-agent'), agent: name}),
	/** Unfreezes these agents; the others are paused. */
	z.object({type: z.literal('resume-after-freeze'), agents: z.array(name).min(1).max(200)}),
	/** Unfreezes by interrupting the frozen turns. */
	plain('interrupt-all'),
	z.object({
		type: z.literal('answer'),
		agent: name,
		questionId: name,
		choice: z.int().min(0).max(1000).optional(),
		text: text.optional(),
	}),
	/** `turns`: once no turn runs; `kill`: agents get no time to exit. */
	z.object({type: z.literal('stop-room'), how: z.enum(['now', 'turns', 'kill']).optional()}),
	/** Retries a disconnected Redis now. */
	plain('reconnect'),
	plain('detach-all'),
	/** Reverts an agent's move of the base, or keeps it as your own. */
	plain('undo-base'),
	plain('keep-base'),
]);
export type Action = Inferred<typeof actionSchema>;

export type ActionResult = {readonly ok: true; readonly text: string; readonly ids?: readonly string[]} | Refusal;
