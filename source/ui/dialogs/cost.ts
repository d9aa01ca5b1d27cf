import {agentName} from '../../core/agent/agent.ts';
import {AT_BUDGET} from '../../core/cost/budget.ts';
import {type CostLine, costLine, tokensText} from '../../core/protocol/cost.ts';
import {dollars, readDollars} from '../../core/text/format.ts';
import {rateLimitsNow} from '../model/attention.ts';
import {serverNow} from '../model/time.ts';
import {and, type Context, refuse, type Updated, unchanged} from '../state/message.ts';
import {lift} from '../state/open.ts';
import {COST_SORTS, type CostSort, type Dialog, type ViewState} from '../state/state.ts';
import {edit, selected} from '../text/editor.ts';
import {cell, fill, type Line, span} from '../text/text.ts';

type CostDialog = Extract<Dialog, {kind: 'cost'}>;
type BudgetDialog = Extract<Dialog, {kind: 'budget'}>;

export const costNow = ({snapshot, now}: Pick<Context, 'snapshot' | 'now'>) => {
	const {control, agents, features, tasks} = snapshot.team;
	return costLine({at: serverNow(snapshot, now), control, agents: [...agents.values()], features: [...features.values()]}, [
		...tasks.values(),
	]);
};

export const updateCost = (state: ViewState, dialog: CostDialog, action: string, context: Context): Updated => {
	const {snapshot, now} = context;
	switch (action) {
		case 'close':
			return unchanged({...state, dialog: undefined});
		case 'clear-rate-limit':
			return and({...state, dialog: undefined}, ...rateLimitsNow(snapshot, now).map(({account}) => lift(account)));
		case 'sort':
			return unchanged({
				...state,
				dialog: {...dialog, sort: COST_SORTS[(COST_SORTS.indexOf(dialog.sort) + 1) % COST_SORTS.length] ?? 'money'},
			});
		case 'budget': {
			const {budget} = snapshot.team.control;
			const text = budget > 0 ? String(budget / 1_000_000) : '';
			return unchanged({...state, dialog: {kind: 'budget', sort: dialog.sort, text: selected(text)}});
		}
		case 'reached': {
			const {budget, atBudget} = snapshot.team.control;
			const next = AT_BUDGET[(AT_BUDGET.indexOf(atBudget) + 1) % AT_BUDGET.length] ?? 'hold';
			return budget > 0 ? and(state, {type: 'dispatch', action: {type: 'budget', reached: next}}) : unchanged(state);
		}
		case 'export':
			return and(state, {type: 'open-text', name: 'cost.json', text: `${JSON.stringify(costNow(context), null, '\t')}\n`});
		default:
			return unchanged(state);
	}
};

/** A raise by this factor is more often a slip of the fingers than a wish. */
const MUCH_MORE = 10;

const muchMore = (budget: number, micros: number): ViewState['dialog'] => ({
	kind: 'confirm',
	title: 'Raise budget?',
	question: `Raise the budget from ${dollars(budget)} to ${dollars(micros)}?`,
	names: [],
	facts: [['why it asks', `that is ${Math.floor(micros / budget)} times as much`]],
	order: 'raise budget',
	actions: [{type: 'budget', micros}],
	word: 'raised',
});

/** The budget's input line: dollars, 0 or empty for none. An invalid amount is reported and stays. */
export const updateBudget = (
	state: ViewState,
	dialog: BudgetDialog,
	action: string,
	key: string,
	text: string,
	context: Context,
): Updated => {
	const back: ViewState = {...state, dialog: {kind: 'cost', sort: dialog.sort}};
	if (action === 'close') return unchanged(back);
	if (action === 'set') {
		const micros = readDollars(dialog.text.text.trim() || '0');
		if (micros === undefined)
			return refuse(
				state,
				`\`${dialog.text.text.slice(0, 40)}\` is not an amount. Write dollars, such as 50 or 12.50; 0 means no budget.`,
				context,
			);
		const {budget} = context.snapshot.team.control;
		if (budget > 0 && micros >= MUCH_MORE * budget) return unchanged({...state, dialog: muchMore(budget, micros)});
		return and(back, {type: 'dispatch', action: {type: 'budget', micros}});
	}
	const editor = edit(dialog.text, key, text);
	return unchanged(editor ? {...state, dialog: {...dialog, text: editor}} : state);
};

type Used = {readonly id: string; readonly name: string; readonly spent: number; readonly tokensIn: number; readonly tokensOut: number};

const tokensOf = ({tokensIn, tokensOut}: Used): number => tokensIn + tokensOut;
const ORDERS: Readonly<Record<CostSort, (one: Used, other: Used) => number>> = {
	money: (one, other) => other.spent - one.spent || tokensOf(other) - tokensOf(one),
	tokens: (one, other) => tokensOf(other) - tokensOf(one),
	name: (one, other) => one.name.localeCompare(other.name, 'en', {numeric: true}),
};

/** Sums agents by account, else by program. */
const byAccount = ({agents}: CostLine): readonly Used[] =>
	[...Map.groupBy(agents, ({account, harness}) => account || harness || 'others')].map(([id, rows]) => ({
		id,
		name: id,
		spent: rows.reduce((sum, row) => sum + row.spent, 0),
		tokensIn: rows.reduce((sum, row) => sum + row.tokensIn, 0),
		tokensOut: rows.reduce((sum, row) => sum + row.tokensOut, 0),
	}));

/** A column: title and rows, with cost, or tokens if no price is known or tokens are chosen. */
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

const MARKS: Readonly<Record<string, string>> = {failed: ' ✗', merged: ' ✓', leased: ' ●'};

/** Usage side by side: by task, agent, account and, if there is room, feature; at most `most` rows each. */
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
