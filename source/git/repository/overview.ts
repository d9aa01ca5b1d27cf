import {git} from '../process/run.ts';
import type {Repository} from './repository.ts';

/** A folder or file extension, and its number of files. */
export type Share = {readonly name: string; readonly files: number};

/** A repository at a commit, for a first look. */
export type Overview = {
	readonly files: number;
	/** Folders of the two top levels, by name; names end in `/`. */
	readonly folders: readonly Share[];
	/** Top-level files, by name. */
	readonly top: readonly string[];
	/** The most frequent extensions, such as `.ts`, most first. */
	readonly endings: readonly Share[];
	/** The first lines of its README, '' for none. */
	readonly readme: string;
};

/** A smaller folder is not split. */
const WORTH_OPENING = 20;
const MOST_ENDINGS = 8;
const README_LINES = 60;
const README_CHARACTERS = 4000;

const counted = (names: readonly string[]): ReadonlyMap<string, number> => {
	const counts = new Map<string, number>();
	for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
	return counts;
};

const shares = (counts: ReadonlyMap<string, number>): readonly Share[] => [...counts].map(([name, files]) => ({name, files}));

const foldersOf = (paths: readonly string[]): readonly Share[] => {
	const above = counted(paths.filter(path => path.includes('/')).map(path => path.slice(0, path.indexOf('/') + 1)));
	const below = counted(
		paths.flatMap(path => {
			const [first = '', second = '', ...rest] = path.split('/');
			return rest.length > 0 && (above.get(`${first}/`) ?? 0) >= WORTH_OPENING ? [`${first}/${second}/`] : [];
		}),
	);
	return [...shares(above), ...shares(below)].toSorted((a, b) => (a.name < b.name ? -1 : 1));
};

const readmeOf = async (root: string, commit: string, top: readonly string[]): Promise<string> => {
	const name = top.find(file => /^readme(\.(md|markdown|rst|txt|adoc))?$/i.test(file));
	if (name === undefined) return '';
	const {code, stdout} = await git(root, ['cat-file', 'blob', `${commit}:${name}`], {accept: [128]});
	return code === 0 ? stdout.split('\n').slice(0, README_LINES).join('\n').slice(0, README_CHARACTERS) : '';
};

/** Reads names and one README from the object store; touches no worktree. */
export const repositoryOverview = async ({root}: Pick<Repository, 'root'>, commit: string): Promise<Overview> => {
	const {stdout} = await git(root, ['ls-tree', '-r', '-z', '--name-only', '--full-tree', '--end-of-options', commit]);
	const paths = stdout.split('\0').filter(Boolean);
	const top = paths.filter(path => !path.includes('/'));
	const endings = counted(paths.flatMap(path => /[^/](\.[A-Za-z0-9_+-]{1,12})$/.exec(path)?.[1] ?? []));
	return {
		files: paths.length,
		folders: foldersOf(paths),
		top,
		endings: shares(endings)
			.toSorted((a, b) => b.files - a.files)
			.slice(0, MOST_ENDINGS),
		readme: await readmeOf(root, commit, top),
	};
};
