import {z} from 'zod';
import type {Inferred} from '../text/inferred.ts';

/** Texts are stored as they came, but not without end. */
const name = z.string().max(200);

/** A task as a person or a plan file gives it. */
export const newTaskSchema = z.object({
	title: z.string().min(1).max(1000),
	id: name.optional(),
	description: z
		.string()
		.max(256 * 1024)
		.optional(),
	/** 50 by default. */
	priority: z.number().min(0).max(100).optional(),
	role: name.optional(),
	needs: z.array(name).max(50).optional(),
	/** Tasks by id, also ones of the same plan. */
	after: z.array(name).max(500).optional(),
	/** Patterns of the paths it will touch; it waits while somebody else holds a lock over one of them. */
	paths: z.array(name).max(50).optional(),
	/** What must hold for it to be done, one criterion each. */
	acceptance: z.array(z.string().max(1000)).max(50).optional(),
	/** Wants an audit, whatever its changes touch. */
	audit: z.boolean().optional(),
	feature: z.boolean().optional(),
	/** The feature that it is a part of, by name. */
	of: name.optional(),
	/** The only agent that may claim it. */
	assigned: name.optional(),
});
export type NewTask = Inferred<typeof newTaskSchema>;
