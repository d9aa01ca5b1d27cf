import {
	chmodSync,
	constants,
	copyFileSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	realpathSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import {rm} from 'node:fs/promises';
import {basename, dirname, isAbsolute, join, relative} from 'node:path';
import type {HomeFolder} from '../harnesses/shared/home.ts';
import {isWithin, type Mount} from './spec.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that name folders of their own, wherever those lie. */
const FOLDERS = [
	...['CLAUDE_CONFIG_DIR', 'CODEX_HOME', 'GEMINI_CLI_HOME'],
	...['XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'XDG_CACHE_HOME', 'XDG_STATE_HOME'],
];

const kindOf = (path: string): 'folder' | 'file' | 'other' | undefined => {
	const stat = lstatSync(path, {throwIfNoEntry: false});
	if (!stat) return undefined;
	return stat.isDirectory() ? 'folder' : stat.isFile() ? 'file' : 'other';
};

/** Makes a folder below `base`, part by part: whatever an earlier program has put in the place of one, a link above all, goes. */
const makeFolder = (base: string, below: string): string => {
	let at = base;
	for (const part of below.split('/').filter(part => part !== '' && part !== '.')) {
		at = join(at, part);
		if (kindOf(at) === 'folder') continue;
		rmSync(at, {force: true});
		mkdirSync(at, {mode: 0o700});
	}
	return at;
};

/** The place for what is mounted there: of the right kind, and no link. */
const makePlace = (base: string, below: string, isFolder: boolean): void => {
	const folder = makeFolder(base, dirname(below));
	if (isFolder) makeFolder(base, below);
	else {
		const file = join(folder, basename(below));
		if (kindOf(file) === 'file') return;
		rmSync(file, {recursive: true, force: true});
		writeFileSync(file, '', {mode: 0o600, flag: 'wx'});
	}
};

/** A copy of the user's file, unless there is one that is as new. */
const copyIn = (base: string, below: string, from: string): void => {
	const theirs = statSync(from, {throwIfNoEntry: false});
	if (!theirs?.isFile()) return;
	const file = join(makeFolder(base, dirname(below)), basename(below));
	if (kindOf(file) === 'file' && lstatSync(file).mtimeMs >= theirs.mtimeMs) return;
	rmSync(file, {recursive: true, force: true});
	copyFileSync(from, file, constants.COPYFILE_EXCL);
};

type Root = {readonly path: string; readonly from: string};

/** Where the folder of a CLI lies for the user. */
const theirFolder = ({variable, inVariable = '', below}: HomeFolder, home: string, environment: Environment): string => {
	const named = variable === undefined ? undefined : environment[variable];
	return named && isAbsolute(named) ? join(named, inVariable) : join(home, below);
};

/**
 * A home in which nobody has lived: `folder` holds it, and it lasts as long as that does. Of the user's home it shows what `uses` names.
 * What is in it already was written by a program of an agent, and is trusted with nothing: no link of it is followed.
 */
export const privateHome = (options: {
	readonly folder: string;
	readonly home: string;
	readonly environment: Environment;
	readonly uses: readonly HomeFolder[];
	/** Files that stand in the home next to what is the user's, by their paths below it: their content. */
	readonly files?: Readonly<Record<string, string>>;
}): readonly Mount[] => {
	const {folder, home, environment, uses, files = {}} = options;
	mkdirSync(folder, {recursive: true, mode: 0o700});
	const named = FOLDERS.flatMap(name => {
		const path = environment[name];
		return path && isAbsolute(path) && path !== '/' && !isWithin(home, path) && !isWithin(path, home) ? [{name, path}] : [];
	});
	const roots: readonly Root[] = [
		{path: home, from: makeFolder(folder, 'home')},
		...named.map(({name, path}) => ({path, from: makeFolder(folder, name)})),
	];
	for (const [name, text] of Object.entries(files)) {
		const file = join(makeFolder(join(folder, 'home'), dirname(name)), basename(name));
		rmSync(file, {recursive: true, force: true});
		writeFileSync(file, text, {mode: 0o600, flag: 'wx'});
	}
	const shared = uses.flatMap(use => {
		const theirs = theirFolder(use, home, environment);
		const root = roots.findLast(({path}) => isWithin(theirs, path));
		if (!root) return [];
		const below = (name: string): string => relative(root.path, join(theirs, name));
		for (const name of use.emptied ?? [])
			rmSync(join(makeFolder(root.from, dirname(below(name))), basename(name)), {recursive: true, force: true});
		for (const name of use.made ?? []) makeFolder(root.from, below(name));
		for (const name of use.copied ?? []) copyIn(root.from, below(name), join(theirs, name));
		const show = (name: string, isWritable: boolean): readonly Mount[] => {
			const path = join(theirs, name);
			const stat = statSync(path, {throwIfNoEntry: false});
			if (!stat?.isFile() && !stat?.isDirectory()) return [];
			makePlace(root.from, below(name), stat.isDirectory());
			return [{path, from: realpathSync(path), isWritable}];
		};
		return [...(use.live ?? []).flatMap(name => show(name, true)), ...(use.shown ?? []).flatMap(name => show(name, false))];
	});
	return [...roots.map(root => ({...root, isWritable: true})), ...shared];
};

/** Lets a tree be removed whose folders a program has closed (a cache of modules, say). No link is followed. */
const openTree = (folder: string): void => {
	chmodSync(folder, 0o700);
	for (const entry of readdirSync(folder, {withFileTypes: true})) if (entry.isDirectory()) openTree(join(folder, entry.name));
};

/** Takes a home away, '' for none. Nobody may be at home. */
export const removeHome = async (folder: string): Promise<void> => {
	if (folder === '' || kindOf(folder) !== 'folder') return;
	await rm(folder, {recursive: true, force: true}).catch(async () => {
		openTree(folder);
		await rm(folder, {recursive: true, force: true});
	});
};
