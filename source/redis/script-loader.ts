import {createHash} from 'node:crypto';
import {existsSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';

/** A script's whole text, its fragments pulled in, and the digest by which Redis knows it. */
export type LoadedScript = {readonly name: string; readonly text: string; readonly sha: string};

const INCLUDE = /^--- include: (lib\/[a-z-]+)$/gm;

/**
 * The package's folder of Lua scripts: the first folder upwards from `from` that holds a package.json and lua/, so that sources and
 * bundle find the same one.
 */
export const luaFolder = (from: string = import.meta.dirname): string => {
	for (let folder = from; ; folder = dirname(folder)) {
		const lua = join(folder, 'lua');
		if (existsSync(join(folder, 'package.json')) && existsSync(lua)) return lua;
		if (dirname(folder) === folder)
			throw new Error(`No folder \`lua\` beside a package.json above \`${from}\`: the package is incomplete.`);
	}
};

/** Replaces every `--- include: lib/<name>` line by that fragment. A fragment is never included twice. */
export const expandIncludes = (text: string, readFragment: (name: string) => string): string => {
	const seen = new Set<string>();
	return text.replace(INCLUDE, (_, name: string) => {
		if (seen.has(name)) throw new Error(`The fragment \`${name}\` is included twice.`);
		seen.add(name);
		return readFragment(name).trimEnd();
	});
};

const cache = new Map<string, LoadedScript>();

/** Reads `lua/<name>.lua` once a process. */
export const loadScript = (name: string): LoadedScript => {
	const known = cache.get(name);
	if (known) return known;
	const folder = luaFolder();
	const read = (file: string): string => readFileSync(join(folder, `${file}.lua`), 'utf8');
	const text = expandIncludes(read(name), read);
	const loaded = {name, text, sha: createHash('sha1').update(text).digest('hex')};
	cache.set(name, loaded);
	return loaded;
};
