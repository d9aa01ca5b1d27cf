import {readDollars} from '../core/money.ts';
import type {RunCommand} from './command.ts';
import {wrongUsage} from './command-error.ts';
import {order} from './room-client.ts';

/** `agent-room budget USD`: what the team may spend in all; 0 for no limit. */
export const budget: RunCommand = invocation => {
	const [text = ''] = invocation.input;
	const micros = readDollars(text);
	if (micros === undefined) throw wrongUsage(`\`${text}\` is not an amount of dollars.`, 'Such as 50 or 12.50; 0 takes the budget away.');
	return order(invocation, {type: 'budget', micros});
};
