import type {Accounts} from '../core/accounts.ts';
import {accountOf, safeId} from './guards.ts';
import {wordOf, wordsOf} from './replies.ts';
import type {ArgumentsOf, ScriptName} from './scripts.ts';

/** Why an account was refused is cut to this many UTF-16 units. */
const REASON_LIMIT = 300;

/** An amount that a script adds up. */
export const whole = (amount: number): number => {
	if (!Number.isSafeInteger(amount) || amount < 0) throw new TypeError(`\`${amount}\` is not a whole amount from 0 on.`);
	return amount;
};

/** The steps about accounts, over the scripts. */
export const createAccounts = (run: <Name extends ScriptName>(name: Name, given: ArgumentsOf<Name>) => Promise<unknown>): Accounts => ({
	async spend({task, agent, token, micros, tokensIn, tokensOut, counter = ''}) {
		const amounts = {micros: whole(micros), tokensIn: whole(tokensIn), tokensOut: whole(tokensOut)};
		// Part of the name of a key.
		const counted = {...amounts, counter: counter.replace(/[^\x21-\x7e]+/g, '-').slice(0, 200)};
		return wordOf(await run('spend', {task: safeId(task), agent: safeId(agent), token, ...counted}), 'ok', 'stale', 'gone');
	},
	async brake({account, agent, retryMs, reason}) {
		const given = {account: accountOf(account), agent: safeId(agent), retryMs: whole(retryMs), reason: reason.slice(0, REASON_LIMIT)};
		const [, ends] = wordsOf(await run('brake', given));
		return {until: Number(ends)};
	},
	async unbrake(account) {
		return wordOf(await run('unbrake', {account: accountOf(account)}), 'ok', 'gone');
	},
});
