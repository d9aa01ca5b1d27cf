import {existsSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {type Look, lookAt} from '../../../source/git/diff/look.ts';
import {startTree} from '../../helpers/guardian.ts';

const diff = (range = '', paths: readonly string[] = []): Look => ({kind: 'diff', range, paths, isStat: false});

test('an agent reads its change, its commits and old files through the room, bounded', async () => {
	const {store, worktree, write, commit} = await startTree({'a.txt': 'one\n', 'dir/b.txt': 'two\n'});
	write('a.txt', 'ONE\n');
	commit('Shout');
	write('dir/b.txt', 'TWO\n');
	write('new.txt', 'x\n');
	const look = (asked: Look) => lookAt({store, folder: worktree}, 'main', asked);
	const own = await look(diff());
	for (const told of ['2 files, +2 -2', '+ONE', '+TWO', 'Untracked, so not shown:\nnew.txt']) expect(own).toContain(told);
	expect(await look(diff('main..HEAD', ['dir']))).toBe('No changes.');
	expect(await look({...diff('main...HEAD'), isStat: true} as Look)).toBe('1 file, +1 -1\n+1\t-1\ta.txt');
	expect(await look({kind: 'log', range: '', paths: []})).toMatch(/^[0-9a-f]+ \d{4}-\d\d-\d\d .+ Shout$/);
	expect(await look({kind: 'show', rev: 'HEAD', path: ''})).toMatch(/^[0-9a-f]{40}\nAuthor: .*\n\nShout\n\n1 file, \+1 -1\n\ndiff --git/s);
	expect(await look({kind: 'show', rev: 'main', path: 'a.txt'})).toBe('one\n');
	expect(await look({kind: 'show', rev: 'main', path: 'dir'})).toBe('b.txt');
	expect(await look({kind: 'show', rev: 'HEAD~1', path: ''})).toContain('+one');
	write('long.txt', 'line\n'.repeat(5000));
	commit('Grow');
	expect(await look(diff('HEAD~1..HEAD'))).toMatch(/^3 files, .*: too long to show, name paths\n/);
	expect((await look(diff('HEAD~1', ['long.txt']))).length).toBeLessThan(70_000);
});

test('no word of an agent is an option, a pattern or a program of git', async () => {
	const {project, store, worktree, write, git} = await startTree({'a.txt': 'one\n', '*.txt': 'star\n'});
	const canary = join(project.root, '..', 'canary');
	for (const key of ['diff.external', 'diff.evil.textconv', 'filter.evil.clean', 'core.fsmonitor']) git('config', key, `touch ${canary};`);
	write('.gitattributes', '* diff=evil filter=evil\n');
	write('a.txt', 'two\n');
	write('*.txt', 'two\n');
	// Its own git ran it: what is looked for is the room's.
	rmSync(canary, {force: true});
	const look = (asked: Look) => lookAt({store, folder: worktree}, 'main', asked);
	for (const word of [
		`--output=${canary}`,
		'-O',
		`HEAD --output=${canary}`,
		':/evil',
		'HEAD:a.txt',
		'$(touch x)',
		'../x',
		'--',
		'HEAD^{/x}\n',
		'x'.repeat(300),
	]) {
		await expect(look(diff(word))).rejects.toThrow('is not a commit');
		await expect(look({kind: 'log', range: word, paths: []})).rejects.toThrow('is not a commit');
		await expect(look({kind: 'show', rev: word, path: ''})).rejects.toThrow('is not a commit');
	}
	for (const path of ['../outside', '/etc/passwd', 'a/../../b', '', 'a\0b']) {
		await expect(look(diff('', [path]))).rejects.toThrow('is not a path below the top folder');
		if (path !== '') await expect(look({kind: 'show', rev: 'HEAD', path})).rejects.toThrow('is not a path below the top folder');
	}
	expect(await look(diff('', ['*.txt']))).toMatch(/^1 file,.*\+two/s);
	expect(await look(diff('', [`--output=${canary}`]))).toContain('No changes.');
	expect(await look({kind: 'show', rev: 'HEAD', path: ':(glob)*'}).catch(error => String(error))).toContain(
		'GitRefused: No file `:(glob)*` in that commit.',
	);
	expect(existsSync(canary)).toBe(false);
});
