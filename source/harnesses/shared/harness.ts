import type {CliName, Mode, Permissions} from '../../core/agent/agent.ts';
import type {NetworkChoice, SandboxChoice} from '../../core/agent/sandbox.ts';

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
	/** As the room's own choice, where it says nothing. */
	readonly sandbox?: SandboxChoice;
	readonly network?: NetworkChoice;
	/** Whose limits it shares: agents of one account wait together when one of them is told to. The harness's name by default. */
	readonly account?: string;
	/** Set in the agent's environment. */
	readonly environment?: Readonly<Record<string, string>>;
};

/**
 * The scripted agent: behaves like an agent CLI from a script, with no key and no cost (`programs/scripted`). `node` is the room's own
 * executable and `program` the bundle's `program.js`; both come from above, since this floor knows no paths. A script file is given with
 * `args: [--script, FILE]` in the team, or in `AGENT_ROOM_SCRIPT`.
 */
export const scriptedHarness = ({node, program}: {readonly node: string; readonly program: string}): Harness => ({
	name: 'scripted',
	command: [node, program, 'scripted'],
	finish: 'exit',
});

/** Any command as an agent: it reads its brief from `AGENT_ROOM_BRIEF_FILE` and is done when it exits with 0. */
export const shellHarness = (command: readonly string[], name = 'shell'): Harness => ({name, command, finish: 'exit'});
