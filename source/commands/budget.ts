import {AT_BUDGET} from '../core/budget.ts';
import {readDollars} from '../core/money.ts';
import {type RunCommand, textFlag} from './command.ts';
import {wrongUsage} from './command-error.ts';
import {order} from './room-client.ts';

/** `agent-room budget USD`: what the team may spend in all, 0 for no limit; `--reached` says what happens then. */
export const budget: RunCommand = invocation => {
	const [text = ''] = invocation.input;
	const micros = readDollars(text);
	if (micros === undefined) throw wrongUsage(`\`${text}\` is not an amount of dollars.`, 'Such as 50 or 12.50; 0 takes the budget away.');
	const word = textFlag(invocation, 'reached');
	const reached = AT_BUDGET.find(known => known === word);
	if (word !== '' && reached === undefined) throw wrongUsage(`\`--reached ${word}\` is not known.`, `One of ${AT_BUDGET.join(', ')}.`);
	return order(invocation, {type: 'budget', micros, ...(reached ? {reached} : {})});
};
