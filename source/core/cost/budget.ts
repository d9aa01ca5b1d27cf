import {dollars} from '../text/format.ts';

/**
 * What reaching the budget does. `hold`: no new paid work starts, tests and merges continue; `freeze`: everything stops, and new work
 * stays blocked after unfreezing; `warn`: only a warning.
 */
export const AT_BUDGET = ['hold', 'freeze', 'warn'] as const;
export type AtBudget = (typeof AT_BUDGET)[number];

/** Reads a field or flag; unknown words mean `hold`, which costs nothing. */
export const readAtBudget = (word: string): AtBudget => AT_BUDGET.find(known => known === word) ?? 'hold';

/** Money in millionths of a dollar, and tokens; a budget of 0 is none. */
type Amounts = {readonly budget: number; readonly spent: number; readonly tokenBudget: number; readonly tokens: number};
type Orders = Amounts & {readonly atBudget: AtBudget; readonly frozenWhy: 'budget' | 'rebuild' | ''};

const isMoneyReached = ({budget, spent}: Amounts): boolean => budget > 0 && spent >= budget;

export const hasBudget = ({budget, tokenBudget}: Amounts): boolean => budget > 0 || tokenBudget > 0;

export const isBudgetReached = (amounts: Amounts): boolean =>
	isMoneyReached(amounts) || (amounts.tokenBudget > 0 && amounts.tokens >= amounts.tokenBudget);

/** `5M`, `2.5M`, `12k`, `900`. */
export const tokenAmount = (count: number): string =>
	count < 1000 ? `${count}` : count < 999_500 ? `${Math.round(count / 1000)}k` : `${Number((count / 1_000_000).toFixed(2))}M`;

/** `$1.20 of $1.00 spent`, or `5.1M of 5M tokens used`. */
export const usedText = (amounts: Amounts): string =>
	isMoneyReached(amounts) || amounts.tokenBudget === 0
		? `${dollars(amounts.spent)} of ${dollars(amounts.budget)} spent`
		: `${tokenAmount(amounts.tokens)} of ${tokenAmount(amounts.tokenBudget)} tokens used`;

/** Reads `5M`, `200k` or `900` tokens; undefined for anything else. */
export const readTokens = (text: string): number | undefined => {
	const [, digits, unit = ''] = /^(\d{1,9}(?:\.\d{1,3})?)([kKmM]?)$/.exec(text.trim()) ?? [];
	if (digits === undefined) return undefined;
	const count = Math.round(Number(digits) * ({k: 1000, m: 1_000_000}[unit.toLowerCase()] ?? 1));
	return count <= 1e12 ? count : undefined;
};

/** Whether the budget is reached and blocks new paid work. */
export const isHeldByBudget = (orders: Orders): boolean => isBudgetReached(orders) && orders.atBudget !== 'warn';

export const AHEAD: Readonly<Record<AtBudget, string>> = {
	hold: 'no new work starts',
	freeze: 'everything is frozen',
	warn: 'you get a warning',
};

/** A configured budget as the team remembers it, to tell whether it has changed: `usd 50 tokens 0 hold`. */
export const configuredBudget = (micros: number, tokens: number, onReached?: AtBudget): string =>
	[`usd ${micros / 1_000_000} tokens ${tokens}`, ...(onReached ? [onReached] : [])].join(' ');

/** Whether the budget is the one that a room's configuration set (`budgetFrom`), and no human has set another since. */
export const isAsConfigured = ({
	budget,
	tokenBudget,
	budgetFrom,
}: Pick<Amounts, 'budget' | 'tokenBudget'> & {readonly budgetFrom: string}): boolean =>
	`${budgetFrom} `.startsWith(`${configuredBudget(budget, tokenBudget)} `);

/** Formats amounts, `$50.00 and 5M tokens`; '' for none. */
export const amountsText = (micros: number, tokens: number): string =>
	[...(micros > 0 ? [dollars(micros)] : []), ...(tokens > 0 ? [`${tokenAmount(tokens)} tokens`] : [])].join(' and ');

/** Formats the order: `the budget is $50.00; when it is reached everything is frozen`. */
export const budgetText = (micros: number, at: AtBudget, tokens = 0): string => {
	const amounts = amountsText(micros, tokens);
	return amounts ? `the budget is ${amounts}; when it is reached, ${AHEAD[at]}` : 'there is no budget';
};

/** Formats what a reached budget blocks, as the end of a sentence. */
export const reachedText = (orders: Orders): string => {
	const {budget, tokenBudget, atBudget, frozenWhy} = orders;
	const now = frozenWhy === 'budget' ? 'everything is frozen' : atBudget === 'warn' ? 'agents continue' : 'no new work starts';
	return `of ${isMoneyReached(orders) ? dollars(budget) : `${tokenAmount(tokenBudget)} tokens`} is reached: ${now}`;
};
