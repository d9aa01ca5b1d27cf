import {attemptAround} from '../commands/agents/attempt-around.ts';
import {EXIT, isForAgents, programVersion} from '../commands/parse/command.ts';
import {commandHelp, helpText} from '../commands/parse/help-text.ts';
import {endWith, type Io, invocationOf, readCommandLine, readPlainFlags} from '../commands/parse/parse.ts';
import {COMMANDS, runnerOf} from '../commands/table.ts';
import {pathWithOwnPrograms} from '../os/packages/own-programs.ts';

const runLine = async (argv: readonly string[], io: Io): Promise<number> => {
	// A line without flags needs no library to read them, which takes as long to load as Node to start.
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

/** The program behind `bin/agent-room.js`. A human finds it by its name among the processes of `node`. */
export const main = (argv: readonly string[]): Promise<void> => {
	process.title = 'agent-room';
	const path = pathWithOwnPrograms(process.env);
	if (path !== '') process.env.PATH = path;
	return endWith(argv, runLine);
};
