import type {Accounts} from '../core/accounts.ts';
import {accountOf, safeId} from './guards.ts';
import {wordOf, wordsOf} from './replies.ts';
import type {ArgumentsOf, ScriptName} from './scripts.ts';

/** Why an account was refused is cut to this many UTF-16 units. */
const REASON_LIMIT = 300;

/** Limits of a week are the longest that providers have, ms. */
const LONGEST_RETRY_MS = 7 * 24 * 3_600_000;

/** An amount that a script adds up. */
export const whole = (amount: number): number => {
	if (!Number.isSafeInteger(amount) || amount < 0) throw new TypeError(`\`${amount}\` is not a whole amount from 0 on.`);
	return amount;
};

/** The steps about accounts, over the scripts. */
export const createAccounts = (run: <Name extends ScriptName>(name: Name, given: ArgumentsOf<Name>) => Promise<unknown>): Accounts => ({
	async spend({task, agent, token, micros, tokensIn, tokensOut, tokensCached = 0, counter = ''}) {
		const amounts = {micros: whole(micros), tokensIn: whole(tokensIn), tokensOut: whole(tokensOut), tokensCached: whole(tokensCached)};
		// Part of the name of a key.
		const counted = {...amounts, counter: counter.replace(/[^\x21-\x7e]+/g, '-').slice(0, 200)};
		return wordOf(await run('spend', {task: safeId(task), agent: safeId(agent), token, ...counted}), 'ok', 'stale', 'gone');
	},
	async brake({account, agent, retryMs, reason}) {
		// However a provider words it: a time that is none is not told, and no account is lost for good.
		const told = Number.isFinite(retryMs) ? Math.min(LONGEST_RETRY_MS, Math.max(0, Math.round(retryMs))) : 0;
		const refusal = {account: accountOf(account), agent: safeId(agent), reason: reason.slice(0, REASON_LIMIT)};
		const [, ends] = wordsOf(await run('brake', {...refusal, retryMs: told}));
		return {until: Number(ends)};
	},
	async unbrake(account) {
		return wordOf(await run('unbrake', {account: accountOf(account)}), 'ok', 'gone');
	},
});
