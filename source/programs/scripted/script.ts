import {readFile} from 'node:fs/promises';
import {parse} from 'yaml';
import {z} from 'zod';
import type {Inferred} from '../../core/text/inferred.ts';
import {MISDEEDS, RESOLUTIONS} from './steps.ts';

const text = z.string().max(1_000_000);
const ms = z.int().min(0).max(3_600_000);
const anyOf = <T extends z.ZodType>(one: T) => z.union([one, z.array(one)]).optional();

/** A condition on where an agent stands; every field given must hold, a list means one of them. */
const when = z.strictObject({
	role: anyOf(z.string()),
	task: anyOf(z.string()),
	stage: anyOf(z.string()),
	/** From 1. */
	attempt: anyOf(z.int()),
	/** Review rounds that asked for changes so far. */
	round: anyOf(z.int()),
	briefHas: text.optional(),
	/** A merge is in progress in the worktree, or the brief says that one would conflict. */
	hasConflict: z.boolean().optional(),
	/** About `git diff base...HEAD` of the worktree. */
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
	/** What it is about, such as the command. */
	detail: text.optional(),
	choices: z.array(text).min(1).max(9),
	/** Continues with `otherwise` when nobody answered for so long; without it, it waits for ever. */
	waitMs: ms.optional(),
	/** Number of the choice, from 1. */
	otherwise: z.int().min(1).max(9).optional(),
});
/** With steps by the number of the choice, from 1. */
export type Ask = Inferred<typeof ask> & {readonly answers?: Readonly<Record<string, readonly Step[]>>};

/** A reviewer's comment at a place. */
const comment = z.strictObject({file: z.string(), line: z.int().min(1), severity: z.enum(['must-fix', 'nit']), text});
export type Comment = Inferred<typeof comment>;

/** What an orchestrator answers: a plan in the form that plans have, or any text, which need not be one. */
const planAnswer = z.strictObject({
	tasks: z.array(z.record(z.string(), z.unknown())).optional(),
	/** Tasks of the feature that a new plan takes back. */
	cancel: z.array(z.string()).optional(),
	text: text.optional(),
	/** Reported, which is answered at once with what is wrong, instead of left in the file that the room reads at the end. */
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
	/** Commits everything with this message. */
	commit: text.min(1).optional(),
	/** Ends the merge that is in progress; where none is, merges the base branch into its own. */
	resolve: z.enum(RESOLUTIONS).optional(),
	plan: planAnswer.optional(),
	readDiff: z.literal(true).optional(),
	/** Dies without a word: of the signal, or with the exit code. */
	crash: z
		.strictObject({signal: z.enum(['SIGKILL', 'SIGSEGV', 'SIGABRT', 'SIGTERM']).optional(), exit: z.int().min(1).max(255).optional()})
		.optional(),
	rateLimit: z.strictObject({ms, exit: z.int().min(1).max(255).optional()}).optional(),
	/** Does nothing any more; deaf, it does not even answer SIGTERM. */
	hang: z.strictObject({isDeaf: z.boolean().default(false)}).optional(),
	/** Bytes of output at once. */
	flood: z.int().min(0).max(1_000_000_000).optional(),
	/** Writes a file of so many bytes, or as many as the disk takes. */
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
/**
 * One thing that the agent does: exactly one of these next to `when`. Only that a step asks for further ones is said twice: no type can be
 * inferred of itself.
 */
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

/** The first entry whose condition holds is what the agent does. */
const schema = z.strictObject({scripts: z.array(z.strictObject({when: when.optional(), steps: z.array(step)}))});
export type Script = Inferred<typeof schema>;

/**
 * Reads a script, JSON or YAML by its name. Refuses (throws an Error with a sentence) a file that is absent or not a script, naming
 * the place and what is wrong there.
 */
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
