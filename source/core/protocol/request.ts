import * as z from 'zod';
import {readingSchema} from '../session/reading.ts';
import {testRunSchema} from '../task/test-run-schema.ts';
import type {Inferred} from '../text/inferred.ts';
import {actionSchema} from './action.ts';

const name = z.string().max(200);
const text = z.string().max(1024 * 1024);

const paths = z.array(z.string().max(4096)).max(1000);

const reported = z.int().min(0).max(1e12);

/** The reporting agent, task and token. */
const from = {op: z.literal('report'), agent: name, task: name, token: z.string().max(200)};

const report = z.discriminatedUnion('kind', [
	z.object({
		...from,
		kind: z.literal('done'),
		verdict: z.enum(['approve', 'changes']).optional(),
		comments: text.optional(),
		text: text.optional(),
	}),
	/** By an orchestrator: its plan as YAML or JSON; the reply names all errors. */
	z.object({...from, kind: z.literal('plan'), text}),
	z.object({...from, kind: z.literal('progress'), text}),
	z.object({...from, kind: z.literal('blocked'), text}),
	z.object({...from, kind: z.literal('ask'), text, choices: z.array(z.string().max(1000)).max(50)}),
	z.object({...from, kind: z.literal('message'), to: name, text}),
	/**
	 * Reads git, answered as text: `range` as `A`, `A..B` or `A...B`, '' for the agent's own work; paths are literal, from the top folder.
	 */
	z.object({...from, kind: z.literal('diff'), range: z.string().max(500), paths, isStat: z.boolean()}),
	z.object({...from, kind: z.literal('log'), range: z.string().max(500), paths}),
	/** A commit with its change, or with `path` the file at that commit. */
	z.object({...from, kind: z.literal('show'), rev: z.string().max(500), path: z.string().max(4096)}),
	/** Commits the agent's work to its branch: all, or what is under `paths`. */
	z.object({...from, kind: z.literal('commit'), text: z.string().max(64 * 1024), paths}),
	/** Unread mail, as lines and as `data.mails`; marks it as read. */
	z.object({...from, kind: z.literal('inbox')}),
	/** The agent's own and the other open tasks, in lines. */
	z.object({...from, kind: z.literal('queue')}),
	/** Explains a task's or agent's state, in lines. */
	z.object({...from, kind: z.literal('explain'), id: name}),
	/** With `waitMs` it waits in the queue; closing the connection leaves it. */
	z.object({...from, kind: z.literal('lock'), name: z.string().max(1000), waitMs: z.int().min(0).max(86_400_000).optional()}),
	z.object({...from, kind: z.literal('unlock'), name: z.string().max(1000)}),
	/** Usage since the last such report; millionths of a dollar. */
	z.object({
		...from,
		kind: z.literal('cost'),
		micros: reported,
		tokensIn: reported,
		tokensOut: reported,
		tokensCached: reported.default(0),
	}),
	/**
	 * From the hook of an agent CLI: its event and its JSON payload. The answer's `data` is `{output}`: what the hook prints, '' for nothing.
	 * A permission hook is answered once you decide.
	 */
	z.object({...from, kind: z.literal('hook'), event: name, payload: text}),
	/** From the program that runs a headless CLI: readings of its stream. */
	z.object({...from, kind: z.literal('session'), readings: z.array(readingSchema).max(100)}),
	/** From the test program: results for a commit; the last run counts. If `data.testBase` names a commit, its tests must run too. */
	z.object({
		...from,
		kind: z.literal('tested'),
		commit: name,
		runs: z.array(testRunSchema).max(4),
		/** Why all tests ran although `affected` was asked which ones to run. */
		affectedProblem: z.string().max(1000).optional(),
	}),
	/** From the command line in an attempt: an agent tried a human's command, which was refused before it did anything. */
	z.object({...from, kind: z.literal('tried'), command: name}),
]);

type Without<T, Keys extends PropertyKey> = T extends unknown ? Omit<T, Keys> : never;
/** An agent's report on its task; carries the fencing token of the attempt. */
export type Report = Without<Inferred<typeof report>, keyof typeof from>;

const size = z.int().min(1).max(4096);

const others = z.discriminatedUnion('op', [
	z.object({
		op: z.literal('attach'),
		columns: size,
		rows: size,
		environment: z.record(z.string().max(200), z.string().max(1000)).refine(all => Object.keys(all).length <= 100, 'at most 100 variables'),
	}),
	z.object({op: z.literal('dispatch'), action: actionSchema}),
	z.object({op: z.literal('status')}),
	/** The machines of the team; `data` is a `HostsPage` (`output-schema.ts`). */
	z.object({op: z.literal('hosts')}),
	/** Every task, in lines of a few hundred: `data` is a `TasksPage` (`output.ts`). */
	z.object({op: z.literal('tasks')}),
	z.object({
		op: z.literal('events'),
		since: z.string().regex(/^(\d{1,16}(-\d{1,20})?)?$/, 'a stream id'),
		follow: z.boolean(),
		type: name.optional(),
	}),
	/** Without `at`: the range that can be replayed. */
	z.object({
		op: z.literal('replay'),
		at: z.object({id: z.string().regex(/^(\d{1,16}-\d{1,20})?$/, 'a stream id'), at: z.int().min(0)}).optional(),
	}),
	z.object({op: z.literal('explain'), id: name}),
	/** A feature's plan: its proposal and existing tasks; `data` is a `PlanLine` (`output.ts`). */
	z.object({op: z.literal('plan'), id: name}),
	/** `stage`: the name of one of a task's logs, or its stage; without it the newest. `data`: `lines`, `file`, and the `names` of all. */
	z.object({op: z.literal('logs'), id: name, stage: name.optional()}),
	z.object({op: z.literal('ping')}),
]);

