import type {RunCommand} from './command.ts';
import {wrongUsage} from './command-error.ts';
import {didYouMean} from './did-you-mean.ts';
import {EXIT} from './exit-code.ts';
import {commandHelp, helpText} from './help-text.ts';
import {COMMANDS} from './table.ts';

/** `agent-room help [COMMAND]`. */
export const help: RunCommand = async ({input, print}) => {
	const [name = ''] = input;
	const row = COMMANDS.find(command => command.name === name);
	if (!row)
		throw wrongUsage(
			`Unknown command \`${name}\`.`,
			didYouMean(
				name,
				COMMANDS.map(command => command.name),
				'See `agent-room --help`.',
			),
		);
	print(name ? commandHelp(row) : helpText(COMMANDS));
	return EXIT.ok;
};
