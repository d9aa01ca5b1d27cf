import {z} from 'zod';
import {type Reading, SESSION_STATES, SOURCES} from '../core/session.ts';

const line = z.string().max(2000);
const long = z.string().max(256 * 1024);
const amount = z.number().min(0).max(1e15);

const questionSchema = z.object({
	kind: z.enum(['permission', 'question', 'dialog']),
	text: line,
	detail: long,
	choices: z
		.array(z.object({label: line, means: z.enum(['allow', 'always', 'deny', 'other']), keys: z.string().max(100).optional()}))
		.max(9),
	id: line.optional(),
});

/** A reading as the program of a headless CLI sends it. */
export const readingSchema = z.object({
	source: z.enum(SOURCES),
	sign: line,
	state: z.enum(SESSION_STATES).optional(),
	question: questionSchema.optional(),
	session: line.optional(),
	transcript: z.string().max(4096).optional(),
	doing: line.optional(),
	said: long.optional(),
	isPromptTaken: z.boolean().optional(),
	usage: z
		.object({
			micros: amount,
			tokensIn: amount,
			tokensOut: amount,
			isTotal: z.boolean(),
			cached: amount.optional(),
			context: z.number().min(0).max(1).optional(),
			model: line.optional(),
		})
		.optional(),
	retryMs: amount.optional(),
	reason: line.optional(),
	answer: long.optional(),
}) satisfies z.ZodType<Reading>;
