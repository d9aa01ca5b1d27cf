import manifest from '../../package.json' with {type: 'json'};
import {EXIT} from '../commands/parse/command.ts';
import {commandHelp, helpText} from '../commands/parse/help-text.ts';
import {endWith, type Io, invoke, readCommandLine, readPlainFlags} from '../commands/parse/parse.ts';
import {COMMANDS} from '../commands/table.ts';

const run = async (argv: readonly string[], io: Io): Promise<number> => {
	// A line without flags needs no library to read them, which takes as long to load as Node to start.
	const readFlags = argv.some(word => word.startsWith('-')) ? (await import('../commands/parse/meow.ts')).readFlags : readPlainFlags;
	const parsed = readCommandLine(argv, COMMANDS, readFlags);
	const {command, flags} = parsed;
	if (flags.version === true) {
		io.print(manifest.version);
		return EXIT.ok;
	}
	if (flags.help === true) {
		io.print(command.name ? commandHelp(command) : helpText(COMMANDS));
		return EXIT.ok;
	}
	return invoke(parsed, io);
};

/** The program behind `bin/agent-room.js`. A person finds it by its name among the processes of `node`. */
export const main = (argv: readonly string[]): Promise<void> => {
	process.title = 'agent-room';
	return endWith(argv, run);
};
