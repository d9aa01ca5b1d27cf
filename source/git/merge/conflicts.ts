import {isObjectId} from '../process/names.ts';
import {git, gitLine} from '../process/run.ts';
import type {Repository} from '../repository/repository.ts';
import {openScratch, trialMerges} from './merge-tree.ts';

/** An active branch, by task id, with its commit. */
export type Live = {readonly id: string; readonly head: string};

/** Two branches that conflict (the second is '' for the base), and the files. */
export type Clash = {readonly pair: readonly [string, string]; readonly files: readonly string[]};

/** A branch's changes since the merge base: paths, and the folders above them. */
type Reach = {readonly paths: ReadonlySet<string>; readonly folders: ReadonlySet<string>};
type Known = {readonly head: string; readonly fork: string; readonly reach: Reach};
type Compared = {readonly refs: string; readonly files: readonly string[]};

/** `compared`: number of trial merges this time; `forks`: each branch's commit and merge base. */
export type Look = {
	readonly clashes: readonly Clash[];
	readonly compared: number;
	readonly forks: ReadonlyMap<string, {readonly head: string; readonly fork: string}>;
};

export type ConflictPredictor = {
	/** Predicts which branches conflict, with each other and with the base, as committed. Never twice at once. */
	look(branches: readonly Live[], base: string): Promise<Look>;
};

/** Trial merges leave objects; after so many their repository is remade. */
const MERGES_KEPT = 2000;
/** Parallel git processes. */
const SIDE_BY_SIDE = 4;

const reachOf = (paths: readonly string[]): Reach => {
	const folders = new Set<string>();
	for (const path of paths) for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) folders.add(path.slice(0, at));
	return {paths: new Set(paths), folders};
};

/** Whether both change the same path, or one has a file where the other has a folder. Renames count as both names. */
const overlaps = (one: Reach, other: Reach): boolean => {
	const [small, large] = one.paths.size <= other.paths.size ? [one, other] : [other, one];
	for (const path of small.paths) if (large.paths.has(path) || large.folders.has(path)) return true;
	for (const folder of small.folders) if (large.paths.has(folder)) return true;
	return false;
};

/** Changed paths of each pair of commits, in order. One process for all, none for a commit beside itself. */
const changedBetween = async (folder: string, all: readonly (readonly [string, string])[]): Promise<readonly (readonly string[])[]> => {
	const pairs = all.filter(([from, to]) => from !== to);
	if (pairs.length === 0) return all.map(() => []);
	const {stdout} = await git(folder, ['diff-tree', '--stdin', '-r', '--name-only', '-z', '--no-renames', '--always'], {
		input: pairs.map(([from, to]) => `${to} ${from}\n`).join(''),
	});
	const fields = stdout.split('\0');
	let at = 0;
	const changed = pairs.map((_, index) => {
		// Each answer starts with its commit.
		at += 1;
		const paths: string[] = [];
		while (at < fields.length && fields[at] !== '' && fields[at] !== pairs[index + 1]?.[1]) paths.push(fields[at++] ?? '');
		return paths;
	});
	let next = 0;
	return all.map(([from, to]) => (from === to ? [] : (changed[next++] ?? [])));
};

const inTurns = async <T, R>(values: readonly T[], work: (value: T) => Promise<R>): Promise<readonly R[]> => {
	const results: R[] = [];
	let next = 0;
	const run = async (): Promise<void> => {
		while (next < values.length) {
			const at = next++;
			results[at] = await work(values[at] as T);
		}
	};
	await Promise.all(Array.from({length: Math.min(SIDE_BY_SIDE, values.length)}, run));
	return results;
};

/**
 * Merge bases of these commits by one process; '' if a commit is missing or unrelated. For a branch that merged the base any such commit
 * will do: its changes are a superset.
 */
const forksOf = async (where: string, all: readonly string[], base: string): Promise<readonly string[]> => {
	// A branch just begun is the base, which is there.
	const refs = all.filter(head => head !== base);
	if (refs.length === 0) return all;
	const {code, stdout} = await git(where, ['rev-list', '--parents', '--ignore-missing', '--stdin'], {
		input: `${refs.join('\n')}\n^${base}\n`,
		accept: [128],
	});
	const parents = new Map(
		stdout
			.split('\n')
			.filter(Boolean)
			.map(row => {
				const [commit = '', ...above] = row.split(' ');
				return [commit, above] as const;
			}),
	);
	/** The first base commit on a walk from the head. */
	const endOf = (head: string): string | undefined => {
		const seen = new Set([head]);
		for (const commit of seen) {
			const above = parents.get(commit);
			if (above === undefined) return commit;
			for (const parent of above) seen.add(parent);
		}
		return undefined;
	};
	const ask = (head: string): Promise<string> =>
		gitLine(where, ['merge-base', '--end-of-options', head, base], {accept: [1, 128]}).catch(() => '');
	return inTurns(all, async head => {
		if (head === base) return base;
		const end = code === 0 ? endOf(head) : undefined;
		// A head that is its own end is on the base, or missing.
		return end === undefined || end === head ? ask(head) : end;
	});
};

