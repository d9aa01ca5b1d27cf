import {z} from 'zod';
import {readingSchema} from '../session/reading.ts';
import {testRunSchema} from '../task/test-run-schema.ts';
import type {Inferred} from '../text/inferred.ts';
import {actionSchema} from './action.ts';

/** moved: the base is elsewhere. held: git, or a person, does not let it. unsafe: a candidate is not what it has to be. */
const MERGE_OUTCOMES = ['done', 'moved', 'held', 'unsafe', 'failed'] as const;
export type MergeOutcome = (typeof MERGE_OUTCOMES)[number];

const name = z.string().max(200);
const text = z.string().max(1024 * 1024);

const paths = z.array(z.string().max(4096)).max(1000);

const reported = z.int().min(0).max(1e12);

/** Whose report it is. */
const from = {op: z.literal('report'), agent: name, task: name, token: z.string().max(200)};

const report = z.discriminatedUnion('kind', [
	z.object({
		...from,
		kind: z.literal('done'),
		verdict: z.enum(['approve', 'changes']).optional(),
		comments: text.optional(),
		text: text.optional(),
	}),
	/** Of an orchestrator: its plan as YAML or JSON, answered at once with what is wrong with it. */
	z.object({...from, kind: z.literal('plan'), text}),
	z.object({...from, kind: z.literal('progress'), text}),
	z.object({...from, kind: z.literal('blocked'), text}),
	z.object({...from, kind: z.literal('ask'), text, choices: z.array(z.string().max(1000)).max(50)}),
	z.object({...from, kind: z.literal('message'), to: name, text}),
	/** Reading git, answered in text: `range` as `A`, `A..B` or `A...B`, '' for the agent's own work; paths are literal, from the top folder. */
	z.object({...from, kind: z.literal('diff'), range: z.string().max(500), paths, isStat: z.boolean()}),
	z.object({...from, kind: z.literal('log'), range: z.string().max(500), paths}),
	/** A commit with its change, or with `path` that file as it was in it. */
	z.object({...from, kind: z.literal('show'), rev: z.string().max(500), path: z.string().max(4096)}),
	/** Commits the agent's work onto its branch: all of it, or what lies under `paths`. */
	z.object({...from, kind: z.literal('commit'), text: z.string().max(64 * 1024), paths}),
	/** Unread mail, as lines and as `data.mails`; then it counts as read. */
	z.object({...from, kind: z.literal('inbox')}),
	/** Its own task, and the others that are open, in lines. */
	z.object({...from, kind: z.literal('queue')}),
	/** Why a task or an agent is where it is, in lines. */
	z.object({...from, kind: z.literal('explain'), id: name}),
	/** With `waitMs` it stands in the queue that long; hanging up leaves it. */
	z.object({...from, kind: z.literal('lock'), name: z.string().max(1000), waitMs: z.int().min(0).max(86_400_000).optional()}),
	z.object({...from, kind: z.literal('unlock'), name: z.string().max(1000)}),
	/** Used up since the last such report; millionths of a dollar. */
	z.object({
		...from,
		kind: z.literal('cost'),
		micros: reported,
		tokensIn: reported,
		tokensOut: reported,
		tokensCached: reported.default(0),
	}),
	/**
	 * Of the hook of an agent CLI: its event, and its payload as JSON text. The answer's `data` is `{output}`: what the hook prints, '' for nothing. One
	 * that asks for a permission is answered when a person has decided.
	 */
	z.object({...from, kind: z.literal('hook'), event: name, payload: text}),
	/** Of the program that runs a headless CLI: what its stream said. */
	z.object({...from, kind: z.literal('session'), readings: z.array(readingSchema).max(100)}),
	/** Of the room's own programs: how the tests of a commit went, the last run counts. Where `data.testBase` names a commit, its tests are to be run too. */
	z.object({
		...from,
		kind: z.literal('tested'),
		commit: name,
		runs: z.array(testRunSchema).max(4),
	}),
	/**
	 * Of the room's own programs: how a landing went. What landed is on the base; the outcome is of the rest, done where there is none.
	 * `tasks`: whose files are in the way of it, or who must not land.
	 */
	z.object({
		...from,
		kind: z.literal('result'),
		outcome: z.enum(MERGE_OUTCOMES),
		text,
		tasks: z.array(name).max(1000).optional(),
		files: z.array(z.string().max(4096)).max(100).optional(),
		/** The remote is in the way. */
		isRemote: z.boolean().optional(),
	}),
	/**
	 * May the guardian move the base now? Answered 'ok' only while its token, the lock and the reviews still hold, with `data`: a `Departure`.
	 */
	z.object({...from, kind: z.literal('start-merge'), commit: name}),
	/** Of the command line in an attempt's environment: a person's command was refused there, before anything of it was done. */
	z.object({...from, kind: z.literal('tried'), command: name}),
]);

