import {chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {temporaryFolder} from '../helpers/cleanup.ts';
import {folderOf, installed, programOf} from './cache.ts';
import {install} from './installing.ts';
import {PINNED, type RealCli} from './pinned.ts';

/** Puts a program there that tells a version, as npm would. */
const fake =
	(version: string = PINNED.claude.version) =>
	(name: RealCli, folder: string): Promise<string> => {
		const program = programOf(name, folder);
		mkdirSync(join(folder, 'node_modules', '.bin'), {recursive: true});
		writeFileSync(program, `#!/bin/sh\necho "${version} (Claude Code)"\n`);
		chmodSync(program, 0o755);
		return Promise.resolve('');
	};

describe('installing a CLI', () => {
	test('the pinned version is in the cache afterwards, and is not fetched again', async () => {
		const cache = temporaryFolder();
		expect(installed('claude', cache)).toEqual({reason: expect.stringContaining('npm run clis')});
		const program = programOf('claude', folderOf('claude', cache));
		expect(await install('claude', {cache, fetch: fake()})).toEqual({program});
		expect(installed('claude', cache)).toEqual({program});
		expect(await install('claude', {cache, fetch: () => Promise.reject(new Error('fetched again'))})).toEqual({program});
		expect(readdirSync(cache)).toEqual([`claude-${PINNED.claude.version}`]);
	});

	test('a broken one is replaced', async () => {
		const cache = temporaryFolder();
		await install('claude', {cache, fetch: fake()});
		const program = programOf('claude', folderOf('claude', cache));
		rmSync(program);
		expect(installed('claude', cache)).toEqual({reason: expect.stringContaining('broken')});
		expect(await install('claude', {cache, fetch: fake()})).toEqual({program});
		writeFileSync(program, '#!/bin/sh\nexit 1\n');
		expect(await install('claude', {cache, fetch: fake()})).toEqual({program});
	});

	test('what cannot be fetched, or tells another version, leaves nothing and says why', async () => {
		const cache = temporaryFolder();
		expect(await install('claude', {cache, fetch: () => Promise.resolve('no network')})).toEqual({
			reason: expect.stringContaining('no network'),
		});
		expect(await install('claude', {cache, fetch: fake('2.1.197')})).toEqual({reason: expect.stringContaining('version 2.1.197')});
		expect(readdirSync(cache)).toEqual([]);
	});

	test('two installers fetch it once, and the lock of one that died holds up nobody', async () => {
		const cache = temporaryFolder();
		writeFileSync(`${folderOf('claude', cache)}.lock`, '999999999');
		let fetched = 0;
		const fetch = (name: RealCli, folder: string): Promise<string> => {
			fetched += 1;
			return fake()(name, folder);
		};
		const both = await Promise.all([install('claude', {cache, fetch}), install('claude', {cache, fetch})]);
		expect(both.every(result => 'program' in result && existsSync(result.program))).toBe(true);
		expect(fetched).toBe(1);
	});
});
