import {CLI_NAMES} from '../../harnesses/clis.ts';
import {AT_BUDGET} from '../cost/budget.ts';
import {type Config, isPushing, planMode} from './config.ts';
import {BY_ENTRY, type ByEntry, entryOf, entryText, harnessText, valueText} from './values.ts';

/** Display order of config changes: what it runs, what it passes to programs, which guards it removes, the rest. */
export const MATTERS = ['runs', 'hands', 'loosens', 'other'] as const;
export type Matters = (typeof MATTERS)[number];

/** One change by a config file, compared with what holds without it. Both values are one line. */
export type ConfigChange = {
	readonly name: string;
	readonly matters: Matters;
	readonly would: string;
	readonly now: string;
	/** The full text if `would` is only its beginning; else ''. */
	readonly whole: string;
};

/** Variables that redirect which program runs, where it finds settings or keys, or where it sends data. */
const REDIRECTS =
	/(?:^(?:PATH|HOME|SHELL|ENV|BASH_ENV|ZDOTDIR|IFS|EDITOR|VISUAL|PAGER)$|^(?:LD_|DYLD_|NODE_|PYTHON|PERL|RUBY|JAVA_|JDK_|GIT_|SSH_|SSL_|XDG_|CLAUDE|CODEX|GEMINI|OPENCODE|AGENT_ROOM_)|URL|ENDPOINT|HOST|PROXY|CONFIG|CREDENTIAL|CERT|_CA|KEY|TOKEN|SECRET|PASSWORD)/i;

/** Whether an environment variable may redirect a program or a key. */
const isRedirecting = (variable: string): boolean => REDIRECTS.test(variable);

/** Strictest first. */
const NETWORKS: readonly Config['network'][] = ['off', 'models', 'on'];
const LIMITS = ['memory', 'processes', 'disk'] as const;

type Looser = (now: Config, would: Config) => boolean;

const isMissing = (some: readonly string[], from: readonly string[]): boolean => some.some(one => !from.includes(one));

/** Strictest first. */
const strictness = (budget: Config['budget']): number => ['freeze', 'hold', 'warn'].indexOf(budget?.onReached ?? AT_BUDGET[0]);

/** No limit, and a limit of 0, allow everything. */
const most = (limit: number | undefined): number => (limit ? limit : Number.POSITIVE_INFINITY);

const isBudgetLooser: Looser = ({budget: now}, {budget: would}) =>
	now !== undefined &&
	(would === undefined ||
		most(would.usd) > most(now.usd) ||
		most(would.tokens) > most(now.tokens) ||
		(now.outside === 'refuse' && would.outside !== 'refuse') ||
		strictness(would) > strictness(now));

/**
 * How each key matters for trust. A function decides whether a value is looser than the current one. The type forces an entry for every
 * key.
 */
