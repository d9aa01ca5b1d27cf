import {chmodSync, mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {libraryFolders, loaderOf, starter, unpackedFile} from '../../../source/os/packages/own-programs.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';

test('a program whose libraries are missing gets those that were unpacked, under its own name; one that starts others leaves them to none', () => {
	const start = {tree: '/t', loader: '/lib64/ld-linux.so.2', libraries: ["/t/it's", '/t/b']};
	expect(starter('tmux', '/t/usr/bin/tmux', start)).toBe(
		`#!/bin/sh\nexec '/lib64/ld-linux.so.2' '--library-path' '/t/it'\\''s:/t/b' '/t/usr/bin/tmux' "$@"\n`,
	);
	expect(starter('tmux', '/t/usr/bin/tmux', {...start, loader: undefined})).toBe(`#!/bin/sh\nexec '/t/usr/bin/tmux' "$@"\n`);
	// A git at work is known by its name, which the loader would take from it.
	expect(starter('redis-server', '/t/usr/bin/redis-server', start)).toBe(
		`#!/bin/sh\nexport LD_LIBRARY_PATH='/t/it'\\''s:/t/b'\nexec '/t/usr/bin/redis-server' "$@"\n`,
	);
	expect(starter('git', '/t/usr/bin/git', start)).toContain(`export LD_LIBRARY_PATH='/t/it'\\''s:/t/b'\nexec '/t/usr/bin/git' "$@"\n`);
});

test('a program is found in its tree, not behind a link that leads out of it; its libraries beside it, not its plugins', () => {
	const tree = temporaryFolder('t');
	for (const folder of ['usr/bin', 'usr/lib/here/plugins', 'usr/lib/empty']) mkdirSync(join(tree, folder), {recursive: true});
	for (const file of ['usr/bin/one', 'usr/lib/here/lib.so.1', 'usr/lib/here/plugins/p.so']) writeFileSync(join(tree, file), '');
	chmodSync(join(tree, 'usr/bin/one'), 0o755);
	symlinkSync('one', join(tree, 'usr/bin/other'));
	symlinkSync('/bin/sh', join(tree, 'usr/bin/out'));
	expect(['one', 'other', 'out', 'none'].map(name => unpackedFile(tree, name) !== undefined)).toEqual([true, true, false, false]);
	expect(libraryFolders(tree)).toEqual([join(tree, 'usr/lib/here')]);
	expect(loaderOf(join(tree, 'usr/bin/one'))).toBeUndefined();
	if (process.platform === 'linux') expect(loaderOf('/bin/sh')).toMatch(/\/ld-/);
});
