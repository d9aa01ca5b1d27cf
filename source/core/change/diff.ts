import type {Hunk} from '../review/comments.ts';

/** One line of a hunk; `old` and `new` are line numbers, 0 on the side that lacks it. */
export type PatchLine = {readonly sign: ' ' | '+' | '-'; readonly old: number; readonly new: number; readonly text: string};

/** `place`: the context that git names after the range, such as a function's head. */
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
	/** The previous name; '' unless renamed or copied. */
	readonly from: string;
	readonly status: 'added' | 'deleted' | 'changed' | 'renamed' | 'copied' | 'retyped';
	/** Octal; '' on the side that lacks the file. */
	readonly oldMode: string;
	readonly newMode: string;
	/** Also set for text that is too large to diff. */
	readonly isBinary: boolean;
	readonly added: number;
	readonly removed: number;
	readonly hunks: readonly PatchHunk[];
	/** Content omitted because the whole diff would be too long. */
	readonly isLeftOut: boolean;
};

/** A change for display. Counts cover all of it; `files` is limited. */
export type Patch = {
	/** `branch`: commits since the merge base. `worktree`: also uncommitted changes. `merged`: what came to the base. */
	readonly of: 'branch' | 'worktree' | 'merged';
	readonly from: string;
	/** The commit; for a worktree its HEAD. */
	readonly commit: string;
	readonly total: number;
	readonly added: number;
	readonly removed: number;
	readonly files: readonly PatchFile[];
	/** The last commits, newest first; `at` is the committer's clock, epoch ms. */
	readonly commits: readonly {readonly id: string; readonly at: number; readonly subject: string}[];
};

/** A file as git lists it, before its content is read. */
export type ListedFile = Omit<PatchFile, 'hunks' | 'isLeftOut'>;

const STATUS: Readonly<Record<string, PatchFile['status']>> = {
	...{A: 'added', D: 'deleted', M: 'changed', R: 'renamed', C: 'copied', T: 'retyped'},
};

type Counts = {readonly added: number; readonly removed: number; readonly isBinary: boolean};

/** Parses `git diff --raw --numstat -z`. Returns undefined if a path is in conflict. */
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
		// A renamed file has its two names in separate fields.
		if (path === '') at += 2;
	}
	return files.map((file, index) => ({...file, ...(counts[index] ?? {added: 0, removed: 0, isBinary: false})}));
};

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$/s;

/** Hunks of one file, and the text after its `diff --git`. */
type FileHunks = {readonly head: string; readonly hunks: PatchHunk[]};

/**
 * Parses a unified diff. Hunk lengths come from hunk heads, so content cannot pass for a head. Existing parsers (`parse-diff`,
 * `gitdiff-parser`, `diff`) also guess names from heads, which the change's author controls.
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

/** Returns the hunks of a unified diff, one list per `diff --git`. Names are not parsed: they are quoted and hostile. */
export const readHunkLists = (text: string): readonly (readonly PatchHunk[])[] => readFiles(text).map(({hunks}) => hunks);

/** Returns files and their changed places, by old line numbers. Skips renamed files and quoted names (with control characters). */
export const readChangedPlaces = (text: string): ReadonlyMap<string, readonly Hunk[]> =>
	new Map(
		readFiles(text).flatMap(({head, hunks}) => {
			const name = /^a\/(.+) b\/\1$/.exec(head)?.[1];
			return name === undefined ? [] : [[name, hunks.map(({old, oldLines}) => ({from: old, to: old + oldLines - 1}))] as const];
		}),
	);

const MARKER = /^(?:<{7}|>{7}|\|{7})(?: |$)|^={7}$/;

/** Whether an added line is one of git's conflict markers. */
export const isConflictMarker = ({sign, text}: Pick<PatchLine, 'sign' | 'text'>): boolean =>
	sign === '+' && '<>=|'.includes(text[0] ?? ' ') && MARKER.test(text);

/** Files to which the change adds a whole conflict: a line of equals signs alone is a heading. */
export const filesWithMarkers = ({files}: Pick<Patch, 'files'>): readonly string[] =>
	files
		.filter(({hunks}) => {
			const marks = new Set<string | undefined>();
			for (const {lines} of hunks) for (const line of lines) if (isConflictMarker(line)) marks.add(line.text[0]);
			return marks.has('<') && marks.has('>');
		})
		.map(({path}) => path);
