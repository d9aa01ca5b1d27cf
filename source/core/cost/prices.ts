/** Dollars per million tokens; `cached`: for tokens from the provider's cache, by default a tenth of `in`. */
export type Price = {readonly in: number; readonly out: number; readonly cached?: number | undefined};
export type Prices = Readonly<Record<string, Price>>;

/** Prices and the day they were looked up: newer ones may hold. */
export type PriceList = {readonly dated: string; readonly models: Prices};

/**
 * List prices of the providers for standard requests, as published on that day; for models whose programs report only tokens. Long prompts, fast
 * modes, batches and writes to a cache cost more or less. `prices` of the configuration and `agent-room rules update` come first.
 */
export const LISTED: PriceList = {
	dated: '2026-11-30',
	models: {
		'gpt-6-astra': {in: 10, out: 50, cached: 1},
		'gpt-6.1-sol': {in: 2, out: 10, cached: 0.1},
		'gpt-6.1-terra': {in: 1, out: 5, cached: 0.05},
		'gpt-6-sol': {in: 2, out: 10, cached: 0.2},
		'gpt-6-luna': {in: 0.1, out: 0.5, cached: 0.01},
		'gpt-5.6-sol': {in: 4, out: 20, cached: 0.4},
		'gpt-5.6-terra': {in: 2, out: 12, cached: 0.2},
		'gpt-5.6-luna': {in: 0.2, out: 1.2, cached: 0.02},
		'gpt-5.5': {in: 5, out: 30, cached: 0.5},
		'gpt-5.4': {in: 2.5, out: 15, cached: 0.25},
		'gpt-5.4-mini': {in: 0.75, out: 4.5, cached: 0.075},
		'gpt-5.4-nano': {in: 0.2, out: 1.25, cached: 0.02},
		'gpt-5.3-codex': {in: 1.75, out: 14, cached: 0.175},
		'gpt-5.2': {in: 1.75, out: 14, cached: 0.175},
		'gpt-5.2-codex': {in: 1.75, out: 14, cached: 0.175},
		'gpt-5.1': {in: 1.25, out: 10, cached: 0.125},
		'gpt-5.1-codex': {in: 1.25, out: 10, cached: 0.125},
		'gpt-5': {in: 1.25, out: 10, cached: 0.125},
		'gpt-5-codex': {in: 1.25, out: 10, cached: 0.125},
		'gpt-5-mini': {in: 0.25, out: 2, cached: 0.025},
		'gpt-5-nano': {in: 0.05, out: 0.4, cached: 0.005},
		'gpt-4.1': {in: 2, out: 8, cached: 0.5},
		'gpt-4.1-mini': {in: 0.4, out: 1.6, cached: 0.1},
		o3: {in: 2, out: 8, cached: 0.5},
		'o4-mini': {in: 1.1, out: 4.4, cached: 0.275},
		'gemini-3.8-flash': {in: 0.75, out: 3.75, cached: 0.075},
		'gemini-3.7-flash': {in: 0.75, out: 3.75, cached: 0.075},
		'gemini-3.6-flash': {in: 0.75, out: 3.75, cached: 0.075},
		'gemini-3.5-flash': {in: 1.5, out: 9, cached: 0.15},
		'gemini-3.5-flash-lite': {in: 0.3, out: 2.5, cached: 0.03},
		'gemini-3.1-pro': {in: 2, out: 12, cached: 0.2},
		'gemini-3-pro': {in: 2, out: 12, cached: 0.2},
		'gemini-2.5-pro': {in: 1.25, out: 10, cached: 0.125},
		'gemini-2.5-flash': {in: 0.3, out: 2.5, cached: 0.03},
		'gemini-2.5-flash-lite': {in: 0.1, out: 0.4, cached: 0.01},
		'claude-fable-5-1': {in: 10, out: 50, cached: 0.25},
		'claude-fable-5': {in: 10, out: 50, cached: 1},
		'claude-opus-5-5': {in: 4, out: 20, cached: 0.2},
		'claude-opus-5': {in: 5, out: 25, cached: 0.5},
		'claude-opus-4-8': {in: 5, out: 25, cached: 0.5},
		'claude-opus-4-7': {in: 5, out: 25, cached: 0.5},
		'claude-opus-4-6': {in: 5, out: 25, cached: 0.5},
		'claude-opus-4-5': {in: 5, out: 25, cached: 0.5},
		'claude-sonnet-5-5': {in: 2, out: 10, cached: 0.1},
		'claude-sonnet-5': {in: 2, out: 10, cached: 0.2},
		'claude-sonnet-4-6': {in: 3, out: 15, cached: 0.3},
		'claude-sonnet-4-5': {in: 3, out: 15, cached: 0.3},
		'claude-haiku-5-5': {in: 0.1, out: 0.5, cached: 0.01},
		'claude-haiku-4-5': {in: 1, out: 5, cached: 0.1},
	},
};

/** A date or `latest` may follow a model's name; any other word, or a single digit, makes another model with another price. */
const VERSION = /^(-(latest|preview|exp|\d{2,8}))*$/;

const bare = (model: string): string => model.toLowerCase().split('/').at(-1) ?? '';

/** Returns the name under which a table has the model; undefined if it does not know it. */
const nameIn = (model: string, of: Prices): string | undefined => {
	if (Object.hasOwn(of, model)) return model;
	const name = bare(model);
	return Object.keys(of)
		.filter(known => name.startsWith(bare(known)) && VERSION.test(name.slice(bare(known).length)))
		.sort((one, other) => other.length - one.length)[0];
};

/** Returns a model's price, by your own prices before those listed; undefined if unknown: then only tokens are counted. */
export const priceOf = (model: string, own: Prices): Price | undefined => {
	const mine = nameIn(model, own);
	if (mine !== undefined) return own[mine];
	const listed = nameIn(model, LISTED.models);
	return listed === undefined ? undefined : LISTED.models[listed];
};
