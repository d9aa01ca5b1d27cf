import {agentName} from '../../../core/agent.ts';
import {type CostLine, tokensText} from '../../../core/cost.ts';
import {dollars} from '../../../core/money.ts';
import type {CostSort} from '../../state/cost.ts';
import {cell, fill, type Line, span} from '../text.ts';

type Used = {readonly id: string; readonly name: string; readonly spent: number; readonly tokensIn: number; readonly tokensOut: number};

const tokensOf = ({tokensIn, tokensOut}: Used): number => tokensIn + tokensOut;
const ORDERS: Readonly<Record<CostSort, (one: Used, other: Used) => number>> = {
	money: (one, other) => other.spent - one.spent || tokensOf(other) - tokensOf(one),
	tokens: (one, other) => tokensOf(other) - tokensOf(one),
	name: (one, other) => one.name.localeCompare(other.name, 'en', {numeric: true}),
};

/** The agents' rows summed by whose limits they share, else by their program. */
const byAccount = ({agents}: CostLine): readonly Used[] =>
	[...Map.groupBy(agents, ({account, harness}) => account || harness || 'others')].map(([id, rows]) => ({
		id,
		name: id,
		spent: rows.reduce((sum, row) => sum + row.spent, 0),
		tokensIn: rows.reduce((sum, row) => sum + row.tokensIn, 0),
		tokensOut: rows.reduce((sum, row) => sum + row.tokensOut, 0),
	}));

/** One column: its title, then its rows, each with its money, or its tokens where no price is known or tokens are asked for. */
const column = (title: string, rows: readonly Used[], columns: number, most: number, sort: CostSort): readonly Line[] => [
	fill([span(title, 'dim')], columns),
	...rows
		.toSorted(ORDERS[sort])
		.slice(0, most)
		.map((row): Line => {
			const amount = row.spent > 0 && sort !== 'tokens' ? dollars(row.spent) : `${tokensText(tokensOf(row))} tok`;
			return fill([span(`${cell(row.name, Math.max(4, columns - 11))} `), span(amount.padStart(8))], columns);
		}),
	...(rows.length > most ? [fill([span(`… ${rows.length - most} more`, 'dim')], columns)] : []),
];

const MARKS: Readonly<Record<string, string>> = {dead: ' ✗', merged: ' ✓', leased: ' ●'};

/** Who used up what, in columns side by side: by task, by agent, by account and, where there is room, by feature; at most `most` rows each. */
export const costTable = (cost: CostLine, inner: number, most: number, sort: CostSort): readonly Line[] => {
	const tasks = cost.tasks.map(row => ({...row, name: `${row.id}${MARKS[row.state] ?? ''}`}));
	const parts = [
		['by task', tasks],
		['by agent', cost.agents.map(row => ({...row, name: agentName(row.id)}))],
		['by account', byAccount(cost)],
		...(cost.features.length > 0 && inner >= 90 ? ([['by feature', cost.features.map(row => ({...row, name: row.id}))]] as const) : []),
	] as const;
	const shown = inner >= 60 ? parts : parts.slice(0, inner >= 40 ? 2 : 1);
	const columns = Math.floor((inner - 2) / shown.length);
	const blocks = shown.map(([title, rows]) => column(title, rows, columns, most, sort));
	const height = Math.max(...blocks.map(block => block.length));
	return Array.from({length: height}, (_, row): Line => [span('  '), ...blocks.flatMap(block => block[row] ?? fill([], columns))]);
};
