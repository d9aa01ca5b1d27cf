const UNITS: Readonly<Record<string, number>> = {ms: 1, s: 1000, m: 60_000, h: 3_600_000};

/** A duration such as `15s`, `500ms` or `60m` in ms; undefined where it is none. */
export const readDuration = (text: string): number | undefined => {
	const [, amount, unit = ''] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
	return amount === undefined ? undefined : Number(amount) * (UNITS[unit] ?? 1);
};
