import type {DiffItem} from './diff.ts';

/** Rows with the words, whatever their case. */
export const matchesIn = (rows: readonly string[], search: string): readonly number[] => {
	const wanted = search.toLowerCase();
	return wanted === '' ? [] : rows.flatMap((row, at) => (row.toLowerCase().includes(wanted) ? [at] : []));
};

/** The next match down (1) or up (-1) from a row, around the ends; undefined for none. */
export const nextOf = (found: readonly number[], from: number, step: 1 | -1): number | undefined =>
	step === 1 ? (found.find(at => at > from) ?? found[0]) : (found.findLast(at => at < from) ?? found.at(-1));

/** What a search in a diff finds an item by. */
export const wordsOfItem = (item: DiffItem): string => {
	switch (item.kind) {
		case 'file':
			return item.file.path;
		case 'words':
			return item.text;
		case 'hunk':
			return item.hunk.place;
		case 'line':
			return item.line.text;
		case 'note':
			return item.note.comment.text;
	}
};
