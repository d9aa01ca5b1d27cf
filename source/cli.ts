import manifest from '../package.json' with {type: 'json'};
import {EXIT} from './commands/exit-code.ts';
import {commandHelp, helpText} from './commands/help-text.ts';
import {endWith, type Io, invoke} from './commands/main.ts';
import {parseCommandLine} from './commands/parse.ts';
import {COMMANDS} from './commands/table.ts';

const run = async (argv: readonly string[], io: Io): Promise<number> => {
	const parsed = parseCommandLine(argv, COMMANDS);
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

/** The program behind `bin/agent-room.js`. */
export const main = (argv: readonly string[]): Promise<void> => endWith(argv, run);
