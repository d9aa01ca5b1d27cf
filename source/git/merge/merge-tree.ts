import {existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {oneLine} from '../../core/text/quote.ts';
import {git, gitLine} from '../process/run.ts';
import type {Repository} from '../repository/repository.ts';

/** One path as a merge that conflicts left it in the index: what the merge base, ours and theirs have there. */
export type Stages = {readonly base: string; readonly ours: string; readonly theirs: string; readonly modes: readonly string[]};

export type TrialMerge = {
	/** The tree that git makes of it, markers and all. */
	readonly tree: string;
	/** Paths in conflict. Object ids; '' if a side has nothing there. */
	readonly conflicts: ReadonlyMap<string, Stages>;
	/** Paths that git names together in one message: a file renamed on both sides has several. */
	readonly together: readonly (readonly string[])[];
};

const NOTHING: Stages = {base: '', ours: '', theirs: '', modes: []};
const SIDES = {1: 'base', 2: 'ours', 3: 'theirs'} as const;
const isStage = (text: string): text is '1' | '2' | '3' => text === '1' || text === '2' || text === '3';

/** With -z: index entries up to an empty one, then messages as <count> <paths...> <kind> <text>. */
const readConflicts = (fields: readonly string[]): Pick<TrialMerge, 'conflicts' | 'together'> => {
	const end = fields.indexOf('');
	const conflicts = new Map<string, Stages>();
	for (const entry of fields.slice(0, end)) {
		const [, mode = '', id = '', stage = '', path = ''] = /^(\d+) ([0-9a-f]+) ([123])\t([\s\S]*)$/.exec(entry) ?? [];
		if (!isStage(stage)) continue;
		const before = conflicts.get(path) ?? NOTHING;
		conflicts.set(path, {...before, [SIDES[stage]]: id, modes: [...before.modes, mode]});
	}
	const together: (readonly string[])[] = [];
	for (let at = end + 1; at < fields.length && fields[at] !== ''; ) {
		const paths = Number(fields[at]);
		if (!Number.isSafeInteger(paths)) break;
		const kind = fields[at + 1 + paths] ?? '';
		if (kind.startsWith('CONFLICT')) together.push(fields.slice(at + 1, at + 1 + paths));
		at += paths + 3;
	}
	return {conflicts, together};
};

/**
 * Merges two commits without a worktree. Conflicts carry the merge base's version too (diff3) and are labelled with the ids as given.
 * @throws GitRefused where git cannot merge them at all: an object is missing, or they share no history.
 */
export const trialMerge = async (folder: string, ours: string, theirs: string): Promise<TrialMerge> => {
	const {code, stdout} = await git(
		folder,
		['-c', 'merge.conflictStyle=diff3', 'merge-tree', '--write-tree', '-z', '--messages', '--end-of-options', ours, theirs],
		{accept: [1]},
	);
	const [tree = '', ...rest] = stdout.split('\0');
	return {tree, ...(code === 1 ? readConflicts(rest) : {conflicts: new Map(), together: []})};
};

/** Files in conflict of each pair of commits, in order; [] if they merge, undefined if git could not tell. One process for all. */
export const trialMerges = async (
	folder: string,
	pairs: readonly (readonly [string, string])[],
): Promise<readonly (readonly string[] | undefined)[]> => {
	if (pairs.length === 0) return [];
	const {code, stdout} = await git(folder, ['merge-tree', '--stdin', '--name-only', '--no-messages'], {
		input: pairs.map(([one, other]) => `${one} ${other}\n`).join(''),
		accept: [128, 129],
	});
	// An older git knows no --stdin, and one that lacks an object gives up in the middle: each by itself then.
	if (code !== 0) return Promise.all(pairs.map(pair => oneMerge(folder, pair)));
	const fields = stdout.split('\0');
	let at = 0;
	return pairs.map(() => {
		const status = fields[at] ?? '';
		const end = fields.indexOf('', at);
		const files = fields.slice(at + 2, end < 0 ? undefined : end);
		at = end < 0 ? fields.length : end + 1;
		return status === '1' ? [] : status === '0' ? clean(files) : undefined;
	});
};

const clean = (files: readonly string[]): readonly string[] => [...new Set(files)].map(file => oneLine(file, 300));

const oneMerge = async (folder: string, [one, other]: readonly [string, string]): Promise<readonly string[] | undefined> => {
	const merged = await git(folder, ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', '--end-of-options', one, other], {
		accept: [1, 128],
	});
	if (merged.code === 128) return undefined;
	return merged.code === 0 ? [] : clean(merged.stdout.split('\0').slice(1, -1));
};

/**
 * A bare repository of the room's own that sees every object of the user's and keeps what trial merges write to itself. It has no ref, no
 * hook, no filter and no attribute, and follows no renamed folders, as the guardian's clone. What an earlier one held is thrown away.
 */
export const openScratch = async (repository: Repository, folder: string): Promise<string> => {
	rmSync(folder, {recursive: true, force: true});
	mkdirSync(folder, {recursive: true, mode: 0o700});
	const format = await gitLine(repository.root, ['rev-parse', '--show-object-format']);
	await git(folder, ['init', '--quiet', '--bare', '--template=', `--object-format=${format}`]);
	await git(folder, ['config', '--local', 'merge.directoryRenames', 'false']);
	mkdirSync(join(folder, 'objects', 'info'), {recursive: true});
	writeFileSync(join(folder, 'objects', 'info', 'alternates'), `${join(repository.commonDir, 'objects')}\n`);
	const shallow = join(repository.commonDir, 'shallow');
	if (existsSync(shallow)) writeFileSync(join(folder, 'shallow'), readFileSync(shallow));
	return folder;
};

/** How a commit stands against the base: how many commits it lacks, and in which files it does not merge (undefined: git could not tell). */
export type Against = {readonly behind: number; readonly conflicts: readonly string[] | undefined};

/** Looks at commits against others; trial merges write into `folder`, a place of its own, which is made again when it is first needed. */
export const createAgainst = (repository: Repository, folder: string): ((commit: string, base: string) => Promise<Against>) => {
	let place: Promise<string> | undefined;
	const open = (): Promise<string> => {
		place ??= openScratch(repository, folder).catch(error => {
			place = undefined;
			throw error;
		});
		return place;
	};
	return async (commit, base) => {
		const behind = Number(await gitLine(repository.root, ['rev-list', '--count', '--end-of-options', `${commit}..${base}`, '--']));
		// What has the base in it merges with it.
		const [conflicts] = behind === 0 ? [[]] : await trialMerges(await open(), [[base, commit]]);
		return {behind, conflicts};
	};
};
