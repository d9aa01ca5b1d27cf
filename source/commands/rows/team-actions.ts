import {parseAgentId} from '../../core/agent/agent.ts';
import {AT_BUDGET} from '../../core/cost/budget.ts';
import {readDollars} from '../../core/text/format.ts';
import {order} from '../client/client.ts';
import {isSet, type RunCommand, textFlag, wrongUsage} from '../parse/command.ts';

/** `agent-room detach`: every terminal is sent home, the team works on. */
export const detach: RunCommand = invocation => order(invocation, {type: 'detach-all'});

/** `agent-room drain [--off]`. */
export const drain: RunCommand = invocation => order(invocation, {type: 'drain', on: !isSet(invocation, 'off')});

/** `agent-room freeze [--off]`. */
export const freeze: RunCommand = invocation => order(invocation, {type: 'freeze', on: !isSet(invocation, 'off')});

/** `agent-room pause [AGENT]`. */
export const pause: RunCommand = invocation => {
	const [agent] = invocation.input;
	return order(invocation, agent === undefined ? {type: 'pause-all'} : {type: 'pause-agent', agent: parseAgentId(agent)});
};

/** `agent-room resume [AGENT]`. */
export const resume: RunCommand = invocation => {
	const [agent] = invocation.input;
	return order(invocation, agent === undefined ? {type: 'resume-all'} : {type: 'resume-agent', agent: parseAgentId(agent)});
};

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

/** `agent-room unbrake ACCOUNT`: its agents are handed tasks again at once. */
export const unbrake: RunCommand = invocation => order(invocation, {type: 'unbrake', account: invocation.input[0] ?? ''});

/** `agent-room message AGENT TEXT`. */
export const message: RunCommand = invocation => {
	const [agent = '', text = ''] = invocation.input;
	return order(invocation, {type: 'message', agent, text});
};
