import {setImmediate as breathe} from 'node:timers/promises';
import {formatSize} from '../../core/text/format.ts';
import {type Objects, openObjects, rootIn} from './objects.ts';
import {GitRefused} from './refused.ts';

/**
 * What a commit may have beyond the base when it is checked out. Git stores a tree once, however often it is named: thirty objects can be 2^30 files.
 * Each bound is far above what people write, and below what breaks git (2048 folders deep), a file system (names of 255 bytes, paths of 1024 on
 * macOS with those of the worktree) or the time of those who read the change.
 */
export const BOUNDS = {paths: 1_000_000, depth: 100, path: 800, name: 255} as const;

/** Bytes of files beyond the base where `limits.disk` says nothing. */
export const MOST_BYTES = 2_000_000_000;

/** Files and folders of a tree, each as often as it is named; bytes of its files, folders of the deepest and bytes of the longest path. */
export type Weight = {readonly paths: number; readonly bytes: number; readonly depth: number; readonly path: number};

const NOTHING: Weight = {paths: 0, bytes: 0, depth: 0, path: 0};

/** Read objects after which other work gets its turn. */
const MANY = 200;

type Entry = {readonly kind: 'tree' | 'file' | 'repository'; readonly name: string; readonly id: string};

/** Names as `latin1`: a character is a byte. Undefined: not a tree. */
const entriesIn = (tree: Buffer, idBytes: number): readonly Entry[] | undefined => {
	const entries: Entry[] = [];
	for (let at = 0; at < tree.length; ) {
		const space = tree.indexOf(0x20, at);
		const end = tree.indexOf(0, space);
		const next = end + 1 + idBytes;
		if (space < 0 || end < 0 || next > tree.length) return undefined;
		const mode = tree.toString('latin1', at, space);
		const kind = mode === '40000' ? 'tree' : mode === '160000' ? 'repository' : 'file';
		entries.push({kind, name: tree.toString('latin1', space + 1, end), id: tree.toString('hex', end + 1, next)});
		at = next;
	}
	return entries;
};

const number = (value: number): string => (value < 1e15 ? value.toLocaleString('en') : 'more than 10^15');

const tooLarge = (what: string, limit: string, hint: string): GitRefused =>
	new GitRefused('too-large', `the work has \`${what}\` beyond the base; the limit is ${limit}`, hint);

const TAKE_OUT =
	'Take them out: of its commits with `git reset --soft` to the base, of its worktree by deleting them or adding them to `.gitignore`.';

/** @throws GitRefused `too-large`. */
export const requireBounds = ({paths, bytes, depth, path}: Weight, mostBytes: number): void => {
	if (depth > BOUNDS.depth) throw tooLarge(`folders ${BOUNDS.depth + 1} deep or more`, `${BOUNDS.depth}`, TAKE_OUT);
	if (path > BOUNDS.path) throw tooLarge(`a path of ${number(path)} bytes`, `${BOUNDS.path}`, TAKE_OUT);
	if (paths > BOUNDS.paths) throw tooLarge(`${number(paths)} files and folders`, number(BOUNDS.paths), TAKE_OUT);
	if (bytes > mostBytes)
		throw tooLarge(
			`${bytes < 1e15 ? formatSize(bytes) : 'more than 1000 TB'} of files`,
			formatSize(mostBytes),
			`${TAKE_OUT} A human may raise \`limits.disk\`.`,
		);
};

/** Thrown where an object is missing or damaged: then git refuses the commit too, and says so. */
class Unreadable extends Error {}

/**
 * Weighs trees beside the base's. What is the same at the same path counts nothing and is not read; every other tree or file is read once, however often
 * it is named.
 */
