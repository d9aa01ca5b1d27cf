import {existsSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {commitWork} from '../../../source/git/worktree/commit.ts';
import {startTree} from '../../helpers/guardian.ts';

const author = {name: 'agent:dev:001', email: 'agent-dev-001@agent-room.localhost'};

const open = async () => {
	const tree = await startTree({'a.txt': 'one\n', 'b.txt': 'two\n'});
	const commit = (message: string, paths: readonly string[] = []) =>
		commitWork({store: tree.store, worktree: tree.worktree, message, paths, author});
	return {...tree, commit};
};

test('commits all of the work, or the paths that are named, onto the branch of the attempt', async () => {
	const {branch, commit, git, write} = await open();
	await expect(commit('Nothing')).rejects.toThrow('Nothing to commit.');
	write('a.txt', 'ONE\n');
	write('new/c.txt', 'three\n');
	expect(await commit('-m --amend\n\nWhy', ['new'])).toMatchObject({files: 1});
	expect(git('log', '-1', '--format=%an|%s|%b').trim()).toBe('agent:dev:001|-m --amend|Why');
	expect(git('status', '--short')).toBe(' M a.txt');
	await commit('The rest');
	expect([git('status', '--short'), git('rev-list', '--count', `main..${branch}`)]).toEqual(['', '2']);
	for (const path of ['../x', '/etc', '']) await expect(commit('No', [path])).rejects.toThrow('is not a path below the top folder');
	await expect(commit(' ')).rejects.toThrow('Missing commit message');
});

test('runs nothing that the agent has planted, and refuses where the worktree stands elsewhere', async () => {
	const {project, worktree, branch, commit, git, write} = await open();
	const canary = join(project.root, '..', 'canary');
	for (const hook of ['pre-commit', 'commit-msg', 'post-commit', 'reference-transaction'])
		writeFileSync(join(worktree, '.git', 'hooks', hook), `#!/bin/sh\ntouch '${canary}'\n`, {mode: 0o755});
	for (const key of ['filter.evil.clean', 'core.fsmonitor', 'gpg.program']) git('config', key, `touch ${canary};`);
	git('config', 'commit.gpgSign', 'true');
	write('.gitattributes', '* filter=evil\n');
	write('a.txt', 'ONE\n');
	rmSync(canary, {force: true});
	const before = project.head();
	await commit('Mine');
	expect([existsSync(canary), project.head()]).toEqual([false, before]);
	expect(git('show', `${branch}:a.txt`)).toBe('ONE');
	git('-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false', 'checkout', '--quiet', '--detach');
	write('a.txt', 'two\n');
	await expect(commit('On nothing')).rejects.toThrow('is not on its branch');
});

test('concludes a merge with both parents, once no marker is left', async () => {
	const {commit, git, write} = await open();
	git('switch', '--quiet', '--create', 'theirs');
	write('a.txt', 'theirs\n');
	git('commit', '--quiet', '--all', '--message', 'Theirs');
	const theirs = git('rev-parse', 'HEAD');
	git('switch', '--quiet', '-');
	write('a.txt', 'mine\n');
	await commit('Mine');
	expect(() => git('merge', '--quiet', 'theirs')).toThrow();
	await expect(commit('Too soon')).rejects.toThrow('still contains conflict markers');
	write('a.txt', 'mine\ntheirs\n');
	await expect(commit('Others', ['b.txt'])).rejects.toThrow('must be committed whole');
	const mine = git('rev-parse', 'HEAD');
	await commit('Both');
	expect(git('log', '-1', '--format=%P')).toBe(`${mine} ${theirs}`);
	expect(git('status')).not.toContain('merging');
});
