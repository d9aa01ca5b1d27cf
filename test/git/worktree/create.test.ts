import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {buildCandidate} from '../../../source/git/guardian/candidate.ts';
import {prepareTestTree} from '../../../source/git/guardian/test-tree.ts';
import {hasCommit} from '../../../source/git/store/import.ts';
import {copyFiles, createAttempt, createDetachedWorktree} from '../../../source/git/worktree/create.ts';
import {noteOtherRefs} from '../../../source/git/worktree/other-refs.ts';
import {saveWork} from '../../../source/git/worktree/save.ts';
import {sweepTrees} from '../../../source/git/worktree/sweep.ts';
import {openTree, treesGit} from '../../../source/git/worktree/tree.ts';
import {openTestStore} from '../../helpers/guardian.ts';
import {node, startProgram} from '../../helpers/program.ts';
import {createTestRepository} from '../../helpers/repository.ts';

const open = async (project: ReturnType<typeof createTestRepository>) => ({
	store: await openTestStore(project),
	worktreesFolder: join(project.stateFolder, 'worktrees'),
	from: project.head(),
});
/** Everything of a person's repository but its objects: names, contents, and what git says of it. */
const stateOf = (project: ReturnType<typeof createTestRepository>): unknown => [
	project.git(['for-each-ref']),
	project.git(['worktree', 'list', '--porcelain']),
	readFileSync(join(project.root, '.git', 'config'), 'utf8'),
	readdirSync(join(project.root, '.git'), {recursive: true}).map(String).sort(),
];

