import {type Prices, priceOf} from './prices.ts';
import type {Usage} from './usage.ts';

/** Spending of a quarter-hour in millionths of a dollar; quarters are counted from 1970. */
export type Quarter = {readonly quarter: number; readonly micros: number};
/** Slightly more than the last day, oldest first, without empty quarters. */
export type Spending = readonly Quarter[];

const QUARTER_MS = 900_000;
/** As many as `lua/record-usage.lua` keeps. */
const QUARTERS = 112;

/**
 * Folds fields of an event or hash into the known spending. `quarters` is all of it, `quarter` the newest as an absolute sum, so that
 * reading an entry twice is harmless. Malformed fields are ignored.
 */
export const foldSpending = (before: Spending, fields: Readonly<Record<string, string>>): Spending => {
	const {quarters, quarter} = fields;
	if (quarters === undefined && quarter === undefined) return before;
	const read = [...`${quarters ?? ''} ${quarter ?? ''}`.matchAll(/(\d{1,12}):(\d{1,15})/g)].map(
		([, at, micros]): Quarter => ({quarter: Number(at), micros: Number(micros)}),
	);
	const all = [...(quarters === undefined ? before.filter(one => read.every(other => other.quarter !== one.quarter)) : []), ...read];
	const newest = all.at(-1)?.quarter ?? 0;
	return all.filter(one => one.quarter > newest - QUARTERS);
};

/** Returns spending since a moment (epoch ms of the server); the first quarter counts proportionally. */
export const spentSince = (spending: Spending, since: number): number => {
	const parts = spending.map(({quarter, micros}) => {
		const begin = quarter * QUARTER_MS;
		return micros * Math.min(1, Math.max(0, (begin + QUARTER_MS - since) / QUARTER_MS));
	});
	return Math.round(parts.reduce((sum, part) => sum + part, 0));
};

/** What the last hour tells of an hour's spending. */
export type Pace = {
	/** Millionths of a dollar per hour; 0 where less than a quarter-hour is known. */
	readonly perHour: number;
	/** Time since the first of it, up to an hour, ms; 0 for none in the last hour. */
	readonly overMs: number;
	/** Enough to say where it leads: half an hour, and more than one burst. Agents report in bursts, and one says nothing of the next. */
	readonly isForecast: boolean;
};

/** An hour's spending from a shorter time would be one report, multiplied. */
const LEAST_MS = QUARTER_MS;
export const FORECAST_MS = 2 * QUARTER_MS;

/** Returns the pace of the last hour; of younger spending, over its own age. */
export const paceOf = (spending: Spending, now: number): Pace => {
	const hour = 4 * QUARTER_MS;
	const first = (spending[0]?.quarter ?? Number.POSITIVE_INFINITY) * QUARTER_MS;
	const age = Math.min(hour, now - Math.min(now, first));
	const spent = spentSince(spending, now - age);
	if (spent === 0) return {perHour: 0, overMs: 0, isForecast: false};
	const perHour = age < LEAST_MS ? 0 : Math.round((spent * hour) / age);
	const bursts = spending.filter(({quarter, micros}) => micros > 0 && (quarter + 1) * QUARTER_MS > now - age).length;
	return {perHour, overMs: age, isForecast: age >= FORECAST_MS && bursts > 1};
};

/** Returns the cost of a reading in whole millionths of a dollar: as reported, else by the model's price, else 0. */
export const microsOf = ({micros, tokensIn, tokensOut, cached = 0, model = ''}: Usage, own: Prices): number => {
	if (micros > 0) return Math.round(micros);
	const price = priceOf(model, own);
	if (!price) return 0;
	const read = Math.min(cached, tokensIn);
	// A dollar per million tokens is a millionth per token.
	return Math.round((tokensIn - read) * price.in + read * (price.cached ?? price.in / 10) + tokensOut * price.out);
};
