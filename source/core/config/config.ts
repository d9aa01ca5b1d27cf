import * as z from 'zod';
import {CLI_NAMES} from '../../harnesses/clis.ts';
import {MODES, PERMISSIONS} from '../agent/agent.ts';
import {networkChoice, sandboxChoice, sandboxKeys} from '../agent/sandbox.ts';
import {HOLDING} from '../change/change.ts';
import {AT_BUDGET, readTokens} from '../cost/budget.ts';
import {FORGES, METHODS} from '../forge/address.ts';
import {MOST_BATCHED} from '../queue/batch.ts';
import {FULL_TESTS} from '../queue/full-tests.ts';
import {cliRulesSchema} from '../session/rules.ts';
import {FIRST_STAGES} from '../task/task.ts';
import {readDuration} from '../text/format.ts';
import {inSequence} from './commands.ts';
import {displayKeys} from './display.ts';
import {pricesSchema} from './rules.ts';

export const NO_UNIT = 'write a unit, such as `60m`';

/** A count of tokens: a number, or a text such as `5M`. */
const tokenCount = z.union([z.int().min(0).max(1e12), z.string()]).transform((value, context) => {
	const count = typeof value === 'number' ? value : readTokens(value);
	if (count === undefined) context.addIssue({code: 'custom', message: 'a count of tokens such as `5M` or `200k`'});
	return count ?? 0;
});

const duration = z
	.string({error: ({input}) => (typeof input === 'number' ? NO_UNIT : 'a duration such as `15s`, `500ms`, `60m`')})
	.regex(/^\d+(ms|s|m|h)$/, 'a duration such as `15s`, `500ms`, `60m`')
	.transform(text => readDuration(text) ?? 0);

/** A list becomes one command: each entry in a shell of its own, in order, up to the first that fails. */
const testCommand = z
	.union([z.string(), z.array(z.string().regex(/\S/, 'a shell command')).min(1).max(20)], {error: 'a shell command, or a list of them'})
	.transform(given => inSequence([given].flat()));

const FULL_TESTS_ERROR = '`off`, `batch`, a number of merges such as `10 merges`, a duration such as `1h`, or a list of these';
const fullTests = z.string().regex(FULL_TESTS, FULL_TESTS_ERROR);

/** What `unattended` may be apart from a duration. */
export const UNATTENDED = ['refuse', 'wait'] as const;

const COUNT_ERROR = 'a number from 1 to 64, or `auto` for the role test-orchestrator';

const member = z
	.strictObject({
		role: z.string(),
		harness: z.string().optional(),
		count: z.union([z.int().min(1).max(64), z.literal('auto')], {error: COUNT_ERROR}).default(1),
		capabilities: z.array(z.string().regex(/^[a-z0-9-]+$/, 'lower-case letters, digits and dashes')).default([]),
		args: z.array(z.string()).default([]),
		mode: z.enum(MODES).optional(),
		permissions: z.enum(PERMISSIONS).optional(),
	})
	.refine(({count, role}) => count !== 'auto' || role === 'test-orchestrator', {error: COUNT_ERROR, path: ['count']});

/** A custom command, or a known agent CLI with another path, account or permissions. */
const harness = z
	.strictObject({
		command: z.array(z.string()).min(1).optional(),
		finish: z.enum(['exit', 'report']).optional(),
		cli: z.enum(CLI_NAMES).optional(),
		mode: z.enum(MODES).optional(),
		permissions: z.enum(PERMISSIONS).optional(),
		sandbox: sandboxChoice.optional(),
		network: networkChoice.optional(),
		account: z
			.string()
			.regex(/^[a-z0-9-]{1,40}$/, 'lower-case letters, digits and dashes')
			.optional(),
		env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable'), z.string()).default({}),
		rules: cliRulesSchema.optional(),
	})
	.refine(({command, cli}) => command !== undefined || cli !== undefined, 'it needs `command`, or `cli` with the name of a known CLI')
	.refine(
		({cli, finish, mode, permissions, rules}) =>
			cli === undefined ? mode === undefined && permissions === undefined && rules === undefined : finish === undefined,
		'`mode`, `permissions` and `rules` need `cli`; `finish` needs `command`',
	);

