import type {KeyRow} from '../key-row.ts';

/** Rows that stand beside each other and are called the same are one hint with all their keys: `J/K order`. */
export const joinHints = (rows: readonly KeyRow[]): readonly (readonly KeyRow[])[] => {
	const joined: KeyRow[][] = [];
	for (const row of rows) {
		const last = joined.at(-1);
		if (last?.[0]?.label === row.label && last[0].scope === row.scope) last.push(row);
		else joined.push([row]);
	}
	return joined;
};

/** On the board the room's orders count as much as its own: both stand by their places. */
export const inOneOrder = (rows: readonly KeyRow[]): readonly KeyRow[] => rows.toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0));
