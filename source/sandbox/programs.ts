import {existsSync, lstatSync, readdirSync, readlinkSync, realpathSync, statSync} from 'node:fs';
import {basename, dirname, isAbsolute, join, resolve} from 'node:path';
import {isWithin, type Mount} from './spec.ts';

/** Tool folders below home that hold nothing private. */
const TOOLS = [
	...['.local/bin', '.local/lib', '.local/pipx', '.local/share/pipx', '.local/share/uv', '.local/share/mise', '.local/share/fnm'],
	...['.nvm', '.volta', '.fnm', '.asdf', '.n', '.pyenv', '.rbenv', '.rustup', '.bun/bin', '.deno/bin', '.sdkman/candidates'],
	...['.cargo/bin', '.cargo/env', 'go/bin', '.npm-global', '.yarn/bin', '.nix-profile'],
];

const isOfSystem = (folder: string): boolean => ['/usr', '/bin', '/sbin', '/opt', '/nix', '/snap'].some(path => isWithin(folder, path));

const isThere = (path: string): boolean => statSync(path, {throwIfNoEntry: false}) !== undefined;

/** Whether mounting the folder would expose the user's home or everything. */
const isTooMuch = (folder: string, keepOut: readonly string[]): boolean => folder === '/' || keepOut.some(path => isWithin(path, folder));

/** What a PATH folder needs besides itself: its prefix (`lib/node_modules` next to `bin`), or the packages behind `.bin`. */
const prefixOf = (folder: string, keepOut: readonly string[]): string => {
	const outer = dirname(folder);
	if (basename(folder) === '.bin' && basename(outer) === 'node_modules') return outer;
	const isPrefix = basename(folder) === 'bin' && basename(outer) !== '.local' && isThere(join(outer, 'lib')) && !isTooMuch(outer, keepOut);
	return isPrefix ? outer : folder;
};

/** Larger folders are not scanned. */
const MOST = 500;

/** By the folder's mtime: scanned again only after an installation. */
const looked = new Map<string, {readonly at: number; readonly mounts: readonly Mount[]}>();

/** Targets of a folder's links: programs are often installed elsewhere and linked. */
const linkedFrom = (folder: string, keepOut: readonly string[]): readonly Mount[] => {
	const at = statSync(folder, {throwIfNoEntry: false})?.mtimeMs ?? 0;
	const known = looked.get(folder);
	if (known?.at === at) return known.mounts;
	const links = readdirSync(folder, {withFileTypes: true}).filter(entry => entry.isSymbolicLink());
	const mounts = links.slice(0, MOST).flatMap(({name}) => programMounts(join(folder, name), keepOut));
	looked.set(folder, {at, mounts});
	return mounts;
};

/** Mounts of the PATH folders and what they need. `keepOut`: what no mount may expose, the user's home first. */
export const pathMounts = (path: string, keepOut: readonly string[]): readonly Mount[] => {
	const [home = '/'] = keepOut;
	const folders = path.split(':').filter(folder => isAbsolute(folder) && folder !== '/' && isThere(folder));
	const linked = folders
		.filter(folder => !isOfSystem(folder) && basename(folder) !== '.bin')
		.flatMap(folder => linkedFrom(folder, keepOut));
	const tools = TOOLS.map(name => join(home, name)).filter(isThere);
	const shown = [...folders.map(folder => prefixOf(resolve(folder), keepOut)), ...tools].filter(folder => !isTooMuch(folder, keepOut));
	return [...linked, ...shown.flatMap(folder => within(withReal(folder), keepOut))];
};

/** A path as named, and its real path. */
export const withReal = (path: string, isWritable = false): readonly Mount[] => {
	try {
		const real = realpathSync(path);
		if (real === path) return [{path, isWritable}];
		const named = lstatSync(path).isSymbolicLink() ? {path, link: real} : {path, from: real, isWritable};
		return [{path: real, isWritable}, named];
	} catch {
		return [];
	}
};

/** Mounts that expose nothing of `keepOut`. */
const within = (mounts: readonly Mount[], keepOut: readonly string[]): readonly Mount[] =>
	mounts.filter(({path, link}) => link !== undefined || !isTooMuch(path, keepOut));

/** The package of a file: its outermost `node_modules`, or the file alone. */
const packageOf = (file: string): string => {
	const at = file.indexOf('/node_modules/');
	return at < 0 ? file : file.slice(0, at + '/node_modules'.length);
};

/** A program by absolute path: each link on the way, with its packages. */
export const programMounts = (file: string, keepOut: readonly string[]): readonly Mount[] => {
	const mounts: Mount[] = [];
	let at = file;
	for (let hop = 0; hop < 10 && existsSync(at); hop += 1) {
		const shown = packageOf(at);
		if (!isTooMuch(shown, keepOut)) mounts.push(...within(withReal(shown), keepOut));
		if (!lstatSync(at).isSymbolicLink()) break;
		at = resolve(realpathSync(dirname(at)), readlinkSync(at));
	}
	return mounts;
};

/** Existing paths among a command's words: the user wrote them, so they may be shown. */
export const namedMounts = (command: readonly string[], keepOut: readonly string[]): readonly Mount[] =>
	command
		.filter(word => isAbsolute(word) && !word.includes('\0') && existsSync(word))
		.flatMap(word => programMounts(resolve(word), keepOut));
