import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {kinOf} from '../../../source/git/repository/kinship.ts';
import {openRepository, resolveBase} from '../../../source/git/repository/repository.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {createTestRepository} from '../../helpers/repository.ts';

describe('opening a repository', () => {
	test('finds the main work tree from a folder inside it and from a linked work tree', async () => {
		const project = createTestRepository({files: {'deep/er/file': 'x'}, commits: [{second: 'y'}]});
		const linked = join(project.stateFolder, 'linked');
		project.git(['worktree', 'add', '--quiet', '-b', 'other', linked]);
		const fromInside = await openRepository(join(project.root, 'deep', 'er'));
		expect(fromInside).toEqual({
			root: project.root,
			commonDir: join(project.root, '.git'),
			name: 'project',
		});
		expect(await openRepository(linked)).toEqual(fromInside);
	});

	test('a clone is the same repository, whatever is checked out, and a shallow one once it is deepened', async () => {
		const project = createTestRepository({commits: [{second: 'y'}]});
		const [clone, shallow, store] = ['clone', 'shallow', 'none'].map(name => join(project.stateFolder, name)) as [string, string, string];
		project.git(['clone', '--quiet', project.root, clone]);
		project.git(['clone', '--quiet', '--depth', '1', `file://${project.root}`, shallow]);
		project.git(['checkout', '--quiet', '--orphan', 'pages'], clone);
		const kin = async (folder: string) => kinOf(await openRepository(folder), 'main', store);
		const full = await kin(project.root);
		expect(full).toMatchObject({identity: project.git(['rev-list', '--max-parents=0', 'main']), isShallow: false});
		expect((await kin(clone)).identity).toBe(full.identity);
		const before = await kin(shallow);
		expect(before).toMatchObject({isShallow: true});
		expect(await before.isSame(full.identity)).toBe(false);
		project.git(['fetch', '--quiet', '--unshallow'], shallow);
		const after = await kin(shallow);
		expect(after).toMatchObject({identity: full.identity, isShallow: false});
		expect(await after.isSame(before.identity)).toBe(true);
		expect(await full.isSame(before.identity)).toBe(true);
		const other = createTestRepository({files: {other: 'z'}});
		expect(await (await kin(other.root)).isSame(full.identity)).toBe(false);
	});

	test('refuses what is no repository, bare, or empty, each with a sentence', async () => {
		const folder = temporaryFolder();
		const project = createTestRepository();
		const empty = join(project.stateFolder, 'empty');
		mkdirSync(empty, {recursive: true});
		project.git(['init', '--quiet'], empty);
		const bare = join(project.stateFolder, 'bare.git');
		project.git(['clone', '--quiet', '--bare', project.root, bare]);
		await expect(openRepository(folder)).rejects.toMatchObject({
			code: 'no-repository',
			message: `\`${folder}\` is not in a git repository`,
		});
		await expect(openRepository(bare)).rejects.toMatchObject({code: 'bare-repository'});
		await expect(openRepository(empty)).rejects.toMatchObject({code: 'no-commits'});
		await expect(openRepository(join(folder, 'gone'))).rejects.toMatchObject({code: 'no-folder'});
	});
});

describe('the base branch', () => {
	test('is the configured one, else the current one', async () => {
		const project = createTestRepository();
		project.git(['branch', 'release/1']);
		const repository = await openRepository(project.root);
		expect(await resolveBase(repository)).toBe('main');
		expect(await resolveBase(repository, 'release/1')).toBe('release/1');
	});

	test('is the current one where refs are no files or packed ones, and refused without a commit', async () => {
		const project = createTestRepository();
		const [reftable, orphan] = ['reftable', 'orphan'].map(name => join(project.stateFolder, name)) as [string, string];
		project.git(['clone', '--quiet', '--ref-format=reftable', project.root, reftable]);
		project.git(['checkout', '--quiet', '-b', 'own/one'], reftable);
		expect(await resolveBase(await openRepository(reftable))).toBe('own/one');
		project.git(['checkout', '--quiet', '-b', 'own/two']);
		project.git(['pack-refs', '--all']);
		expect(await resolveBase(await openRepository(project.root))).toBe('own/two');
		project.git(['clone', '--quiet', project.root, orphan]);
		project.git(['checkout', '--quiet', '--orphan', 'pages'], orphan);
		await expect(resolveBase(await openRepository(orphan))).rejects.toMatchObject({
			code: 'no-commits',
			message: 'branch `pages` has no commits yet',
		});
	});

	test('is refused when HEAD is detached and none is configured', async () => {
		const project = createTestRepository();
		project.git(['checkout', '--quiet', '--detach']);
		const repository = await openRepository(project.root);
		await expect(resolveBase(repository)).rejects.toMatchObject({code: 'detached-head'});
		expect(await resolveBase(repository, 'main')).toBe('main');
	});

	test.each(['nowhere', '--upload-pack=touch x', '../../HEAD', 'a\u001b[31mb', ''])('is refused when there is no branch %j', async name => {
		const project = createTestRepository();
		const repository = await openRepository(project.root);
		const refused = await resolveBase(repository, name).catch((error: unknown) => error);
		expect(refused).toMatchObject({code: 'no-base'});
		expect(String(refused)).not.toMatch(/[\u0000-\u001f]/);
	});
});
