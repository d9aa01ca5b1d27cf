import {lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {isModel, stricter} from '../../../source/core/agent/agent.ts';
import {makeOverlay, withModel} from '../../../source/room/prepare/launch.ts';

let root = '';
beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), 'overlay-'));
});
afterEach(() => rm(root, {recursive: true, force: true}));

describe('an overlay of a person’s folder', () => {
	test('shows its entries by links, without those that the session has of its own', async () => {
		const person = join(root, 'person');
		await mkdir(join(person, 'extensions'), {recursive: true});
		await writeFile(join(person, 'settings.json'), '{}');
		await makeOverlay(join(root, 'session'), {name: 'home/.cli', of: person, except: ['extensions'], keep: ['tmp']});
		const here = join(root, 'session', 'home', '.cli');
		expect((await readdir(here)).sort()).toEqual(['settings.json', 'tmp']);
		expect((await lstat(join(here, 'settings.json'))).isSymbolicLink()).toBe(true);
	});

	test('keeps in the person’s folder what has to outlive the session', async () => {
		const person = join(root, 'person');
		const overlay = {name: 'home', of: person, except: [], keep: ['tmp']};
		await makeOverlay(join(root, 'one'), overlay);
		await writeFile(join(root, 'one', 'home', 'tmp', 'talk'), 'kept');
		await rm(join(root, 'one'), {recursive: true});
		await makeOverlay(join(root, 'two'), overlay);
		expect(await readFile(join(root, 'two', 'home', 'tmp', 'talk'), 'utf8')).toBe('kept');
	});

	test('is made twice, and where the person has no such folder', async () => {
		const overlay = {name: 'home', of: join(root, 'nobody'), except: [], keep: []};
		await makeOverlay(root, overlay);
		await makeOverlay(root, overlay);
		expect(await readdir(join(root, 'home'))).toEqual([]);
	});
});

test('a task names its model and stricter permissions, and never a flag or more than its agent may', () => {
	const cli = {modelFlag: '--model'} as const;
	expect(withModel(['claude', '--model', 'haiku', '--verbose'], cli, 'opus')).toEqual(['claude', '--verbose', '--model', 'opus']);
	expect(withModel(['codex', '-m', 'x', '--model=y'], cli, 'gpt-6-sol')).toEqual(['codex', '--model', 'gpt-6-sol']);
	expect(withModel(['amp'], {}, 'opus')).toEqual(['amp']);
	expect(withModel(['claude', '--model', 'haiku'], cli, '')).toEqual(['claude', '--model', 'haiku']);
	for (const bad of ['--dangerously-skip-permissions', 'a b', '', 'x\n', '../x']) expect(isModel(bad)).toBe(false);
	for (const good of ['opus', 'anthropic/claude-opus-5-5', 'claude-opus-5-5[1m]', 'gpt-6.1-sol']) expect(isModel(good)).toBe(true);
	expect([stricter('edit', 'full'), stricter('full', 'ask'), stricter('ask', 'edit'), stricter('edit', '')]).toEqual([
		'edit',
		'ask',
		'ask',
		'edit',
	]);
});
