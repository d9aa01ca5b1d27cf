import type {Marker} from '../../os/process-table.ts';

/** The variables that a caller may set. */
export const ALLOWED = [
	'GIT_AUTHOR_NAME',
	'GIT_AUTHOR_EMAIL',
	'GIT_COMMITTER_NAME',
	'GIT_COMMITTER_EMAIL',
	'GIT_INDEX_FILE',
	'GIT_DIR',
	'GIT_WORK_TREE',
	'GIT_TERMINAL_PROMPT',
	'GIT_OPTIONAL_LOCKS',
	'GIT_NO_REPLACE_OBJECTS',
] as const;

/** The user's own way to a remote: passed on to git that talks to one, never set by a caller. */
const LOGINS = ['GIT_SSH', 'GIT_SSH_COMMAND', 'GIT_SSH_VARIANT', 'GIT_ASKPASS'] as const;

/** All variables that git may be given. */
export const PASSED: readonly string[] = [...ALLOWED, ...LOGINS, 'SSH_ASKPASS', 'SSH_ASKPASS_REQUIRE'];

/** Of git that talks to a remote: only protocols that run no program of the address's own choice. */
export const NETWORK_FLAGS = [
	'protocol.allow=never',
	...['file', 'git', 'http', 'https', 'ssh'].map(name => `protocol.${name}.allow=always`),
	'protocol.ext.allow=never',
	// A server that goes silent is given up by git itself too, should whoever started it be gone.
	'http.lowSpeedLimit=1',
	'http.lowSpeedTime=60',
];

/** Logs in as the user does, and asks nobody: where a key or a password is missing it fails at once. */
export const networkEnvironment = (): Record<string, string> => ({
	...Object.fromEntries(LOGINS.flatMap(name => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))),
	SSH_ASKPASS: 'false',
	SSH_ASKPASS_REQUIRE: 'force',
	GCM_INTERACTIVE: 'never',
});

export type GitVariables = Readonly<Partial<Record<(typeof ALLOWED)[number], string>>>;

/**
 * Given to every git process. No hook and no fsmonitor of a repository runs, nothing is collected behind our back (a detached `gc`
 * would prune objects that another process has not referenced yet), nothing is signed, no submodule is entered.
 */
export const FLAGS = [
	'core.hooksPath=/dev/null',
	'core.fsmonitor=false',
	'gc.auto=0',
	'maintenance.auto=false',
	'commit.gpgSign=false',
	'submodule.recurse=false',
	'protocol.version=2',
	'protocol.file.allow=always',
	'core.quotePath=false',
	'checkout.workers=2',
	'safe.bareRepository=all',
];

/** The same arguments for a git process that is started without this wrapper, for its streams. */
export const gitArguments = (args: readonly string[]): string[] => [...FLAGS.flatMap(flag => ['-c', flag]), ...args];

/** The environment of every git process: ours without any GIT_* and without editors, pagers and askers. */
export const gitEnvironment = (extra?: GitVariables): Record<string, string> => {
	const kept = Object.entries(process.env).filter(
		(entry): entry is [string, string] => entry[1] !== undefined && !/^(?:git_.*|editor|visual|pager|ssh_askpass|prefix)$/i.test(entry[0]),
	);
	return {
		...Object.fromEntries(kept),
		LC_ALL: 'C',
		GIT_TERMINAL_PROMPT: '0',
		GIT_OPTIONAL_LOCKS: '0',
		GIT_NO_REPLACE_OBJECTS: '1',
		...extra,
	};
};

/** The variable by which the processes of an attempt are found, as environment. */
export const marked = (marker: Marker | undefined): Readonly<Record<string, string>> => (marker ? {[marker[0]]: marker[1]} : {});
