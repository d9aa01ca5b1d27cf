import {attemptAround} from '../commands/agents/attempt-around.ts';
import {EXIT, isForAgents, programVersion} from '../commands/parse/command.ts';
import {commandHelp, helpText} from '../commands/parse/help-text.ts';
import {endWith, type Io, invocationOf, readCommandLine, readPlainFlags} from '../commands/parse/parse.ts';
import {COMMANDS, runnerOf} from '../commands/table.ts';
import {pathWithOwnPrograms} from '../os/packages/own-programs.ts';

const runLine = async (argv: readonly string[], io: Io): Promise<number> => {
	// Without flags no parser is needed; loading one takes as long as starting Node.
	const readFlags = argv.some(word => word.startsWith('-')) ? (await import('../commands/parse/meow.ts')).readFlags : readPlainFlags;
	const parsed = readCommandLine(argv, COMMANDS, readFlags);
	const {command, flags} = parsed;
	if (flags.version === true) {
		io.print(programVersion());
		return EXIT.ok;
	}
	if (flags.help === true) {
		io.print(command.name ? commandHelp(command) : helpText(COMMANDS));
		return EXIT.ok;
	}
	const attempt = isForAgents(command) ? undefined : attemptAround(process.env);
	if (attempt) throw await (await import('../commands/agents/refuse.ts')).refuseToAgent(command.name, attempt);
	const run = await runnerOf(command);
	return run(invocationOf(parsed, io));
};

/** The program behind `bin/agent-room.js`. Sets the process title, so that it is found among `node` processes. */
export const main = (argv: readonly string[]): Promise<void> => {
	process.title = 'agent-room';
	const path = pathWithOwnPrograms(process.env);
	if (path !== '') process.env.PATH = path;
	return endWith(argv, runLine);
};
