import {existsSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {commitWork} from '../../../source/git/worktree/commit.ts';
import {createTestRepository} from '../../helpers/repository.ts';

const author = {name: 'agent:dev:001', email: 'agent-dev-001@agent-room.localhost'};

const open = () => {
	const repository = createTestRepository({files: {'a.txt': 'one\n', 'b.txt': 'two\n'}});
	const worktree = join(repository.root, '..', 'tree');
	repository.git(['worktree', 'add', '--quiet', '-b', 'agent/t-a1', worktree]);
	const commit = (message: string, paths: readonly string[] = [], branch = 'agent/t-a1') =>
		commitWork({worktree, branch, message, paths, author});
	return {repository, worktree, commit, git: (...args: readonly string[]) => repository.git(args, worktree)};
};

test('commits all of the work, or the paths that are named, onto the branch of the attempt', async () => {
	const {repository, worktree, commit, git} = open();
	await expect(commit('Nothing')).rejects.toThrow('There is nothing to commit.');
	repository.write('a.txt', 'ONE\n', worktree);
	repository.write('new/c.txt', 'three\n', worktree);
	expect(await commit('-m --amend\n\nWhy', ['new'])).toMatchObject({files: 1});
	expect(git('log', '-1', '--format=%an|%s|%b').trim()).toBe('agent:dev:001|-m --amend|Why');
	expect(git('status', '--short')).toBe(' M a.txt');
	await commit('The rest');
	expect([git('status', '--short'), git('rev-list', '--count', 'main..agent/t-a1')]).toEqual(['', '2']);
	for (const path of ['../x', '/etc', '']) await expect(commit('No', [path])).rejects.toThrow('is no path below the top folder');
	await expect(commit(' ')).rejects.toThrow('needs a message');
});

test('moves no other ref, runs no hook, and refuses where the worktree stands elsewhere', async () => {
	const {repository, worktree, commit, git} = open();
	const canary = join(repository.root, '..', 'canary');
	for (const hook of ['pre-commit', 'commit-msg', 'post-commit', 'reference-transaction'])
		writeFileSync(join(repository.root, '.git', 'hooks', hook), `#!/bin/sh\ntouch '${canary}'\n`, {mode: 0o755});
	repository.git(['config', 'commit.gpgSign', 'true']);
	repository.write('a.txt', 'ONE\n', worktree);
	const before = repository.head();
	await commit('Mine');
	expect([existsSync(canary), repository.head()]).toEqual([false, before]);
	repository.git(['switch', '--quiet', '--detach']);
	git('-c', 'core.hooksPath=/dev/null', 'switch', '--quiet', 'main');
	repository.write('a.txt', 'two\n', worktree);
	await expect(commit('On main')).rejects.toThrow('does not stand on its branch');
	expect(repository.head()).toBe(before);
});

test('concludes a merge with both parents, once no marker is left', async () => {
	const {repository, worktree, commit, git} = open();
	repository.write('a.txt', 'theirs\n');
	const theirs = repository.commit('Theirs');
	repository.write('a.txt', 'mine\n', worktree);
	await commit('Mine');
	expect(() => git('merge', '--quiet', 'main')).toThrow();
	await expect(commit('Too soon')).rejects.toThrow('`a.txt` still holds the markers of a conflict.');
	repository.write('a.txt', 'mine\ntheirs\n', worktree);
	await expect(commit('Others', ['b.txt'])).rejects.toThrow('not among those that you named');
	const mine = git('rev-parse', 'HEAD');
	await commit('Both');
	expect(git('log', '-1', '--format=%P')).toBe(`${mine} ${theirs}`);
	expect(git('status')).not.toContain('merging');
});
