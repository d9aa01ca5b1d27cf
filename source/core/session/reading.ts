import {z} from 'zod';
import {usageSchema} from '../cost/usage.ts';
import type {Inferred} from '../text/inferred.ts';
import {SESSION_STATES, SOURCES} from './session.ts';

const line = z.string().max(2000);
const long = z.string().max(256 * 1024);

/** `keys` is what is typed into the pane where no hook takes the decision. `always` names in its label how far it reaches. */
const choiceSchema = z.object({label: line, means: z.enum(['allow', 'always', 'deny', 'other']), keys: z.string().max(100).optional()});
export type Choice = Inferred<typeof choiceSchema>;

/** What a program asks. `permission`: may it do this; `question`: what it asked its user; `dialog`: a screen of its own (trust, login). */
const questionSchema = z.object({
	kind: z.enum(['permission', 'question', 'dialog']),
	/** One line. */
	text: line,
	/** The command, the change, the path: several lines, '' for none. */
	detail: long,
	choices: z.array(choiceSchema).max(9),
	/** The program's own id of it, where it has one. */
	id: line.optional(),
});
export type Question = Inferred<typeof questionSchema>;

/** One thing seen of an agent's program; only what it says is set. */
export const readingSchema = z.object({
	source: z.enum(SOURCES),
	/** What was seen, in words: `hook Stop`, `title Action Required`. */
	sign: line,
	state: z.enum(SESSION_STATES).optional(),
	question: questionSchema.optional(),
	/** Its own id of the session, with which it is resumed. */
	session: line.optional(),
	/** The file in which it keeps the session. */
	transcript: z.string().max(4096).optional(),
	/** What it does at this moment, in one line. */
	doing: line.optional(),
	/** What it said last. */
	said: long.optional(),
	/** A prompt arrived and was taken up: the receipt of whoever handed it over. */
	isPromptTaken: z.boolean().optional(),
	usage: usageSchema.optional(),
	/** Of `rate-limited`: try again after this, ms, where it is told. */
	retryMs: z.number().min(0).max(1e15).optional(),
	/** Why, in words, where something went wrong. */
	reason: line.optional(),
	/** The structured answer that was asked for, as JSON text. */
	answer: long.optional(),
});
export type Reading = Inferred<typeof readingSchema>;
