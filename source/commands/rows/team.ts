import {parseAgentId} from '../../core/agent/agent.ts';
import {AT_BUDGET, type AtBudget, readTokens} from '../../core/cost/budget.ts';
import type {Action} from '../../core/protocol/action.ts';
import {readDollars} from '../../core/text/format.ts';
import {argument, type Command, type Invocation, isSet, textFlag, wrongUsage} from '../parse/command.ts';
import {REPORT_ROW} from './report.ts';

/** Dollars in millionths; 0 removes a budget. */
const dollarsOf = (text: string): number => {
	const micros = readDollars(text);
	if (micros === undefined)
		throw wrongUsage(`\`${text}\` is not an amount of dollars.`, 'Use an amount such as 50 or 12.50; 0 removes the budget.');
	return micros;
};

/** The action at the budget; {} leaves it. */
const reachedOf = (word: string): {readonly reached?: AtBudget} => {
	const reached = AT_BUDGET.find(known => known === word);
	if (word !== '' && reached === undefined) throw wrongUsage(`\`--reached ${word}\` is not known.`, `One of ${AT_BUDGET.join(', ')}.`);
	return reached ? {reached} : {};
};

const tokensOf = (text: string): number => {
	const tokens = readTokens(text);
	if (tokens === undefined)
		throw wrongUsage(`\`--tokens ${text}\` is not a count of tokens.`, 'Use a count such as 5M or 200k; 0 removes the limit.');
	return tokens;
};

const budgetOf = (given: Invocation): Action => {
	const [usd] = given.input;
	const tokens = textFlag(given, 'tokens');
	if (usd === undefined && tokens === '') throw wrongUsage('Missing amount.', 'Example: `agent-room budget 80`, or `--tokens 5M`.');
	return {
		type: 'budget',
		...(usd === undefined ? {} : {micros: dollarsOf(usd)}),
		...(tokens === '' ? {} : {tokens: tokensOf(tokens)}),
		...reachedOf(textFlag(given, 'reached')),
	};
};

export const TEAM_COMMANDS: readonly Command[] = [
	{
		name: 'pause',
		group: 'team',
		arguments: '[AGENT]',
		takes: [0, 1],
		summary: 'pause one agent or all',
		flags: {},
		examples: ['agent-room pause dev-2'],
		action: ({input: [agent]}) => (agent === undefined ? {type: 'pause-all'} : {type: 'pause-agent', agent: parseAgentId(agent)}),
	},
	{
		name: 'resume',
		group: 'team',
		arguments: '[AGENT]',
		takes: [0, 1],
		summary: 'resume one agent or all',
		flags: {},
		examples: ['agent-room resume'],
		action: ({input: [agent]}) => (agent === undefined ? {type: 'resume-all'} : {type: 'resume-agent', agent: parseAgentId(agent)}),
	},
	{
		name: 'drain',
		group: 'team',
		arguments: '',
		takes: [0, 0],
		summary: 'start no new tasks; running tasks finish',
		flags: {off: {type: 'boolean', summary: 'start new tasks again'}},
		examples: ['agent-room drain', 'agent-room drain --off'],
		action: given => ({type: 'drain', on: !isSet(given, 'off')}),
	},
	{
		name: 'freeze',
		group: 'team',
		arguments: '',
		takes: [0, 0],
		summary: 'stop everything where it is: agents, tests and merges',
		flags: {off: {type: 'boolean', summary: 'end the freeze'}},
		examples: ['agent-room freeze', 'agent-room freeze --off'],
		action: given => ({type: 'freeze', on: !isSet(given, 'off')}),
	},
	{
		name: 'budget',
		group: 'team',
		arguments: '[USD]',
		takes: [0, 1],
		summary: 'set what the team may spend in total; 0 for no limit',
		flags: {
			tokens: {type: 'string', value: 'COUNT', summary: 'the same in tokens, such as 5M; 0 for no limit'},
			reached: {type: 'string', value: 'hold|freeze|warn', summary: 'what happens then (hold: no new work starts)'},
		},
		examples: ['agent-room budget 80', 'agent-room budget 80 --reached freeze', 'agent-room budget --tokens 5M'],
		action: budgetOf,
	},
	{
		name: 'clear-rate-limit',
		group: 'team',
		arguments: 'ACCOUNT',
		takes: [1, 1],
		summary: 'let a rate-limited account try again immediately',
		flags: {},
		examples: ['agent-room clear-rate-limit claude'],
		action: given => ({type: 'clear-rate-limit', account: argument(given)}),
	},
	{
		name: 'message',
		group: 'team',
		arguments: 'AGENT TEXT',
		takes: [2, 2],
		summary: 'write to an agent: in its pane, its inbox and its next prompt',
		flags: {},
		examples: ['agent-room message dev-2 "the schema moved to db/"'],
		action: given => ({type: 'message', agent: argument(given), text: argument(given, 1)}),
	},
	{...REPORT_ROW, load: async () => (await import('../agents/report.ts')).report},
	{
		name: 'mcp',
		group: 'agents',
		arguments: '',
		takes: [0, 0],
		summary: 'serve the words of `report` as tools of an MCP server',
		flags: {},
		examples: ['agent-room mcp'],
		details: ['For an agent CLI inside a pane: the room sets it up by itself.'],
		load: async () => (await import('../agents/mcp.ts')).mcp,
	},
];
