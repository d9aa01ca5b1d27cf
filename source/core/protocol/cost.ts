import * as z from 'zod';
import {agentName} from '../agent/agent.ts';
import {AT_BUDGET} from '../cost/budget.ts';
import type {Task} from '../task/task.ts';
import type {Control} from '../team/snapshot.ts';
import {dollars} from '../text/format.ts';
import type {Inferred} from '../text/inferred.ts';
import type {StatusLine} from './output-schema.ts';

/** `tokensCached`: part of `tokensIn` from the provider's cache. `cancelledCalls`: requests that never said what they cost. */
const used = {
	spent: z.number(),
	tokensIn: z.number(),
	tokensOut: z.number(),
	tokensCached: z.number(),
	cancelledCalls: z.number(),
};

/** What `agent-room cost --json` prints: millionths of a dollar, most expensive first, without empty rows. */
export const costSchema = z.strictObject({
	at: z.number(),
	/** 0 for none. */
	budget: z.number(),
	/** In tokens, 0 for none; and the tokens that count towards it. */
	tokenBudget: z.number(),
	tokens: z.number(),
	atBudget: z.enum(AT_BUDGET),
	...used,
	agents: z.array(z.strictObject({id: z.string(), name: z.string(), role: z.string(), harness: z.string(), account: z.string(), ...used})),
	features: z.array(z.strictObject({id: z.string(), open: z.number(), merged: z.number(), ...used})),
	tasks: z.array(z.strictObject({id: z.string(), title: z.string(), state: z.string(), feature: z.string(), attempt: z.number(), ...used})),
});
export type CostLine = Inferred<typeof costSchema>;

type Used = Inferred<z.ZodObject<typeof used>>;

const byCost = (one: Used, other: Used): number =>
	other.spent - one.spent || other.tokensIn + other.tokensOut - one.tokensIn - one.tokensOut;
const usedOf = ({spent, tokensIn, tokensOut, tokensCached, cancelledCalls}: Used): Used => ({
	spent,
	tokensIn,
	tokensOut,
	tokensCached,
	cancelledCalls,
});
const isUsed = ({spent, tokensIn, tokensOut, cancelledCalls}: Used): boolean => spent + tokensIn + tokensOut + cancelledCalls > 0;

/** The parts of a state that costs need. */
export type CostSource = Pick<StatusLine, 'at' | 'features'> & {
	readonly agents: ReadonlyArray<Omit<StatusLine['agents'][number], 'name'>>;
	readonly control: Pick<Control, 'budget' | 'atBudget' | 'spent' | 'tokenBudget' | 'tokens'>;
};
type CostlyTask = Pick<Task, 'id' | 'title' | 'state' | 'feature' | 'attempt'> & Used;

/** Sums usage from the state and its tasks. */
export const costLine = ({at, control, agents, features}: CostSource, tasks: readonly CostlyTask[]): CostLine => {
	const costly = agents.filter(isUsed).toSorted(byCost);
	const sum = (of: (row: Used) => number): number => agents.reduce((total, row) => total + of(row), 0);
	return {
		at,
		budget: control.budget,
		tokenBudget: control.tokenBudget,
		tokens: control.tokens,
		atBudget: control.atBudget,
		spent: control.spent,
		tokensIn: sum(row => row.tokensIn),
		tokensOut: sum(row => row.tokensOut),
		tokensCached: sum(row => row.tokensCached),
		cancelledCalls: sum(row => row.cancelledCalls),
		agents: costly.map(row => ({
			id: row.id,
			name: agentName(row.id),
			role: row.role,
			harness: row.harness,
			account: row.account,
			...usedOf(row),
		})),
		features: features
			.filter(isUsed)
			.toSorted(byCost)
			.map(row => ({id: row.id, open: row.open, merged: row.merged, ...usedOf(row)})),
		tasks: tasks
			.filter(isUsed)
			.toSorted(byCost)
			.map(row => ({id: row.id, title: row.title, state: row.state, feature: row.feature, attempt: row.attempt, ...usedOf(row)})),
	};
};

/** `980`, `12k`, `1.4M`. */
export const tokensText = (count: number): string =>
	count < 1000 ? `${count}` : count < 999_500 ? `${Math.round(count / 1000)}k` : `${(count / 1_000_000).toFixed(1)}M`;

/** Formats `31k in (91% cached), 2k out`, the share only if a cache was used. */
export const readAndWritten = ({tokensIn, tokensOut, tokensCached}: Pick<Used, 'tokensIn' | 'tokensOut' | 'tokensCached'>): string => {
	// Rounded down: 100% means all.
	const share = tokensIn > 0 ? Math.floor((Math.min(tokensCached, tokensIn) / tokensIn) * 100) : 0;
	return `${tokensText(tokensIn)} in${tokensCached > 0 ? ` (${share > 0 ? `${share}%` : 'below 1%'} cached)` : ''}, ${tokensText(tokensOut)} out`;
};

/** Formats `2 cancelled calls, cost unknown`; '' for none: how much of a request that was cut off is charged, no provider says. */
export const cancelledText = ({cancelledCalls}: Pick<Used, 'cancelledCalls'>): string =>
	cancelledCalls === 0 ? '' : `${cancelledCalls} cancelled ${cancelledCalls === 1 ? 'call' : 'calls'}, cost unknown`;

/** Formats `$0.42 · 31k in, 2k out`, and cancelled calls; without money if unknown, '' if nothing was used. */
export const usedText = (used: Used): string =>
	[used.spent > 0 ? dollars(used.spent) : '', used.tokensIn + used.tokensOut > 0 ? readAndWritten(used) : '', cancelledText(used)]
		.filter(Boolean)
		.join(' · ');

/** Models with counted tokens but no price. */
export const unpriced = ({agents}: CostLine): readonly string[] =>
	agents.filter(({spent, tokensIn, tokensOut}) => spent === 0 && tokensIn + tokensOut > 0).map(({id}) => agentName(id));
