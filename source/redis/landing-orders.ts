import type {LandingOrders} from '../core/landing-orders.ts';
import {stageRole} from '../core/pipeline.ts';
import {safeId} from './guards.ts';
import {wordOf, wordsOf} from './replies.ts';
import type {ArgumentsOf, ScriptName} from './scripts.ts';

/** The steps about what has landed or never will, over the scripts. */
export const createLandingOrders = (
	run: <Name extends ScriptName>(name: Name, given: ArgumentsOf<Name>) => Promise<unknown>,
): LandingOrders => ({
	async revert(order) {
		const given = {...order, task: safeId(order.task), id: safeId(order.id), role: stageRole('test')};
		const [code, id = order.id] = wordsOf(await run('revert', given));
		return {code: wordOf([code], 'ok', 'exists', 'taken', 'gone'), id};
	},
	async free(task, without) {
		return wordOf(await run('free', {task: safeId(task), without: safeId(without)}), 'ok', 'gone', 'stale', 'open');
	},
});
