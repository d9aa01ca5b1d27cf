import {chmodSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {findInstaller, installServer} from '../../../source/os/packages/managers.ts';

let folder = '';
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'room-setup-'));
});
afterEach(() => rmSync(folder, {recursive: true, force: true}));

const has = (...programs: readonly string[]): string => {
	for (const program of programs) {
		writeFileSync(join(folder, program), '#!/bin/sh\n');
		chmodSync(join(folder, program), 0o755);
	}
	return folder;
};

describe('installing a server', () => {
	test('apt reads its lists first and asks nothing', () => {
		const installer = findInstaller({path: has('apt-get'), isRoot: true, wanted: ['redis', 'git']});
		expect(installer?.name).toBe('apt-get');
		expect(installer?.commands.map(command => command.slice(command.indexOf('apt-get')))).toEqual([
			['apt-get', 'update', '-q'],
			['apt-get', 'install', '-q', '-y', '--no-install-recommends', 'redis-server', 'redis-tools', 'git'],
		]);
		expect(installer?.commands[1]).toContain('DEBIAN_FRONTEND=noninteractive');
	});

	test('without root it goes through sudo; without sudo the commands are for somebody who is root', () => {
		expect(findInstaller({path: has('apk'), isRoot: false})).toEqual({
			name: 'apk',
			packages: ['redis'],
			commands: [['apk', 'add', '--no-cache', 'redis']],
			isAllowed: false,
		});
		expect(findInstaller({path: has('sudo'), isRoot: false})).toEqual({
			name: 'apk',
			packages: ['redis'],
			commands: [['sudo', 'apk', 'add', '--no-cache', 'redis']],
			isAllowed: true,
		});
	});

	test('brew needs neither root nor sudo', () => {
		expect(findInstaller({path: has('brew'), isRoot: false})?.isAllowed).toBe(true);
	});

	test.each([
		['dnf', 'valkey'],
		['apk', 'redis'],
		['pacman', 'valkey'],
		['brew', 'redis'],
	])('%s installs %s', (program, name) => {
		expect(
			findInstaller({path: has(program), isRoot: true})
				?.commands.at(-1)
				?.at(-1),
		).toBe(name);
	});

	test('there is none on an unknown machine', () => {
		expect(findInstaller({path: folder, isRoot: true})).toBeUndefined();
	});

	test('runs the commands in order; only the last one decides', async () => {
		const installer = {name: 'apt-get', packages: ['p'], commands: [['update'], ['install']], isAllowed: true};
		const ran: string[] = [];
		const run = (codes: readonly number[]) => async (command: readonly string[]) => {
			ran.push(command.join(' '));
			return codes[ran.length - 1] ?? 0;
		};
		expect(await installServer({installer, run: run([100, 0])})).toEqual({ok: true});
		expect(ran.splice(0)).toEqual(['update', 'install']);
		expect(await installServer({installer, run: run([0, 7])})).toEqual({ok: false, command: ['install'], code: 7});
	});
});
