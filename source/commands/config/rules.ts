import {dirname, join} from 'node:path';
import {parseDocument} from 'yaml';
import {RULES_FILE, type RulesFile, rulesFileSchema} from '../../core/config/rules.ts';
import {CLIS} from '../../harnesses/clis.ts';
import {CommandError, EXIT} from '../parse/command.ts';
import {isInside, readOutside} from './inside.ts';

const LARGEST = 256_000;

/** The user's rules: next to their own configuration. */
export const rulesPath = (userConfig: string): string => join(dirname(userConfig), RULES_FILE);

const wrong = (path: string, message: string): CommandError =>
	new CommandError('rules', `${path}: ${message}`, 'See `agent-room help rules`.', EXIT.usage);

/** Reads a rules file, strictly; undefined if there is none. Refuses with the key and what is allowed. */
export const readRules = (path: string): {readonly text: string; readonly rules: RulesFile} | undefined => {
	const text = readOutside(path, LARGEST);
	if (text === undefined) return undefined;
	const document = parseDocument(text);
	const [broken] = document.errors;
	if (broken) throw wrong(path, broken.message.split('\n')[0] ?? '');
	const read = rulesFileSchema.safeParse(document.toJS({maxAliasCount: 10}));
	if (!read.success) {
		const [issue] = read.error.issues;
		throw wrong(path, `\`${issue?.path.join('.') || 'the file'}\`: ${issue?.message ?? 'not valid'}.`);
	}
	for (const [name, {hooks} = {hooks: {}}] of Object.entries(read.data.clis)) {
		const asking = Object.keys(hooks).find(event => CLIS[name]?.isQuestion(event));
		if (asking) throw wrong(path, `\`clis.${name}.hooks.${asking}\`: this event asks you something, and must keep its meaning.`);
	}
	return {text, rules: read.data};
};

/** The rules in effect: none from a place where agents write. */
export const rulesInEffect = (userConfig: string, theirs: readonly string[]): RulesFile | undefined => {
	const path = rulesPath(userConfig);
	return isInside(path, theirs) ? undefined : readRules(path)?.rules;
};
