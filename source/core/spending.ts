/** What was spent in one quarter of an hour, millionths of a dollar; the quarters are counted from 1970 on. */
export type Quarter = {readonly quarter: number; readonly micros: number};
/** The last day and some hours, the oldest first; quarters without any are left out. */
export type Spending = readonly Quarter[];

const QUARTER_MS = 900_000;
/** As many as `lua/spend.lua` keeps. */
const QUARTERS = 112;

/**
 * What a record or a hash says of it over what was known: `quarters` is all of it, `quarter` the newest with its whole sum, so that an
 * entry that is read twice changes nothing. Anything else that stands there counts for nothing.
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

/** What was spent since a moment, epoch ms of the server; the quarter that the moment is in counts by the part of it that comes after. */
export const spentSince = (spending: Spending, since: number): number => {
	const parts = spending.map(({quarter, micros}) => {
		const begin = quarter * QUARTER_MS;
		return micros * Math.min(1, Math.max(0, (begin + QUARTER_MS - since) / QUARTER_MS));
	});
	return Math.round(parts.reduce((sum, part) => sum + part, 0));
};

/** Millionths of a dollar an hour, by the last hour; of a younger spending by its own time, a quarter of an hour at the least. */
export const spendingRate = (spending: Spending, now: number): number => {
	const hour = 4 * QUARTER_MS;
	const first = (spending[0]?.quarter ?? Number.POSITIVE_INFINITY) * QUARTER_MS;
	const span = Math.min(hour, Math.max(QUARTER_MS, now - Math.min(now, first)));
	return Math.round((spentSince(spending, now - span) * hour) / span);
};
