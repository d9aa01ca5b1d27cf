import {globSync, readFileSync} from 'node:fs';
import {dirname, join, normalize} from 'node:path';

/** One import of a file: of what, and whether anything of it is there when the program runs. */
export type Import = {
	/** Path below `source/` for a file of our own, else the name of the package, with its `node:`. */
	readonly to: string;
	readonly isOwn: boolean;
	/** `import type`, or nothing but types between the braces: gone once the types are. */
	readonly isType: boolean;
	/** `import('...')`: loaded when it is needed. */
	readonly isLate: boolean;
};

export const sourceRoot = join(import.meta.dirname, '..', '..', 'source');

/** Every file below `source/`, by its path there, in order. */
export const sourceFiles: readonly string[] = globSync('**/*.{ts,tsx}', {cwd: sourceRoot}).toSorted();

const STATIC = /^(?:import|export)\s+(?:(type)\s+)?(?:([^'";]*?)\s*from\s+)?'([^']+)'/gm;
/** A dynamic import, but for one of a type (`typeof import('...')`). */
const LATE = /(?<!typeof )\bimport\('([^']+)'\)/g;

const hasOnlyTypes = (names: string): boolean =>
	/^\{[^}]*\}$/.test(names.trim()) &&
	names
		.replace(/[{}\n\t]/g, ' ')
		.split(',')
		.every(name => name.trim() === '' || name.trim().startsWith('type '));

/** What a text of TypeScript imports and exports again, by the names that stand in it. */
export const importsIn = (text: string): readonly {readonly name: string; readonly isType: boolean; readonly isLate: boolean}[] => [
	...[...text.matchAll(STATIC)].map(([, type, names = '', name = '']) => ({
		name,
		isType: type !== undefined || hasOnlyTypes(names),
		isLate: false,
	})),
	...[...text.matchAll(/typeof import\('([^']+)'\)/g)].map(([, name = '']) => ({name, isType: true, isLate: false})),
	...[...text.matchAll(LATE)].map(([, name = '']) => ({name, isType: false, isLate: true})),
];

const read = (file: string): readonly Import[] =>
	importsIn(readFileSync(join(sourceRoot, file), 'utf8')).map(({name, ...how}) => {
		const isOwn = name.startsWith('.');
		return {to: isOwn ? normalize(join(dirname(file), name)) : name, isOwn, ...how};
	});

const known = new Map<string, readonly Import[]>();

/** What a file of `source/` imports, JSON included. Read from its text, which the linter keeps in one form. */
export const importsOf = (file: string): readonly Import[] => {
	const before = known.get(file);
	if (before) return before;
	const imports = read(file);
	known.set(file, imports);
	return imports;
};

const isJson = ({to}: Import): boolean => to.endsWith('.json');

/** The files that are there once `entry` has been loaded, itself among them; with `late` also those that it may load at any time after. */
export const loadedBy = (entry: string, {late}: {readonly late: boolean}): readonly string[] => {
	const seen = new Set<string>();
	const visit = (file: string): void => {
		if (seen.has(file)) return;
		seen.add(file);
		for (const one of importsOf(file)) if (one.isOwn && !isJson(one) && !one.isType && (late || !one.isLate)) visit(one.to);
	};
	visit(entry);
	return [...seen].toSorted();
};

/** Packages that come with these files, Node's own aside. */
export const packagesOf = (files: readonly string[], {late}: {readonly late: boolean}): readonly string[] => [
	...new Set(
		files.flatMap(file =>
			importsOf(file)
				.filter(one => !one.isOwn && !one.isType && (late || !one.isLate) && !one.to.startsWith('node:'))
				.map(one => one.to),
		),
	),
];

/**
 * Groups of files of which each loads every other before it has run itself: what one of them needs at that time may not be there yet. Imports of
 * types are none, nor are late ones. Tarjan, "Depth-first search and linear graph algorithms" (1972).
 */
export const cyclesOfValues = (): readonly (readonly string[])[] => {
	const numbers = new Map<string, number>();
	const lowest = new Map<string, number>();
	const open: string[] = [];
	const groups: string[][] = [];
	const visit = (file: string): void => {
		const own = numbers.size;
		numbers.set(file, own);
		lowest.set(file, own);
		open.push(file);
		for (const one of importsOf(file)) {
			if (!one.isOwn || isJson(one) || one.isType || one.isLate) continue;
			if (!numbers.has(one.to)) visit(one.to);
			if (open.includes(one.to)) lowest.set(file, Math.min(lowest.get(file) ?? own, lowest.get(one.to) ?? own));
		}
		if (lowest.get(file) !== own) return;
		const group = open.splice(open.indexOf(file));
		if (group.length > 1) groups.push(group.toSorted());
	};
	for (const file of sourceFiles) if (!numbers.has(file)) visit(file);
	return groups;
};
