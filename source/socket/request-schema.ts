import {z} from 'zod';
import {LANDING_OUTCOMES, type Request} from '../core/protocol.ts';
import {RUN_ENDS} from '../core/test-run.ts';
import {actionSchema} from './action-schema.ts';
import {readingSchema} from './reading-schema.ts';

const name = z.string().max(200);
const text = z.string().max(1024 * 1024);

const amount = z.int().min(0).max(1e12);

const from = {op: z.literal('report'), agent: name, task: name, token: z.string().max(200)};

const report = z.discriminatedUnion('kind', [
	z.object({
		...from,
		kind: z.literal('done'),
		verdict: z.enum(['approve', 'changes']).optional(),
		comments: text.optional(),
		text: text.optional(),
	}),
	z.object({...from, kind: z.literal('plan'), text}),
	z.object({...from, kind: z.literal('progress'), text}),
	z.object({...from, kind: z.literal('blocked'), text}),
	z.object({...from, kind: z.literal('ask'), text, choices: z.array(z.string().max(1000)).max(50)}),
	z.object({...from, kind: z.literal('message'), to: name, text}),
	z.object({...from, kind: z.literal('inbox')}),
	z.object({...from, kind: z.literal('queue')}),
	z.object({...from, kind: z.literal('explain'), id: name}),
	z.object({...from, kind: z.literal('lock'), name: z.string().max(1000), waitMs: z.int().min(0).max(86_400_000).optional()}),
	z.object({...from, kind: z.literal('unlock'), name: z.string().max(1000)}),
	z.object({...from, kind: z.literal('cost'), micros: amount, tokensIn: amount, tokensOut: amount, tokensCached: amount.default(0)}),
	z.object({...from, kind: z.literal('hook'), event: name, payload: text}),
	z.object({...from, kind: z.literal('session'), readings: z.array(readingSchema).max(100)}),
	z.object({
		...from,
		kind: z.literal('tested'),
		commit: name,
		runs: z.array(z.object({exit: z.int(), ms: z.number().min(0), end: z.enum(RUN_ENDS)})).max(4),
	}),
	z.object({
		...from,
		kind: z.literal('result'),
		outcome: z.enum(LANDING_OUTCOMES),
		text,
		tasks: z.array(name).max(1000).optional(),
		files: z.array(z.string().max(4096)).max(100).optional(),
	}),
	z.object({...from, kind: z.literal('may-land'), commit: name}),
]);

const size = z.int().min(1).max(4096);

const requestSchema = z.union([
	z.discriminatedUnion('op', [
		z.object({
			op: z.literal('attach'),
			columns: size,
			rows: size,
			environment: z
				.record(z.string().max(200), z.string().max(1000))
				.refine(all => Object.keys(all).length <= 100, 'at most 100 variables'),
		}),
		z.object({op: z.literal('dispatch'), action: actionSchema}),
		z.object({op: z.literal('status')}),
		z.object({op: z.literal('tasks')}),
		z.object({
			op: z.literal('events'),
			since: z.string().regex(/^(\d{1,16}(-\d{1,20})?)?$/, 'a stream id'),
			follow: z.boolean(),
			type: name.optional(),
		}),
		z.object({
			op: z.literal('replay'),
			at: z.object({id: z.string().regex(/^(\d{1,16}-\d{1,20})?$/, 'a stream id'), at: z.int().min(0)}).optional(),
		}),
		z.object({op: z.literal('explain'), id: name}),
		z.object({op: z.literal('plan'), id: name}),
		z.object({op: z.literal('logs'), id: name}),
		z.object({op: z.literal('ping')}),
	]),
	report,
]) satisfies z.ZodType<Request>;

/** First place and reason where a value differs, in one line of printable characters. */
const firstReason = (issues: readonly z.core.$ZodIssue[]): string => {
	const [issue] = issues;
	if (!issue) return 'it does not fit';
	const inner =
		issue.code === 'invalid_union' ? issue.errors.flat().find(found => found.path.length > 0 && found.path[0] !== 'op') : undefined;
	const {path, message} = inner ?? issue;
	return `${path.join('.') || 'request'}: ${message}`.replace(/[^\x20-\x7e]/g, '?').slice(0, 200);
};

/** Reads one line as a request; a refusal says in words what is wrong with it. */
export const readRequest = (line: string): {readonly request: Request} | {readonly problem: string} => {
	let value: unknown;
	try {
		value = JSON.parse(line);
	} catch {
		return {problem: 'it is not JSON'};
	}
	const parsed = requestSchema.safeParse(value);
	return parsed.success ? {request: parsed.data} : {problem: firstReason(parsed.error.issues)};
};
