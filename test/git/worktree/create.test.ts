import {existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {openRepository} from '../../../source/git/repository/repository.ts';
import {copyFiles, createAttempt, createDetachedWorktree, createWorktree, resetWorktree} from '../../../source/git/worktree/create.ts';
import {listWorkTrees} from '../../../source/git/worktree/list.ts';
import {node, startProgram} from '../../helpers/program.ts';
import {createTestRepository} from '../../helpers/repository.ts';

const open = async (project: ReturnType<typeof createTestRepository>) => ({
	repository: await openRepository(project.root),
	worktreesFolder: join(project.stateFolder, 'worktrees'),
	from: project.head(),
});

describe('the work tree of an attempt', () => {
	test('is on a branch of its own, locked, without upstream, with the files of the commit', async () => {
		const project = createTestRepository({files: {'a.txt': 'first\n'}, commits: [{'a.txt': 'second\n'}]});
		project.git(['config', 'branch.autoSetupMerge', 'always']);
		const attempt = await createAttempt({...(await open(project)), task: 'user-auth', attempt: 1});
		expect(attempt).toEqual({branch: 'agent/user-auth-a1', path: join(project.stateFolder, 'worktrees', 'user-auth-a1'), attempt: 1});
		expect(project.read('a.txt', attempt.path)).toBe('second\n');
		expect(project.git(['status', '--porcelain', '--branch'], attempt.path)).toBe('## agent/user-auth-a1');
		expect(project.git(['worktree', 'list', '--porcelain'])).toContain('locked agent-room');
	});

	test('skips numbers whose branch or folder is taken', async () => {
		const project = createTestRepository();
		const opened = await open(project);
		project.git(['branch', 'agent/t-1-a1']);
		mkdirSync(join(opened.worktreesFolder, 't-1-a2'), {recursive: true});
		expect(await createAttempt({...opened, task: 't-1', attempt: 1})).toMatchObject({branch: 'agent/t-1-a3', attempt: 3});
	});

	test('a hostile task id reaches neither ref nor path', async () => {
		const project = createTestRepository();
		const opened = await open(project);
		const made = await createAttempt({...opened, task: '../../--upload-pack=touch x\n\u001b[31m', attempt: 1});
		expect(made.branch).toMatch(/^agent\/[a-z0-9-]+-a1$/);
		expect(made.path).toMatch(/\/worktrees\/[a-z0-9-]+-a1$/);
		expect(existsSync(made.path)).toBe(true);
	});

	test('fifty at once from five processes: none fails, no branch without a work tree, none twice', {timeout: 60_000}, async () => {
		const project = createTestRepository({files: Object.fromEntries(Array.from({length: 50}, (_, at) => [`f/${at}.txt`, `${at}\n`]))});
		const opened = await open(project);
		const program = join(import.meta.dirname, '../../fixtures/git/create-attempts.ts');
		const makers = Array.from({length: 5}, () =>
			startProgram([node, program, project.root, opened.worktreesFolder, 't-9', opened.from, '10']),
		);
		const ended = await Promise.all(makers.map(maker => maker.ended));
		expect(ended.map(({code, stderr}) => ({code, stderr}))).toEqual(ended.map(() => ({code: 0, stderr: ''})));
		const made = ended.flatMap(({stdout}) => JSON.parse(stdout) as {branch: string; path: string}[]);
		expect(new Set(made.map(({branch}) => branch)).size).toBe(50);
		const branches = project.git(['for-each-ref', '--format=%(refname:short)', 'refs/heads/agent']).split('\n');
		const trees = (await listWorkTrees(project.root)).filter(tree => tree.branch.startsWith('agent/'));
		expect(trees.map(tree => tree.branch).sort()).toEqual(branches.sort());
		expect(branches.sort()).toEqual(made.map(({branch}) => branch).sort());
		expect(trees.filter(tree => readdirSync(join(tree.path, 'f')).length !== 50)).toEqual([]);
		expect(existsSync(join(project.root, '.git', 'agent-room.lock'))).toBe(false);
	});

	test('a failure leaves neither branch nor folder nor entry', async () => {
		const project = createTestRepository();
		const {repository, worktreesFolder, from} = await open(project);
		const missing = 'f'.repeat(40);
		const before = project.git(['worktree', 'list', '--porcelain']);
		await expect(createAttempt({repository, worktreesFolder, task: 't', attempt: 1, from: missing})).rejects.toMatchObject({
			code: 'git-failed',
		});
		await expect(createAttempt({repository, worktreesFolder, task: 't', attempt: 1, from: 'main'})).rejects.toMatchObject({
			code: 'no-commit',
		});
		project.git(['branch', 'agent']);
		await expect(createAttempt({repository, worktreesFolder, task: 't', attempt: 1, from})).rejects.toMatchObject({code: 'git-failed'});
		expect(project.git(['worktree', 'list', '--porcelain'])).toBe(before);
		expect(project.git(['branch', '--list', 'agent/*'])).toBe('');
		expect(readdirSync(worktreesFolder)).toEqual([]);
	});

	test('a checkout that fails takes everything back', async () => {
		const project = createTestRepository({files: {'.gitattributes': '*.bin filter=broken\n', 'x.bin': 'x'}});
		const opened = await open(project);
		project.git(['config', 'filter.broken.smudge', 'false']);
		project.git(['config', 'filter.broken.required', 'true']);
		await expect(createAttempt({...opened, task: 't', attempt: 1})).rejects.toMatchObject({code: 'git-failed'});
		expect(project.git(['branch', '--list', 'agent/*'])).toBe('');
		expect(readdirSync(opened.worktreesFolder)).toEqual([]);
	});

	test('an existing branch or folder is refused and untouched', async () => {
		const project = createTestRepository();
		const {repository, from} = await open(project);
		project.git(['branch', 'mine']);
		const folder = join(project.stateFolder, 'here');
		await expect(createWorktree({repository, folder, branch: 'mine', from})).rejects.toMatchObject({code: 'branch-exists'});
		mkdirSync(folder, {recursive: true});
		project.write('keep', 'me', folder);
		await expect(createWorktree({repository, folder, branch: 'new', from})).rejects.toMatchObject({code: 'folder-exists'});
		expect(project.read('keep', folder)).toBe('me');
		expect(project.head('mine')).toBe(from);
	});

	test('objects of the repository are protected from a prune by an agent, a value of the person stays', async () => {
		const project = createTestRepository();
		project.git(['config', 'gc.auto', '99']);
		const {path} = await createAttempt({...(await open(project)), task: 't', attempt: 1});
		writeFileSync(join(project.root, 'loose'), 'not referenced yet');
		const id = project.git(['hash-object', '-w', 'loose'], project.root);
		project.git(['gc', '--quiet', '--prune=now'], path);
		expect(project.git(['cat-file', '-p', id])).toBe('not referenced yet');
		expect(project.git(['config', 'gc.auto'])).toBe('99');
	});
});

describe('a detached work tree', () => {
	test('moves to another commit: tracked files exactly, untracked gone, ignored kept', async () => {
		const project = createTestRepository({files: {'.gitignore': 'cache/\n', 'a.txt': 'one\n', 'b.txt': 'b\n'}});
		const first = project.head();
		project.git(['rm', '--quiet', 'b.txt']);
		project.write('a.txt', 'two\n');
		const second = project.commit('second');
		const folder = join(project.stateFolder, 'review');
		await createDetachedWorktree({repository: await openRepository(project.root), folder, commit: first});
		expect(project.git(['rev-parse', '--abbrev-ref', 'HEAD'], folder)).toBe('HEAD');
		project.write('a.txt', 'scribbled\n', folder);
		project.write('new/junk', 'x', folder);
		project.write('cache/kept', 'y', folder);
		await resetWorktree(folder, second);
		expect(project.git(['rev-parse', 'HEAD'], folder)).toBe(second);
		expect(readdirSync(folder).sort()).toEqual(['.git', '.gitignore', 'a.txt', 'cache']);
		expect(project.read('a.txt', folder)).toBe('two\n');
	});
});

describe('copying files into a work tree', () => {
	test('takes plain files inside the root, and names what it did not take', () => {
		const project = createTestRepository();
		const worktree = join(project.stateFolder, 'tree');
		mkdirSync(join(worktree, 'linked-out'), {recursive: true});
		project.write('.env', 'SECRET=1\n');
		project.write('config/local.json', '{}');
		project.write('there', 'root\n');
		project.write('there', 'mine\n', worktree);
		project.write('secret', 'outside', project.stateFolder);
		symlinkSync(join(project.stateFolder, 'secret'), join(project.root, 'link'));
		symlinkSync(project.stateFolder, join(project.root, 'folder'));
		const refused = ['link', 'folder/secret', '../state/secret', '/etc/hostname', 'missing', '.git/config', 'config', 'there', ''];
		expect(copyFiles(project.root, worktree, ['.env', 'config/local.json', ...refused])).toEqual(refused);
		expect(project.read('.env', worktree)).toBe('SECRET=1\n');
		expect(project.read('config/local.json', worktree)).toBe('{}');
		expect(project.read('there', worktree)).toBe('mine\n');
	});

	test('never writes through a link in the work tree', () => {
		const project = createTestRepository();
		const worktree = join(project.stateFolder, 'tree');
		const outside = join(project.stateFolder, 'outside');
		mkdirSync(worktree, {recursive: true});
		mkdirSync(outside);
		symlinkSync(outside, join(worktree, 'config'));
		project.write('config/x', '1');
		expect(copyFiles(project.root, worktree, ['config/x'])).toEqual(['config/x']);
		expect(readdirSync(outside)).toEqual([]);
	});
});
