import {type CliRules, readByRules} from '../../core/session/rules.ts';
import type {Cli} from './cli.ts';

/**
 * An agent CLI with rules from a file. Guarantee: no rule hides a question: what the program's own reading of its screen calls one stays one, and a
 * hook event that asks keeps its meaning.
 */
export const withRules = (cli: Cli, rules: CliRules | undefined): Cli => {
	if (!rules || (rules.screen.length === 0 && Object.keys(rules.hooks).length === 0)) return cli;
	const known = (event: string): string =>
		!cli.isQuestion(event) && Object.hasOwn(rules.hooks, event) ? (rules.hooks[event] ?? event) : event;
	const {isToolEnd} = cli;
	return {
		...cli,
		readHook: (event, payload) => cli.readHook(known(event), payload),
		replyHook: (event, decision, payload) => cli.replyHook(known(event), decision, payload),
		isQuestion: event => cli.isQuestion(known(event)),
		...(isToolEnd ? {isToolEnd: (event: string) => isToolEnd(known(event))} : {}),
		readScreen: rows => {
			const own = cli.readScreen(rows);
			return own?.state === 'needs-input' ? own : (readByRules(rules.screen, rows) ?? own);
		},
	};
};
