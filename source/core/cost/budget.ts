import {dollars} from '../text/format.ts';

/**
 * What happens in the step in which a budget is reached. `hold`: nobody begins what costs money, tests and merges go on; `freeze`: everything stops in
 * place, and is held like that when a person lets it go on; `warn`: it is only told.
 */
export const AT_BUDGET = ['hold', 'freeze', 'warn'] as const;
export type AtBudget = (typeof AT_BUDGET)[number];

/** Reads the word of a field or a flag; what is none of them holds, which costs nothing. */
export const readAtBudget = (word: string): AtBudget => AT_BUDGET.find(known => known === word) ?? 'hold';

type Orders = {readonly budget: number; readonly spent: number; readonly atBudget: AtBudget; readonly frozenWhy: 'budget' | ''};

export const isBudgetReached = ({budget, spent}: Pick<Orders, 'budget' | 'spent'>): boolean => budget > 0 && spent >= budget;

/** Nobody begins what costs money: the budget is reached, and is meant to hold. */
export const isHeldByBudget = (orders: Orders): boolean => isBudgetReached(orders) && orders.atBudget !== 'warn';

/** What is ordered for it, as the end of a sentence. */
export const AHEAD: Readonly<Record<AtBudget, string>> = {
	hold: 'no new work starts',
	freeze: 'everything is frozen',
	warn: 'you get a warning',
};

/** What was ordered, in words: `the budget is $50.00; when it is reached everything is frozen`. */
export const budgetText = (micros: number, at: AtBudget): string =>
	micros > 0 ? `the budget is ${dollars(micros)}; when it is reached, ${AHEAD[at]}` : 'there is no budget';

/** What a budget that is reached holds up, as the end of a sentence about it: `of $50.00 is reached: nobody begins anything`. */
export const reachedText = ({budget, atBudget, frozenWhy}: Orders): string => {
	const now = frozenWhy === 'budget' ? 'everything is frozen' : atBudget === 'warn' ? 'agents continue' : 'no new work starts';
	return `of ${dollars(budget)} is reached: ${now}`;
};
