import {type CliRules, readByRules} from '../../core/session/rules.ts';
import type {Cli} from './cli.ts';

/**
 * An agent CLI with the rules that hold at that moment. Guarantee: no rule hides a question: what the program's own reading of its screen calls one stays one, and a
 * hook event that asks keeps its meaning.
 */
export const withRules = (cli: Cli, rulesNow: () => CliRules): Cli => {
	const known = (event: string): string => {
		const {hooks} = rulesNow();
		return !cli.isQuestion(event) && Object.hasOwn(hooks, event) ? (hooks[event] ?? event) : event;
	};
	const {isToolEnd} = cli;
	return {
		...cli,
		readHook: (event, payload) => cli.readHook(known(event), payload),
		replyHook: (event, decision, payload) => cli.replyHook(known(event), decision, payload),
		isQuestion: event => cli.isQuestion(known(event)),
		...(isToolEnd ? {isToolEnd: (event: string) => isToolEnd(known(event))} : {}),
		readScreen: rows => {
			const own = cli.readScreen(rows);
			return own?.state === 'needs-input' ? own : (readByRules(rulesNow().screen, rows) ?? own);
		},
	};
};
