import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {openGuardian} from '../../../source/git/guardian/guardian.ts';
import {findRemote} from '../../../source/git/remote/remote.ts';
import {openRepository} from '../../../source/git/repository/repository.ts';
import {addRemote} from '../../helpers/remote.ts';
import {createTestRepository, type TestRepository} from '../../helpers/repository.ts';

const openPushing = async (project: TestRepository) => {
	const repository = await openRepository(project.root);
	const remote = await findRemote(repository, 'main');
	return openGuardian({repository, folder: join(project.stateFolder, 'guardian.git'), base: 'main', remote});
};

/** A repository that pushes what it merges, with tasks whose candidates passed. */
const start = async () => {
	const project = createTestRepository({files: {'README.md': 'hello\n'}});
	const remote = addRemote(project);
	const guardian = await openPushing(project);
	const prepare = async (task: string, onto?: string) => {
		const expectedBase = onto ?? (await guardian.baseHead());
		const commit = project.branch(`work/${task}`, {[`${task}.txt`]: `${task}\n`}, 'main');
		const built = await guardian.buildCandidate({commit, onto: expectedBase, task, title: `Do ${task}`, author: 'agent:dev:001'});
		if (built.kind !== 'candidate') throw new Error(JSON.stringify(built));
		return {expectedBase, entries: [{task, candidate: built.commit, testedCommit: built.commit}]};
	};
	return {project, remote, guardian, prepare};
};

