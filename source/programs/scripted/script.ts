import {readFile} from 'node:fs/promises';
import {parse} from 'yaml';
import {z} from 'zod';
import {MISDEEDS, RESOLUTIONS, type Script, type Step} from './steps.ts';

const text = z.string().max(1_000_000);
const ms = z.int().min(0).max(3_600_000);
const anyOf = <T extends z.ZodType>(one: T) => z.union([one, z.array(one)]).optional();

const when = z.strictObject({
	role: anyOf(z.string()),
	task: anyOf(z.string()),
	stage: anyOf(z.string()),
	attempt: anyOf(z.int()),
	round: anyOf(z.int()),
	briefHas: text.optional(),
	hasConflict: z.boolean().optional(),
	diffHas: text.optional(),
	diffLacks: text.optional(),
});

const comment = z.strictObject({file: z.string(), line: z.int().min(1), severity: z.enum(['must-fix', 'nit']), text});

const step: z.ZodType<Step> = z
	.strictObject({
		when: when.optional(),
		say: text.optional(),
		think: ms.optional(),
		edit: z
			.strictObject({
				file: z.string(),
				write: text.optional(),
				append: text.optional(),
				replace: z.strictObject({from: text.min(1), to: text}).optional(),
			})
			.refine(
				edit => [edit.write, edit.append, edit.replace].filter(way => way !== undefined).length === 1,
				'one of write, append, replace',
			)
			.optional(),
		run: z.array(z.string()).min(1).optional(),
		progress: text.optional(),
		ask: z
			.strictObject({
				question: text,
				detail: text.optional(),
				choices: z.array(text).min(1).max(9),
				waitMs: ms.optional(),
				otherwise: z.int().min(1).max(9).optional(),
				answers: z.lazy(() => z.record(z.string().regex(/^[1-9]$/, 'the number of a choice'), z.array(step))).optional(),
			})
			.optional(),
		commit: text.min(1).optional(),
		resolve: z.enum(RESOLUTIONS).optional(),
		plan: z
			.strictObject({
				tasks: z.array(z.record(z.string(), z.unknown())).optional(),
				cancel: z.array(z.string()).optional(),
				text: text.optional(),
				isReported: z.boolean().optional(),
			})
			.optional(),
		readDiff: z.literal(true).optional(),
		crash: z
			.strictObject({signal: z.enum(['SIGKILL', 'SIGSEGV', 'SIGABRT', 'SIGTERM']).optional(), exit: z.int().min(1).max(255).optional()})
			.optional(),
		rateLimit: z.strictObject({ms, exit: z.int().min(1).max(255).optional()}).optional(),
		hang: z.strictObject({isDeaf: z.boolean().default(false)}).optional(),
		flood: z.int().min(0).max(1_000_000_000).optional(),
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
	})
	.refine(
		fields => Object.entries(fields).filter(([key, value]) => key !== 'when' && value !== undefined).length === 1,
		'exactly one action a step',
	);

const schema = z.strictObject({scripts: z.array(z.strictObject({when: when.optional(), steps: z.array(step)}))});

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
