import * as z from 'zod';
import type {Inferred} from '../text/inferred.ts';

const amount = z.number().min(0).max(1e15);

/** Usage of a session. `isTotal`: since the session began, else since the last reading. */
export const usageSchema = z.object({
	/** Millionths of a dollar, 0 if not reported. */
	micros: amount,
	tokensIn: amount,
	tokensOut: amount,
	isTotal: z.boolean(),
	/** Part of `tokensIn` that was read from the provider's cache. */
	cached: amount.optional(),
	/** Used part of the context window, 0 to 1. */
	context: z.number().min(0).max(1).optional(),
	model: z.string().max(2000).optional(),
});
export type Usage = Inferred<typeof usageSchema>;
