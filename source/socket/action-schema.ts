import {z} from 'zod';
import type {Action} from '../core/action.ts';
import {AT_BUDGET} from '../core/budget.ts';

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
	z.object({type: z.literal('reject'), task: name, reason: text.min(1)}),
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
]) satisfies z.ZodType<Action>;
