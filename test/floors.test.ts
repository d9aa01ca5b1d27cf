import {globSync, readFileSync} from 'node:fs';
import {dirname, join, normalize} from 'node:path';
import {describe, expect, test} from 'vitest';

/** Floor of each folder below `source/`; an import goes to a lower floor or stays in its own folder. */
const FLOORS: Record<string, number> = {
	core: 1,
	roles: 1,
	harnesses: 1,
	redis: 2,
	git: 2,
	pty: 2,
	terminal: 2,
	socket: 2,
	store: 3,
	ui: 4,
	room: 4,
	attach: 4,
	programs: 4,
	commands: 5,
	'': 5,
};

const root = join(import.meta.dirname, '..', 'source');
const files = globSync('**/*.{ts,tsx}', {cwd: root});
const folderOf = (file: string): string => (file.includes('/') ? (file.split('/')[0] ?? '') : '');
const importsOf = (file: string): string[] =>
	[...readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(match => match[1] ?? '');

describe('floors', () => {
	test('every folder has a floor', () => {
		expect(files.length).toBeGreaterThan(10);
		expect(files.filter(file => FLOORS[folderOf(file)] === undefined)).toEqual([]);
	});

	test('an import goes downwards only', () => {
		const upwards = files.flatMap(file =>
			importsOf(file)
				.filter(name => name.startsWith('.') && !name.endsWith('.json'))
				.map(name => normalize(join(dirname(file), name)))
				.filter(
					target =>
						folderOf(target) !== folderOf(file) &&
						(FLOORS[folderOf(target)] ?? 9) > (FLOORS[folderOf(file)] ?? 0) - floorStep(file, target),
				)
				.map(target => `${file} -> ${target}`),
		);
		expect(upwards).toEqual([]);
	});

	test('the pure floor knows no Node module and no clock', () => {
		const pure = files.filter(file => FLOORS[folderOf(file)] === 1);
		const impure = pure.filter(
			file =>
				importsOf(file).some(name => name.startsWith('node:')) ||
				/Date\.now|Math\.random|performance\.now/.test(readFileSync(join(root, file), 'utf8')),
		);
		expect(pure.length).toBeGreaterThan(5);
		expect(impure).toEqual([]);
	});
});

/** Floor 1 folders may know one another; floors 2 and 4 may not: their parts meet above them. Floor 5 is one floor. */
const floorStep = (file: string, target: string): number => {
	const floor = FLOORS[folderOf(file)] ?? 0;
	return floor === 1 || floor === 5 || floor !== FLOORS[folderOf(target)] ? 0 : 1;
};

/** Packages that are loaded with a file of the source before anything of it runs; what is imported when it is needed does not count. */
const loadedWith = (first: string): ReadonlyMap<string, string> => {
	const packages = new Map<string, string>();
	const seen = new Set<string>();
	const look = (file: string): void => {
		if (seen.has(file)) return;
		seen.add(file);
		for (const [, names = '', from = ''] of readFileSync(join(root, file), 'utf8').matchAll(/^import ([^;']*?)from '([^']+)'/gm)) {
			if (names.startsWith('type ')) continue;
			if (from.startsWith('.')) {
				if (!from.endsWith('.json')) look(normalize(join(dirname(file), from)));
			} else if (!from.startsWith('node:')) packages.set(from, file);
		}
	};
	look(first);
	return packages;
};

describe('what is loaded', () => {
	test('with every command is nothing but our own: each library costs each call, and the way to a running room, 10 to 30 ms', () => {
		expect([...loadedWith('cli.ts').keys()]).toEqual([]);
		expect([...loadedWith('commands/parse.ts').keys()]).toEqual(['meow']);
		expect([...loadedWith('commands/open.ts').keys()]).toEqual([]);
		expect([...loadedWith('report.ts').keys()]).toEqual([]);
		expect([...loadedWith('hook.ts').keys()]).toEqual([]);
	});

	test('is found: a room loads its schemas', () => {
		expect(loadedWith('room-process.ts').has('zod')).toBe(true);
	});
});