const KEYS: Readonly<Record<Exclude<keyof Config, ByEntry>, Exclude<Matters, 'loosens'> | Looser>> = {
	test: 'runs',
	affected: 'runs',
	setup: 'runs',
	team: 'runs',
	copyFiles: 'hands',
	env: 'hands',
	base: () => true,
	// A push to a remote cannot be undone.
	merge: (now, would) => isPushing(would) && !isPushing(now),
	remote: () => true,
	pushTo: () => true,
	// A program of a person's own, outside of every sandbox, with their login.
	forge: 'runs',
	prMerge: (_, would) => would.prMerge === 'auto',
	prMethod: 'other',
	prOf: 'other',
	// Unreviewed work becomes visible to others.
	prDraft: (now, would) => would.prDraft && !now.prDraft,
	review: (now, would) => now.review === 'required' && would.review === 'off',
	plan: (now, would) => would.plan !== undefined && planMode(now) === 'ask' && would.plan !== 'ask',
	requireApproval: (now, would) => isMissing(now.requireApproval, would.requireApproval),
	protectedPaths: (now, would) => isMissing(now.protectedPaths, would.protectedPaths),
	secretAllowlist: (now, would) => isMissing(would.secretAllowlist, now.secretAllowlist),
	// Only `on` is always stricter: a custom wrapper may isolate nothing.
	sandbox: (_, would) => would.sandbox !== 'on',
	network: (now, would) => NETWORKS.indexOf(would.network) > NETWORKS.indexOf(now.network),
	hosts: (now, would) => isMissing(would.hosts, now.hosts),
	readable: (now, would) => isMissing(would.readable, now.readable),
	writable: (now, would) => isMissing(would.writable, now.writable),
	limits: ({limits: now}, {limits: would}) =>
		LIMITS.some(name => (would[name] ?? Number.POSITIVE_INFINITY) > (now[name] ?? Number.POSITIVE_INFINITY)),
	budget: isBudgetLooser,
	attempts: (now, would) => would.attempts > now.attempts,
	maxReviewRounds: (now, would) => would.maxReviewRounds > now.maxReviewRounds,
	timeout: (now, would) => would.timeout > now.timeout,
	testTimeout: (now, would) => would.testTimeout > now.testTimeout,
	durability: (now, would) => now.durability === 'replicated' && would.durability === 'local',
	remoteTyping: (now, would) => now.remoteTyping === 'off' && would.remoteTyping === 'on',
	testRetries: (now, would) => would.testRetries > now.testRetries,
	// Without `off`, a commit between two merges may have been tested only together with the next ones.
	batch: (now, would) => now.batch === 'off' && would.batch !== 'off',
	fullTests: 'other',
	// Without it agents may write where others have locked.
	enforceLocks: (now, would) => now.enforceLocks && !would.enforceLocks,
	documentation: 'other',
	lease: 'other',
	stallTimeout: 'other',
	backoff: 'other',
	idleTimeout: 'other',
	unattended: 'other',
	scrollback: 'other',
	theme: 'other',
	ascii: 'other',
	mouse: 'other',
	screenReader: 'other',
	reduceMotion: 'other',
};

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

const firstLine = (text: string): string => {
	const [first = '', ...more] = text.trim().split('\n');
	const short = first.length > 160 ? `${first.slice(0, 160)}…` : first;
	return more.length > 0 ? `${short} (${more.length + 1} lines)` : short;
};

const change = (name: string, matters: Matters, would: string, now: string, whole = ''): ConfigChange => ({
	name,
	matters,
	would,
	now,
	whole: whole === would ? '' : whole,
});

/** A known CLI on the PATH needs no definition. */
const harnessNow = ({harnesses}: Config, name: string): string => {
	const own = harnesses[name];
	return own ? harnessText(own) : CLI_NAMES.some(cli => cli === name) ? name : 'none';
};

/** Returns the harness of an environment variable, its value and whether it redirects. Your own value is never shown. */
const environmentOf = (name: string, {now, would}: {readonly now: Config; readonly would: Config}): readonly ConfigChange[] =>
	Object.entries(would.harnesses[name]?.env ?? {})
		.filter(([variable, value]) => now.harnesses[name]?.env[variable] !== value)
		.map(([variable, value]) =>
			change(
				`harnesses.${name}.env.${variable}`,
				isRedirecting(variable) ? 'hands' : 'other',
				value,
				now.harnesses[name]?.env[variable] === undefined ? 'not set by you' : 'set by you',
			),
		);

const permissionsText = (permissions: string | undefined): string => permissions ?? 'as its harness';

