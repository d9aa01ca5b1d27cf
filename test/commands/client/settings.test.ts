import {mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {settingsOf} from '../../../source/commands/client/settings.ts';
import {loadConfiguration} from '../../../source/commands/config/load.ts';
import type {Setting} from '../../../source/core/config/config.ts';

let folder = '';
beforeEach(() => {
	folder = realpathSync(mkdtempSync(join(tmpdir(), 'agent-room-settings-')));
	for (const name of ['shop', 'state', 'home/agent-room']) mkdirSync(join(folder, name), {recursive: true});
});
afterEach(() => rmSync(folder, {recursive: true, force: true}));

const settings = async (project: string, user: string, trust: boolean) => {
	if (project) writeFileSync(join(folder, 'shop', 'agent-room.yaml'), project);
	if (user) writeFileSync(join(folder, 'home', 'agent-room', 'config.yaml'), user);
	const configuration = await loadConfiguration({
		root: join(folder, 'shop'),
		stateFolder: join(folder, 'state'),
		folder,
		named: '',
		trust,
		environment: {XDG_CONFIG_HOME: join(folder, 'home')},
	});
	const {allowed} = configuration;
	const team = allowed.team.length > 0 || !configuration.isTrusted ? allowed.team : [...FOUND];
	return settingsOf(configuration, {...allowed, base: 'main', team});
};

const FOUND = [{role: 'developer', harness: 'claude', count: 2, capabilities: [], args: []}];
const find = (values: readonly Setting[], name: string) => {
	const {value, from, isIgnored} = values.find(one => one.name === name) ?? {value: 'absent', from: '', isIgnored: false};
	return [value, from, isIgnored];
};

describe('settings of a room', () => {
	test('name every key with the file that counts, entry by entry where entries are joined', async () => {
		const {values, files} = await settings(
			'test: npm test\nattempts: 4\nlease: 90s\nkeys: {zoom: Z}\nnotify: {done: true}\nharnesses: {mine: {cli: claude, env: {API_KEY: hunter2}}}\n',
			'attempts: 9\nstallTimeout: 10m\nkeys: {zoom: O, quit: Q}\nnotify: {bell: false}\nbudget: {usd: 50}\n',
			true,
		);
		expect(find(values, 'test')).toEqual(['npm test', 'project', false]);
		expect(find(values, 'attempts')).toEqual(['4', 'project', false]);
		expect(find(values, 'lease')).toEqual(['90s', 'project', false]);
		expect(find(values, 'stallTimeout')).toEqual(['10m', 'user', false]);
		expect(find(values, 'timeout')).toEqual(['1h', 'default', false]);
		expect(find(values, 'budget')).toEqual(['$50', 'user', false]);
		expect(find(values, 'keys.zoom')).toEqual(['Z', 'project', false]);
		expect(find(values, 'keys.quit')).toEqual(['Q', 'user', false]);
		expect(find(values, 'notify.done')).toEqual(['on', 'project', false]);
		expect(find(values, 'notify.bell')).toEqual(['off', 'user', false]);
		expect(find(values, 'notify.desktop')).toEqual(['on', 'default', false]);
		expect(find(values, 'base')).toEqual(['main', 'found', false]);
		expect(find(values, 'team')).toEqual(['2 developer (claude)', 'found', false]);
		// Values of variables may be secrets.
		expect(find(values, 'harnesses.mine')).toEqual(['claude (sets API_KEY)', 'project', false]);
		expect(JSON.stringify(values)).not.toContain('hunter2');
		expect(values.every(({about}) => about !== '')).toBe(true);
		expect(files.map(({whose, isThere}) => [whose, isThere])).toEqual([
			['project', true],
			['user', true],
		]);
	});

	test('tell what does not count before it is trusted as it is written', async () => {
		const {values} = await settings('test: rm -rf build\nattempts: 4\nteam: [{role: developer, harness: codex}]\n', 'attempts: 9\n', false);
		expect(find(values, 'test')).toEqual(['rm -rf build', 'project', true]);
		expect(find(values, 'team')).toEqual(['1 developer (codex)', 'project', true]);
		expect(find(values, 'attempts')).toEqual(['4', 'project', true]);
		expect(values.find(({name}) => name === 'attempts')?.holds).toBe('9');
		expect(find(values, 'setup')).toEqual(['none', 'default', false]);
	});

	test('say where the files would be where there are none', async () => {
		const {values, files} = await settings('', '', false);
		expect(values.every(({from}) => from === 'default' || from === 'found')).toBe(true);
		expect(files).toEqual([
			{whose: 'project', path: join(folder, 'shop', 'agent-room.yaml'), isThere: false},
			{whose: 'user', path: join(folder, 'home', 'agent-room', 'config.yaml'), isThere: false},
		]);
	});
});
