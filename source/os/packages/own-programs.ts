import {
	closeSync,
	type Dirent,
	existsSync,
	openSync,
	readdirSync,
	readFileSync,
	readSync,
	realpathSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import {delimiter, isAbsolute, join} from 'node:path';
import {quote} from '../../core/text/quote.ts';
import {ensureOwnFolder, isOwnFolder} from '../own-folder.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A program that was unpacked here, and the package of the distribution that it is from. */
export type OwnProgram = {readonly name: string; readonly package: string; readonly file: string};

/**
 * Where programs of the distribution lie that were unpacked for this user alone; undefined without a home. `bin` and `lib` stand side by side, as in
 * every prefix: whatever shows a folder of the PATH, such as a sandbox, shows the whole of it.
 */
export const ownProgramsFolder = ({XDG_DATA_HOME, HOME}: Environment): string | undefined => {
	if (XDG_DATA_HOME && isAbsolute(XDG_DATA_HOME)) return join(XDG_DATA_HOME, 'agent-room', 'programs');
	return HOME && isAbsolute(HOME) ? join(HOME, '.local', 'share', 'agent-room', 'programs') : undefined;
};

/** The PATH with those programs at its end: what the machine has comes first. Unchanged where there are none, or others could have put them there. */
export const pathWithOwnPrograms = (environment: Environment): string => {
	const path = environment.PATH ?? '';
	const folder = ownProgramsFolder(environment);
	if (folder === undefined || !isOwnFolder(folder)) return path;
	const bin = join(folder, 'bin');
	return path.split(delimiter).includes(bin) ? path : [path, bin].filter(Boolean).join(delimiter);
};

const listFile = (folder: string): string => join(folder, 'programs.json');

/** What was unpacked into a folder, by name. */
export const ownPrograms = (folder: string): readonly OwnProgram[] => {
	try {
		const read = JSON.parse(readFileSync(listFile(folder), 'utf8')) as readonly OwnProgram[];
		return read.filter(({name}) => existsSync(join(folder, 'bin', name)));
	} catch {
		return [];
	}
};

/** Removes all of it. */
export const removeOwnPrograms = (folder: string): void => rmSync(folder, {recursive: true, force: true});

/** Makes the folder, closed to everybody else. False if it cannot be had. */
export const makeOwnPrograms = (folder: string): boolean => ensureOwnFolder(folder);

/** Folders with shared libraries of an unpacked tree: those of libraries, and one for each kind of machine in them. Plugins lie deeper. */
export const libraryFolders = (tree: string): readonly string[] => {
	const entriesOf = (folder: string): readonly Dirent[] => (existsSync(folder) ? readdirSync(folder, {withFileTypes: true}) : []);
	const folders = ['usr/lib', 'usr/lib64', 'lib', 'lib64'].map(name => join(tree, name));
	const within = folders.flatMap(folder =>
		entriesOf(folder)
			.filter(entry => entry.isDirectory())
			.map(({name}) => join(folder, name)),
	);
	return [...folders, ...within].filter(folder => entriesOf(folder).some(({name}) => /\.so(\.\d+)*$/.test(name)));
};

const FOLDERS = ['usr/bin', 'bin', 'usr/sbin', 'sbin', 'usr/local/bin'];

/**
 * The file of a program in an unpacked tree; undefined if it is not in it. A link may lead out of the tree: to what it would be once
 * installed.
 */
export const unpackedFile = (tree: string, name: string): string | undefined => {
	for (const folder of FOLDERS) {
		const file = join(tree, folder, name);
		try {
			const real = realpathSync(file);
			if (statSync(real).isFile() && real.startsWith(`${realpathSync(tree)}/`)) return file;
		} catch {
			// It is not in this one.
		}
	}
	return undefined;
};

/** The loader that a dynamic program names in its first bytes; undefined for one that needs none. */
export const loaderOf = (file: string): string | undefined => {
	const handle = openSync(file, 'r');
	try {
		const head = Buffer.alloc(8192);
		return /\/[\w./-]+\/ld-[\w.-]+(?=\0)/.exec(head.toString('latin1', 0, readSync(handle, head)))?.[0];
	} finally {
		closeSync(handle);
	}
};

/** The folder of a compiler's own headers and library, where it has one: `usr/lib/tcc`, or that of this machine's kind next to it. */
const ownFolderOf = (tree: string, name: string): string | undefined => {
	const folder = join(tree, 'usr/lib');
	const places = existsSync(folder) ? [folder, ...readdirSync(folder).map(kind => join(folder, kind))] : [];
	return places.map(place => join(place, name)).find(place => existsSync(place));
};

/** How a program has to be started: by this loader with the libraries of its packages, where this machine lacks some of them. */
export type Start = {readonly tree: string; readonly loader: string | undefined; readonly libraries: readonly string[]};

/** They start programs of others, which are not to take libraries from here. */
const STARTS_OTHERS = ['tmux', 'bwrap'];

/**
 * The text of the command that starts an unpacked program. Libraries that this machine lacks are named by its environment, so that it has its own name
 * among the processes (a git at work is known by that); or to the loader by its arguments, where it starts programs that would inherit them.
 */
export const starter = (name: string, file: string, {tree, loader, libraries}: Start): string => {
	const path = libraries.join(':');
	const own = name === 'tcc' ? ownFolderOf(tree, name) : undefined;
	const isByLoader = loader !== undefined && STARTS_OTHERS.includes(name);
	const variables = {
		...(name === 'git'
			? {GIT_EXEC_PATH: join(tree, 'usr/lib/git-core'), GIT_TEMPLATE_DIR: join(tree, 'usr/share/git-core/templates')}
			: {}),
		...(loader && !isByLoader ? {LD_LIBRARY_PATH: path} : {}),
	};
	const set = Object.entries(variables).map(([key, value]) => `export ${key}=${quote(value)}\n`);
	const words = [...(isByLoader ? [loader, '--library-path', path] : []), file, ...(own ? ['-B', own] : [])];
	return `#!/bin/sh\n${set.join('')}exec ${words.map(quote).join(' ')} "$@"\n`;
};

/** Writes down what is there; the last step of an installation. */
export const noteOwnPrograms = (folder: string, programs: readonly OwnProgram[]): void => {
	const known = new Map([...ownPrograms(folder), ...programs].map(program => [program.name, program]));
	writeFileSync(listFile(folder), `${JSON.stringify([...known.values()], undefined, '\t')}\n`, {mode: 0o600});
};
