import type {CliName, Mode, Permissions} from './cli.ts';

/**
 * An agent's command-line program as data. `{briefFile}`, `{worktree}`, `{branch}`, `{task}` and `{agent}` in arguments are replaced;
 * nothing is ever passed through a shell.
 */
export type Harness = {
	readonly name: string;
	/** Program and arguments. */
	readonly command: readonly string[];
	/** How the end of an attempt is known: the process ends, or the agent reports. */
	readonly finish: 'exit' | 'report';
	/** The agent CLI that it is, where the room knows its ways: then `command` is the program and its arguments, and the room adds its own. */
	readonly cli?: CliName;
	/** By default as the role wants it: who writes is interactive. */
	readonly mode?: Mode;
	readonly permissions?: Permissions;
	/** Whose limits it shares: agents of one account wait together when one of them is told to. The harness's name by default. */
	readonly account?: string;
	/** Set in the agent's environment. */
	readonly environment?: Readonly<Record<string, string>>;
};
