import {EXIT, type RunCommand, wrongUsage} from './parse/command.ts';
import {commandHelp, helpText} from './parse/help-text.ts';
import {didYouMean} from './parse/parse.ts';
import {COMMANDS} from './table.ts';

/** `agent-room help [COMMAND]`, and `help keys`: those of the screen. */
export const help: RunCommand = async invocation => {
	const {input, print} = invocation;
	const [name = ''] = input;
	if (name === 'keys') return (await import('./show/help-keys.ts')).helpKeys(invocation);
	const row = COMMANDS.find(command => command.name === name);
	if (!row)
		throw wrongUsage(
			`Unknown command \`${name}\`.`,
			didYouMean(name, [...COMMANDS.map(command => command.name), 'keys'], 'See `agent-room --help`.'),
		);
	print(name ? commandHelp(row) : helpText(COMMANDS));
	return EXIT.ok;
};
