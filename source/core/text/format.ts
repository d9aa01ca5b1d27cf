/** `1 file`, `3 files`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** Formats an age: `4s`, `12m`, `3h`, `2d`. */
export const formatAge = (ms: number): string => {
	const seconds = Math.max(0, Math.floor(ms / 1000));
	if (seconds < 60) return `${seconds}s`;
	if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
	return seconds < 86_400 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
};

/** Formats a duration: `0.4s`, `58s`, `12m`. */
export const formatSpan = (ms: number): string => (ms < 9950 ? `${(Math.max(0, ms) / 1000).toFixed(1)}s` : formatAge(ms));

const UNITS: Readonly<Record<string, number>> = {ms: 1, s: 1000, m: 60_000, h: 3_600_000};

/**
 * Parses a duration such as `15s`, `500ms` or `60m` to ms; undefined if malformed. The package `ms` also accepts `5`, `-3 days` and `1.5y`,
 * and prints 90s as `2m`, but a config value must survive a round trip.
 */
export const readDuration = (text: string): number | undefined => {
	const [, amount, unit = ''] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
	return amount === undefined ? undefined : Number(amount) * (UNITS[unit] ?? 1);
};

/** Writes ms as `15s`, `500ms`, `60m`, in the largest unit that is exact. */
export const formatDuration = (ms: number): string => {
	const [unit, size] = Object.entries(UNITS).findLast(([, each]) => ms >= each && ms % each === 0) ?? ['ms', 1];
	return `${ms / size}${unit}`;
};

const SIZES: Readonly<Record<string, number>> = {KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12};

/** Parses a size such as `512MB` or `4GB` to bytes; undefined if malformed or below a megabyte. */
export const readSize = (text: string): number | undefined => {
	const [, amount, unit = ''] = /^(\d{1,7}(?:\.\d{1,3})?) ?(KB|MB|GB|TB)$/i.exec(text.trim()) ?? [];
	const bytes = Math.round(Number(amount) * (SIZES[unit.toUpperCase()] ?? 1));
	return bytes >= 1e6 ? bytes : undefined;
};

/** Formats bytes: `512MB`, `1.5GB`. */
export const formatSize = (bytes: number): string => {
	const [unit, size] = Object.entries(SIZES).findLast(([, each]) => bytes >= each) ?? ['B', 1];
	return `${Number((bytes / size).toFixed(1))}${unit}`;
};

/** Formats millionths of a dollar: `$0.04`, `$12.50`. */
export const dollars = (micros: number): string => `$${(micros / 1_000_000).toFixed(2)}`;

/** Parses dollars to whole millionths; undefined unless from 0 to a million. */
export const readDollars = (text: string): number | undefined => {
	const amount = /^\$?\d{1,7}(\.\d{1,6})?$/.test(text.trim()) ? Number(text.trim().replace('$', '')) : Number.NaN;
	return amount <= 1_000_000 ? Math.round(amount * 1_000_000) : undefined;
};
