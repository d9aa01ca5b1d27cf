/** Lets at most `limit` calls run at once; the others follow in the order in which they came. */
export const createTurns = (limit: number): (<T>(work: () => Promise<T>) => Promise<T>) => {
	let running = 0;
	const waiting: (() => void)[] = [];
	return async work => {
		if (running >= limit) await new Promise<void>(resolve => waiting.push(resolve));
		else running += 1;
		try {
			return await work();
		} finally {
			// The turn passes on to the next one; it is never free in between.
			const next = waiting.shift();
			if (next) next();
			else running -= 1;
		}
	};
};
