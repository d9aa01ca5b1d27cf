import {dollars} from '../text/format.ts';

/**
 * What reaching the budget does. `hold`: no new paid work starts, tests and merges continue; `freeze`: everything stops, and new work
 * stays blocked after unfreezing; `warn`: only a warning.
 */
export const AT_BUDGET = ['hold', 'freeze', 'warn'] as const;
export type AtBudget = (typeof AT_BUDGET)[number];

/** Reads a field or flag; unknown words mean `hold`, which costs nothing. */
export const readAtBudget = (word: string): AtBudget => AT_BUDGET.find(known => known === word) ?? 'hold';

type Orders = {readonly budget: number; readonly spent: number; readonly atBudget: AtBudget; readonly frozenWhy: 'budget' | ''};

export const isBudgetReached = ({budget, spent}: Pick<Orders, 'budget' | 'spent'>): boolean => budget > 0 && spent >= budget;

/** Whether the budget is reached and blocks new paid work. */
export const isHeldByBudget = (orders: Orders): boolean => isBudgetReached(orders) && orders.atBudget !== 'warn';

export const AHEAD: Readonly<Record<AtBudget, string>> = {
	hold: 'no new work starts',
	freeze: 'everything is frozen',
	warn: 'you get a warning',
};

/** Formats the order: `the budget is $50.00; when it is reached everything is frozen`. */
export const budgetText = (micros: number, at: AtBudget): string =>
	micros > 0 ? `the budget is ${dollars(micros)}; when it is reached, ${AHEAD[at]}` : 'there is no budget';

/** Formats what a reached budget blocks, as the end of a sentence. */
export const reachedText = ({budget, atBudget, frozenWhy}: Orders): string => {
	const now = frozenWhy === 'budget' ? 'everything is frozen' : atBudget === 'warn' ? 'agents continue' : 'no new work starts';
	return `of ${dollars(budget)} is reached: ${now}`;
};
