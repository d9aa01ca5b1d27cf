import type {Hunk} from '../review/comments.ts';

/** One line of a hunk; `old` and `new` are its numbers on both sides, 0 on the side where it is not. */
export type PatchLine = {readonly sign: ' ' | '+' | '-'; readonly old: number; readonly new: number; readonly text: string};

/** `place`: what git found to name the place by, such as a function's head. */
export type PatchHunk = {
	readonly old: number;
	readonly oldLines: number;
	readonly new: number;
	readonly newLines: number;
	readonly place: string;
	readonly lines: readonly PatchLine[];
};

export type PatchFile = {
	readonly path: string;
	/** What it was called before; '' where it was not renamed or copied. */
	readonly from: string;
	readonly status: 'added' | 'deleted' | 'changed' | 'renamed' | 'copied' | 'retyped';
	/** Octal, '' on the side where it is not. */
	readonly oldMode: string;
	readonly newMode: string;
	/** Also of a text that is too large to be read as one. */
	readonly isBinary: boolean;
	readonly added: number;
	readonly removed: number;
	readonly hunks: readonly PatchHunk[];
	/** Its content is not here, since the whole would be too long. */
	readonly isLeftOut: boolean;
};

/** A change as it is looked at. Counts are of all of it; `files` has at most so many as are listed. */
export type Patch = {
	/**
	 * `branch`: what is committed, against where it left the base. `worktree`: the same with what is not committed yet. `landed`: what came to the base.
	 */
	readonly of: 'branch' | 'worktree' | 'merged';
	readonly from: string;
	/** The commit; of a worktree the one that it stands at. */
	readonly commit: string;
	readonly total: number;
	readonly added: number;
	readonly removed: number;
	readonly files: readonly PatchFile[];
	/** Its commits, newest first, the last of them; `at` is epoch ms as its committer's clock said. */
	readonly commits: readonly {readonly id: string; readonly at: number; readonly subject: string}[];
};

/** A file as git lists it, before its content is read. */
export type ListedFile = Omit<PatchFile, 'hunks' | 'isLeftOut'>;

const STATUS: Readonly<Record<string, PatchFile['status']>> = {
	...{A: 'added', D: 'deleted', M: 'changed', R: 'renamed', C: 'copied', T: 'retyped'},
};

type Counts = {readonly added: number; readonly removed: number; readonly isBinary: boolean};

/** Reads `git diff --raw --numstat -z`: raw entries with their paths, then a line of counts for each. Undefined where a path is in conflict. */
export const readFileList = (output: string): readonly ListedFile[] | undefined => {
	const fields = output.split('\0');
	const files: Omit<ListedFile, keyof Counts>[] = [];
	const counts: Counts[] = [];
	for (let at = 0; at < fields.length && fields[at] !== ''; ) {
		const field = fields[at++] ?? '';
		const raw = /^:(\d+) (\d+) \S+ \S+ ([A-Z])\d*$/.exec(field);
		if (raw) {
			const [, before = '', after = '', letter = ''] = raw;
			if (letter === 'U') return undefined;
			const isMoved = letter === 'R' || letter === 'C';
			const from = isMoved ? (fields[at++] ?? '') : '';
			files.push({
				path: fields[at++] ?? '',
				from,
				status: STATUS[letter] ?? 'changed',
				oldMode: /^0+$/.test(before) ? '' : before,
				newMode: /^0+$/.test(after) ? '' : after,
			});
			continue;
		}
		const [added = '', removed = '', path = ''] = field.split('\t');
		counts.push({added: Number(added) || 0, removed: Number(removed) || 0, isBinary: added === '-'});
		// A renamed file has both of its names in fields of their own.
		if (path === '') at += 2;
	}
	return files.map((file, index) => ({...file, ...(counts[index] ?? {added: 0, removed: 0, isBinary: false})}));
};

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$/s;

/** The hunks of one file, and what stands behind the `diff --git` above them. */
type FileHunks = {readonly head: string; readonly hunks: PatchHunk[]};

/**
 * Reads a unified diff. A hunk is as long as its head says, so that no content can pass for a head. By hand: the kept parsers (`parse-diff`,
 * `gitdiff-parser`, `diff`) also guess names out of every head, which whoever made the change has written, and need a mapping as long as this.
 */
const readFiles = (text: string): readonly FileHunks[] => {
	const files: FileHunks[] = [];
	let lines: PatchLine[] = [];
	let [old, oldEnd, now, nowEnd] = [0, 0, 0, 0];
	for (let start = 0; start < text.length; ) {
		const end = text.indexOf('\n', start);
		const line = text.slice(start, end < 0 ? undefined : end);
		start = end < 0 ? text.length : end + 1;
		if (old < oldEnd || now < nowEnd) {
			const sign = line[0];
			if (sign === '+') lines.push({sign, old: 0, new: now++, text: line.slice(1)});
			else if (sign === '-') lines.push({sign, old: old++, new: 0, text: line.slice(1)});
			// `\ No newline at end of file` counts on neither side.
			else if (sign !== '\\') lines.push({sign: ' ', old: old++, new: now++, text: line.slice(1)});
			continue;
		}
		if (line.startsWith('diff --git ')) {
			files.push({head: line.slice('diff --git '.length), hunks: []});
			continue;
		}
		const head = HUNK.exec(line);
		if (!head) continue;
		const [, oldFrom = '0', oldLines = '1', newFrom = '0', newLines = '1', place = ''] = head;
		lines = [];
		[old, now] = [Number(oldFrom), Number(newFrom)];
		[oldEnd, nowEnd] = [old + Number(oldLines), now + Number(newLines)];
		const sizes = {old, oldLines: Number(oldLines), new: now, newLines: Number(newLines)};
		files.at(-1)?.hunks.push({...sizes, place, lines});
	}
	return files;
};

/** The hunks of a unified diff, one list for every `diff --git` in it. Names in it are not read: they are quoted, and may hold whatever one likes. */
export const readHunkLists = (text: string): readonly (readonly PatchHunk[])[] => readFiles(text).map(({hunks}) => hunks);

/** Files and their changed places, by the lines before. Files whose names are quoted (with controls in them), or are others now, are left out. */
export const readChangedPlaces = (text: string): ReadonlyMap<string, readonly Hunk[]> =>
	new Map(
		readFiles(text).flatMap(({head, hunks}) => {
			const name = /^a\/(.+) b\/\1$/.exec(head)?.[1];
			return name === undefined ? [] : [[name, hunks.map(({old, oldLines}) => ({from: old, to: old + oldLines - 1}))] as const];
		}),
	);
