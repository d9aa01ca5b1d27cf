/** Sorted samples in ms -> the figures that are quoted. */
export type Figures = {readonly p50: number; readonly p90: number; readonly p99: number; readonly count: number};

export const figures = (samples: readonly number[]): Figures => {
	const sorted = samples.toSorted((a, b) => a - b);
	const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
	return {p50: at(0.5), p90: at(0.9), p99: at(0.99), count: sorted.length};
};

const ms = (value: number): string => (value < 10 ? value.toFixed(3) : value.toFixed(1)).padStart(9);

/** One aligned line: name, p50, p90, p99 in ms, and the ratio of p50 to a peer of the same run. */
export const line = (name: string, own: Figures, peer?: Figures): string =>
	`  ${name.padEnd(58)}${ms(own.p50)}${ms(own.p90)}${ms(own.p99)}${peer ? `   ${(own.p50 / peer.p50).toFixed(2)}x` : ''}`;

export const head = (title: string, peer: string): string =>
	`\n${title}\n  ${''.padEnd(58)}${'p50 ms'.padStart(9)}${'p90 ms'.padStart(9)}${'p99 ms'.padStart(9)}   of ${peer}`;