/**
 * Predicts conflicts between active branches. Only pairs with a moved branch and common paths are trial-merged, in one git process and a
 * separate repository: neither the repository nor a worktree is touched.
 */
export const createPredictor = (repository: Repository, folder: string): ConflictPredictor => {
	let place: Promise<string> | undefined;
	let merges = 0;
	let known = new Map<string, Known>();
	let compared = new Map<string, Compared>();
	/** Changes of the base since a merge base, by both commits. */
	let arrived = new Map<string, Reach>();

	const open = (): Promise<string> => {
		if (merges > MERGES_KEPT) place = undefined;
		if (!place) merges = 0;
		place ??= openScratch(repository, folder);
		return place;
	};

	/** Skips a missing or unrelated commit. */
	const learn = async (where: string, moved: readonly Live[], base: string): Promise<readonly (readonly [string, Known])[]> => {
		const forks = await forksOf(
			where,
			moved.map(({head}) => head),
			base,
		);
		const forked = moved.flatMap((branch, at) => {
			const fork = forks[at] ?? '';
			return isObjectId(fork) ? [{...branch, fork}] : [];
		});
		const paths = await changedBetween(
			where,
			forked.map(({fork, head}) => [fork, head]),
		);
		return forked.map(({id, head, fork}, at) => [id, {head, fork, reach: reachOf(paths[at] ?? [])}]);
	};

	const meetBase = async (where: string, branches: ReadonlyMap<string, Known>, base: string): Promise<void> => {
		const forks = [...new Set([...branches.values()].map(({fork}) => fork))];
		const missing = forks.filter(fork => !arrived.has(`${fork} ${base}`));
		const paths = await changedBetween(
			where,
			missing.map(fork => [fork, base]),
		);
		arrived = new Map([
			...[...arrived].filter(([key]) => key.endsWith(` ${base}`)),
			...missing.map((fork, at) => [`${fork} ${base}`, reachOf(paths[at] ?? [])] as const),
		]);
	};

	return {
		look: async (branches, base) => {
			if (!isObjectId(base)) return {clashes: [], compared: 0, forks: new Map()};
			const live = branches.filter(({head}) => isObjectId(head));
			const where = await open();
			const moved = live.filter(({id, head}) => known.get(id)?.head !== head);
			const learnt = new Map(await learn(where, moved, base));
			const now = new Map(
				live.flatMap(({id, head}) => {
					const branch = learnt.get(id) ?? known.get(id);
					return branch?.head === head ? [[id, branch] as const] : [];
				}),
			);
			known = now;
			await meetBase(where, now, base);

			const wanted: {readonly key: string; readonly refs: string; readonly commits: readonly [string, string]}[] = [];
			const kept = new Map<string, Compared>();
			const consider = (one: string, other: string, commits: readonly [string, string], isClose: boolean): void => {
				if (!isClose) return;
				const [key, refs] = [`${one} ${other}`, commits.join(' ')];
				const before = compared.get(key);
				if (before?.refs === refs) kept.set(key, before);
				else wanted.push({key, refs, commits});
			};
			const all = [...now];
			for (const [at, [one, here]] of all.entries()) {
				const onBase = arrived.get(`${here.fork} ${base}`);
				consider(one, '', [here.head, base], onBase !== undefined && overlaps(here.reach, onBase));
				for (const [other, there] of all.slice(at + 1)) consider(one, other, [here.head, there.head], overlaps(here.reach, there.reach));
			}
			const results = await trialMerges(
				where,
				wanted.map(({commits}) => commits),
			);
			merges += wanted.length;
			for (const [at, {key, refs}] of wanted.entries()) kept.set(key, {refs, files: results[at] ?? []});
			compared = kept;
			const clashes = [...kept].flatMap(([key, {files}]) => {
				const [one = '', other = ''] = key.split(' ');
				return files.length > 0 ? [{pair: [one, other] as const, files}] : [];
			});
			return {clashes, compared: wanted.length, forks: known};
		},
	};
};
