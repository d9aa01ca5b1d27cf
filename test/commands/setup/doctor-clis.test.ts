import {chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {liveProbe} from '../../../source/commands/setup/cli-probe.ts';
import {findClis, loginOf, packagedVersion} from '../../../source/commands/setup/doctor-clis.ts';
import {CLIS} from '../../../source/harnesses/clis.ts';
import {codex} from '../../../source/harnesses/codex/codex.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {realProgram, testOn} from '../../helpers/cli.ts';
import {node, root} from '../../helpers/program.ts';
import {agentRoom} from '../../helpers/room.ts';

const HOOK = [node, join(root, 'dist', 'hook.js')];
const home = (files: Readonly<Record<string, string>>): string => {
	const folder = temporaryFolder('home');
	for (const [name, text] of Object.entries(files)) {
		mkdirSync(dirname(join(folder, name)), {recursive: true});
		writeFileSync(join(folder, name), text);
	}
	return folder;
};
const treeOf = (folder: string): string[] => readdirSync(folder, {recursive: true}).map(String).sort();
const scratches = (): string[] => readdirSync(tmpdir()).filter(name => name.startsWith('agent-room-doctor-'));

describe('what doctor says of a CLI', () => {
	test('is its version as its package tells it, without starting it', () => {
		const folder = temporaryFolder('package');
		const program = join(folder, 'node_modules/@openai/codex/bin/codex.js');
		mkdirSync(dirname(program), {recursive: true});
		writeFileSync(program, '');
		writeFileSync(join(folder, 'node_modules/@openai/codex/package.json'), '{"name": "@openai/codex", "version": "0.170.1"}');
		symlinkSync(program, join(folder, 'codex'));
		expect(packagedVersion(join(folder, 'codex'), codex)).toBe('0.170.1');
		expect(packagedVersion(join(folder, 'codex'), {package: 'other'})).toBe('');
		expect(packagedVersion(join(folder, 'missing'), codex)).toBe('');
	});

	test('is what shows a login, and never what a login holds', () => {
		expect(loginOf(codex, {HOME: home({})})).toBe('');
		expect(loginOf(codex, {HOME: home({}), CODEX_API_KEY: 'secret'})).toBe('login by CODEX_API_KEY');
		expect(loginOf(codex, {HOME: home({'.codex/auth.json': 'secret'})})).toBe('login in .codex/auth.json');
		expect(loginOf(codex, {HOME: home({}), CODEX_HOME: home({'auth.json': 'secret'})})).toMatch(/^login in ar-home-\w+\/auth\.json$/);
		expect(loginOf(codex, {HOME: home({'.codex/config.toml': 'model_provider = "mine"\n'})})).toBe('a custom provider');
		expect(loginOf(codex, {HOME: home({'.codex/config.toml': '# model_provider\n'})})).toBe('');
	});

	test('is said of those on the PATH and of harnesses with a program of their own', () => {
		const folder = home({codex: '#!/bin/sh\n', mine: '#!/bin/sh\n'});
		for (const name of ['codex', 'mine']) chmodSync(join(folder, name), 0o755);
		const harnesses = {
			work: {cli: 'codex', command: [join(folder, 'mine'), '--x'], env: {CODEX_HOME: '/other'}},
			shell: {command: ['sh']},
		} as const;
		expect(
			findClis({PATH: folder}, {harnesses, env: []} as never).map(({name, program, environment}) => [
				name,
				program,
				environment.CODEX_HOME,
			]),
		).toEqual([
			['codex', [join(folder, 'codex')], undefined],
			['work', [join(folder, 'mine'), '--x'], '/other'],
		]);
	});
});

describe('a live round trip', () => {
	test('says why no hook came, and leaves nothing behind', async () => {
		const before = scratches();
		const environment = {PATH: process.env.PATH, HOME: home({})};
		const ended = await liveProbe({cli: codex, program: ['sh', '-c', 'echo "no such library"; exit 3', 'sh'], hook: HOOK, environment});
		expect(ended).toEqual({reason: 'it exited with 3; it shows: no such library'});
		expect(await liveProbe({cli: codex, program: ['/nowhere/codex'], hook: HOOK, environment})).toEqual({reason: expect.any(String)});
		// Others may look at their own CLIs on this machine meanwhile.
		expect(scratches().filter(name => !before.includes(name))).toEqual([]);
	});

	testOn(
		['codex', 'claude'],
		'of real CLIs ends with their first hook, whatever else they would do, and writes nothing of the person’s',
		async () => {
			const folder = home({
				'.codex/auth.json': '{"OPENAI_API_KEY": "secret"}',
				'.codex/config.toml': 'model = "mine"\n',
				'.claude/settings.json': '{"theme": "dark"}',
				'.claude.json': '{}',
			});
			const before = treeOf(folder);
			const environment = {PATH: process.env.PATH, HOME: folder};
			for (const name of ['codex', 'claude'] as const) {
				const cli = CLIS[name];
				if (!cli) throw new Error(name);
				expect(await liveProbe({cli, program: [realProgram(name)], hook: HOOK, environment})).toEqual({
					event: 'SessionStart',
					ms: expect.any(Number),
				});
			}
			expect(treeOf(folder)).toEqual(before);
			expect(readFileSync(join(folder, '.codex/config.toml'), 'utf8')).toBe('model = "mine"\n');
		},
	);

	testOn(['codex'], 'of a real CLI whose hooks its person has switched off says so; doctor names them all in a line each', async () => {
		const folder = home({'.codex/config.toml': '[features]\nhooks = false\n', 'bin/.keep': ''});
		const environment = {PATH: process.env.PATH, HOME: folder};
		const ended = await liveProbe({cli: codex, program: [realProgram('codex')], hook: HOOK, environment, patienceMs: 1500});
		expect(ended).toEqual({reason: expect.stringMatching(/^no hook came within 1.5 s/)});
		symlinkSync(realProgram('codex'), join(folder, 'bin/codex'));
		const env = {PATH: `${join(folder, 'bin')}:/usr/bin:/bin`, HOME: folder, LANG: 'C.UTF-8'};
		const {stdout} = await agentRoom(['doctor', '--quick', '--json'], {cwd: folder, env});
		const lines = stdout
			.trim()
			.split('\n')
			.map((line: string) => JSON.parse(line));
		expect(lines).toContainEqual({
			name: 'codex',
			result: 'warn',
			text: `${codex.verified}, verified; no login found`,
			fix: 'codex login',
		});
		expect(lines).toContainEqual({
			name: 'gemini',
			result: 'ok',
			text: 'not installed (npm install --global @google/gemini-cli)',
			fix: '',
		});
		expect(existsSync(join(folder, '.codex/tmp'))).toBe(false);
	});
});