const role = z.strictObject({
	/** A template, or the path of one (one line that ends in `.md` or `.txt`). */
	prompt: z.string().min(1).max(200_000).optional(),
	prefix: z
		.string()
		.regex(/^[a-z]{1,8}$/, 'one to eight lower-case letters')
		.optional(),
	stages: z.array(z.enum(FIRST_STAGES)).min(1).optional(),
});

const pattern = z
	.string()
	.regex(/^[^:/!\s\p{Cc}][^\p{Cc}]{0,199}$/u, 'a pattern below the root such as `src/auth/**`')
	.refine(glob => !glob.split('/').includes('..'), 'a pattern below the root such as `src/auth/**`');

/** YAML reads a digit key as a number. */
const key = z.union([z.string(), z.int().min(0).max(9).transform(String)]);

/** Schema of `agent-room.yaml`: data only; unknown keys are errors. Durations are parsed to ms. */
export const configSchema = z.strictObject({
	base: z.string().optional().describe('The branch that receives merges; by default the one checked out.'),
	test: testCommand
		.optional()
		.describe(
			'The shell command that must pass before a merge, or a list of them, quick ones first: the first failure ends the run. Without it nothing merges.',
		),
	affected: z
		.string()
		.regex(/\S/, 'a shell command')
		.optional()
		.describe(
			'A shell command that prints which tests a merge candidate needs, one shell command a line: these run in place of `test`. It gets the changed files, separated by NUL, on its input. If it fails or prints nothing, all tests run.',
		),
	fullTests: z
		.union([z.literal('off'), fullTests, z.array(fullTests).min(1, FULL_TESTS_ERROR).max(3, FULL_TESTS_ERROR)], {error: FULL_TESTS_ERROR})
		.optional()
		.describe(
			'When all tests run although `affected` chose some: `batch` (in every test run of several entries), after a number of merges (`10 merges`), or after a time (`1h`); also a list of these. The latter two test the base branch itself. By default `10 merges` with `affected`, else `off`.',
		),
	batch: z
		.union([z.enum(['auto', 'off']), z.int().min(1).max(MOST_BATCHED)], {error: `\`auto\`, \`off\`, or a number from 1 to ${MOST_BATCHED}`})
		.default('auto')
		.describe(
			'How many merge queue entries one test run covers when more wait than there are test runners: `auto` weighs test time and recent failures, a number is the most, `off` tests each by itself.',
		),
	merge: z
		.enum(['local', 'push', 'pr'])
		.optional()
		.describe(
			'Where merges go: `local` moves your own branch; `push` pushes each tested merge to the remote and updates your branch; `pr` opens a pull request for each tested task, which its forge or a human merges. By default `push` on a shared Redis if the base branch has an upstream, else `local`.',
		),
	remote: z
		.string()
		.min(1)
		.max(200)
		.optional()
		.describe('The remote that `merge: push` and `merge: pr` push to. By default the upstream of the base branch.'),
	pushTo: z
		.string()
		.min(1)
		.max(200)
		.optional()
		.describe('With `merge: pr`, another remote that takes the branches of pull requests: your fork. By default `remote` takes them.'),
	forge: z
		.union([z.enum(FORGES), z.strictObject({command: z.array(z.string().min(1)).min(1).max(50)})])
		.optional()
		.describe(
			'With `merge: pr`, the forge of the remote: `github` (by `gh`), `gitlab` (`glab`), `gitea` (`tea`), or `{command: [...]}`, a program of yours. By default as the address of the remote says.',
		),
	prMerge: z
		.enum(['person', 'auto'])
		.default('person')
		.describe(
			'Who merges a pull request: `person`, a human on the forge or `y` here; `auto`, the room, once all checks have passed and the tested commit fits the present base branch.',
		),
	prMethod: z.enum(METHODS).default('merge').describe('How the room merges a pull request: `merge`, `squash` or `rebase`.'),
	prOf: z
		.enum(['task', 'feature'])
		.default('task')
		.describe(
			'What becomes one pull request: each `task`, or a whole `feature`, whose tested tasks gather on one branch. A task without a feature is always one of its own.',
		),
	prDraft: z
		.boolean()
		.default(false)
		.describe(
			'With `merge: pr`, open a draft as soon as a task has its first commit. It becomes ready when its review and tests have passed.',
		),
	setup: z.string().optional().describe('A shell command that runs once in every new worktree.'),
	copyFiles: z.array(z.string()).default([]).describe('Files copied into every new worktree.'),
	plan: z
		.enum(['ask', 'auto', 'off'])
		.optional()
		.describe(
			'How a feature becomes tasks: `ask` needs your approval of the plan, `auto` approves it, `off` makes the feature one task. By default `ask` if the team has an orchestrator.',
		),
	documentation: z
		.enum(['on', 'off'])
		.optional()
		.describe('Whether a plan ends with a task for a documentation-writer; by default `on` if the team has one.'),
	review: z.enum(['required', 'off']).default('required').describe('`off` tests submitted work without a review.'),
	lease: duration.default(15_000).describe('After this time without a heartbeat, an agent loses its task.'),
	durability: z
		.enum(['local', 'replicated'])
		.default('local')
		.describe('`replicated` confirms a change only when a Redis replica has it too; it needs a Redis with a replica.'),
	remoteTyping: z.enum(['on', 'off']).default('on').describe('`off`: panes of this machine take no keys from other machines of the team.'),
	timeout: duration.default(3_600_000).describe('Time limit of one attempt.'),
	testTimeout: duration.default(1_800_000).describe('Time limit of one test run.'),
	testRetries: z.int().min(0).max(1).default(1).describe('How often failed tests run again on the same commit: 0 or 1.'),
	stallTimeout: duration.default(300_000).describe('After this time without output, an agent is shown as stalled.'),
	backoff: duration.default(2000).describe('Delay after the first failure; it doubles each time.'),
	attempts: z.int().min(1).max(100).default(3).describe('A task fails after this many failed attempts.'),
	maxReviewRounds: z
		.int()
		.min(1)
		.max(100)
		.default(5)
		.describe('After this many reviews that request changes, the task needs your decision.'),
	budget: z
		.strictObject({
			usd: z.number().min(0).max(1_000_000).optional(),
			tokens: tokenCount.optional(),
			onReached: z.enum(AT_BUDGET).optional(),
			outside: z.enum(['allow', 'refuse']).optional(),
		})
		.refine(({usd, tokens}) => usd !== undefined || tokens !== undefined, 'it needs `usd`, `tokens`, or both')
		.optional()
		.describe(
			'Spending limit in dollars (`usd`), tokens (`5M`), or both. `outside: refuse` keeps agents out whose spending it cannot see. At the limit no new work starts, tests and merges continue (`onReached: hold`); or everything freezes (`freeze`); or you get a warning (`warn`).',
		),
	prices: pricesSchema.default({}).describe('Dollars per million tokens, by model, for agents that report tokens without a cost.'),
	idleTimeout: duration.default(1_800_000).describe('The room stops after this time with no terminal attached and nothing to do.'),
	unattended: z
		.union([z.enum(UNATTENDED), duration], {error: 'a duration such as `10m`, `refuse` or `wait`'})
		.default(600_000)
		.describe(
			'`run --until-empty` refuses a question that no one answers for this time; its task fails. `refuse`: at once; `wait`: never. Time with a terminal attached does not count.',
		),
	scrollback: z
		.int()
		.min(0)
		.max(100_000)
		.default(1000)
		.describe('Lines kept above the screen of each pane; one of 120 columns takes about 1.5 kB of memory.'),
	team: z.array(member).default([]).describe('The agents of the team.'),
	roles: z
		.record(z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'lower-case letters, digits and dashes'), role)
		.default({})
		.describe('Prompts and stages of roles, built-in or your own.'),
	protectedPaths: z.array(pattern).max(200).default([]).describe('Path patterns; a change to one needs a security review.'),
	requireApproval: z
		.array(z.enum(HOLDING))
		.max(HOLDING.length)
		.default(['secrets', 'commands'])
		.describe(
			'Findings that need your approval before a merge: `secrets`, `commands` (changes what `setup` or `test` run), `scope` (leaves its paths, or changes what another task has locked), `locks` (the latter alone); [] for none.',
		),
	enforceLocks: z
		.boolean()
		.default(false)
		.describe(
			'Paths that another task has locked are read-only in the sandboxes of agents that start meanwhile, and work that changes them is not taken until the lock is released.',
		),
	secretAllowlist: z.array(pattern).max(200).default([]).describe('Path patterns excluded from the secret scan, such as test fixtures.'),
	harnesses: z.record(z.string(), harness).default({}).describe('How agent CLIs are started, by name.'),
	env: z
		.array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable'))
		.default([])
		.describe('More environment variables that agents may see.'),
	keys: z
		.record(z.string(), z.union([key, z.array(key), z.null()], 'a key, a list of keys, or `null` for none'))
		.default({})
		.describe('Keys by action, and `leader`; see `agent-room help keys`.'),
	...sandboxKeys,
	...displayKeys,
});

