import type {CliName, Mode, Permissions} from '../../core/agent/agent.ts';
import type {NetworkChoice, SandboxChoice} from '../../core/agent/sandbox.ts';
import type {CliRules} from '../../core/session/rules.ts';

/**
 * An agent's command-line program as data. Arguments may use `{briefFile}`, `{worktree}`, `{branch}`, `{task}` and `{agent}`; nothing ever
 * passes through a shell.
 */
export type Harness = {
	readonly name: string;
	readonly command: readonly string[];
	/** How an attempt ends: the process exits, or the agent reports. */
	readonly finish: 'exit' | 'report';
	/** The supported agent CLI it is, if any: `command` is then the program with its arguments, and the room adds its own. */
	readonly cli?: CliName;
	/** Default by role: writing roles are interactive. */
	readonly mode?: Mode;
	readonly permissions?: Permissions;
	/** Default: the room's choice. */
	readonly sandbox?: SandboxChoice;
	readonly network?: NetworkChoice;
	/** Agents of one account share its rate limits. Default: the harness's name. */
	readonly account?: string;
	/** Further rules about the words of its CLI. */
	readonly rules?: CliRules;
	/** Added to the agent's environment. */
	readonly environment?: Readonly<Record<string, string>>;
};

/**
 * The scripted agent: acts like an agent CLI from a script, without key or cost (`programs/scripted`). `node` is the room's executable,
 * `program` its `program.js`. The script comes from `args: [--script, FILE]` in the team or from `AGENT_ROOM_SCRIPT`.
 */
export const scriptedHarness = ({node, program}: {readonly node: string; readonly program: string}): Harness => ({
	name: 'scripted',
	command: [node, program, 'scripted'],
	finish: 'exit',
});

/** Any command as an agent: it reads its brief from `AGENT_ROOM_BRIEF_FILE` and succeeds by exit code 0. */
export const shellHarness = (command: readonly string[], name = 'shell'): Harness => ({name, command, finish: 'exit'});
