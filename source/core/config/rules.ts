import * as z from 'zod';
import {CLI_NAMES} from '../../harnesses/clis.ts';
import {cliRulesSchema} from '../session/rules.ts';

const amount = z.number().min(0).max(100_000);

/** Dollars per million tokens, by model. */
export const pricesSchema = z.record(z.string().min(1), z.strictObject({in: amount, out: amount, cached: amount.optional()}));

/** Next to the user's configuration. */
export const RULES_FILE = 'rules.yaml';

/** A file that replaces what a release knows: prices of models, and rules of agent CLIs. Data only. */
export const rulesFileSchema = z.strictObject({
	dated: z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'a day such as `2026-12-01`'),
	prices: pricesSchema.default({}),
	clis: z.partialRecord(z.enum(CLI_NAMES), cliRulesSchema).default({}),
});
export type RulesFile = z.output<typeof rulesFileSchema>;

type Prices = z.output<typeof pricesSchema>;

/** The prices in effect once `after` takes the place of the rules `before`: what the configuration itself says stays. */
export const pricesAfter = (inEffect: Prices, before: RulesFile | undefined, after: RulesFile | undefined): Prices => ({
	...after?.prices,
	...Object.fromEntries(
		Object.entries(inEffect).filter(([model, price]) => JSON.stringify(before?.prices[model]) !== JSON.stringify(price)),
	),
});
