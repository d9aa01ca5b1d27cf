/** Sorted samples in ms -> the figures that are quoted. */
export type Figures = {readonly p50: number; readonly p90: number; readonly p95: number; readonly p99: number; readonly count: number};

export const figures = (samples: readonly number[]): Figures => {
	const sorted = samples.toSorted((a, b) => a - b);
	const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
	return {p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99), count: sorted.length};
};

/** Of the figures of several rounds: one that a single disturbed round cannot move. */
export const median = (values: readonly number[]): number => figures(values).p50;

/** What a figure, mostly a ratio within the run, shall be; absent where a line is there for comparison only. */
export type Target = {readonly atMost?: number; readonly atLeast?: number; readonly unit?: string};

/** The target in words, and whether the figure meets it. */
export const verdict = (value: number, {atMost, atLeast, unit = 'x'}: Target): string => {
	const meets = value <= (atMost ?? Number.POSITIVE_INFINITY) && value >= (atLeast ?? Number.NEGATIVE_INFINITY);
	return `target ${atMost === undefined ? `>= ${atLeast}` : `<= ${atMost}`}${unit}: ${meets ? 'holds' : 'MISSED'}`;
};

const ms = (value: number): string => (value < 10 ? value.toFixed(3) : value.toFixed(1)).padStart(9);

/** One aligned line: name, p50, p95, p99 in ms, and the ratio of p50 to a peer of the same run, with the peer's p50 and the target of the ratio. */
export const line = (name: string, own: Figures, peer?: Figures, target?: Target): string => {
	const ratio = peer ? own.p50 / peer.p50 : Number.NaN;
	const beside = peer ? `   ${ratio.toFixed(2)}x of ${ms(peer.p50).trim()}` : '';
	return `  ${name.padEnd(58)}${ms(own.p50)}${ms(own.p95)}${ms(own.p99)}${beside}${target ? `   ${verdict(ratio, target)}` : ''}`;
};

export const head = (title: string, peer: string): string =>
	`\n${title}\n  ${''.padEnd(58)}${'p50 ms'.padStart(9)}${'p95 ms'.padStart(9)}${'p99 ms'.padStart(9)}   of ${peer}`;

const single = (value: number): string => value.toFixed(Math.abs(value) < 100 ? 2 : 0);

/** One aligned line of a single figure with its unit, the ratio to a peer of the same run with the peer's figure, and a target of that ratio. */
export const figure = (name: string, own: number, unit: string, peer?: number, target?: Target): string => {
	const ratio = own / (peer ?? Number.NaN);
	const beside = peer === undefined ? '' : `   ${ratio.toFixed(2)}x of ${single(peer)}`;
	return `  ${name.padEnd(58)}${single(own).padStart(9)} ${unit}${beside}${target ? `   ${verdict(ratio, target)}` : ''}`;
};