/** Full permissions get their own line: they remove every question of that agent. */
const permissionsOf = (now: Config, would: Config): readonly ConfigChange[] => [
	...would.team
		.filter(({role, permissions}) => permissions === 'full' && !now.team.some(one => one.role === role && one.permissions === 'full'))
		.map(({role}) =>
			change(`permissions of ${role}`, 'loosens', 'full', permissionsText(now.team.find(one => one.role === role)?.permissions)),
		),
	...Object.entries(would.harnesses)
		.filter(([name, {permissions}]) => permissions === 'full' && now.harnesses[name]?.permissions !== 'full')
		.map(([name]) => change(`permissions of harness ${name}`, 'loosens', 'full', permissionsText(now.harnesses[name]?.permissions))),
	...Object.entries(would.harnesses).flatMap(([name, harness]) =>
		(['sandbox', 'network'] as const)
			.filter(key => harness[key] !== undefined && !same(harness[key], now.harnesses[name]?.[key] ?? now[key]))
			.map(key =>
				change(`${key} of harness ${name}`, 'loosens', plainText(harness[key]), plainText(now.harnesses[name]?.[key] ?? now[key])),
			),
	),
];

const plainText = (value: unknown): string => (Array.isArray(value) ? value.join(' ') : String(value));

const memberLines = ({team}: Config): string =>
	team
		.map(({count, role, harness, args, mode}) => [`${count} x ${role}:`, harness ?? '', ...args, ...(mode ? [`(${mode})`] : [])].join(' '))
		.join('; ') || 'none';

const oneKey = (key: Exclude<keyof Config, ByEntry>, now: Config, would: Config): readonly ConfigChange[] => {
	if (same(now[key], would[key])) return [];
	const rule = KEYS[key];
	const matters = typeof rule !== 'function' ? rule : rule(now, would) ? 'loosens' : 'other';
	const text = (config: Config): string => (key === 'team' ? memberLines(config) : valueText(config, key));
	const whole = text(would);
	return [change(key, matters, firstLine(whole), firstLine(text(now)), whole)];
};

const oneEntry = (key: ByEntry, entry: string, now: Config, would: Config): readonly ConfigChange[] => {
	const name = `${key}.${entry}`;
	if (same(entryOf(now[key], entry), entryOf(would[key], entry))) return [];
	if (key === 'harnesses') {
		const {command, cli, env, ...further} = would.harnesses[entry] ?? {env: {}};
		const told = would.harnesses[entry] ? harnessText({...further, command, cli, env: {}}) : 'none';
		return [change(name, 'runs', told, harnessNow(now, entry)), ...environmentOf(entry, {now, would})];
	}
	if (key === 'roles') {
		const [before, after] = [now.roles[entry]?.prompt, would.roles[entry]?.prompt];
		const prompt =
			after === undefined || after === before
				? []
				: [change(`prompt of ${entry}`, 'runs', firstLine(after), before === undefined ? 'the built-in one' : firstLine(before), after)];
		const plain = (role: Config['roles'][string] | undefined) => ({...role, prompt: undefined});
		return same(plain(now.roles[entry]), plain(would.roles[entry]))
			? prompt
			: [change(name, 'runs', entryText(would, key, entry), entryText(now, key, entry) || 'none'), ...prompt];
	}
	const matters = key === 'prices' ? 'loosens' : name === 'notify.command' ? 'runs' : 'other';
	return [change(name, matters, entryText(would, key, entry), entryText(now, key, entry))];
};

const isOneKey = (key: string): key is Exclude<keyof Config, ByEntry> => Object.hasOwn(KEYS, key);

/** Returns all changes if `would` replaced `now`, most important first. A stricter guard counts as `other`. */
export const changesBetween = (now: Config, would: Config): readonly ConfigChange[] => {
	const entries = (key: ByEntry): readonly string[] => [...new Set([...Object.keys(now[key]), ...Object.keys(would[key])])];
	const all = [
		...Object.keys(KEYS)
			.filter(isOneKey)
			.flatMap(key => oneKey(key, now, would)),
		...BY_ENTRY.flatMap(key => entries(key).flatMap(entry => oneEntry(key, entry, now, would))),
	];
	const told = [...all, ...permissionsOf(now, would)];
	return MATTERS.flatMap(matters => told.filter(one => one.matters === matters));
};

/** `review: off (now: required)`. */
export const changeText = ({name, would, now}: ConfigChange): string => `${name}: ${would} (now: ${now})`;
