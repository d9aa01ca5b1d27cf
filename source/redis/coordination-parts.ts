import {stageRole} from '../core/task/stages.ts';
import {STAGES} from '../core/task/task.ts';
import type {Coordination} from '../core/team/coordination.ts';
import type {Accounts, LandingOrders, TurnOrders} from '../core/team/orders.ts';
import {accountOf, safeId, safeWord} from './scripts/arguments.ts';
import {wordOf, wordsOf} from './scripts/replies.ts';
import type {ArgumentsOf, ScriptName} from './scripts/table.ts';

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
		const [code, ends] = wordsOf(await run('brake', {...refusal, retryMs: told}));
		wordOf([code], 'ok');
		return {until: Number(ends)};
	},
	async unbrake(account) {
		return wordOf(await run('unbrake', {account: accountOf(account)}), 'ok', 'gone');
	},
});

/** The steps about what has landed or never will, over the scripts. */
export const createLandingOrders = (
	run: <Name extends ScriptName>(name: Name, given: ArgumentsOf<Name>) => Promise<unknown>,
): LandingOrders => ({
	async revert(order) {
		const given = {...order, task: safeId(order.task), id: safeId(order.id), role: stageRole('test')};
		const [code, id = order.id] = wordsOf(await run('revert', given));
		return {code: wordOf([code], 'ok', 'exists', 'taken', 'gone'), id};
	},
	async unland({task, landed, why}) {
		return wordOf(await run('unland', {task: safeId(task), landed, why}), 'ok', 'stale', 'gone');
	},
	async reland({task, was, landed, text}) {
		return wordOf(await run('reland', {task: safeId(task), was, landed, text}), 'ok', 'stale', 'gone');
	},
	async stray({task, agent, ...move}) {
		wordOf(await run('stray', {...move, task: safeId(task), agent: agent && safeId(agent)}), 'ok');
	},
	async unstray(commit, text) {
		return wordOf(await run('unstray', {commit, text}), 'ok', 'stale');
	},
	async free(task, without) {
		return wordOf(await run('free', {task: safeId(task), without: safeId(without)}), 'ok', 'gone', 'stale', 'open');
	},
});

/** A person's remarks about changes. */
export const createRemarks = (
	run: <Name extends ScriptName>(name: Name, given: ArgumentsOf<Name>) => Promise<unknown>,
): Pick<Coordination, 'remark'> => ({
	async remark({task, remark, role, feedback, text}) {
		const given = {
			task: safeId(task),
			remark: JSON.stringify(remark),
			isMustFix: remark.severity === 'must-fix',
			role: safeWord(role),
			feedback,
			text,
		};
		const [word, named, owner = ''] = wordsOf(await run('remark', given));
		const code = wordOf([word], 'ok', 'back', 'landing', 'full', 'gone');
		const stage = STAGES.find(known => known === named) ?? 'develop';
		if (code === 'ok') return {code, stage, owner};
		return code === 'back' ? {code, stage} : {code};
	},
});

/** The steps that change whose turn it is, over the scripts. */
export const createTurns = (run: <Name extends ScriptName>(name: Name, given: ArgumentsOf<Name>) => Promise<unknown>): TurnOrders => ({
	async move(task, other) {
		const [code, id = ''] = wordsOf(await run('move', {task: safeId(task), other: safeId(other)}));
		return {code: wordOf([code], 'ok', 'same', 'gone', 'leased', 'asks'), id};
	},
	async prioritise(task, priority) {
		if (!Number.isInteger(priority) || priority < 0 || priority > 100)
			throw new TypeError(`\`${priority}\` is no priority: a whole number from 0 to 100.`);
		return wordOf(await run('prioritise', {task: safeId(task), priority}), 'ok', 'same', 'gone', 'leased', 'asks');
	},
});