const openScales = (objects: Objects, {mostBytes, before}: {readonly mostBytes: number; readonly before: ReadonlyMap<string, Weight>}) => {
	/** By the tree's id, or by both ids where it was weighed beside the base's. */
	const weights = new Map<string, Weight>();
	const sizes = new Map<string, number>();
	let read = 0;

	const rest = async (): Promise<void> => {
		read += 1;
		if (read % MANY === 0) await breathe();
	};
	const entriesOf = async (id: string, isBase = false): Promise<readonly Entry[]> => {
		await rest();
		const tree = await (isBase ? objects.baseTree(id) : objects.tree(id));
		if (typeof tree === 'number') throw tooLarge(`a folder of ${formatSize(tree)}`, '64MB', TAKE_OUT);
		const entries = tree && entriesIn(tree, id.length / 2);
		if (!entries) throw new Unreadable(id);
		return entries;
	};
	const sizeOf = async (id: string): Promise<number> => {
		const known = sizes.get(id);
		if (known !== undefined) return known;
		await rest();
		const size = await objects.blobSize(id);
		if (size === undefined) throw new Unreadable(id);
		sizes.set(id, size);
		return size;
	};
	const below = (name: string, {paths, bytes, depth, path}: Weight): Weight => ({
		paths: paths + 1,
		bytes,
		depth: depth + 1,
		path: path === 0 ? name.length : name.length + 1 + path,
	});
	/** A file in place of the base's own is nowhere new. */
	const weighFile = async ({kind, name, id}: Entry, isNew: boolean): Promise<Weight> => ({
		paths: 1,
		bytes: kind === 'file' ? await sizeOf(id) : 0,
		depth: 0,
		path: isNew ? name.length : 0,
	});
	const weighEntry = async (entry: Entry, depth: number): Promise<Weight> => {
		const {kind, name, id} = entry;
		if (name.length > BOUNDS.name) throw tooLarge(`a name of ${number(name.length)} bytes`, `${BOUNDS.name}`, TAKE_OUT);
		return kind === 'tree' ? below(name, await weighWhole(id, depth + 1)) : weighFile(entry, true);
	};
	const add = (one: Weight, other: Weight): Weight => ({
		paths: one.paths + other.paths,
		bytes: one.bytes + other.bytes,
		depth: Math.max(one.depth, other.depth),
		path: Math.max(one.path, other.path),
	});
	/** `depth`: how far down it stands. A chain of trees ends here, not in our stack. */
	const weighWhole = async (id: string, depth: number): Promise<Weight> => {
		const known = weights.get(id) ?? before.get(id);
		if (known) return known;
		if (depth > BOUNDS.depth) requireBounds({...NOTHING, depth}, mostBytes);
		let sum = NOTHING;
		for (const entry of await entriesOf(id)) sum = add(sum, await weighEntry(entry, depth));
		weights.set(id, sum);
		return sum;
	};
	const weighBeside = async (id: string, base: string | undefined, depth: number): Promise<Weight> => {
		if (id === base) return NOTHING;
		if (base === undefined) return weighWhole(id, depth);
		const pair = `${id} ${base}`;
		const known = weights.get(pair) ?? before.get(pair);
		if (known) return known;
		const there = new Map((await entriesOf(base, true)).map(entry => [entry.name, entry]));
		let sum = NOTHING;
		for (const entry of await entriesOf(id)) {
			const old = there.get(entry.name);
			if (old?.id === entry.id && old.kind === entry.kind) continue;
			if (entry.kind === 'tree' && old?.kind === 'tree') {
				const changed = await weighBeside(entry.id, old.id, depth + 1);
				sum = add(sum, changed.path === 0 ? changed : {...below(entry.name, changed), paths: changed.paths});
			} else if (entry.kind !== 'tree' && old && old.kind !== 'tree') sum = add(sum, await weighFile(entry, false));
			else sum = add(sum, await weighEntry(entry, depth));
		}
		weights.set(pair, sum);
		return sum;
	};
	return {weighBeside, weights};
};

/** Beside which commit of a store a tree is weighed, '' for none, and up to how many bytes of files. */
export type Bounds = {readonly store: string; readonly base: string; readonly mostBytes: number};

