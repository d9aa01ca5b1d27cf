import {readFile} from 'node:fs/promises';
import {parse} from 'yaml';
import * as z from 'zod';
import type {Inferred} from '../../core/text/inferred.ts';
import {MISDEEDS, RESOLUTIONS} from './steps.ts';

const text = z.string().max(1_000_000);
const ms = z.int().min(0).max(3_600_000);
const anyOf = <T extends z.ZodType>(one: T) => z.union([one, z.array(one)]).optional();

/** A condition on the agent's situation; all given fields must match, a list means any of them. */
const when = z.strictObject({
	role: anyOf(z.string()),
	task: anyOf(z.string()),
	stage: anyOf(z.string()),
	/** From 1. */
	attempt: anyOf(z.int()),
	/** Review rounds that requested changes. */
	round: anyOf(z.int()),
	briefHas: text.optional(),
	/** A merge is in progress, or the brief predicts a conflict. */
	hasConflict: z.boolean().optional(),
	/** Matches in `git diff base...HEAD` of the worktree. */
	diffHas: text.optional(),
	diffLacks: text.optional(),
});
export type When = Inferred<typeof when>;

const edit = z
	.strictObject({
		file: z.string(),
		write: text.optional(),
		append: text.optional(),
		replace: z.strictObject({from: text.min(1), to: text}).optional(),
	})
	.refine(ways => [ways.write, ways.append, ways.replace].filter(way => way !== undefined).length === 1, 'one of write, append, replace');
export type Edit = Inferred<typeof edit>;

const ask = z.strictObject({
	question: text,
	detail: text.optional(),
	choices: z.array(text).min(1).max(9),
	/** Takes `otherwise` after this time; without it, waits forever. */
	waitMs: ms.optional(),
	/** Number of the choice, from 1. */
	otherwise: z.int().min(1).max(9).optional(),
});
/** Adds steps by choice number, from 1. */
export type Ask = Inferred<typeof ask> & {readonly answers?: Readonly<Record<string, readonly Step[]>>};

const comment = z.strictObject({file: z.string(), line: z.int().min(1), severity: z.enum(['must-fix', 'nit']), text});
export type Comment = Inferred<typeof comment>;

/** A planner's answer: a structured plan, or any text, even invalid. */
const planAnswer = z.strictObject({
	tasks: z.array(z.record(z.string(), z.unknown())).optional(),
	cancel: z.array(z.string()).optional(),
	text: text.optional(),
	/** True to report the plan, which is checked at once; false to leave it in the file read at the end. */
	isReported: z.boolean().optional(),
});
export type PlanAnswer = Inferred<typeof planAnswer>;

/** Times in ms. */
const action = z.strictObject({
	when: when.optional(),
	say: text.optional(),
	think: ms.optional(),
	edit: edit.optional(),
	run: z.array(z.string()).min(1).optional(),
	progress: text.optional(),
	/** Commit message; commits everything. */
	commit: text.min(1).optional(),
	/** Concludes the merge in progress, else merges the base branch. */
	resolve: z.enum(RESOLUTIONS).optional(),
	plan: planAnswer.optional(),
	readDiff: z.literal(true).optional(),
	/** Crashes by a signal or with an exit code, without output. */
	crash: z
		.strictObject({signal: z.enum(['SIGKILL', 'SIGSEGV', 'SIGABRT', 'SIGTERM']).optional(), exit: z.int().min(1).max(255).optional()})
		.optional(),
	rateLimit: z.strictObject({ms, exit: z.int().min(1).max(255).optional()}).optional(),
	/** Hangs; `isDeaf` also ignores SIGTERM. */
	hang: z.strictObject({isDeaf: z.boolean().default(false)}).optional(),
	flood: z.int().min(0).max(1_000_000_000).optional(),
	/** Writes a file of this size, or until the disk is full. */
	fillDisk: z.int().min(1).max(100_000_000_000).optional(),
	misbehave: z.enum(MISDEEDS).optional(),
	done: z
		.strictObject({
			verdict: z.enum(['approve', 'changes']).optional(),
			comments: z.union([text, z.array(comment)]).optional(),
			text: text.optional(),
		})
		.optional(),
	exit: z.int().min(0).max(255).optional(),
});
/** One step: exactly one of these next to `when`. `ask` with its nested steps is typed by hand: no type can be inferred from itself. */
export type Step = Inferred<typeof action> & {readonly ask?: Ask};

const step: z.ZodType<Step> = action
	.extend({
		ask: ask
			.extend({answers: z.lazy(() => z.record(z.string().regex(/^[1-9]$/, 'the number of a choice'), z.array(step))).optional()})
			.optional(),
	})
	.refine(
		fields => Object.entries(fields).filter(([key, value]) => key !== 'when' && value !== undefined).length === 1,
		'exactly one action a step',
	);

/** The agent performs the first entry whose condition matches. */
const schema = z.strictObject({scripts: z.array(z.strictObject({when: when.optional(), steps: z.array(step)}))});
export type Script = Inferred<typeof schema>;

/** Reads a script, JSON or YAML by file name. Throws an Error that names the place if the file is missing or invalid. */
export const readScript = async (file: string): Promise<Script> => {
	const content = await readFile(file, 'utf8').catch(() => {
		throw new Error(`There is no script at \`${file}\`.`);
	});
	let parsed: unknown;
	try {
		parsed = file.endsWith('.json') ? JSON.parse(content) : parse(content);
	} catch (error) {
		throw new Error(`The script \`${file}\` cannot be read: ${error instanceof Error ? error.message : String(error)}`);
	}
	const result = schema.safeParse(parsed);
	if (result.success) return result.data;
	const [issue] = result.error.issues;
	throw new Error(`The script \`${file}\` is wrong at \`${issue?.path.join('.') || 'its top'}\`: ${issue?.message ?? 'not a script'}.`);
};
