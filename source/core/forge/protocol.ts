import * as z from 'zod';
import {CHECK_STATES, PULL_STATES} from '../task/pull.ts';
import {plainText, plainTextLine} from '../text/quote.ts';
import {METHODS} from './address.ts';

/**
 * What the room and the program of a forge say to each other: one JSON object in on its standard input, one out on its standard output.
 * Whatever comes back is hostile: every text is cleaned and cut, every list is cut, and an answer of another shape is refused.
 */
export const FORGE_PROTOCOL = 1;

/** Maximum of an answer, bytes; and of its lists. */
export const MOST_ANSWERED = 8_000_000;
const MOST_PULLS = 100;
const MOST_CHECKS = 100;
/** The newest of each kind, so that talk alone pushes no review out. */
export const MOST_OF_KIND = 100;
const MOST_COMMENTS = 3 * MOST_OF_KIND;
/** Characters of a comment, and of what a check says. */
export const LONGEST_BODY = 4000;
export const LONGEST_SUMMARY = 2000;

const line = (limit: number) => z.string().transform(text => plainTextLine(text, limit));
const text = (limit: number) => z.string().transform(value => plainText(value, limit));
const listOf = <Schema extends z.ZodType>(schema: Schema, most: number) => z.array(schema).transform(list => list.slice(0, most));
const number = z.int().min(1).max(1_000_000_000_000);
const commit = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64}|)$/, 'a commit id, or nothing');
/** An id of the forge's own, given back to it as it was. */
const id = z.string().regex(/^[\w:./=-]{1,200}$/, 'letters, digits and `:./=-_`');
const address = z.string().regex(/^https?:\/\/[^\s\p{Cc}"'<>`]{1,500}$/u, 'an address of the web');

/** One check of a commit. `at`: when it began, comparable as text; of two with one name the later counts. */
const check = z.object({
	id,
	name: line(100),
	state: z.enum(CHECK_STATES),
	isRequired: z.boolean().default(false),
	summary: text(LONGEST_SUMMARY).default(''),
	at: line(40).default(''),
	url: z
		.union([address, z.literal('')])
		.catch('')
		.default(''),
});
export type ForgeCheck = z.output<typeof check>;

/** A pull request, or merge request, as the forge has it now. `mergedAs`: the commit on the base that has it. */
const pull = z.object({
	number,
	url: address,
	state: z.enum(PULL_STATES),
	head: commit,
	mergedAs: commit.default(''),
	/** Changes with every comment, comparable as text; '' if the forge cannot say. */
	updatedAt: line(40).default(''),
	checks: listOf(check, MOST_CHECKS).default([]),
});
export type ForgePull = z.output<typeof pull>;

/** `line`: at a line of a file. `review`: a review as a whole. `talk`: anything else. */
export const COMMENT_KINDS = ['line', 'review', 'talk'] as const;

const comment = z.object({
	id,
	kind: z.enum(COMMENT_KINDS),
	author: line(60),
	/** Whether the account may push to this repository. */
	mayWrite: z.boolean().default(false),
	/** Written by the account that the program is logged in as. */
	isOwn: z.boolean().default(false),
	/** The review that it belongs to requests changes, or it is at a line of a review that does not approve. */
	asksChanges: z.boolean().default(false),
	path: line(300).default(''),
	line: z.int().min(0).max(10_000_000).catch(0).default(0),
	body: text(LONGEST_BODY),
	at: line(40).default(''),
});
export type ForgeComment = z.output<typeof comment>;

export const FAILURES = ['missing', 'login', 'limit', 'away', 'refused', 'unsupported', 'garbage'] as const;
export type ForgeFailure = (typeof FAILURES)[number];

/**
 * Why it was not done. `missing`: the program that it needs is not installed; `login`: that is not logged in; `limit`: asked too often;
 * `away`: the forge does not answer; `refused`: it says no; `unsupported`: it cannot do that; `garbage`: no answer of this protocol.
 */
const failure = z.object({ok: z.literal(false), code: z.enum(FAILURES), message: line(300)});

const done = z.object({ok: z.literal(true)});
const onePull = z.object({ok: z.literal(true), pull});

/** The answer to each request. */
export const ANSWERS = {
	open: z.union([failure, onePull]),
	update: z.union([failure, onePull]),
	status: z.union([failure, z.object({ok: z.literal(true), pulls: listOf(pull, MOST_PULLS)})]),
	log: z.union([failure, z.object({ok: z.literal(true), text: text(20_000)})]),
	rerun: z.union([failure, done]),
	comments: z.union([failure, z.object({ok: z.literal(true), comments: listOf(comment, MOST_COMMENTS)})]),
	reply: z.union([failure, done]),
	merge: z.union([failure, done]),
	close: z.union([failure, done]),
} as const;

export type ForgeOperation = keyof typeof ANSWERS;
export type ForgeAnswer<Operation extends ForgeOperation> = z.output<(typeof ANSWERS)[Operation]>;

const told = {protocol: z.literal(FORGE_PROTOCOL), address: z.string().min(1).max(1000)};
const content = {title: z.string().min(1).max(300), body: z.string().max(60_000)};

/** `address` is that of the remote, without a login. */
export const requestSchema = z.discriminatedUnion('op', [
	/**
	 * There is exactly one open pull request of this branch afterwards: it is looked up before one is made. One that is a draft is made ready where
	 * `isDraft` is false. `from`: the address of the fork that has the branch, without a login; '' if it is in the repository itself.
	 */
	z.object({
		...{...told, op: z.literal('open'), branch: z.string(), base: z.string(), head: commit, isDraft: z.boolean()},
		...{from: z.string().max(1000).default(''), ...content},
	}),
	z.object({...told, op: z.literal('update'), number, ...content}),
	z.object({...told, op: z.literal('status'), numbers: z.array(number).min(1).max(MOST_PULLS)}),
	/** The end of a check's log. */
	z.object({...told, op: z.literal('log'), number, check: id}),
	z.object({...told, op: z.literal('rerun'), number, check: id}),
	/** The newest comments, of those from `since` on where that is given. */
	z.object({...told, op: z.literal('comments'), number, since: z.string()}),
	z.object({...told, op: z.literal('reply'), number, comment: id, body: z.string().min(1).max(2000)}),
	/** Merges it, or lets the forge merge it once its rules allow; only while its head is this commit. */
	z.object({...told, op: z.literal('merge'), number, head: commit, method: z.enum(METHODS)}),
	z.object({...told, op: z.literal('close'), number, body: z.string().max(2000)}),
]);
export type ForgeRequest = z.output<typeof requestSchema>;
/** A request as the room words it. */
export type ForgeAsk<Operation extends ForgeOperation> = Omit<Extract<ForgeRequest, {op: Operation}>, 'protocol' | 'address' | 'op'>;

/** Reads what a program of a forge wrote. Never throws: what is no answer is `garbage`. */
export const readForgeAnswer = <Operation extends ForgeOperation>(op: Operation, written: string): ForgeAnswer<Operation> => {
	const garbage = (message: string) => ({ok: false, code: 'garbage', message}) as ForgeAnswer<Operation>;
	if (written.length > MOST_ANSWERED) return garbage('its answer is too long');
	let value: unknown;
	try {
		value = JSON.parse(written);
	} catch {
		return garbage(written.trim() === '' ? 'it did not answer' : 'its answer is not JSON');
	}
	const read = ANSWERS[op].safeParse(value);
	if (read.success) return read.data as ForgeAnswer<Operation>;
	const [issue] = read.error.issues;
	const where = plainTextLine(issue?.path.join('.') ?? '', 60);
	return garbage(`its answer has another shape${where === '' ? '' : ` at \`${where}\``}`);
};
