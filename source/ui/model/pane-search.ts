import type {PaneLines, Place} from '../../core/pane-lines.ts';

/** Cells of a line from `from` to `to` (exclusive) that hold what is looked for. */
export type Match = {readonly line: number; readonly from: number; readonly to: number};

const known = new WeakMap<PaneLines, {readonly text: string; readonly matches: readonly Match[]}>();

/** More places than this are not marked: nobody goes through them. */
const MOST = 10_000;

/** The texts of lines that are searched letter by letter while somebody types. */
const knownTexts = new WeakMap<PaneLines, readonly string[]>();
const textsOf = (lines: PaneLines): readonly string[] => {
	const before = knownTexts.get(lines);
	if (before) return before;
	const texts = Array.from({length: lines.count}, (_, line) => lines.textOf(line));
	knownTexts.set(lines, texts);
	return texts;
};

/** In small letters, unit for unit: what changes its length stays as it is. */
const small = (text: string): string => {
	const lower = text.toLowerCase();
	if (lower.length === text.length) return lower;
	return [...text].map(character => (character.toLowerCase().length === character.length ? character.toLowerCase() : character)).join('');
};

/** Every place of a text, top to bottom. Capital letters count only where the text has some (smart case). */
export const matchesOf = (lines: PaneLines, text: string): readonly Match[] => {
	if (text === '') return [];
	const before = known.get(lines);
	if (before?.text === text) return before.matches;
	const fold = small(text) === text ? small : (line: string): string => line;
	const matches: Match[] = [];
	const texts = textsOf(lines);
	for (let line = 0; line < lines.count && matches.length < MOST; line++) {
		const whole = fold(texts[line] ?? '');
		let at = whole.indexOf(text);
		if (at === -1) continue;
		const cells = lines.cellsOfText(line);
		for (; at !== -1 && matches.length < MOST; at = whole.indexOf(text, at + text.length)) {
			const last = cells[at + text.length - 1] ?? 0;
			matches.push({line, from: cells[at] ?? 0, to: lines.isHalf(line, last + 1) ? last + 2 : last + 1});
		}
	}
	known.set(lines, {text, matches});
	return matches;
};

const isBefore = (a: Place, b: Place): boolean => a.line < b.line || (a.line === b.line && a.cell < b.cell);
const placeOf = ({line, from}: Match): Place => ({line, cell: from});

/** Index of the match in which the place stands, -1 for none. */
export const matchAt = (matches: readonly Match[], {line, cell}: Place): number =>
	matches.findIndex(match => match.line === line && match.from <= cell && cell < match.to);

/** Index of the next match up or down from a place, over the end to the other one; -1 where there is none. */
export const nextMatch = (matches: readonly Match[], place: Place, way: 'up' | 'down', isHereToo = false): number => {
	if (matches.length === 0) return -1;
	if (isHereToo && matchAt(matches, place) >= 0) return matchAt(matches, place);
	if (way === 'down')
		return Math.max(
			0,
			matches.findIndex(match => isBefore(place, placeOf(match))),
		);
	const index = matches.findLastIndex(match => isBefore(placeOf(match), place));
	return index === -1 ? matches.length - 1 : index;
};
