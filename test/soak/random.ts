/** Numbers from a seed, so that a run can be asked for again (mulberry32). */
export type Random = {
	/** From 0 up to and without 1. */
	readonly next: () => number;
	readonly between: (least: number, most: number) => number;
	readonly pick: <Item>(items: readonly Item[]) => Item | undefined;
};

export const createRandom = (seed: number): Random => {
	let state = seed >>> 0;
	const next = (): number => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
	return {
		next,
		between: (least, most) => least + next() * (most - least),
		pick: items => items[Math.floor(next() * items.length)],
	};
};
