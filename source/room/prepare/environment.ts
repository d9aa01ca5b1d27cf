import {createHash} from 'node:crypto';
import type {CliName} from '../../core/agent/agent.ts';
import type {Task} from '../../core/task/task.ts';
import {plainTextLine} from '../../core/text/quote.ts';
import {CLIS} from '../../harnesses/clis.ts';

/** What an agent's process may inherit: its own login and a program's usual environment, nothing of the room. */
const ALLOWED = [
	'PATH',
	'HOME',
	'USER',
	'LOGNAME',
	'SHELL',
	'LANG',
	'LANGUAGE',
	'TZ',
	'TMPDIR',
	'EDITOR',
	'VISUAL',
	'SSH_AUTH_SOCK',
	'HTTP_PROXY',
	'HTTPS_PROXY',
	'NO_PROXY',
	'http_proxy',
	'https_proxy',
	'no_proxy',
	'NODE_EXTRA_CA_CERTS',
	'ANTHROPIC_API_KEY',
	'ANTHROPIC_AUTH_TOKEN',
	'ANTHROPIC_BASE_URL',
	'CLAUDE_CONFIG_DIR',
	'CLAUDE_CODE_OAUTH_TOKEN',
	'OPENAI_API_KEY',
	'OPENAI_BASE_URL',
	'CODEX_HOME',
	'GEMINI_API_KEY',
	'GOOGLE_API_KEY',
	'GEMINI_CLI_HOME',
	'XDG_CONFIG_HOME',
	'XDG_DATA_HOME',
	'XDG_CACHE_HOME',
];

/** An agent in a plain shell must not hang in a pager or at a git prompt; `env:` of the configuration restores the user's own. */
const UNATTENDED: Readonly<Record<string, string>> = {PAGER: 'cat', GIT_PAGER: 'cat', GIT_TERMINAL_PROMPT: '0'};

/** Never allowed by any configuration: a program that writes into the user's compile cache writes code that the user runs. */
const NEVER = ['NODE_COMPILE_CACHE'];

const isLogin = (name: string): boolean =>
	!name.startsWith('AGENT_ROOM_') && /_(API_KEY|TOKEN|ACCESS_KEY)$|^(ANTHROPIC|OPENAI)_|^SSH_AUTH_SOCK$/.test(name);

/** Environment names that a CLI's login may come from. */
export const loginsOf = (cli: CliName | undefined): readonly string[] => (cli === undefined ? [] : (CLIS[cli]?.loginEnvironment ?? []));

/**
 * Marks that find the processes of a room and of one attempt again, also in sessions of their own. Neither is a secret, so the test command, which
 * gets neither token nor socket, has them too.
 */
export const STATE_MARK = 'AGENT_ROOM_STATE';
export const attemptMark = (token: string): readonly [name: string, value: string] => [
	'AGENT_ROOM_RUN',
	createHash('sha256').update(token).digest('hex').slice(0, 24),
];

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The part of the user's environment that agents' programs get: an allow-list, `further` names of the configuration, `LC_*`; nothing of the room's.
 */
export const allowedEnvironment = (inherited: Environment, further: readonly string[]): Record<string, string> => {
	const isAllowed = (name: string): boolean =>
		!NEVER.includes(name) && (ALLOWED.includes(name) || name.startsWith('LC_') || further.includes(name));
	return Object.fromEntries(
		Object.entries(inherited).filter(
			(entry): entry is [string, string] => entry[1] !== undefined && isAllowed(entry[0]) && !entry[0].startsWith('AGENT_ROOM_'),
		),
	);
};

/** Without the logins of agent CLIs: `setup` and `test` need none, and run code that agents wrote. */
export const withoutLogins = (environment: Record<string, string>, further: readonly string[]): Record<string, string> =>
	Object.fromEntries(Object.entries(environment).filter(([name]) => further.includes(name) || !isLogin(name)));

export type AgentWorkspace = {
	readonly agent: string;
	readonly role: string;
	readonly task: Task;
	readonly token: string;
	readonly briefFile: string;
	readonly worktree: string;
	readonly branch: string;
	readonly base: string;
	readonly socket: string;
	readonly stateFolder: string;
	/** First of this agent's ten ports. */
	readonly port: number;
	/** Folder with the `agent-room` command; first on the PATH. */
	readonly commands: string;
};

/**
 * The environment of an agent's process: an allow-list of `inherited`, further names that the configuration allows, `LC_*`, and the contract's
 * `AGENT_ROOM_*`. Guarantee: never the address of Redis, nor anything else of the room's own.
 */
export const agentEnvironment = (inherited: Environment, further: readonly string[], place: AgentWorkspace): Record<string, string> => {
	const allowed = allowedEnvironment(inherited, further);
	return {
		...allowed,
		...Object.fromEntries(Object.entries(UNATTENDED).filter(([name]) => !further.includes(name) || allowed[name] === undefined)),
		PATH: `${place.commands}:${inherited.PATH ?? '/usr/bin:/bin'}`,
		AGENT_ROOM_AGENT: place.agent,
		AGENT_ROOM_ROLE: place.role,
		AGENT_ROOM_TASK: place.task.id,
		AGENT_ROOM_TITLE: plainTextLine(place.task.title, 10_000),
		AGENT_ROOM_STAGE: place.task.stage,
		AGENT_ROOM_ATTEMPT: String(Math.max(1, place.task.attempt)),
		AGENT_ROOM_ROUND: String(place.task.rounds),
		AGENT_ROOM_TOKEN: place.token,
		AGENT_ROOM_BRIEF_FILE: place.briefFile,
		AGENT_ROOM_WORKTREE: place.worktree,
		AGENT_ROOM_BRANCH: place.branch,
		...(place.task.model === '' ? {} : {AGENT_ROOM_MODEL: place.task.model}),
		AGENT_ROOM_BASE: place.base,
		AGENT_ROOM_SOCKET: place.socket,
		[STATE_MARK]: place.stateFolder,
		AGENT_ROOM_PORT: String(place.port),
	};
};
