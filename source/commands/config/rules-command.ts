import {mkdirSync, renameSync, writeFileSync} from 'node:fs';
import {dirname, resolve} from 'node:path';
import type {RulesFile} from '../../core/config/rules.ts';
import {LISTED} from '../../core/cost/prices.ts';
import {CLIS} from '../../harnesses/clis.ts';
import {EXIT, isSet, type RunCommand, wrongUsage} from '../parse/command.ts';
import {plainJson, plainLine} from '../parse/print.ts';
import {userConfigPath} from './load.ts';
import {readRules, rulesPath} from './rules.ts';

const count = (many: number, word: string): string => `${many} ${word}${many === 1 ? '' : 's'}`;

/** What a rules file holds, a line a subject. */
const rulesLines = ({dated, prices, clis}: RulesFile): readonly string[] => [
	`Dated ${dated}: ${count(Object.keys(prices).length, 'price')}.`,
	...Object.entries(clis).map(
		([name, rules]) =>
			`${name}: ${count(rules?.screen.length ?? 0, 'screen rule')}, ${count(Object.keys(rules?.hooks ?? {}).length, 'hook name')}${rules && rules.verified.length > 0 ? `, verified with ${rules.verified.join(', ')}` : ''}.`,
	),
];

/** `agent-room rules`: what is in effect; `rules update FILE` checks a file and uses it; running rooms follow (`room/lifecycle/follow-rules.ts`). */
export const rules: RunCommand = async invocation => {
	const [word, file = ''] = invocation.input;
	const path = rulesPath(userConfigPath(invocation.environment));
	if (word !== undefined && word !== 'update') throw wrongUsage(`Unknown argument \`${word}\` of \`rules\`.`, 'Use `rules update FILE`.');
	if (word === 'update') {
		const given = resolve(invocation.folder, file);
		if (file === '') throw wrongUsage('Missing FILE.', 'Example: `agent-room rules update rules.yaml`');
		const read = readRules(given);
		if (!read) throw wrongUsage(`\`${given}\` does not exist.`, 'Name a rules file.');
		mkdirSync(dirname(path), {recursive: true, mode: 0o700});
		const next = `${path}.${process.pid}`;
		writeFileSync(next, read.text, {mode: 0o600});
		renameSync(next, path);
		if (isSet(invocation, 'json')) invocation.print(plainJson({path, ...read.rules}));
		else {
			for (const line of rulesLines(read.rules)) invocation.print(plainLine(line));
			invocation.print(plainLine(`In effect as ${path}, in running rooms too.`));
		}
		return EXIT.ok;
	}
	const found = readRules(path);
	const builtIn = Object.values(CLIS).flatMap(({name, verified}) => (verified === '' ? [] : [`${name} ${verified}`]));
	if (isSet(invocation, 'json'))
		invocation.print(plainJson({path, builtIn: {pricesDated: LISTED.dated, verified: builtIn}, file: found?.rules ?? null}));
	else {
		invocation.print(`Built in: prices of ${LISTED.dated}; verified with ${builtIn.join(', ')}.`);
		if (!found) invocation.print(plainLine(`No rules file (${path}).`));
		else for (const line of [`${path}:`, ...rulesLines(found.rules)]) invocation.print(plainLine(line));
	}
	return EXIT.ok;
};
