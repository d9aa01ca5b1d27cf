import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {EXIT, packageRoot, type RunCommand, wrongUsage} from './parse/command.ts';
import {commandHelp, helpText} from './parse/help-text.ts';
import {didYouMean} from './parse/parse.ts';
import {COMMANDS} from './table.ts';

const GUIDE = join(packageRoot(), 'dist', 'guide');

/** Pages of the guide, by the names that `agent-room help` takes. */
const pages = (): readonly string[] =>
	readdirSync(GUIDE)
		.filter(file => file.endsWith('.md'))
		.map(file => file.slice(0, -'.md'.length));

/** `agent-room help [COMMAND]`, `help keys` (those of the screen), and `help PAGE` (of the guide). */
export const help: RunCommand = async invocation => {
	const {input, print} = invocation;
	const [name = ''] = input;
	if (name === 'keys') return (await import('./show/help-keys.ts')).helpKeys(invocation);
	const row = COMMANDS.find(command => command.name === name);
	if (row) {
		print(name ? commandHelp(row) : helpText(COMMANDS));
		return EXIT.ok;
	}
	const known = pages();
	if (known.includes(name)) {
		print(readFileSync(join(GUIDE, `${name}.md`), 'utf8').trimEnd());
		return EXIT.ok;
	}
	throw wrongUsage(
		`Unknown command \`${name}\`.`,
		didYouMean(name, [...COMMANDS.map(command => command.name), 'keys', ...known], 'See `agent-room --help`.'),
	);
};
