import {EXIT, type RunCommand, wrongUsage} from './parse/command.ts';
import {commandHelp, helpText} from './parse/help-text.ts';
import {didYouMean} from './parse/parse.ts';
import {COMMANDS} from './table.ts';

/** `agent-room help [COMMAND]`, `help keys`, `help topics`, and `help TOPIC` (a guide page). A command wins over a page. */
export const help: RunCommand = async invocation => {
	const {input, print} = invocation;
	const [name = ''] = input;
	if (name === 'keys') return (await import('./show/help-keys.ts')).helpKeys(invocation);
	const row = COMMANDS.find(command => command.name === name);
	if (row) {
		print(name ? commandHelp(row) : helpText(COMMANDS));
		return EXIT.ok;
	}
	const {isTopic, showTopic, showTopics, TOPICS} = await import('./show/guide.ts');
	if (name === 'topics') return showTopics(invocation);
	if (isTopic(name)) return showTopic(invocation, name);
	const known = [...COMMANDS.map(command => command.name), 'topics', ...TOPICS.filter(isTopic)];
	throw wrongUsage(
		`Unknown command or topic \`${name}\`.`,
		didYouMean(name, known, 'See `agent-room --help` and `agent-room help topics`.'),
	);
};
