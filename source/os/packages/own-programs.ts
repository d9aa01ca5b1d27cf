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

/** A locally unpacked program and its package. */
export type OwnProgram = {readonly name: string; readonly package: string; readonly file: string};

/**
 * Folder of distribution programs unpacked for this user; undefined without a home. `bin` and `lib` are siblings as in any prefix, so that
 * a sandbox that shows the PATH folder shows both.
 */
export const ownProgramsFolder = ({XDG_DATA_HOME, HOME}: Environment): string | undefined => {
	if (XDG_DATA_HOME && isAbsolute(XDG_DATA_HOME)) return join(XDG_DATA_HOME, 'agent-room', 'programs');
	return HOME && isAbsolute(HOME) ? join(HOME, '.local', 'share', 'agent-room', 'programs') : undefined;
};

/** PATH with those programs last: the machine's own win. Unchanged if there are none, or if others could have written them. */
export const pathWithOwnPrograms = (environment: Environment): string => {
	const path = environment.PATH ?? '';
	const folder = ownProgramsFolder(environment);
	if (folder === undefined || !isOwnFolder(folder)) return path;
	const bin = join(folder, 'bin');
	return path.split(delimiter).includes(bin) ? path : [path, bin].filter(Boolean).join(delimiter);
};

const listFile = (folder: string): string => join(folder, 'programs.json');

/** Programs unpacked in a folder, by name. */
export const ownPrograms = (folder: string): readonly OwnProgram[] => {
	try {
		const read = JSON.parse(readFileSync(listFile(folder), 'utf8')) as readonly OwnProgram[];
		return read.filter(({name}) => existsSync(join(folder, 'bin', name)));
	} catch {
		return [];
	}
};

export const removeOwnPrograms = (folder: string): void => rmSync(folder, {recursive: true, force: true});

/** Creates the folder, closed to others. False if impossible. */
export const makeOwnPrograms = (folder: string): boolean => ensureOwnFolder(folder);

/** Folders with shared libraries in an unpacked tree, one for each architecture too. Plugins are deeper. */
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

/** A program's file in an unpacked tree; undefined if missing. A link may leave the tree, to where it would point once installed. */
export const unpackedFile = (tree: string, name: string): string | undefined => {
	for (const folder of FOLDERS) {
		const file = join(tree, folder, name);
		try {
			const real = realpathSync(file);
			if (statSync(real).isFile() && real.startsWith(`${realpathSync(tree)}/`)) return file;
		} catch {
			// Not in this folder.
		}
	}
	return undefined;
};

/** The loader named by a dynamic program's header; undefined for static ones. */
export const loaderOf = (file: string): string | undefined => {
	const handle = openSync(file, 'r');
	try {
		const head = Buffer.alloc(8192);
		return /\/[\w./-]+\/ld-[\w.-]+(?=\0)/.exec(head.toString('latin1', 0, readSync(handle, head)))?.[0];
	} finally {
		closeSync(handle);
	}
};

/** A compiler's folder of headers and libraries, if any: `usr/lib/tcc`, or the one of this architecture. */
const ownFolderOf = (tree: string, name: string): string | undefined => {
	const folder = join(tree, 'usr/lib');
	const places = existsSync(folder) ? [folder, ...readdirSync(folder).map(kind => join(folder, kind))] : [];
	return places.map(place => join(place, name)).find(place => existsSync(place));
};

/** How to start a program: with this loader and its packages' libraries, if this machine lacks some. */
export type Start = {readonly tree: string; readonly loader: string | undefined; readonly libraries: readonly string[]};

/** These start foreign programs, which must not inherit our libraries. */
const STARTS_OTHERS = ['tmux', 'bwrap'];

/**
 * The start script of an unpacked program. Missing libraries are given by environment, so that the process keeps its name (a running git is
 * found by it); or as loader arguments, if children would inherit the environment.
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

/** Records what was unpacked; the last step of an installation. */
export const noteOwnPrograms = (folder: string, programs: readonly OwnProgram[]): void => {
	const known = new Map([...ownPrograms(folder), ...programs].map(program => [program.name, program]));
	writeFileSync(listFile(folder), `${JSON.stringify([...known.values()], undefined, '\t')}\n`, {mode: 0o600});
};