export type Config = z.output<typeof configSchema>;
export type TeamMember = Config['team'][number];

/** How many agents of a member a room has at least: of `auto`, one. */
export const leastOf = ({count}: Pick<TeamMember, 'count'>): number => (count === 'auto' ? 1 : count);

const has = (team: readonly TeamMember[], role: string): boolean => team.some(member => member.role === role);

/** Returns the plan mode: as configured; else `ask` if the team has, or is not yet known to lack, an orchestrator. */
export const planMode = ({plan, team}: Pick<Config, 'plan' | 'team'>): 'ask' | 'auto' | 'off' =>
	plan ?? (team.length === 0 || has(team, 'orchestrator') ? 'ask' : 'off');

/** Whether a merge is a push because the base is a remote branch. */
export const isPushing = ({merge}: Pick<Config, 'merge'>): boolean => merge === 'push' || merge === 'pr';

export const submissionRules = (config: Pick<Config, 'plan' | 'team' | 'attempts' | 'roles'>) => ({
	plan: planMode(config),
	attempts: config.attempts,
	roles: config.roles,
});

/** Whether a feature ends with documentation: as configured, else if the team has a docs writer. */
export const hasDocuments = ({documentation, team}: Pick<Config, 'documentation' | 'team'>): boolean =>
	documentation === undefined ? has(team, 'documentation-writer') : documentation === 'on';

/** Where a value came from; `found`: detected by the room. */
export type Origin = 'flag' | 'environment' | 'project' | 'user' | 'default' | 'found';

/** One effective value, in words. `name` is its config key, such as `keys.zoom`; `about` describes it. */
export type Setting = {
	readonly name: string;
	readonly value: string;
	readonly from: Origin;
	readonly about: string;
	/** Not trusted, so without effect. */
	readonly isIgnored: boolean;
	/** The value in effect instead of an ignored one. */
	readonly holds?: string;
};

/** A config file; `isThere`: it existed at startup. */
export type ConfigPlace = {readonly whose: 'project' | 'user'; readonly path: string; readonly isThere: boolean};

/** Changed files that the room has not taken up: each change in a line. `print` stands for exactly these contents. */
export type PendingConfig = {readonly print: string; readonly changes: readonly string[]};

/** The configuration in effect, for the settings page. */
export type Settings = {
	readonly files: readonly ConfigPlace[];
	readonly values: readonly Setting[];
	readonly pending?: PendingConfig;
};

/** For a room whose starter reported none. */
export const NO_SETTINGS: Settings = {files: [], values: []};
