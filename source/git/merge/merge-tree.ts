import {existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {oneLine} from '../../core/text/quote.ts';
import {git, gitLine} from '../process/run.ts';
import type {Repository} from '../repository/repository.ts';
import {addSettings} from '../repository/settings.ts';

/** A path in conflict: versions of merge base, ours and theirs. */
export type Stages = {readonly base: string; readonly ours: string; readonly theirs: string; readonly modes: readonly string[]};

export type TrialMerge = {
	/** Git's resulting tree, with markers. */
	readonly tree: string;
	/** Paths in conflict. Object ids; '' if a side lacks it. */
	readonly conflicts: ReadonlyMap<string, Stages>;
	/** Paths that git names in one message: a double rename has several. */
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
 * Merges two commits without a worktree. Conflicts include the base (diff3) and are labelled with the given ids.
 * @throws GitRefused if git cannot merge: an object is missing, or no common history.
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

/** Conflicting files of each pair of commits, in order; [] for a clean merge, undefined if git could not tell. One process for all. */
export const trialMerges = async (
	folder: string,
	pairs: readonly (readonly [string, string])[],
): Promise<readonly (readonly string[] | undefined)[]> => {
	if (pairs.length === 0) return [];
	const {code, stdout} = await git(folder, ['merge-tree', '--stdin', '--name-only', '--no-messages'], {
		input: pairs.map(([one, other]) => `${one} ${other}\n`).join(''),
		accept: [128, 129],
	});
	// An older git lacks --stdin, and a missing object aborts it: then one by one.
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
 * Opens a bare repository that borrows the user's objects and keeps those of trial merges. Like the guardian's clone it has no refs, hooks,
 * filters or attributes, and follows no renamed folders. Discards an earlier one.
 */
export const openScratch = async (repository: Repository, folder: string): Promise<string> => {
	rmSync(folder, {recursive: true, force: true});
	mkdirSync(folder, {recursive: true, mode: 0o700});
	const format = await gitLine(repository.root, ['rev-parse', '--show-object-format']);
	await git(folder, ['init', '--quiet', '--bare', '--template=', `--object-format=${format}`]);
	addSettings(folder, [['merge.directoryRenames', 'false']]);
	mkdirSync(join(folder, 'objects', 'info'), {recursive: true});
	writeFileSync(join(folder, 'objects', 'info', 'alternates'), `${join(repository.commonDir, 'objects')}\n`);
	const shallow = join(repository.commonDir, 'shallow');
	if (existsSync(shallow)) writeFileSync(join(folder, 'shallow'), readFileSync(shallow));
	return folder;
};

/** A commit against the base: missing commits, and conflicting files (undefined: unknown). */
export type Against = {readonly behind: number; readonly conflicts: readonly string[] | undefined};

/** Compares commits with others; trial merges write to `folder`, which is created on first use. */
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
		// A commit that contains the base merges cleanly.
		const [conflicts] = behind === 0 ? [[]] : await trialMerges(await open(), [[base, commit]]);
		return {behind, conflicts};
	};
};
