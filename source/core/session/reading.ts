import * as z from 'zod';
import {usageSchema} from '../cost/usage.ts';
import type {Inferred} from '../text/inferred.ts';
import {SESSION_STATES, SOURCES} from './session.ts';

const line = z.string().max(2000);
const long = z.string().max(256 * 1024);

/** `keys` are typed into the pane if no hook takes the decision. `always` says in its label how far it reaches. */
const choiceSchema = z.object({label: line, means: z.enum(['allow', 'always', 'deny', 'other']), keys: z.string().max(100).optional()});
export type Choice = Inferred<typeof choiceSchema>;

/** A program's question. `permission`: may it do this; `question`: one to its user; `dialog`: a screen of its own (trust, login). */
const questionSchema = z.object({
	kind: z.enum(['permission', 'question', 'dialog']),
	/** One line. */
	text: line,
	/** The command, change or path: several lines, '' for none. */
	detail: long,
	choices: z.array(choiceSchema).max(9),
	/** The program's own id, if any. */
	id: line.optional(),
});
export type Question = Inferred<typeof questionSchema>;

/** One observation of an agent's program; only observed fields are set. */
export const readingSchema = z.object({
	source: z.enum(SOURCES),
	/** In words: `hook Stop`, `title Action Required`. */
	sign: line,
	state: z.enum(SESSION_STATES).optional(),
	question: questionSchema.optional(),
	/** The program's session id, for resuming. */
	session: line.optional(),
	transcript: z.string().max(4096).optional(),
	/** Current activity, in one line. */
	doing: line.optional(),
	/** Its last message. */
	said: long.optional(),
	/** A prompt was accepted: proves a delivery. */
	isPromptTaken: z.boolean().optional(),
	usage: usageSchema.optional(),
	/** For `rate-limited`: retry after this, ms, if known. */
	retryMs: z.number().min(0).max(1e15).optional(),
	/** Its turn continues: it waits, then retries its model by itself. */
	isRetrying: z.boolean().optional(),
	/** What went wrong, in words. */
	reason: line.optional(),
	/** The turn did not end by itself: a human interrupted it, or a request to the model failed. */
	cutOff: z.enum(['human', 'error']).optional(),
	/** The requested structured answer, as JSON text. */
	answer: long.optional(),
});
export type Reading = Inferred<typeof readingSchema>;
