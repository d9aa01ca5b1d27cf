import {isModel} from '../core/agent/agent.ts';
import {stageRole} from '../core/task/stages.ts';
import {STAGES} from '../core/task/task.ts';
import type {Coordination} from '../core/team/coordination.ts';
import type {Accounts, MergeOrders, QueueOrders} from '../core/team/orders.ts';
import {accountOf, safeId, safeWord, taskFields} from './scripts/arguments.ts';
import {wordOf, wordsOf} from './scripts/replies.ts';
import type {ArgumentsOf, ScriptName} from './scripts/table.ts';

/** Limit of a rate limit's reason, UTF-16 units. */
const REASON_LIMIT = 300;

/** Longest rate limit of a provider, a week, ms. */
const LONGEST_RETRY_MS = 7 * 24 * 3_600_000;

/** A whole amount for a script. */
export const whole = (amount: number): number => {
	if (!Number.isSafeInteger(amount) || amount < 0) throw new TypeError(`\`${amount}\` is not a whole number from 0.`);
	return amount;
};

/** Account operations over the scripts. */
export const createAccounts = (run: <Name extends ScriptName>(name: Name, given: ArgumentsOf<Name>) => Promise<unknown>): Accounts => ({
	async recordUsage({task, agent, token, micros, tokensIn, tokensOut, tokensCached = 0, counter = '', cancelledCalls = 0, model = ''}) {
		const amounts = {micros: whole(micros), tokensIn: whole(tokensIn), tokensOut: whole(tokensOut), tokensCached: whole(tokensCached)};
		// Part of a key's name.
		const counted = {
			...amounts,
			cancelledCalls: whole(cancelledCalls),
			counter: counter.replace(/[^\x21-\x7e]+/g, '-').slice(0, 200),
			model: isModel(model) ? model : '',
		};
		return wordOf(await run('record-usage', {task: safeId(task), agent: safeId(agent), token, ...counted}), 'ok', 'stale', 'gone');
	},
	async throttle({account, agent, retryMs, reason}) {
		// A provider's invalid time is ignored, and no account is blocked forever.
		const told = Number.isFinite(retryMs) ? Math.min(LONGEST_RETRY_MS, Math.max(0, Math.round(retryMs))) : 0;
		const refusal = {account: accountOf(account), agent: safeId(agent), reason: reason.slice(0, REASON_LIMIT)};
		const [code, ends] = wordsOf(await run('throttle', {...refusal, retryMs: told}));
		wordOf([code], 'ok');
		return {until: Number(ends)};
	},
	async clearRateLimit(account) {
		return wordOf(await run('clear-rate-limit', {account: accountOf(account)}), 'ok', 'gone');
	},
});

/** Only fields of this subject: a mistake elsewhere must not write another order of the team. */
const controlTests = (fields: Readonly<Record<string, string>>): readonly string[] =>
	Object.entries(fields).flatMap(([name, value]) => {
		if (!/^full[A-Z][a-z]+$/.test(name)) throw new TypeError(`\`${name}\` is no field of the tests of the base.`);
		return [name, value];
	});

/** Operations on merges and reverts, over the scripts. */
export const createMergeOrders = (
	run: <Name extends ScriptName>(name: Name, given: ArgumentsOf<Name>) => Promise<unknown>,
): MergeOrders => ({
	async revert(order) {
		const given = {...order, task: safeId(order.task), id: safeId(order.id), role: stageRole('test')};
		const [code, id = order.id] = wordsOf(await run('revert', given));
		return {code: wordOf([code], 'ok', 'exists', 'taken', 'gone'), id};
	},
	async unmerge({task, mergedCommit, why}) {
		return wordOf(await run('unmerge', {task: safeId(task), mergedCommit, why}), 'ok', 'stale', 'gone');
	},
	async remerge({task, was, mergedCommit, text}) {
		return wordOf(await run('remerge', {task: safeId(task), was, mergedCommit, text}), 'ok', 'stale', 'gone');
	},
	async pullRequest({task, fields, ...change}) {
		const given = {...change, task: safeId(task), 'fields...': taskFields(fields)};
		return wordOf(await run('pull', given), 'ok', 'stale', 'gone');
	},
	async stray({task, agent, ...move}) {
		wordOf(await run('stray', {...move, task: safeId(task), agent: agent && safeId(agent)}), 'ok');
	},
	async unstray(commit, text) {
		return wordOf(await run('unstray', {commit, text}), 'ok', 'stale');
	},
	async noteBaseTests({was, type, task, text, fields}) {
		const given = {was, type, task: task && safeId(task), text, 'fields...': controlTests(fields)};
		return wordOf(await run('note-base-tests', given), 'ok', 'stale');
	},
	async removeDependency(task, without) {
		return wordOf(await run('remove-dependency', {task: safeId(task), without: safeId(without)}), 'ok', 'gone', 'stale', 'open');
	},
});

/** Comments on changes. */
export const createComments = (
	run: <Name extends ScriptName>(name: Name, given: ArgumentsOf<Name>) => Promise<unknown>,
): Pick<Coordination, 'comment'> => ({
	async comment({task, comment, role, feedback, text}) {
		const given = {
			task: safeId(task),
			comment: JSON.stringify(comment),
			isMustFix: comment.severity === 'must-fix',
			role: safeWord(role),
			feedback,
			text,
		};
		const [word, named, owner = ''] = wordsOf(await run('comment', given));
		const code = wordOf([word], 'ok', 'back', 'merging', 'full', 'gone');
		const stage = STAGES.find(known => known === named) ?? 'develop';
		if (code === 'ok') return {code, stage, owner};
		return code === 'back' ? {code, stage} : {code};
	},
});

/** Operations on the queue's order, over the scripts. */
export const createQueueOrders = (
	run: <Name extends ScriptName>(name: Name, given: ArgumentsOf<Name>) => Promise<unknown>,
): QueueOrders => ({
	async reorder(task, other) {
		const [code, id = ''] = wordsOf(await run('reorder', {task: safeId(task), other: safeId(other)}));
		return {code: wordOf([code], 'ok', 'same', 'gone', 'leased', 'needs-decision'), id};
	},
	async setPriority(task, priority) {
		if (!Number.isInteger(priority) || priority < 0 || priority > 100)
			throw new TypeError(`\`${priority}\` is not a priority: use a whole number from 0 to 100.`);
		return wordOf(await run('set-priority', {task: safeId(task), priority}), 'ok', 'same', 'gone', 'leased', 'needs-decision');
	},
});
