import {agentName} from '../../core/agent/agent.ts';
import {AHEAD, hasBudget, isBudgetReached, tokenAmount} from '../../core/cost/budget.ts';
import {LISTED} from '../../core/cost/prices.ts';
import {type CostLine, cancelledText, costLine, readAndWritten, tokensText, unpriced, usedText} from '../../core/protocol/cost.ts';
import {dollars} from '../../core/text/format.ts';
import {readStatus} from '../client/read.ts';
import {configurationOf} from '../config/load.ts';
import {findPlace} from '../config/place.ts';
import {EXIT, isSet, type RunCommand} from '../parse/command.ts';
import {plainJson, plainLine, tableText} from '../parse/print.ts';
import {readTasks} from './status.ts';

type Used = {readonly spent: number; readonly tokensIn: number; readonly tokensOut: number; readonly cancelledCalls: number};

/** Limit of listed tasks and features, the most expensive ones. */
const SHOWN = 15;

const cells = (row: Used): readonly string[] => [
	(row.spent > 0 ? dollars(row.spent) : '—').padStart(8),
	tokensText(row.tokensIn).padStart(6),
	tokensText(row.tokensOut).padStart(6),
];

const section = <Row extends Used>(title: string, rows: readonly Row[], about: (row: Row) => readonly string[]): readonly string[] => {
	if (rows.length === 0) return [];
	const listed = rows.slice(0, SHOWN).map(row => [...cells(row), ...about(row)]);
	const more = rows.length > SHOWN ? [`  … ${rows.length - SHOWN} more`] : [];
	return ['', title, ...tableText([['     USD', '    IN', '   OUT', ''], ...listed], 80).map(line => `  ${line}`), ...more];
};

/** Usage in total, by agent, feature and task. */
export const costText = (cost: CostLine): readonly string[] => {
	const total = usedText(cost);
	if (total === '') return ['No usage reported yet.'];
	const without = unpriced(cost);
	return [
		`${dollars(cost.spent)}${cost.budget > 0 ? ` of ${dollars(cost.budget)}` : ''} · tokens: ${readAndWritten(cost)}`,
		...(cancelledText(cost) === '' ? [] : [cancelledText(cost)]),
		...(cost.tokenBudget > 0 ? [`${tokenAmount(cost.tokens)} of ${tokenAmount(cost.tokenBudget)} tokens`] : []),
		...(hasBudget(cost) ? [`${isBudgetReached(cost) ? 'Reached' : 'When it is reached'}: ${AHEAD[cost.atBudget]}.`] : []),
		...section('AGENTS', cost.agents, ({id, harness, account, cancelledCalls}) => [
			agentName(id),
			harness,
			[account === harness || account === '' ? '' : `account ${account}`, cancelledCalls > 0 ? `${cancelledCalls} cancelled` : '']
				.filter(Boolean)
				.join(', '),
		]),
		...section('FEATURES', cost.features, ({id, open, merged}) => [id, open > 0 ? `${open} open, ${merged} merged` : `${merged} merged`]),
		...section('TASKS', cost.tasks, ({id, state, title}) => [id, state, title]),
		'',
		...(without.length > 0
			? [`No price known for the model of ${without.join(', ')}: tokens only. Add \`prices\` in agent-room.yaml.`]
			: []),
		'Estimates by agents, or tokens at list price.',
	];
};

const perMillion = (amount: number): string => `$${amount.toFixed(amount < 0.1 ? 3 : 2)}`;

/** `agent-room cost --prices`: dollars per million tokens, your own first, and the day of the others. */
const prices: RunCommand = async invocation => {
	const {allowed, rules} = await configurationOf(invocation, findPlace(invocation));
	const own = allowed.prices;
	const isOfRules = (model: string): boolean => JSON.stringify(rules?.prices[model]) === JSON.stringify(own[model]);
	const rows = [
		...Object.entries(own).map(([model, price]) => ({model, ...price, from: isOfRules(model) ? `rules of ${rules?.dated}` : 'prices'})),
		...Object.entries(LISTED.models)
			.filter(([model]) => !Object.hasOwn(own, model))
			.map(([model, price]) => ({model, ...price, from: `list of ${LISTED.dated}`})),
	].map(({cached, ...row}) => ({...row, cached: cached ?? row.in / 10}));
	if (isSet(invocation, 'json')) {
		invocation.print(plainJson({dated: LISTED.dated, prices: rows}));
		return EXIT.ok;
	}
	const cells = rows.map(row => [
		plainLine(row.model),
		...[row.in, row.cached, row.out].map(amount => perMillion(amount).padStart(7)),
		row.from,
	]);
	for (const line of tableText([['MODEL', '     IN', ' CACHED', '    OUT', ''], ...cells], 80)) invocation.print(line);
	invocation.print('');
	invocation.print('Dollars per million tokens, for standard requests. Claude Code and opencode report their own cost.');
	return EXIT.ok;
};

/** `agent-room cost`: usage by agent, feature and task. */
export const cost: RunCommand = async invocation => {
	if (isSet(invocation, 'prices')) return prices(invocation);
	const status = await readStatus(invocation);
	const {tasks} = await readTasks(invocation);
	const line = costLine(status, tasks);
	for (const text of isSet(invocation, 'json') ? [plainJson(line)] : costText(line)) invocation.print(text);
	return EXIT.ok;
};