/** Weights of trees that are complete in a store, by its folder. */
const taken = new Map<string, Map<string, Weight>>();
const MOST_WEIGHTS = 20_000;

const keepWeights = (store: string, weights: ReadonlyMap<string, Weight>): void => {
	const kept = taken.get(store) ?? new Map<string, Weight>();
	taken.set(store, kept);
	if (kept.size + weights.size > MOST_WEIGHTS) kept.clear();
	for (const [key, weight] of weights) kept.set(key, weight);
};

/** Weighed commits. */
type Weighed = {
	/** Those that are new, each after its parents. */
	readonly commits: readonly string[];
	/** Their parents that the store has, complete. */
	readonly known: readonly string[];
	/** To be called once git has taken them: the next ones are then weighed by what they change. */
	keep(): void;
};

/** These commits, each after those of its parents that are among them. */
const parentsFirst = (parents: ReadonlyMap<string, readonly string[]>): readonly string[] => {
	const done = new Set<string>();
	const waiting = [...parents.keys()];
	for (let id = waiting.at(-1); id !== undefined; id = waiting.at(-1)) {
		const open = parents.get(id)?.filter(parent => parents.has(parent) && !done.has(parent)) ?? [];
		if (open.length > 0) waiting.push(...open);
		else {
			done.add(id);
			waiting.pop();
		}
	}
	return [...done];
};

/**
 * Weighs every new commit that `wanted` brings, as it would be checked out, and brings its objects into the quarantine. Guarantee: none of them is in
 * the store unless each is within the bounds. Undefined if an object is missing or damaged. `isAnew`: believes no earlier weight.
 * @throws GitRefused `too-large`. The next time it is weighed again.
 */
export const weigh = async (
	from: Parameters<typeof openObjects>[0],
	options: {readonly wanted: readonly string[]; readonly base: string; readonly mostBytes: number; readonly isAnew: boolean},
): Promise<Weighed | undefined> => {
	const {wanted, base, mostBytes, isAnew} = options;
	const objects = openObjects(from);
	const before = isAnew ? undefined : taken.get(from.store);
	try {
		const {weighBeside, weights} = openScales(objects, {mostBytes, before: before ?? new Map()});
		const root = base === '' ? undefined : await objects.rootOf(base);
		const commits = new Set(wanted);
		const known: string[] = [];
		const parents = new Map<string, readonly string[]>();
		for (const id of commits) {
			const commit = await objects.newCommit(id);
			if (commit === undefined) {
				if (!wanted.includes(id)) known.push(id);
				continue;
			}
			const tree = rootIn(commit);
			if (tree === '') throw new Unreadable(id);
			requireBounds(await weighBeside(tree, root, 0), mostBytes);
			const above = [...commit.slice(0, commit.indexOf('\n\n')).matchAll(/^parent ([0-9a-f]{40,64})$/gm)].map(([, parent = '']) => parent);
			parents.set(id, above);
			for (const parent of above) commits.add(parent);
		}
		return {commits: parentsFirst(parents), known, keep: () => keepWeights(from.store, weights)};
	} catch (error) {
		if (error instanceof Unreadable) return undefined;
		throw error;
	} finally {
		objects.close();
	}
};

/**
 * Weighs a tree that the store has whole.
 * @throws GitRefused `too-large`.
 */
export const weighTree = async (
	tree: string,
	{store, base, mostBytes}: Bounds,
	environment: Readonly<Record<string, string>>,
): Promise<void> => {
	const objects = openObjects({store, environment});
	try {
		const {weighBeside, weights} = openScales(objects, {mostBytes, before: taken.get(store) ?? new Map()});
		requireBounds(await weighBeside(tree, base === '' ? undefined : await objects.rootOf(base), 0), mostBytes);
		keepWeights(store, weights);
	} catch (error) {
		if (error instanceof Unreadable) throw new GitRefused('git-failed', `git lacks object \`${error.message}\` of what it wrote`);
		throw error;
	} finally {
		objects.close();
	}
};
