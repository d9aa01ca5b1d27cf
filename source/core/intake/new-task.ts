import * as z from 'zod';
import {PERMISSIONS} from '../agent/agent.ts';
import type {Inferred} from '../text/inferred.ts';

/** Texts are stored as given, up to a limit. */
const name = z.string().max(200);

/** A task from a human or a plan file. */
export const newTaskSchema = z.object({
	title: z.string().min(1).max(1000),
	id: name.optional(),
	description: z
		.string()
		.max(256 * 1024)
		.optional(),
	/** Default 50. */
	priority: z.number().min(0).max(100).optional(),
	role: name.optional(),
	needs: z.array(name).max(50).optional(),
	/** Task ids, also of the same plan. */
	after: z.array(name).max(500).optional(),
	/** Path patterns; the task waits while another agent locks one of them. */
	paths: z.array(name).max(50).optional(),
	acceptance: z.array(z.string().max(1000)).max(50).optional(),
	/** Requires an audit, whatever it changes. */
	audit: z.boolean().optional(),
	/** The model of the agents that write for it, by its CLI's own name. */
	model: name.optional(),
	/** What they may do without asking: never more than their agent may. */
	permissions: z.enum(PERMISSIONS).optional(),
	/** The session that it continues in a copy: `<cli> <id>`. */
	adopts: name.optional(),
	/** The commit that it starts from, instead of the base branch. */
	startsAt: name.optional(),
	feature: z.boolean().optional(),
	/** Name of its feature. */
	of: name.optional(),
	/** The only agent that may claim it. */
	assigned: name.optional(),
});
export type NewTask = Inferred<typeof newTaskSchema>;