describe('a base that is a branch of a remote', () => {
	test('a merge is a push of exactly the tested commit to that one branch; the person’s own branch follows it afterwards', async () => {
		const {project, remote, guardian, prepare} = await start();
		const before = project.head();
		const one = await prepare('one');
		const [{candidate} = {candidate: ''}] = one.entries;
		project.write('.git/hooks/pre-push', '#!/bin/sh\nexit 1\n');
		project.git(['config', 'push.followTags', 'true']);
		project.git(['remote', 'set-url', 'origin', '../remote.git']);
		project.git(['tag', '-a', 'v1', '-m', 'v1']);
		expect(await guardian.mergeCandidate(one)).toEqual({merged: [{task: 'one', commit: candidate}]});
		expect(remote.refs()).toBe(`refs/heads/main ${candidate}`);
		expect(project.head()).toBe(before);
		expect(await guardian.baseHead()).toBe(candidate);
		expect(await guardian.followRemote(candidate)).toEqual({kind: 'moved'});
		expect(project.head()).toBe(candidate);
		expect(project.read('one.txt')).toBe('one\n');
		expect(project.git(['for-each-ref', '--format=%(refname)', 'refs/agent-room', 'refs/heads/agent'])).toBe('');
	});

	test('somebody pushes first: nothing of the merge reaches the remote, and what is to be built on is known here', async () => {
		const {remote, guardian, prepare} = await start();
		const one = await prepare('one');
		const theirs = remote.push({'theirs.txt': 'theirs\n'});
		expect(await guardian.mergeCandidate(one)).toEqual({merged: [], stopped: {kind: 'moved', head: theirs}});
		expect(remote.head()).toBe(theirs);
		expect(await guardian.baseHead()).toBe(theirs);
		const again = await prepare('again', theirs);
		expect(await guardian.mergeCandidate(again)).toMatchObject({merged: [{task: 'again'}]});
	});

	test('a push that arrived and was never heard of has merged its task: once', async () => {
		const {project, remote, guardian, prepare} = await start();
		const one = await prepare('one');
		const candidate = one.entries[0]?.candidate ?? '';
		// As a kill leaves it between push and record.
		project.git(['push', '--quiet', remote.folder, `${candidate}:refs/heads/main`], guardian.folder);
		expect(await guardian.baseHead()).toBe(one.expectedBase);
		expect(await guardian.mergeCandidate(one)).toEqual({merged: [{task: 'one', commit: candidate}]});
		expect(remote.head()).toBe(candidate);
		const next = await openPushing(project);
		expect(await next.commitOnBase({task: 'one', commit: candidate})).toBe(candidate);
	});

	test('a push that arrived and was never answered has merged its task too', async () => {
		const {remote, guardian, prepare} = await start();
		const one = await prepare('one');
		// The remote dies between taking the commit and saying so.
		remote.hook('post-receive', 'kill -9 $PPID');
		expect(await guardian.mergeCandidate(one)).toEqual({merged: [{task: 'one', commit: remote.head()}]});
		expect(remote.head()).not.toBe(one.expectedBase);
	});

	test('a hook of the remote that refuses holds the merge in its own words, which reach no terminal raw', async () => {
		const {remote, guardian, prepare} = await start();
		const one = await prepare('one');
		remote.hook('update', 'printf "main is \\033[31mprotected\\033[0m: ask the release team\\n" >&2; exit 1');
		const held = await guardian.mergeCandidate(one);
		expect(held).toMatchObject({merged: [], stopped: {kind: 'held', isRemote: true, files: [], tasks: []}});
		expect(held.stopped).toMatchObject({
			reason: expect.stringMatching(/^origin\/main was not moved: main is protected: ask the release team; hook declined/),
		});
		expect(JSON.stringify(held)).not.toContain('\\u001b');
		remote.hook('update', undefined);
		expect(await guardian.mergeCandidate(one)).toMatchObject({merged: [{task: 'one'}]});
	});

	test('a remote that is away, that lost its branch, or that is another repository is one sentence each, and nothing moves', async () => {
		const {project, remote, guardian, prepare} = await start();
		const one = await prepare('one');
		remote.leave();
		expect(await guardian.mergeCandidate(one)).toMatchObject({
			stopped: {kind: 'held', reason: expect.stringMatching(/^`origin` cannot be reached: /)},
		});
		remote.comeBack();
		project.git(['symbolic-ref', 'HEAD', 'refs/heads/other'], remote.folder);
		project.git(['branch', '-m', 'main', 'other'], remote.folder);
		expect(await guardian.fetchBase()).toEqual({kind: 'missing', reason: '`origin` has no branch `main`'});
		const foreign = createTestRepository({files: {'else.txt': 'else\n'}});
		project.git(['remote', 'set-url', 'origin', foreign.root]);
		expect(await guardian.fetchBase()).toEqual({
			kind: 'foreign',
			reason: '`origin` holds another repository: its `main` shares no commit with yours',
		});
		expect(await guardian.baseHead()).toBe(one.expectedBase);
	});

	test('the person’s branch waits for uncommitted work in its way and for commits that were not pushed', async () => {
		const {project, remote, guardian} = await start();
		const theirs = remote.push({'README.md': 'theirs\n'});
		expect(await guardian.fetchBase()).toEqual({kind: 'at', head: theirs});
		project.write('README.md', 'mine\n');
		expect(await guardian.followRemote(theirs)).toMatchObject({kind: 'blocked', files: ['README.md']});
		expect(project.read('README.md')).toBe('mine\n');
		const own = project.commit('mine');
		expect(await guardian.followRemote(theirs)).toEqual({kind: 'ahead', commits: 1});
		expect(project.head()).toBe(own);
		project.git(['reset', '--quiet', '--hard', 'HEAD~1']);
		expect(await guardian.followRemote(theirs)).toEqual({kind: 'moved'});
	});

	test('what was pushed is taken back from the remote by one step, with the person’s branch, and never beneath somebody’s later push', async () => {
		const {project, remote, guardian} = await start();
		const to = remote.head();
		const from = remote.push({'stray.txt': 'stray\n'});
		await guardian.fetchBase();
		await guardian.followRemote(from);
		expect(await guardian.takeBack({from, to})).toEqual({kind: 'done'});
		expect([remote.head(), project.head(), await guardian.baseHead()]).toEqual([to, to, to]);
		const later = remote.push({'later.txt': 'later\n'});
		expect(await guardian.takeBack({from: to, to: from})).toEqual({kind: 'moved', head: later});
		expect(remote.head()).toBe(later);
	});

	test('the remote is the one that the base follows, by the branch that it follows', async () => {
		const {project} = await start();
		const repository = await openRepository(project.root);
		project.git(['config', 'branch.main.merge', 'refs/heads/trunk']);
		expect(await findRemote(repository, 'main')).toEqual({name: 'origin', branch: 'trunk', shared: ''});
		await expect(findRemote(repository, 'main', 'upstream')).rejects.toThrow('there is no remote `upstream`');
		project.git(['config', 'remote.--exec=x.url', '/nowhere']);
		await expect(findRemote(repository, 'main', '--exec=x')).rejects.toThrow('there is no remote `--exec=x`');
		project.git(['remote', 'remove', 'origin']);
		await expect(findRemote(repository, 'main')).rejects.toThrow('`merge: push` needs a remote, and `main` follows none');
	});
});
