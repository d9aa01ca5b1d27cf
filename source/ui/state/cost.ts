import {AT_BUDGET} from '../../core/budget.ts';
import {costLine} from '../../core/cost.ts';
import {readDollars} from '../../core/money.ts';
import {serverNow} from '../model/ages.ts';
import {brakesNow, lift} from './choices.ts';
import type {Dialog} from './dialogs.ts';
import {edit} from './editor.ts';
import {and, type Context, refuse, type Updated, unchanged, type ViewState} from './state.ts';

/** How the columns of the cost are sorted: by money, by tokens, or by name. */
export const COST_SORTS = ['money', 'tokens', 'name'] as const;
export type CostSort = (typeof COST_SORTS)[number];

type CostDialog = Extract<Dialog, {kind: 'cost'}>;
type BudgetDialog = Extract<Dialog, {kind: 'budget'}>;

/** What was used up, as `agent-room cost --json` prints it. */
export const costNow = ({snapshot, now}: Pick<Context, 'snapshot' | 'now'>) => {
	const {control, agents, features, tasks} = snapshot.team;
	return costLine({at: serverNow(snapshot, now), control, agents: [...agents.values()], features: [...features.values()]}, [
		...tasks.values(),
	]);
};

export const openCost = (state: ViewState): ViewState => ({...state, dialog: {kind: 'cost', sort: 'money'}});

export const updateCost = (state: ViewState, dialog: CostDialog, action: string, context: Context): Updated => {
	const {snapshot, now} = context;
	switch (action) {
		case 'close':
			return unchanged({...state, dialog: undefined});
		case 'unbrake':
			return and({...state, dialog: undefined}, ...brakesNow(snapshot, now).map(({account}) => lift(account)));
		case 'sort':
			return unchanged({
				...state,
				dialog: {...dialog, sort: COST_SORTS[(COST_SORTS.indexOf(dialog.sort) + 1) % COST_SORTS.length] ?? 'money'},
			});
		case 'budget': {
			const {budget} = snapshot.team.control;
			const text = budget > 0 ? String(budget / 1_000_000) : '';
			return unchanged({...state, dialog: {kind: 'budget', sort: dialog.sort, text: {text, cursor: text.length}}});
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

/** The line in which a budget is written: dollars, 0 or nothing for none. What is no amount is said, and stays to be mended. */
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
			return refuse(state, `\`${dialog.text.text.slice(0, 40)}\` is no amount of dollars: 50, or 12.50; 0 for none.`, context);
		return and(back, {type: 'dispatch', action: {type: 'budget', micros}});
	}
	const editor = edit(dialog.text, key, text);
	return unchanged(editor ? {...state, dialog: {...dialog, text: editor}} : state);
};