describe('the work tree of an attempt', () => {
	test("is a repository of its own on a branch of its own, with the files of the commit and the base beside it; the person's is untouched", async () => {
		const project = createTestRepository({files: {'a.txt': 'first\n'}, commits: [{'a.txt': 'second\n'}]});
		const before = stateOf(project);
		const opened = await open(project);
		const attempt = await createAttempt({...opened, task: 'user-auth', attempt: 1});
		expect(attempt).toEqual({branch: 'agent/user-auth-a1', path: join(project.stateFolder, 'worktrees', 'user-auth-a1'), attempt: 1});
		expect(project.read('a.txt', attempt.path)).toBe('second\n');
		expect(project.git(['status', '--porcelain', '--branch'], attempt.path)).toBe('## agent/user-auth-a1');
		expect(project.git(['rev-parse', '--git-common-dir', 'main'], attempt.path)).toBe(`.git\n${project.head()}`);
		project.write('a.txt', 'third\n', attempt.path);
		const commit = project.commit('by its agent', attempt.path);
		expect(project.git(['diff', '--stat', 'main...HEAD'], attempt.path)).toContain('1 file changed');
		expect(() => project.git(['cat-file', '-e', commit])).toThrow();
		expect(await hasCommit(opened.store, commit)).toBe(false);
		expect(stateOf(project)).toEqual(before);
	});

	test('has ids of the length that the repository has: SHA-256 ones too, also of candidates and in their tests', async () => {
		const project = createTestRepository();
		rmSync(join(project.root, '.git'), {recursive: true});
		project.git(['init', '--quiet', '--object-format=sha256', '-b', 'main']);
		for (const [key, value] of [
			['user.name', 'Person'],
			['user.email', 'person@example.org'],
		] as const)
			project.git(['config', key, value]);
		const from = project.commit('first');
		expect(from).toHaveLength(64);
		const {store, worktreesFolder} = await open(project);
		const {path} = await createAttempt({store, worktreesFolder, task: 't', attempt: 1, from});
		project.write('work.txt', 'work\n', path);
		const {commit} = await saveWork({store, worktree: path, message: 'work'});
		const built = await buildCandidate(store, {commit, onto: from, task: 't', title: 'work', author: 'agent:dev:001'});
		if (built.kind !== 'candidate') throw new Error(built.kind);
		expect(built.commit).toHaveLength(64);
		const folder = join(project.stateFolder, 'test');
		await prepareTestTree(store, {candidate: built.commit, folder});
		expect(project.git(['rev-parse', 'HEAD'], folder) + project.read('work.txt', folder)).toBe(`${built.commit}work\n`);
	});

	test("sees the base where it is now, and has the person's settings without what logs in or runs", async () => {
		const project = createTestRepository();
		project.git(['config', 'user.name', 'Ann "the" One']);
		project.git(['config', 'core.hooksPath', '/evil']);
		project.git(['config', 'credential.helper', 'store']);
		project.git(['config', 'http.extraHeader', 'Authorization: token']);
		project.git(['remote', 'add', 'origin', 'https://ann:secret@example.org/x.git']);
		const opened = await open(project);
		const {path} = await createAttempt({...opened, task: 't', attempt: 1});
		expect(project.git(['config', 'user.name'], path)).toBe('Ann "the" One');
		expect(project.git(['config', 'remote.origin.url'], path)).toBe('https://example.org/x.git');
		expect(readFileSync(join(path, '.git', 'config'), 'utf8')).not.toMatch(/evil|credential|secret|token/);
		project.write('new.txt', 'new\n');
		const head = project.commit('by the person');
		await createAttempt({...opened, from: head, task: 'u', attempt: 1});
		expect(project.git(['rev-parse', 'main'], path)).toBe(head);
		expect(project.git(['merge', '--quiet', '--ff-only', 'main'], path)).toBe('');
	});

	test("finds the person's other branches and tags by name, new ones too, and none of an earlier version's", async () => {
		const project = createTestRepository({files: {'a.txt': 'a\n'}});
		const opened = await open(project);
		project.git(['tag', '-a', '-m', 'one', 'v1']);
		project.branch('agent/old-a1', {'old.txt': 'x\n'});
		const feature = project.branch('feature/x', {'x.txt': 'x\n'});
		project.git(['update-ref', 'refs/remotes/origin/main', 'main']);
		await noteOtherRefs(opened.store);
		const {path} = await createAttempt({...opened, task: 't', attempt: 1});
		expect(project.git(['describe', '--tags'], path)).toBe('v1');
		expect(project.git(['rev-parse', 'feature/x', 'origin/main'], path)).toBe(`${feature}\n${project.head()}`);
		expect(project.git(['for-each-ref', '--format=%(refname)', 'refs/heads/agent'], path)).toBe('refs/heads/agent/t-a1');
		expect(project.git(['merge', '--quiet', '--no-edit', 'feature/x'], path)).toBe('');
		expect(project.git(['pack-refs', '--all'], path)).toBe('');
		expect(project.git(['fsck', '--connectivity-only'], path)).toBe('');
	});

	test('that was cut off in the making is swept; one that was made stays', async () => {
		const project = createTestRepository();
		const opened = await open(project);
		const [made, half] = [await createAttempt({...opened, task: 't', attempt: 1}), await createAttempt({...opened, task: 'u', attempt: 1})];
		rmSync(join(openTree(opened.store, half.path).gitDir, 'tree.json'));
		const lock = join(treesGit(opened.store), 'packed-refs.lock');
		writeFileSync(lock, '');
		sweepTrees(opened.store, opened.worktreesFolder);
		expect(existsSync(lock)).toBe(false);
		expect(readdirSync(opened.worktreesFolder)).toEqual(['t-a1']);
		expect(openTree(opened.store, made.path).branch).toBe('agent/t-a1');
	});

	test('skips numbers whose folder or work is taken', async () => {
		const project = createTestRepository();
		const opened = await open(project);
		await createAttempt({...opened, task: 't-1', attempt: 1});
		rmSync(join(opened.worktreesFolder, 't-1-a1'), {recursive: true});
		mkdirSync(join(opened.worktreesFolder, 't-1-a2'), {recursive: true});
		expect(await createAttempt({...opened, task: 't-1', attempt: 1})).toMatchObject({branch: 'agent/t-1-a3', attempt: 3});
	});

	test.each(['agent', 'agent/t-a1', 'trunk'])('a branch `%s` of the person, also as the base, is in nobody’s way', async name => {
		const project = createTestRepository();
		project.git(['branch', name]);
		for (const base of ['main', name]) {
			const store = await openTestStore(project, base);
			const made = await createAttempt({
				store,
				worktreesFolder: join(project.stateFolder, 'worktrees'),
				from: project.head(),
				task: 't',
				attempt: 1,
			});
			expect(project.git(['rev-parse', 'HEAD', base], made.path)).toBe(`${project.head()}\n${project.head()}`);
		}
	});

	test('is called so that a hostile task id reaches neither ref nor path', async () => {
		const project = createTestRepository();
		const opened = await open(project);
		const made = await createAttempt({...opened, task: '../../--upload-pack=touch x\n\u001b[31m', attempt: 1});
		expect(made.branch).toMatch(/^agent\/[a-z0-9-]+-a1$/);
		expect(made.path).toMatch(/\/worktrees\/[a-z0-9-]+-a1$/);
		expect(existsSync(made.path)).toBe(true);
	});

	test('is made for each of fifty that ask at once from five processes, and for none twice', {timeout: 60_000}, async () => {
		const project = createTestRepository({files: Object.fromEntries(Array.from({length: 50}, (_, at) => [`f/${at}.txt`, `${at}\n`]))});
		const before = stateOf(project);
		const worktreesFolder = join(project.stateFolder, 'worktrees');
		const program = join(import.meta.dirname, '../../fixtures/git/create-attempts.ts');
		const makers = Array.from({length: 5}, () => startProgram([node, program, project.root, worktreesFolder, 't-9', project.head(), '10']));
		const ended = await Promise.all(makers.map(maker => maker.ended));
		expect(ended.map(({code, stderr}) => ({code, stderr}))).toEqual(ended.map(() => ({code: 0, stderr: ''})));
		const made = ended.flatMap(({stdout}) => JSON.parse(stdout) as {branch: string; path: string}[]);
		expect(new Set(made.map(({branch}) => branch)).size).toBe(50);
		for (const {branch, path} of made) {
			expect(project.git(['symbolic-ref', '--short', 'HEAD'], path)).toBe(branch);
			expect(readdirSync(join(path, 'f'))).toHaveLength(50);
		}
		expect(stateOf(project)).toEqual(before);
	});

	test('leaves nothing behind where it cannot be made', async () => {
		const project = createTestRepository();
		const {store, worktreesFolder} = await open(project);
		const missing = 'f'.repeat(40);
		await expect(createAttempt({store, worktreesFolder, task: 't', attempt: 1, from: missing})).rejects.toMatchObject({
			code: 'lost-commit',
		});
		await expect(createAttempt({store, worktreesFolder, task: 't', attempt: 1, from: 'main'})).rejects.toMatchObject({code: 'no-commit'});
		expect(existsSync(worktreesFolder)).toBe(false);
	});

	test('is taken back whole where its checkout fails', async () => {
		const project = createTestRepository({files: {'.gitattributes': '*.bin filter=broken\n', 'x.bin': 'x'}});
		project.git(['config', 'filter.broken.smudge', 'false']);
		project.git(['config', 'filter.broken.required', 'true']);
		const opened = await open(project);
		await expect(createAttempt({...opened, task: 't', attempt: 1})).rejects.toMatchObject({code: 'git-failed'});
		expect(readdirSync(opened.worktreesFolder)).toEqual([]);
		project.git(['config', '--unset', 'filter.broken.required']);
		project.git(['config', 'filter.broken.smudge', 'cat']);
		expect((await createAttempt({...opened, task: 't', attempt: 1})).attempt).toBe(1);
	});

	test('borrows nothing that a gc of the person may take, also where they borrow themselves', async () => {
		const project = createTestRepository();
		const borrower = join(project.stateFolder, 'borrower');
		project.git(['clone', '--quiet', '--shared', project.root, borrower]);
		const {store, worktreesFolder, from} = await open({...project, root: borrower, stateFolder: join(project.stateFolder, 's')});
		const {path} = await createAttempt({store, worktreesFolder, task: 't', attempt: 1, from});
		rmSync(join(project.root, '.git'), {recursive: true});
		expect(project.git(['fsck', '--connectivity-only'], path)).toBe('');
	});

	test('is that very folder: a link, another folder, or one that only the name says to be one, is none', async () => {
		const project = createTestRepository();
		const opened = await open(project);
		const {path} = await createAttempt({...opened, task: 't', attempt: 1});
		expect(openTree(opened.store, path).branch).toBe('agent/t-a1');
		const aside = join(project.stateFolder, 'aside');
		renameSync(path, aside);
		expect(() => openTree(opened.store, path)).toThrow(`\`${path}\` is missing`);
		symlinkSync(aside, path);
		expect(() => openTree(opened.store, path)).toThrow('is a link, not the folder that the room created');
		rmSync(path);
		mkdirSync(path);
		expect(() => openTree(opened.store, path)).toThrow('is another folder, not the folder that the room created');
		rmSync(path, {recursive: true});
		renameSync(opened.worktreesFolder, `${opened.worktreesFolder}-moved`);
		renameSync(aside, join(`${opened.worktreesFolder}-moved`, 't-a1'));
		symlinkSync(`${opened.worktreesFolder}-moved`, opened.worktreesFolder);
		expect(() => openTree(opened.store, path)).toThrow('is not a worktree of this room');
		for (const folder of [project.root, join(project.stateFolder, 'worktrees', '..', 'worktrees', 'x'), '/etc', ''])
			expect(() => openTree(opened.store, folder)).toThrow('is not a worktree of this room');
	});

	test('of a reviewer is on no branch', async () => {
		const project = createTestRepository();
		const {store, worktreesFolder, from} = await open(project);
		const folder = join(worktreesFolder, 'review');
		await createDetachedWorktree({store, folder, commit: from});
		expect(project.git(['rev-parse', '--abbrev-ref', 'HEAD'], folder)).toBe('HEAD');
		expect(project.git(['status', '--porcelain'], folder)).toBe('');
		await expect(createDetachedWorktree({store, folder, commit: from})).rejects.toMatchObject({code: 'folder-exists'});
		writeFileSync(join(folder, 'kept'), '');
		expect(existsSync(join(folder, 'kept'))).toBe(true);
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
