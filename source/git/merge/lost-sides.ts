import {oneLine} from '../../core/text/quote.ts';
import {type Content, readBlobs} from '../diff/blobs.ts';
import {type Change, changedPaths, renamedPaths} from '../diff/paths.ts';
import {git, gitLine} from '../process/run.ts';
import {type Labels, leftMarkers, lostLines} from './lost-lines.ts';
import {type TrialMerge, trialMerge} from './merge-tree.ts';

/** A side's content that the result lacks: lines of a file, or all of it (`lines` is empty) if it has no lines. */
export type Dropped = {readonly file: string; readonly side: 'ours' | 'theirs' | 'both'; readonly lines: readonly string[]};

/** `unmerged`: the result does not contain `theirs`. `markers`: files with conflict markers. */
export type Resolution =
	| {readonly kind: 'kept'; readonly files: readonly string[]}
	| {readonly kind: 'unmerged'}
	| {readonly kind: 'markers'; readonly files: readonly string[]}
	| {readonly kind: 'dropped'; readonly dropped: readonly Dropped[]};

/** A file in a merge, under all its names. */
type File = {
	readonly paths: readonly string[];
	readonly base: readonly string[];
	readonly ours: readonly string[];
	readonly theirs: readonly string[];
	/** A submodule: which commit contains the other is unknown here. */
	readonly isLink: boolean;
};

type Commits = {readonly base: string; readonly ours: string; readonly theirs: string};

const GITLINK = '160000';

const named = (commit: string, paths: Iterable<string>): readonly string[] => [...paths].map(path => `${commit}:${path}`);

/**
 * Conflicting paths, grouped as git names them. For one path the index has each side's version, even renamed; for several (renamed on both
 * sides) it has half-merged texts, so the sides are read under all names.
 */
const filesInConflict = ({conflicts, together}: TrialMerge, commits: Commits): readonly File[] => {
	const groups = new Map<string, ReadonlySet<string>>();
	const join = (paths: readonly string[]): void => {
		const joined = new Set(paths.flatMap(path => [...(groups.get(path) ?? [path])]));
		for (const path of joined) groups.set(path, joined);
	};
	for (const path of conflicts.keys()) join([path]);
	for (const paths of together) join(paths.filter(path => conflicts.has(path)));
	return [...new Set(groups.values())].map(group => {
		const stages = [...group].flatMap(path => conflicts.get(path) ?? []);
		const of = (side: 'base' | 'ours' | 'theirs'): readonly string[] =>
			group.size > 1 ? named(commits[side], group) : stages.map(stage => stage[side]).filter(Boolean);
		return {
			paths: [...group],
			base: of('base'),
			ours: of('ours'),
			theirs: of('theirs'),
			isLink: stages.some(({modes}) => modes.includes(GITLINK)),
		};
	});
};

/**
 * Files that merged cleanly and that the result changed: a side may be lost without touching a conflict. For a renamed file the old name is
 * its base.
 */
const filesChangedSince = async (
	folder: string,
	changed: ReadonlyMap<string, Change>,
	{base, ours, theirs}: Commits,
): Promise<readonly File[]> => {
	if (changed.size === 0) return [];
	const renamed = await Promise.all([renamedPaths(folder, base, ours), renamedPaths(folder, base, theirs)]);
	return [...changed].map(([path, {from}]) => {
		const before = new Set([path, ...renamed.flatMap(names => names.get(path) ?? [])]);
		return {
			paths: [path],
			base: named(base, before),
			ours: named(ours, before),
			theirs: named(theirs, before),
			isLink: from.mode === GITLINK,
		};
	});
};

const textOf = (contents: readonly Content[]): string => contents.map(({text}) => text).join('\n');

type Sides = Readonly<Record<'base' | 'ours' | 'theirs' | 'merged' | 'result', readonly Content[]>>;

const NONE: Sides = {base: [], ours: [], theirs: [], merged: [], result: []};
const clean = (paths: readonly string[]): readonly string[] => paths.map(path => oneLine(path, 300));

const isGone = (side: readonly Content[]): boolean => side.every(({kind}) => kind === 'missing');
const sideOf = (isOurs: boolean, isTheirs: boolean): Dropped['side'] => (isOurs && isTheirs ? 'both' : isOurs ? 'ours' : 'theirs');

/** Binary files are whole or lost. A result that equals neither side cannot be judged: it counts as lost, and a human decides. */
const lostWhole = ({base, ours, theirs, result}: Sides): readonly Dropped['side'][] => {
	const [was, now] = [base, result].map(side => new Set(side.map(({id}) => id)));
	const isLost = (side: readonly Content[]): boolean =>
		side.some(({id, kind}) => kind !== 'missing' && !was?.has(id)) && !side.every(({id}) => now?.has(id));
	return isLost(ours) || isLost(theirs) ? [sideOf(isLost(ours), isLost(theirs))] : [];
};

/** Files per process, and in memory at once. */
const AT_ONCE = 50;

