import type {TurnOrders} from '../core/turn-orders.ts';
import {safeId} from './guards.ts';
import {wordOf, wordsOf} from './replies.ts';
import type {ArgumentsOf, ScriptName} from './scripts.ts';

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
