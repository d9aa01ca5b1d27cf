import type {Patch, PatchFile, PatchHunk, PatchLine} from '../../core/change/diff.ts';
import type {Comment, ReviewComment, ReviewRound} from '../../core/review/round.ts';

export type Note = {
	readonly comment: ReviewComment;
	readonly who: string;
	readonly at: number;
	readonly commit: string;
	/**
	 * `open`: not submitted since. `answered`: submitted since, not reviewed again. `past`: a later round followed. `approved`: no request.
	 */
	readonly state: 'open' | 'answered' | 'past' | 'approved';
};

export type DiffItem =
	| {readonly kind: 'file'; readonly file: PatchFile; readonly at: number}
	/** Why there are no lines. */
	| {readonly kind: 'words'; readonly at: number; readonly text: string}
	| {readonly kind: 'hunk'; readonly at: number; readonly hunk: PatchHunk; readonly number: number; readonly of: number}
	| {readonly kind: 'line'; readonly at: number; readonly line: PatchLine; readonly hunk: PatchHunk; readonly file: PatchFile}
	/** `place` is '' next to its line. `at` -1: about no file of the change. */
	| {readonly kind: 'note'; readonly at: number; readonly note: Note; readonly place: string};

/** Comments of all rounds, oldest first. `commit` is the last submitted one. */
export const notesOf = (rounds: readonly ReviewRound[], comments: readonly Comment[], commit: string): readonly Note[] => [
	...rounds.flatMap((round, index) => {
		const isLast = index === rounds.length - 1;
		const state = !isLast ? 'past' : round.verdict === 'approve' ? 'approved' : round.commit === commit ? 'open' : 'answered';
		return round.comments.map(comment => ({comment, who: round.reviewer, at: round.at, commit: round.commit, state}) as const);
	}),
	...comments.map(
		comment =>
			({
				comment: comment,
				who: 'person',
				at: comment.at,
				commit: comment.commit,
				state: comment.commit === commit ? 'open' : 'answered',
			}) as const,
	),
];

const placeOf = ({file, line}: ReviewComment): string => (line > 0 ? `${file}:${line}` : file);

const emptyWords = (file: PatchFile): string => {
	if (file.isLeftOut) return `not shown: change too long (+${file.added} -${file.removed} here)`;
	if (file.isBinary) return 'binary or too large to show';
	if (file.hunks.length > 0) return '';
	if (file.status === 'renamed') return 'renamed, content unchanged';
	if (file.oldMode !== file.newMode && file.status === 'changed') return `mode ${file.oldMode} is now ${file.newMode}`;
	return 'empty';
};

/** Items of a file; comments go under their line of the new file, never under a removed one. */
const itemsOfFile = (file: PatchFile, at: number, notes: readonly Note[]): readonly DiffItem[] => {
	const left = new Set(notes);
	const items: DiffItem[] = [];
	file.hunks.forEach((hunk, index) => {
		items.push({kind: 'hunk', at, hunk, number: index + 1, of: file.hunks.length});
		for (const line of hunk.lines) {
			items.push({kind: 'line', at, line, hunk, file});
			if (line.new === 0 || left.size === 0) continue;
			for (const note of left) {
				if (note.comment.line !== line.new) continue;
				left.delete(note);
				items.push({kind: 'note', at, note, place: ''});
			}
		}
	});
	const words = emptyWords(file);
	return [
		{kind: 'file', file, at},
		...(words === '' ? [] : [{kind: 'words', at, text: words} as const]),
		// About the file, or a line no longer in the change.
		...[...left].map(note => ({kind: 'note', at, note, place: placeOf(note.comment)}) as const),
		...items,
	];
};

const build = (patch: Patch, notes: readonly Note[]): readonly DiffItem[] => {
	const byFile = Map.groupBy(notes, ({comment}) => comment.file);
	const paths = new Set(patch.files.map(({path}) => path));
	const elsewhere = notes.filter(({comment}) => !paths.has(comment.file));
	const unlisted = patch.total - patch.files.length;
	return [
		...elsewhere.map(note => ({kind: 'note', at: -1, note, place: placeOf(note.comment)}) as const),
		...patch.files.flatMap((file, at) => itemsOfFile(file, at, byFile.get(file.path) ?? [])),
		...(unlisted > 0 ? [{kind: 'words', at: -1, text: `${unlisted} more files not listed`} as const] : []),
	];
};

type Said = {readonly reviews: readonly ReviewRound[]; readonly comments: readonly Comment[]};
const NOTHING_SAID: Said = {reviews: [], comments: []};
const built = new WeakMap<Patch, {readonly said: Said; readonly commit: string; readonly items: readonly DiffItem[]}>();

/** A change with its comments as a flat list; cached. */
export const diffItems = (patch: Patch, given: Said | undefined, commit: string): readonly DiffItem[] => {
	const said = given ?? NOTHING_SAID;
	const known = built.get(patch);
	if (known?.said === said && known.commit === commit) return known.items;
	const items = build(patch, notesOf(said.reviews, said.comments, commit));
	built.set(patch, {said, commit, items});
	return items;
};

/** The next hunk or comment in a direction; `from` if there is none. */
export const nextStop = (items: readonly DiffItem[], from: number, step: 1 | -1): number => {
	for (let at = from + step; at >= 0 && at < items.length; at += step) {
		const kind = items[at]?.kind;
		if (kind === 'hunk' || kind === 'note') return at;
	}
	return from;
};

/** The place of a comment on an item: file and new line; 0 for the whole file. */
export const placeFor = (patch: Patch, item: DiffItem | undefined): {readonly file: string; readonly line: number} => {
	const file = patch.files[item?.at ?? -1]?.path ?? '';
	if (item?.kind === 'line') return {file, line: item.line.new};
	if (item?.kind === 'note') return {file: item.note.comment.file, line: item.note.comment.line};
	return {file, line: item?.kind === 'hunk' ? item.hunk.new : 0};
};
