/**
 * An account that was refused for now (a rate limit): nothing is handed to its agents until `until`. While `probe` is set that agent tries for the
 * others, which follow when it was answered, at the latest at `until`. Times are epoch ms of the server.
 */
export type RateLimit = {
	readonly account: string;
	readonly at: number;
	readonly until: number;
	/** How many there were in a row. */
	readonly level: number;
	/** The agent that was refused. */
	readonly by: string;
	readonly probe: string;
	readonly reason: string;
};

const PREFIX = 'rateLimit:';

/** Reads a brake from its field of the control hash; undefined where it is none: outsiders write there too. */
const parseRateLimit = (account: string, text: string): RateLimit | undefined => {
	const [, at, until, level, by = '', probe = '', reason = ''] = /^(\d+) (\d+) (\d+) (\S+) (\S+) (.*)$/s.exec(text) ?? [];
	if (at === undefined) return undefined;
	return {account, at: Number(at), until: Number(until), level: Number(level), by, probe: probe === '-' ? '' : probe, reason};
};

/** Brakes as flat fields of control say them, over those before, by account. */
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

/** The brake that holds an account now, if one does. Once its time is over an agent may try; while one tries it holds the others. */
export const rateLimitOn = (rateLimits: readonly RateLimit[], account: string, now: number): RateLimit | undefined =>
	account === '' ? undefined : rateLimits.find(rateLimit => rateLimit.account === account && now >= rateLimit.at && now < rateLimit.until);
