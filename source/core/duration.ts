const UNITS: Readonly<Record<string, number>> = {ms: 1, s: 1000, m: 60_000, h: 3_600_000};

/** A duration such as `15s`, `500ms` or `60m` in ms; undefined where it is none. */
export const readDuration = (text: string): number | undefined => {
	const [, amount, unit = ''] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
	return amount === undefined ? undefined : Number(amount) * (UNITS[unit] ?? 1);
};

/** Ms as a duration is written: `15s`, `500ms`, `60m`, in the largest unit that says it exactly and reads well. */
export const formatDuration = (ms: number): string => {
	const [unit, size] = Object.entries(UNITS).findLast(([, each]) => ms >= each && ms % each === 0) ?? ['ms', 1];
	return `${ms / size}${unit}`;
};
