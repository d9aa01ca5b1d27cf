import {execFileSync} from 'node:child_process';
import {chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, symlinkSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {ensureStateFolder, findRepository, locateRepository, stateFolderFor} from '../../../source/commands/config/place.ts';

let folder = '';
const git = (cwd: string, ...args: string[]): void =>
	void execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@t', ...args], {cwd, stdio: 'pipe'});

beforeEach(() => {
	folder = realpathSync(mkdtempSync(join(tmpdir(), 'ar-')));
	mkdirSync(join(folder, 'shop', 'deep', 'er'), {recursive: true});
	git(join(folder, 'shop'), 'init', '-q');
	git(join(folder, 'shop'), 'commit', '-q', '--allow-empty', '-m', 'start');
});
afterEach(() => rmSync(folder, {recursive: true}));

describe('the state folder', () => {
	const of = (path: string): string => stateFolderFor(locateRepository(path), {HOME: '/home/me'});

	test('is the same from every folder and every worktree of a repository', () => {
		git(join(folder, 'shop'), 'worktree', 'add', '-q', '--detach', join(folder, 'elsewhere'));
		symlinkSync(join(folder, 'shop'), join(folder, 'link'));
		const own = of(join(folder, 'shop'));
		expect(own).toMatch(/^\/home\/me\/\.local\/state\/agent-room\/shop-[0-9a-f]{10}$/);
		expect(of(join(folder, 'shop', 'deep', 'er'))).toBe(own);
		expect(of(join(folder, 'elsewhere'))).toBe(own);
		expect(of(join(folder, 'link'))).toBe(own);
		expect(findRepository(join(folder, 'elsewhere'))?.root).toBe(join(folder, 'shop'));
	});

	test('differs between repositories of one name', () => {
		mkdirSync(join(folder, 'other', 'shop'), {recursive: true});
		git(join(folder, 'other', 'shop'), 'init', '-q');
		expect(of(join(folder, 'other', 'shop'))).not.toBe(of(join(folder, 'shop')));
	});

	test('follows an absolute XDG_STATE_HOME and ignores a relative one', () => {
		const repository = {name: 'a b/c', commonDir: '/x/.git'};
		expect(stateFolderFor(repository, {XDG_STATE_HOME: '/s', HOME: '/h'})).toMatch(/^\/s\/agent-room\/a-b-c-/);
		expect(stateFolderFor(repository, {XDG_STATE_HOME: 's', HOME: '/h'})).toMatch(/^\/h\/\.local\/state\//);
	});

	test('is private, also when it was not', () => {
		const state = join(folder, 's', 'agent-room', 'shop');
		ensureStateFolder(state);
		expect(statSync(state).mode & 0o777).toBe(0o700);
		chmodSync(state, 0o755);
		ensureStateFolder(state);
		expect(statSync(state).mode & 0o777).toBe(0o700);
	});

	test('is refused where it is a link', () => {
		mkdirSync(join(folder, 'target'));
		symlinkSync(join(folder, 'target'), join(folder, 'state'));
		expect(() => ensureStateFolder(join(folder, 'state'))).toThrow('it is not a folder');
	});

	test('needs a repository', () => {
		mkdirSync(join(folder, 'plain'));
		expect(() => locateRepository(join(folder, 'plain'))).toThrow('is not in a git repository.');
		expect(() => locateRepository(join(folder, 'nowhere'))).toThrow('does not exist');
	});
});
