/** A file's texts in a merge; '' if a side lacks it. `merged` is git's merge, with diff3 markers for conflicts. */
export type MergedTexts = {
	readonly base: string;
	readonly ours: string;
	readonly theirs: string;
	readonly merged: string;
	readonly result: string;
};

/** Labels after `<<<<<<<` and `>>>>>>>` in `merged`: the merged ids, which no content has by chance. */
export type Labels = {readonly ours: string; readonly theirs: string};

export type LostLine = {readonly side: 'ours' | 'theirs' | 'both'; readonly line: string};

type Counts = ReadonlyMap<string, number>;
/** A section of a merge, per side and base. Without a conflict all are equal. */
type Chunk = {readonly base: readonly string[]; readonly ours: readonly string[]; readonly theirs: readonly string[]};

const linesOf = (text: string): readonly string[] => text.split('\n').map(line => line.trim());
const wordsOf = (line: string): readonly string[] => line.match(/[\p{L}\p{N}_]+/gu) ?? [];

const count = (values: Iterable<string>): Counts => {
	const counts = new Map<string, number>();
	for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
	return counts;
};
const of = (counts: Counts, value: string): number => counts.get(value) ?? 0;

/** Recognises a marker of git (longer ones are for renamed files) by its id, which a path may follow. */
const isMarker = (line: string, sign: '<' | '>', id: string): boolean => {
	const [signs = '', label = ''] = line.split(' ', 2);
	return signs.length >= 7 && signs === sign.repeat(signs.length) && label.startsWith(id);
};

/** Splits git's merge into sections. After an unclosed marker the rest counts as agreed. */
const chunksOf = (merged: string, labels: Labels): readonly Chunk[] => {
	const chunks: Chunk[] = [];
	let agreed: string[] = [];
	let conflict: {base: string[]; ours: string[]; theirs: string[]} | undefined;
	let part: 'ours' | 'base' | 'theirs' = 'ours';
	const close = (): void => {
		if (agreed.length > 0) chunks.push({base: agreed, ours: agreed, theirs: agreed});
		agreed = [];
	};
	for (const raw of merged.split('\n')) {
		const line = raw.trim();
		if (!conflict) {
			if (isMarker(line, '<', labels.ours)) {
				close();
				conflict = {base: [], ours: [], theirs: []};
				part = 'ours';
			} else agreed.push(line);
		} else if (part === 'ours' && /^\|{7,}( |$)/.test(line)) part = 'base';
		else if (part !== 'theirs' && /^={7,}$/.test(line)) part = 'theirs';
		else if (part === 'theirs' && isMarker(line, '>', labels.theirs)) {
			chunks.push(conflict);
			conflict = undefined;
		} else conflict[part].push(line);
	}
	close();
	if (conflict) chunks.push(conflict);
	return chunks;
};

/** Required counts in the result: additions of each side; removals are optional. */
const required = (
	chunks: readonly Chunk[],
	valuesOf: (lines: readonly string[]) => readonly string[],
	together: (ours: number, theirs: number) => number,
): Counts => {
	const needed = new Map<string, number>();
	for (const chunk of chunks) {
		const [base, ours, theirs] = [chunk.base, chunk.ours, chunk.theirs].map(lines => count(valuesOf(lines)));
		if (!base || !ours || !theirs) continue;
		for (const value of new Set([...base.keys(), ...ours.keys(), ...theirs.keys()])) {
			const [was, here, there] = [of(base, value), of(ours, value), of(theirs, value)];
			const stays = was - Math.max(0, was - here) - Math.max(0, was - there);
			needed.set(value, (needed.get(value) ?? 0) + Math.max(0, stays) + together(Math.max(0, here - was), Math.max(0, there - was)));
		}
	}
	return needed;
};

const hasRun = (words: readonly string[], run: readonly string[]): boolean =>
	words.some((_, at) => run.every((word, index) => words[at + index] === word));

/**
 * Returns lines that a side added and the result lost. Each added line must be there as often as in a merge of both sides, trimmed and with
 * equal words; or rewritten: all words that only this side has are there as often, with all others that the base lacks; or no added word is
 * rarer than in both sides together; or a longer line contains it. Pure. A line without letters or digits must only exist.
 */
export const lostLines = (texts: MergedTexts, labels: Labels): readonly LostLine[] => {
	const {base, ours, theirs, result} = {
		base: linesOf(texts.base),
		ours: linesOf(texts.ours),
		theirs: linesOf(texts.theirs),
		result: linesOf(texts.result),
	};
	const chunks = chunksOf(texts.merged, labels);
	const lines = {base: count(base), ours: count(ours), theirs: count(theirs), result: count(result)};
	const needed = required(chunks, values => values, Math.max);
	const missing = [...needed].filter(
		([line, times]) =>
			of(lines.result, line) < times && (of(lines.ours, line) > of(lines.base, line) || of(lines.theirs, line) > of(lines.base, line)),
	);
	if (missing.length === 0) return [];
	const split = (all: readonly string[]): Counts => count(all.flatMap(wordsOf));
	const words = {base: split(base), ours: split(ours), theirs: split(theirs), result: split(result)};
	const neededWords = required(
		chunks,
		all => all.flatMap(wordsOf),
		(here, there) => here + there,
	);
	const resultWords = result.map(wordsOf);
	/** Word -> result lines with it. */
	const linesWith = new Map<string, number[]>();
	for (const [at, its] of resultWords.entries()) {
		for (const word of new Set(its)) {
			const having = linesWith.get(word) ?? [];
			having.push(at);
			linesWith.set(word, having);
		}
	}
	/** Lines that may contain others: those with its rarest word, since a file may have lost thousands. */
	const candidates = (its: readonly string[]): readonly number[] =>
		its.map(word => linesWith.get(word) ?? []).reduce((rarest, having) => (having.length < rarest.length ? having : rarest));

	const isRewritten = (line: string, side: 'ours' | 'theirs', times: number): boolean => {
		const its = wordsOf(line);
		if (its.length === 0) return of(lines.result, line) > 0;
		const other = side === 'ours' ? words.theirs : words.ours;
		const isNew = (word: string): boolean => of(words.base, word) === 0;
		const own = its.filter(word => isNew(word) && of(other, word) === 0);
		const isThere = (word: string): boolean => of(words.result, word) > 0;
		if (own.length > 0 && own.every(word => of(words.result, word) >= of(words[side], word)) && its.filter(isNew).every(isThere))
			return true;
		const added = its.filter(word => of(words[side], word) > of(words.base, word));
		if (added.length > 0 && added.every(word => of(words.result, word) >= of(neededWords, word))) return true;
		return candidates(its).filter(at => result[at]?.includes(line) && hasRun(resultWords[at] ?? [], its)).length >= times;
	};
	return missing.flatMap(([line, times]) => {
		const sides = (['ours', 'theirs'] as const).filter(side => of(lines[side], line) > of(lines.base, line));
		const lost = sides.filter(side => !isRewritten(line, side, times));
		const [only] = lost;
		return only ? [{side: lost.length > 1 ? 'both' : only, line}] : [];
	});
};

/** Conflict markers left by the resolution: lines that neither side had. */
export const leftMarkers = (result: string, before: readonly string[]): readonly string[] => {
	const known = new Set(before.flatMap(text => text.split('\n')));
	return result.split('\n').filter(line => /^(?:<{7,}|>{7,}|\|{7,})(?: |\r?$)/.test(line) && !known.has(line));
};
