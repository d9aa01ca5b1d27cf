/** Millionths of a dollar as people read them: `$0.04`, `$12.50`. */
export const dollars = (micros: number): string => `$${(micros / 1_000_000).toFixed(2)}`;

/** Dollars as whole millionths; undefined where it is not an amount from 0 to a million. */
export const readDollars = (text: string): number | undefined => {
	const amount = /^\$?\d{1,7}(\.\d{1,6})?$/.test(text.trim()) ? Number(text.trim().replace('$', '')) : Number.NaN;
	return amount <= 1_000_000 ? Math.round(amount * 1_000_000) : undefined;
};
