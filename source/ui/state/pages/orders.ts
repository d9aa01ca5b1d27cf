import type {Page} from '../page.ts';
import {type Context, refuse, type Updated, type ViewState} from '../state.ts';
import {boardOrders} from './board-orders.ts';
import {eventsOrders} from './events.ts';
import {refusalInPast, replayOrders} from './replay.ts';
import {taskPageOrders} from './task.ts';
import {trainOrders} from './train-orders.ts';

type Orders<P extends Page> = Readonly<Record<string, (state: ViewState, page: P, context: Context) => Updated>>;

/** What keys of a page's own scope do, by action. */
const ORDERS: {readonly [K in Page['kind']]: Orders<Extract<Page, {kind: K}>>} = {
	task: taskPageOrders,
	train: trainOrders,
	board: boardOrders,
	events: eventsOrders,
	replay: replayOrders,
	locks: {},
};

/** Runs an action of the page's own; undefined where it has none of that name. */
export const runPage = (state: ViewState, page: Page, action: string, context: Context): Updated | undefined => {
	const own = (ORDERS[page.kind] as Orders<Page>)[action]?.(state, page, context);
	const refusal = own || page.kind !== 'replay' ? '' : refusalInPast(action, context.keymap);
	return refusal ? refuse(state, refusal, context) : own;
};
