/**
 * A rate limit of an account: its agents get no task until `until` (epoch ms of the server). While `probe` is set, that agent tries for the
 * others, which resume when it succeeds, at the latest at `until`.
 */
export type RateLimit = {
	readonly account: string;
	readonly at: number;
	readonly until: number;
	/** Consecutive rate limits. */
	readonly level: number;
	readonly by: string;
	readonly probe: string;
	readonly reason: string;
};

const PREFIX = 'rateLimit:';

/** Reads a rate limit from its control field. Returns undefined for anything else: external workers write there too. */
const parseRateLimit = (account: string, text: string): RateLimit | undefined => {
	const [, at, until, level, by = '', probe = '', reason = ''] = /^(\d+) (\d+) (\d+) (\S+) (\S+) (.*)$/s.exec(text) ?? [];
	if (at === undefined) return undefined;
	return {account, at: Number(at), until: Number(until), level: Number(level), by, probe: probe === '-' ? '' : probe, reason};
};

/** Applies the rate limits of control fields to those known, by account. */
export const foldRateLimits = (before: readonly RateLimit[], fields: Readonly<Record<string, string>>): readonly RateLimit[] => {
	const changed = Object.entries(fields).filter(([name]) => name.startsWith(PREFIX));
	if (changed.length === 0) return before;
	const byAccount = new Map(before.map(rateLimit => [rateLimit.account, rateLimit]));
	for (const [name, text] of changed) {
		const account = name.slice(PREFIX.length);
		const rateLimit = parseRateLimit(account, text);
		if (rateLimit) byAccount.set(account, rateLimit);
		else byAccount.delete(account);
	}
	return [...byAccount.values()].sort((one, other) => (one.account < other.account ? -1 : 1));
};

/** Returns the active rate limit of an account. After `until` one agent may try; while it does, the others stay blocked. */
export const rateLimitOn = (rateLimits: readonly RateLimit[], account: string, now: number): RateLimit | undefined =>
	account === '' ? undefined : rateLimits.find(rateLimit => rateLimit.account === account && now >= rateLimit.at && now < rateLimit.until);