/** Reads all versions of files: sides, git's merge and result. */
const readSides = async (
	folder: string,
	files: readonly File[],
	trees: {readonly merged: string; readonly result: string},
): Promise<readonly Sides[]> => {
	const named = files.map(({paths, base, ours, theirs}) => {
		const inTree = (tree: string): readonly string[] => paths.map(path => `${tree}:${path}`);
		return [base, ours, theirs, inTree(trees.merged), inTree(trees.result)];
	});
	const contents = [...(await readBlobs(folder, named.flat(2)))];
	return named.map(parts => {
		const [base = [], ours = [], theirs = [], merged = [], result = []] = parts.map(({length}) => contents.splice(0, length));
		return {base, ours, theirs, merged, result};
	});
};

/** Whether a resolution of a conflict is the other side's file, unchanged: nothing of the own change was rewritten, all of it is gone. */
const isTaken = ({theirs, result}: Sides): boolean => !isGone(theirs) && result.every(({id}) => theirs.some(other => other.id === id));

const lostOf = (file: File, sides: Sides, labels: Labels): readonly Dropped[] => {
	const {base, ours, theirs, result} = sides;
	const name = file.paths.join(', ');
	if (file.isLink) return [{file: name, side: 'both', lines: []}];
	if ([...ours, ...theirs, ...result].some(({kind}) => kind === 'binary'))
		return lostWhole(sides).map(side => ({file: name, side, lines: []}));
	const isAdded = (side: readonly Content[]): boolean => isGone(base) && !isGone(side);
	// Adding an empty file counts too.
	if (isGone(result) && (isAdded(ours) || isAdded(theirs))) return [{file: name, side: sideOf(isAdded(ours), isAdded(theirs)), lines: []}];
	const texts = {
		base: textOf(base),
		ours: textOf(ours),
		theirs: textOf(theirs),
		// Git puts the result of a double rename under both names.
		merged: textOf(sides.merged.filter(({id}, at) => sides.merged.findIndex(other => other.id === id) === at)),
		result: textOf(result),
	};
	const lines = lostLines(texts, labels);
	return (['ours', 'theirs', 'both'] as const).flatMap(side => {
		const own = lines.filter(line => line.side === side).map(({line}) => line);
		return own.length > 0 ? [{file: name, side, lines: own}] : [];
	});
};

const hasMarkers = ({base, ours, theirs, result}: Sides): boolean =>
	leftMarkers(
		textOf(result),
		[base, ours, theirs].map(side => textOf(side)),
	).length > 0;

/**
 * Judges the resolution of a conflict between `ours` and `theirs` (commits): `result` must have merged `theirs`, have no markers, and keep
 * what either side added, in all files, also deleted or renamed ones. `isAuthor`: `ours` is the resolver's own work, which it may rewrite
 * like any of its lines, unless it took the other side's file as it is. Only reads objects and trusts no report.
 * @throws GitRefused if a commit is missing.
 */
export const judgeMerge = async (
	folder: string,
	commits: {readonly ours: string; readonly theirs: string; readonly result: string},
	{isAuthor}: {readonly isAuthor: boolean},
): Promise<Resolution> => {
	const {ours, theirs, result} = commits;
	const merged = await git(folder, ['merge-base', '--is-ancestor', '--end-of-options', theirs, result], {accept: [1]});
	if (merged.code === 1) return {kind: 'unmerged'};
	const trial = await trialMerge(folder, ours, theirs);
	const [tree, base, changes] = await Promise.all([
		gitLine(folder, ['rev-parse', '--verify', '--end-of-options', `${result}^{tree}`]),
		gitLine(folder, ['merge-base', '--end-of-options', ours, theirs]),
		changedPaths(folder, ['diff-tree', '-r'], [trial.tree, `${result}^{tree}`]),
	]);
	const inConflict = filesInConflict(trial, {base, ours, theirs});
	const known = new Set(inConflict.flatMap(({paths}) => paths));
	const others = new Map([...changes].filter(([path, {from}]) => !known.has(path) && !from.isMissing));
	const since = await filesChangedSince(folder, others, {base, ours, theirs});
	const files = [...inConflict, ...since];
	const marked: string[] = [];
	const dropped: Dropped[] = [];
	for (let at = 0; at < files.length; at += AT_ONCE) {
		const some = files.slice(at, at + AT_ONCE);
		const sides = await readSides(folder, some, {merged: trial.tree, result: tree});
		for (const [index, file] of some.entries()) {
			const read = sides[index] ?? NONE;
			const isConflict = at + index < inConflict.length;
			if (isConflict && hasMarkers(read)) marked.push(...file.paths);
			const mayRewrite = isAuthor && !(isConflict && isTaken(read));
			dropped.push(...lostOf(file, read, {ours, theirs}).filter(({side}) => !(mayRewrite && side === 'ours')));
		}
	}
	if (marked.length > 0) return {kind: 'markers', files: clean(marked)};
	return dropped.length > 0
		? {kind: 'dropped', dropped: dropped.map(lost => ({...lost, file: oneLine(lost.file, 300)}))}
		: {kind: 'kept', files: clean([...known])};
};