type Without<T, Keys extends PropertyKey> = T extends unknown ? Omit<T, Keys> : never;
/** What an agent says about its task; every report carries the fencing token of the attempt. */
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
	/** Every task, in lines of some hundred: `data` is a `TasksPage` (`output.ts`). */
	z.object({op: z.literal('tasks')}),
	z.object({
		op: z.literal('events'),
		since: z.string().regex(/^(\d{1,16}(-\d{1,20})?)?$/, 'a stream id'),
		follow: z.boolean(),
		type: name.optional(),
	}),
	/** Without `at`: from when to when the room can be shown again. */
	z.object({
		op: z.literal('replay'),
		at: z.object({id: z.string().regex(/^(\d{1,16}-\d{1,20})?$/, 'a stream id'), at: z.int().min(0)}).optional(),
	}),
	z.object({op: z.literal('explain'), id: name}),
	/** The plan of a feature: what waits for a person, and the tasks there are; `data` is a `PlanLine` (`output.ts`). */
	z.object({op: z.literal('plan'), id: name}),
	z.object({op: z.literal('logs'), id: name}),
	z.object({op: z.literal('ping')}),
]);

/**
 * The room's unix sockets: one of the person, and one of each attempt, which takes its reports alone (`core/authority/table.ts` says who may do what). A
 * client sends one JSON line, a `Request`; the room answers with JSON lines, each a `Reply`, and closes after the last one (`follow` never ends by itself). On
 * the person's socket its first line is `{"code":"prove","data":{"file"}}`: the client holds that file open and says `{"pid","fd","command"}`
 * (`socket/proof.ts`), but for a `ping`. `attach` is different: after the room's first line `{"ok":true}` (with `data`
 * `lines` where no screen is drawn) both sides send frames (`socket/frames.ts`).
 */
const requestSchema = z.union([others, report]);
export type Request = Inferred<typeof requestSchema>;

/** What leaves together: the head of the train and what has passed behind it. The base is to move from `from` to the last candidate. */
export type MergeGroup = {readonly from: string; readonly entries: ReadonlyArray<{readonly task: string; readonly candidate: string}>};

/** `code` is 'ok', or a word such as 'stale', 'gone', 'refused', 'bad-request'; the command line turns it into an exit code. */
export type Reply = {
	readonly ok: boolean;
	readonly code: string;
	readonly message?: string;
	readonly hint?: string;
	readonly data?: unknown;
	/** False on the lines of a stream before its end. */
	readonly last?: boolean;
};

/** First place and reason where a value differs, in one line of printable characters. */
const firstReason = (issues: readonly z.core.$ZodIssue[]): string => {
	const [issue] = issues;
	if (!issue) return 'it does not match the schema';
	const inner =
		issue.code === 'invalid_union' ? issue.errors.flat().find(found => found.path.length > 0 && found.path[0] !== 'op') : undefined;
	const {path, message} = inner ?? issue;
	return `${path.join('.') || 'request'}: ${message}`.replace(/[^\x20-\x7e]/g, '?').slice(0, 200);
};

/** A word of a request that may be of anybody's making, fit for a sentence. */
const told = (word: unknown): string =>
	`\`${String(word)
		.replace(/[^\x20-\x7e]|`/g, '?')
		.slice(0, 60)}\``;

const keysOf = (value: unknown): readonly string[] => (typeof value === 'object' && value !== null ? Object.keys(value) : []);
const partOf = (value: unknown, key: string): unknown =>
	typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;

/** Options of a union by the word that tells them apart, each with the names of its fields. */
const fieldsBy = (options: ReadonlyArray<{readonly shape: object}>, by: string): ReadonlyMap<unknown, readonly string[]> =>
	new Map(options.map(({shape}) => [partOf(partOf(shape, by), 'value'), Object.keys(shape)]));

const KNOWN = {
	op: fieldsBy(others.options, 'op'),
	kind: fieldsBy(report.options, 'kind'),
	type: fieldsBy(actionSchema.options, 'type'),
} as const;

/** Every word by which requests, actions and reports are told apart. */
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
 * What of a request this room has no word for, as a sentence; undefined where it knows all. A newer program may mean something by it that must not be left
 * out in silence, so nothing of such a request is done.
 */
const unknownIn = (value: unknown): string | undefined => {
	const op = partOf(value, 'op');
	const isReport = op === 'report';
	if (!isReport && !KNOWN.op.has(op)) return `unknown request ${told(op)}`;
	const [known, word, of] = isReport ? [KNOWN.kind, partOf(value, 'kind'), 'report '] : [KNOWN.op, op, ''];
	if (!known.has(word)) return `unknown report ${told(word)}`;
	const more = keysOf(value).find(key => !known.get(word)?.includes(key));
	if (more !== undefined) return `unknown field ${told(more)} of ${told(`${of}${String(word)}`)}`;
	if (op !== 'dispatch') return undefined;
	const action = partOf(value, 'action');
	const type = partOf(action, 'type');
	if (!KNOWN.type.has(type)) return `unknown action ${told(type)}`;
	const further = keysOf(action).find(key => !KNOWN.type.get(type)?.includes(key));
	return further === undefined ? undefined : `unknown field ${told(further)} of ${told(type)}`;
};

/** Reads one line as a request; a refusal says in words what is wrong with it. */
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
