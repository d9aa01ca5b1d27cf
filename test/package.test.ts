import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {root} from './helpers/program.ts';

type Locked = {readonly resolved?: string; readonly integrity?: string; readonly optionalDependencies?: Readonly<Record<string, string>>};
const {packages} = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {packages: Readonly<Record<string, Locked>>};
const {'': own, ...others} = packages;

/** npm leaves out what its registry did not have while the lock was written, and refuses such a lock at `npm ci` later. */
test('the lock file holds every package for every platform, each with its digest, and none with the registry that it came from', () => {
	const missing = Object.entries(others).flatMap(([path, {optionalDependencies = {}}]) =>
		Object.keys(optionalDependencies).filter(name => !others[`node_modules/${name}`] && !others[`${path}/node_modules/${name}`]),
	);
	expect(missing).toEqual([]);
	expect(Object.values(others).filter(({resolved, integrity}) => resolved !== undefined || integrity === undefined)).toEqual([]);
	expect(own).toBeDefined();
});

test('what is packed is the program, its scripts and its guide, and needs one package that holds machine code', () => {
	const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, unknown>;
	expect(manifest).toMatchObject({
		bin: {'agent-room': 'bin/agent-room.js'},
		files: ['bin', 'dist', 'lua', 'source/guide'],
		engines: {node: '>=22'},
		publishConfig: {access: 'public', provenance: true},
		repository: {type: 'git', url: expect.stringMatching(/^git\+https:/)},
		dependencies: {'node-pty': expect.stringMatching(/^\d/)},
	});
	expect(Object.keys(manifest.dependencies as object)).toEqual(['node-pty']);
});

test('every package that is asked for has a row on the page for contributors, and nothing else has', () => {
	const {dependencies, devDependencies} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, object>;
	const page = readFileSync(join(root, '.github', 'CONTRIBUTING.md'), 'utf8');
	const [, rows = ''] = page.split('## Packages');
	const named = [...rows.matchAll(/^\|((?: ?`[^`]+`,?)+) \|/gm)].flatMap(([, names = '']) =>
		[...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
	);
	expect(named.toSorted()).toEqual([...Object.keys(dependencies ?? {}), ...Object.keys(devDependencies ?? {})].toSorted());
});
