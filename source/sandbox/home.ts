import {constants, copyFileSync, lstatSync, mkdirSync, realpathSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {basename, dirname, isAbsolute, join, relative} from 'node:path';
import type {HomeFolder} from '../harnesses/shared/home.ts';
import {openFolders, removeFolder} from '../os/remove-folder.ts';
import {isWithin, type Mount} from './spec.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const FOLDERS = [
	...['CLAUDE_CONFIG_DIR', 'CODEX_HOME', 'GEMINI_CLI_HOME'],
	...['XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'XDG_CACHE_HOME', 'XDG_STATE_HOME'],
];

const kindOf = (path: string): 'folder' | 'file' | 'other' | undefined => {
	const stat = lstatSync(path, {throwIfNoEntry: false});
	if (!stat) return undefined;
	return stat.isDirectory() ? 'folder' : stat.isFile() ? 'file' : 'other';
};

/** Creates a folder below `base`, part by part; replaces whatever an earlier program put there, above all links. */
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

/** Creates a mount point of the right kind, never a link. */
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

/** Copies the user's file unless the copy is as new. */
const copyIn = (base: string, below: string, from: string): void => {
	const theirs = statSync(from, {throwIfNoEntry: false});
	if (!theirs?.isFile()) return;
	const file = join(makeFolder(base, dirname(below)), basename(below));
	if (kindOf(file) === 'file' && lstatSync(file).mtimeMs >= theirs.mtimeMs) return;
	rmSync(file, {recursive: true, force: true});
	copyFileSync(from, file, constants.COPYFILE_EXCL);
};

type Root = {readonly path: string; readonly from: string};

const theirFolder = ({variable, inVariable = '', below}: HomeFolder, home: string, environment: Environment): string => {
	const named = variable === undefined ? undefined : environment[variable];
	return named && isAbsolute(named) ? join(named, inVariable) : join(home, below);
};

type HomeOptions = {
	readonly folder: string;
	readonly home: string;
	readonly environment: Environment;
	readonly uses: readonly HomeFolder[];
	/** Files to write into the home: path below it -> content. */
	readonly files?: Readonly<Record<string, string>>;
};

/**
 * Creates a private home in `folder`, with the parts of the user's home that `uses` names. Existing content was written by an agent's
 * program and is untrusted: no link in it is followed, and folders that it has closed are opened.
 */
export const privateHome = (options: HomeOptions): readonly Mount[] => {
	try {
		return makeHome(options);
	} catch (error) {
		if (openFolders(options.folder) === 0) throw error;
		return makeHome(options);
	}
};

const makeHome = ({folder, home, environment, uses, files = {}}: HomeOptions): readonly Mount[] => {
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
		for (const name of use.copied ?? []) copyIn(root.from, below(name), join(use.from ?? theirs, name));
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

/** Removes a home, '' for none. No process may use it any more. */
export const removeHome = async (folder: string): Promise<void> => {
	if (folder === '' || kindOf(folder) !== 'folder') return;
	await removeFolder(folder);
};