/**
 * The room's unix sockets: one for humans, and one per attempt that only takes its reports (`core/authority/table.ts`). A client sends one
 * JSON line, a `Request`; the room answers with JSON lines, each a `Reply`, and closes after the last (`follow` has none). On the human's
 * socket it first sends `{"code":"prove","data":{"file"}}`, except for a `ping`: the client opens that file and sends
 * `{"pid","fd","command"}` (`socket/proof.ts`). `attach` differs: after `{"ok":true}` (with `data` `lines` if no screen is drawn) both
 * sides send frames (`socket/frames.ts`).
 */
const requestSchema = z.union([others, report]);
export type Request = Inferred<typeof requestSchema>;

/**
 * What the room asks of a tester after a failed run: to test the base; or the commit at this place of a batch; or to ask again, since an
 * entry ahead is undecided.
 */
export type AskedOfTester = {
	readonly testBase?: string;
	readonly testCommit?: string;
	readonly place?: number;
	readonly wait?: boolean;
};

/** `code` is 'ok', or a word such as 'stale', 'gone', 'refused', 'bad-request'; the command line maps it to an exit code. */
export type Reply = {
	readonly ok: boolean;
	readonly code: string;
	readonly message?: string;
	readonly hint?: string;
	readonly data?: unknown;
	/** False on a stream's lines before its end. */
	readonly last?: boolean;
};

/** First place and reason of an invalid value, in one printable line. */
const firstReason = (issues: readonly z.core.$ZodIssue[]): string => {
	const [issue] = issues;
	if (!issue) return 'it does not match the schema';
	const inner =
		issue.code === 'invalid_union' ? issue.errors.flat().find(found => found.path.length > 0 && found.path[0] !== 'op') : undefined;
	const {path, message} = inner ?? issue;
	return `${path.join('.') || 'request'}: ${message}`.replace(/[^\x20-\x7e]/g, '?').slice(0, 200);
};

/** A hostile word of a request, safe for a sentence. */
const quoted = (word: unknown): string =>
	`\`${String(word)
		.replace(/[^\x20-\x7e]|`/g, '?')
		.slice(0, 60)}\``;

const keysOf = (value: unknown): readonly string[] => (typeof value === 'object' && value !== null ? Object.keys(value) : []);
const partOf = (value: unknown, key: string): unknown =>
	typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;

/** Field names of a union's options, by their discriminating word. */
const fieldsBy = (options: ReadonlyArray<{readonly shape: object}>, by: string): ReadonlyMap<unknown, readonly string[]> =>
	new Map(options.map(({shape}) => [partOf(partOf(shape, by), 'value'), Object.keys(shape)]));

const KNOWN = {
	op: fieldsBy(others.options, 'op'),
	kind: fieldsBy(report.options, 'kind'),
	type: fieldsBy(actionSchema.options, 'type'),
} as const;

/** Returns the discriminating words of requests, actions and reports. */
export const requestWords = (): {
	readonly requests: readonly string[];
	readonly actions: readonly string[];
	readonly reports: readonly string[];
} => ({
	requests: [...KNOWN.op.keys(), 'report'].map(String),
	actions: [...KNOWN.type.keys()].map(String),
	reports: [...KNOWN.kind.keys()].map(String),
});

/**
 * Names what this room does not know in a request; undefined if it knows all. A newer program may mean something essential by it, so the
 * whole request is refused.
 */
const unknownIn = (value: unknown): string | undefined => {
	const op = partOf(value, 'op');
	const isReport = op === 'report';
	if (!isReport && !KNOWN.op.has(op)) return `unknown request ${quoted(op)}`;
	const [known, word, of] = isReport ? [KNOWN.kind, partOf(value, 'kind'), 'report '] : [KNOWN.op, op, ''];
	if (!known.has(word)) return `unknown report ${quoted(word)}`;
	const more = keysOf(value).find(key => !known.get(word)?.includes(key));
	if (more !== undefined) return `unknown field ${quoted(more)} of ${quoted(`${of}${String(word)}`)}`;
	if (op !== 'dispatch') return undefined;
	const action = partOf(value, 'action');
	const type = partOf(action, 'type');
	if (!KNOWN.type.has(type)) return `unknown action ${quoted(type)}`;
	const further = keysOf(action).find(key => !KNOWN.type.get(type)?.includes(key));
	return further === undefined ? undefined : `unknown field ${quoted(further)} of ${quoted(type)}`;
};

/** Reads one line as a request; a refusal names what is wrong. */
export const readRequest = (line: string): {readonly request: Request} | {readonly problem: string} => {
	let value: unknown;
	try {
		value = JSON.parse(line);
	} catch {
		return {problem: 'it is not JSON'};
	}
	const unknown = unknownIn(value);
	if (unknown !== undefined) return {problem: `${unknown}; it may come from a newer version`};
	const parsed = requestSchema.safeParse(value);
	return parsed.success ? {request: parsed.data} : {problem: firstReason(parsed.error.issues)};
};
