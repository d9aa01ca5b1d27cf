import {execFileSync} from 'node:child_process';
import {existsSync, readdirSync, statSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {changedPathsBetween} from '../../../source/git/diff/paths.ts';
import {openGuardian} from '../../../source/git/guardian/guardian.ts';
import {openRepository} from '../../../source/git/repository/repository.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {withEnvironment} from '../../helpers/environment.ts';
import {createTestRepository, type TestRepository} from '../../helpers/repository.ts';

const open = async (project: TestRepository, base = 'main') =>
	openGuardian({repository: await openRepository(project.root), folder: join(project.stateFolder, 'guardian.git'), base});

describe("the guardian's clone", () => {
	test("is bare, private, checks objects, and holds nothing of the repository's config and hooks", async () => {
		const project = createTestRepository();
		project.git(['config', 'core.hooksPath', '/tmp/evil']);
		project.git(['config', 'filter.evil.smudge', 'false']);
		project.write('.git/hooks/reference-transaction', '#!/bin/sh\nexit 1\n');
		const home = temporaryFolder('home');
		writeFileSync(join(home, '.gitconfig'), '[clone]\n\tdefaultRemoteName = mine\n');
		withEnvironment({HOME: home});
		const {folder} = await open(project);
		const config = project.git(['config', '--local', '--list'], folder);
		expect(config).toContain('core.bare=true');
		expect(config).toContain('transfer.fsckobjects=true');
		expect(config).toContain('core.hookspath=/dev/null');
		expect(config).not.toMatch(/evil|remote\./);
		expect(existsSync(join(folder, 'hooks'))).toBe(false);
		expect(statSync(join(folder, 'config')).mode & 0o777).toBe(0o600);
		expect(statSync(folder).mode & 0o777).toBe(0o700);
	});

	test('is opened again as it is, and by two at once', async () => {
		const project = createTestRepository();
		await Promise.all([open(project), open(project)]);
		expect(readdirSync(project.stateFolder)).toEqual(['guardian.git', 'trees.git']);
		writeFileSync(join(project.stateFolder, 'other.txt'), '');
		await open(project);
		expect(readdirSync(project.stateFolder)).toEqual(['guardian.git', 'other.txt', 'trees.git']);
	});

	test('what a killed opener left half made is removed', async () => {
		const project = createTestRepository();
		project.write('guardian.git.half-4000000-abc/HEAD', '', project.stateFolder);
		project.write(`guardian.git.half-${process.pid}-abc/HEAD`, '', project.stateFolder);
		await open(project);
		expect(readdirSync(project.stateFolder)).toEqual(['guardian.git', `guardian.git.half-${process.pid}-abc`, 'trees.git']);
	});
});

describe('a candidate', () => {
	test('has the head of the base as first parent, the task as second, the title, the author and one trailer', async () => {
		const project = createTestRepository();
		const guardian = await open(project);
		const commit = project.branch('task', {'new.txt': 'new\n'});
		project.write('base.txt', 'base\n');
		const onto = project.commit('the base moves on');
		const built = await guardian.buildCandidate({commit, onto, task: 't-1', title: 'Add login', author: 'agent:dev:001'});
		if (built.kind !== 'candidate') throw new Error(built.kind);
		const show = (format: string) => project.git(['log', '-1', `--format=${format}`, built.commit], guardian.folder);
		expect(show('%P')).toBe(`${onto} ${commit}`);
		expect(show('%an <%ae> %cn')).toBe('dev-1 <dev-1@agent-room.localhost> agent-room');
		expect(show('%B')).toBe('Add login\n\nRoom-Task: t-1\n');
		expect(project.git(['ls-tree', '--name-only', built.commit], guardian.folder).split('\n')).toEqual([
			'README.md',
			'base.txt',
			'new.txt',
		]);
		expect(project.head()).toBe(onto);
	});

	test('tells the tree that its commit will have, which can be compared with what it is built on', async () => {
		const project = createTestRepository();
		const guardian = await open(project);
		const commit = project.branch('task', {'new.txt': 'new\n'});
		const onto = project.head();
		const trees: string[] = [];
		const wanted = {commit, onto, task: 't-1', title: 'x', author: 'a', onMerged: (tree: string) => void trees.push(tree)};
		const built = await guardian.buildCandidate(wanted);
		if (built.kind !== 'candidate') throw new Error(built.kind);
		expect(trees).toEqual([project.git(['rev-parse', `${built.commit}^{tree}`], guardian.folder)]);
		expect(await changedPathsBetween({folder: guardian.folder, from: onto, to: trees[0] ?? ''})).toEqual(['new.txt']);
		expect(await guardian.buildCandidate({...wanted, onto: built.commit})).toEqual({kind: 'empty'});
		expect(trees).toHaveLength(1);
	});

	test('keeps a hostile title in its one subject line: no second trailer, no control character', async () => {
		const project = createTestRepository();
		const guardian = await open(project);
		const commit = project.branch('task', {'--upload-pack=x\n"\u001b[31m': 'x\n'});
		const title = '--amend "; rm -rf /\n\nRoom-Task: t-9\n\u001b]0;x\u0007\u202e';
		const built = await guardian.buildCandidate({commit, onto: project.head(), task: 't-1', title, author: '--x <a@b>\n\u001b[1m'});
		if (built.kind !== 'candidate') throw new Error(built.kind);
		expect(project.git(['log', '-1', '--format=%B', built.commit], guardian.folder)).toBe(
			'--amend "; rm -rf / Room-Task: t-9 ]0;x\n\nRoom-Task: t-1\n',
		);
		expect(
			await guardian.mergeCandidate({
				entries: [{candidate: built.commit, task: 't-1', testedCommit: built.commit}],
				expectedBase: project.head(),
			}),
		).toEqual({
			merged: [{task: 't-1', commit: built.commit}],
		});
		expect(await guardian.commitOnBase({task: 't-9', commit})).toBeUndefined();
		expect(await guardian.commitOnBase({task: 't-1', commit})).toBe(built.commit);
		expect(project.git(['status', '--porcelain'])).toBe('');
	});

	test('is a conflict where both changed the same lines, named by its files', async () => {
		const project = createTestRepository({files: {'a\u001b[31m "b".txt': 'one\n', 'c.txt': 'c\n'}});
		const guardian = await open(project);
		const commit = project.branch('task', {'a\u001b[31m "b".txt': 'task\n', 'both.txt': 'task\n', 'c.txt': 'task\n'});
		project.write('a\u001b[31m "b".txt', 'base\n');
		project.write('both.txt', 'base\n');
		const onto = project.commit('base');
		const built = await guardian.buildCandidate({commit, onto, task: 't-1', title: 'x', author: 'a'});
		if (built.kind !== 'conflict') throw new Error(built.kind);
		expect([...built.files].sort()).toEqual(['a\u001b[31m "b".txt', 'both.txt']);
		expect(built.text).toContain('CONFLICT (add/add)');
		expect(built.text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
	});

	test('is empty when the base holds all of it already', async () => {
		const project = createTestRepository();
		const guardian = await open(project);
		const commit = project.branch('task', {'new.txt': 'same\n'});
		project.write('new.txt', 'same\n');
		const onto = project.commit('the person did it');
		expect(await guardian.buildCandidate({commit, onto, task: 't-1', title: 'x', author: 'a'})).toEqual({kind: 'empty'});
	});

	test('takes in no object that is not what git would make: neither a folder .git nor a path out of the tree', async () => {
		const project = createTestRepository();
		const guardian = await open(project);
		const blob = project.git(['rev-parse', 'main:README.md']);
		const tree = (lines: string, kind = 'mktree') =>
			execFileSync('git', [kind, ...(kind === 'mktree' ? [] : ['-w', '--stdin', '-t', 'tree', '--literally'])], {
				cwd: project.root,
				input: lines,
			})
				.toString()
				.trim();
		for (const evil of [tree(`100644 blob ${blob}\tconfig\n`)].map(inner => tree(`040000 tree ${inner}\t.git\n`))) {
			const commit = project.git(['commit-tree', '-p', 'main', '-m', 'evil', evil]);
			await expect(guardian.importCommit(commit)).rejects.toMatchObject({code: 'git-failed'});
			expect(() => project.git(['cat-file', '-e', commit], guardian.folder)).toThrow();
		}
	});

	test('of a large task keeps its objects in one pack, of a small one as they are', async () => {
		const project = createTestRepository();
		const guardian = await open(project);
		const packs = (): number => readdirSync(join(guardian.folder, 'objects', 'pack')).filter(name => name.endsWith('.pack')).length;
		const before = packs();
		await guardian.importCommit(project.branch('small', {'a.txt': 'a\n'}));
		expect(packs()).toBe(before);
		const large = Object.fromEntries(Array.from({length: 300}, (_, at) => [`f/${at}.txt`, `${at}\n`]));
		const commit = project.branch('large', large);
		await guardian.importCommit(commit);
		expect(packs()).toBe(before + 1);
		expect(project.git(['ls-tree', '-r', '--name-only', commit], guardian.folder).split('\n')).toHaveLength(301);
		expect(project.git(['fsck', '--no-progress', '--no-dangling', '--connectivity-only'], guardian.folder)).toBe('');
	});

	test('leaves a name in the clone that is forgotten when there are many and it is old', async () => {
		const project = createTestRepository();
		const guardian = await open(project);
		const names = join(guardian.folder, 'refs/agent-room/imported');
		const commit = project.branch('task', {'a.txt': 'a\n'});
		const base = project.head();
		for (let at = 0; at < 500; at++) {
			const id = at.toString(16).padStart(40, '0');
			project.write(id, `${base}\n`, names);
			utimesSync(join(names, id), new Date(0), new Date(0));
		}
		await guardian.importCommit(commit);
		await open(project);
		expect(readdirSync(names).sort()).toEqual([commit, base].sort());
	});

	test('is made of commit ids only', async () => {
		const project = createTestRepository();
		const guardian = await open(project);
		for (const commit of ['main', '--upload-pack=touch x', 'HEAD', '']) {
			await expect(guardian.importCommit(commit)).rejects.toMatchObject({code: 'no-commit'});
		}
		await expect(guardian.importCommit('f'.repeat(40))).rejects.toMatchObject({code: 'lost-commit'});
	});
});

describe('a test tree', () => {
	test('holds exactly the candidate, whatever the test before it did, and keeps ignored files', async () => {
		const project = createTestRepository({files: {'.gitignore': 'node_modules/\n', 'a.txt': 'one\n', 'gone.txt': 'x\n'}});
		const guardian = await open(project);
		const build = async (name: string, files: Record<string, string>) => {
			const commit = project.branch(name, files);
			const built = await guardian.buildCandidate({commit, onto: project.head(), task: name, title: name, author: 'a'});
			if (built.kind !== 'candidate') throw new Error(built.kind);
			return built.commit;
		};
		const first = await build('one', {'only-first.txt': '1\n', 'a.txt': 'first\n'});
		const second = await build('two', {'a.txt': 'second\n'});
		const folder = join(project.stateFolder, 'tests', 'test-1');
		await guardian.prepareTestTree({candidate: first, folder});
		expect(project.git(['rev-parse', 'HEAD'], folder)).toBe(first);
		expect(readdirSync(folder).sort()).toEqual(['.git', '.gitignore', 'a.txt', 'gone.txt', 'only-first.txt']);
		project.write('node_modules/dep/index.js', 'kept', folder);
		project.write('junk/inner/.git/HEAD', 'ref: refs/heads/x', folder);
		project.write('gone.txt', 'y\n', folder);
		project.git(['update-index', '--assume-unchanged', 'gone.txt'], folder);
		project.git(['config', 'core.hooksPath', 'evil'], folder);
		project.git(['config', 'filter.evil.smudge', 'echo evil'], folder);
		writeFileSync(join(folder, '.git', 'info-attributes'), '');
		project.write('.git/info/attributes', '* filter=evil\n', folder);
		await guardian.prepareTestTree({candidate: second, folder});
		expect(project.git(['rev-parse', 'HEAD'], folder)).toBe(second);
		expect(readdirSync(folder).sort()).toEqual(['.git', '.gitignore', 'a.txt', 'gone.txt', 'node_modules']);
		expect(project.read('a.txt', folder)).toBe('second\n');
		expect(project.read('gone.txt', folder)).toBe('x\n');
		expect(project.git(['config', '--local', '--list'], folder)).not.toMatch(/evil/);
		expect(project.git(['config', '--local', '--list'], guardian.folder)).not.toMatch(/evil|worktree/);
	});
});
