import {execFileSync} from 'node:child_process';
import {chmodSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {BOUNDS} from '../../../source/git/process/weigh.ts';
import {baseHead} from '../../../source/git/store/import.ts';
import type {Store} from '../../../source/git/store/store.ts';
import {commitWork} from '../../../source/git/worktree/commit.ts';
import {createAttempt} from '../../../source/git/worktree/create.ts';
import {takeHead} from '../../../source/git/worktree/look.ts';
import {removeWorktree} from '../../../source/git/worktree/remove.ts';
import {copyWork, rescueFiles, saveWork} from '../../../source/git/worktree/save.ts';
import {askedOfGit} from '../../helpers/asked-of-git.ts';
import {SAVED} from '../../helpers/attempt-tree.ts';
import {openTestStore} from '../../helpers/guardian.ts';
import {createTestRepository, type TestRepository} from '../../helpers/repository.ts';

const DEEP = Array.from({length: BOUNDS.depth + 20}, () => 'd').join('/');
const LONG = Array.from({length: 5}, (_, at) => `${at}`.repeat(200)).join('/');

/** An attempt on a base, whose objects the room has packed if they are so in the repository; ways to write objects that no work tree has. */
const begin = async (more: Partial<Store> = {}, prepare: (project: TestRepository) => void = () => undefined) => {
	const project = createTestRepository({files: {'a.txt': 'one\n', 'src/b.txt': 'two\n', 'src/deep/c.txt': 'three\n'}});
	prepare(project);
	const store = {...(await openTestStore(project)), ...more};
	const from = await baseHead(store);
	const worktreesFolder = join(project.stateFolder, 'worktrees');
	const {path} = await createAttempt({store, worktreesFolder, task: 't-1', attempt: 1, from});
	const own = (...args: readonly string[]): string => project.git(args, path);
	const given = (input: string | Buffer, ...args: readonly string[]): string =>
		execFileSync('git', args, {cwd: path, input}).toString().trim();
	const blob = (content: string | Buffer): string => given(content, 'hash-object', '-w', '--stdin');
	/** A tree of these entries, each `mode type id` by its name. */
	const tree = (entries: Readonly<Record<string, string>>): string =>
		given(
			Object.entries(entries)
				.map(([name, what]) => `${what}\t${name}\0`)
				.join(''),
			'mktree',
			'-z',
		);
	const file = (id: string): string => `100644 blob ${id}`;
	const folder = (id: string): string => `040000 tree ${id}`;
	/** Moves the attempt's branch to a commit with this tree, without touching a file. */
	const moveTo = (root: string, ...parents: readonly string[]): string => {
		const above = (parents.length > 0 ? parents : [own('rev-parse', 'HEAD')]).flatMap(parent => ['-p', parent]);
		const commit = own('commit-tree', ...above, '-m', 'work', root);
		own('reset', '--quiet', '--soft', commit);
		return commit;
	};
	/** The base's entries, and these. */
	const withBase = (entries: Readonly<Record<string, string>>): string =>
		tree({'a.txt': file(own('rev-parse', `${from}:a.txt`)), src: folder(own('rev-parse', `${from}:src`)), ...entries});
	/** 2^levels times the tree or file below, by as many small trees. */
	const doubled = (what: string, levels: number): string =>
		Array.from({length: levels}).reduce<string>(below => folder(tree({a: below, b: below})), what);
	const save = () => saveWork({store, worktree: path, message: SAVED});
	const has = (id: string): boolean => {
		try {
			project.git(['--git-dir', store.clone, 'cat-file', '-e', id]);
			return true;
		} catch {
			return false;
		}
	};
	const objectFile = (id: string): string => join(path, '.git', 'objects', id.slice(0, 2), id.slice(2));
	return {project, store, from, path, own, blob, tree, file, folder, moveTo, withBase, doubled, save, has, objectFile};
};

type Begun = Awaited<ReturnType<typeof begin>>;

const refusedAs = (said: string) => ({
	name: 'GitRefused',
	code: 'too-large',
	message: expect.stringContaining(said),
	hint: expect.stringContaining('git reset --soft'),
});

describe('a commit that is small on the disk and huge when it is checked out', () => {
	test.each<[string, string, (begun: Begun) => string]>([
		[
			'2^30 files in thirty trees',
			'`2,147,483,646 files and folders` beyond the base; the limit is 1,000,000',
			({doubled, blob, file}) => doubled(file(blob('x\n')), 30).split(' ')[2] ?? '',
		],
		[
			'2^90 of them',
			'`more than 10^15 files and folders` beyond the base',
			({doubled, blob, file}) => doubled(file(blob('x\n')), 90).split(' ')[2] ?? '',
		],
		[
			"the base's own folder 2^19 times",
			'files and folders` beyond the base; the limit is 1,000,000',
			({doubled, own, folder, withBase}) => withBase({x: doubled(folder(own('rev-parse', 'HEAD:src')), 19)}),
		],
		[
			'one file of zeros by many names',
			'`4.2GB of files` beyond the base; the limit is 2GB',
			({tree, blob, file}) => {
				const zeros = file(blob(Buffer.alloc(21_000_000)));
				return tree(Object.fromEntries(Array.from({length: 200}, (_, at) => [`f${at}`, zeros])));
			},
		],
		[
			'folders deeper than any file system wants them',
			'`folders 101 deep or more` beyond the base; the limit is 100',
			({tree, blob, file, folder}) =>
				Array.from({length: BOUNDS.depth + 1}).reduce<string>(below => tree({d: folder(below)}), tree({f: file(blob('x\n'))})),
		],
		[
			'a path that no system opens',
			'`a path of 1,004 bytes` beyond the base; the limit is 800',
			({tree, blob, file, folder}) =>
				Array.from({length: 4}).reduce<string>(
					below => tree({['d'.repeat(200)]: folder(below)}),
					tree({['f'.repeat(200)]: file(blob('x\n'))}),
				),
		],
		[
			'a name that no file can have',
			'`a name of 300 bytes` beyond the base; the limit is 255',
			({tree, blob, file}) => tree({['n'.repeat(300)]: file(blob('x\n'))}),
		],
	])('is refused before anything of it is in the store, and again when it is handed in again: %s', async (_, said, make) => {
		const begun = await begin();
		const {project, store, path, own, save, has, moveTo, from} = begun;
		project.write('new.txt', 'kept\n', path);
		const root = make(begun);
		const commit = moveTo(root);
		for (const take of [save, save, () => takeHead(store, path), () => copyWork({store, worktree: path, message: SAVED})])
			await expect(take()).rejects.toMatchObject(refusedAs(said));
		expect([has(root), has(commit)]).toEqual([false, false]);
		// Packed, the same.
		own('gc', '--quiet', '--prune=now');
		expect(existsSync(begun.objectFile(commit))).toBe(false);
		await expect(save()).rejects.toMatchObject(refusedAs(said));
		expect([has(root), has(commit)]).toEqual([false, false]);
		expect(readdirSync(store.clone).filter(name => name.startsWith('incoming-'))).toEqual([]);
		// Nothing is lost: the worktree stays, and without that commit its work is saved.
		expect(await removeWorktree({store, folder: path})).toMatchObject({kind: 'kept', reason: expect.stringContaining(said)});
		own('reset', '--quiet', '--soft', from);
		expect(project.git(['--git-dir', store.clone, 'show', `${(await save()).commit}:new.txt`])).toBe('kept');
	});

	test('is refused where only a commit before the last one has it: each of them could be checked out', async () => {
		const {moveTo, doubled, blob, file, withBase, save, has} = await begin();
		const bomb = moveTo(doubled(file(blob('x\n')), 30).split(' ')[2] ?? '');
		moveTo(withBase({}));
		await expect(save()).rejects.toMatchObject(refusedAs('2,147,483,646 files'));
		expect(has(bomb)).toBe(false);
	});

	test('is measured against `limits.disk`, in files alone and together', async () => {
		const {moveTo, blob, file, withBase, save, store, path} = await begin({mostBytes: 10_000_000});
		const half = file(blob(Buffer.alloc(6_000_000, 'x')));
		const commit = moveTo(withBase({one: half}));
		expect(await takeHead(store, path)).toBe(commit);
		// The second commit brings no file that the store lacks.
		moveTo(withBase({one: half, two: half}));
		await expect(save()).rejects.toMatchObject(refusedAs('`12MB of files` beyond the base; the limit is 10MB'));
		await expect(save()).rejects.toMatchObject({hint: expect.stringContaining('`limits.disk`')});
		moveTo(withBase({one: file(blob(Buffer.alloc(11_000_000)))}), commit);
		await expect(save()).rejects.toMatchObject(refusedAs('`11MB of files`'));
	});

	test('does not get in under the names of smaller objects, nor behind a tag', async () => {
		const begun = await begin({mostBytes: 10_000_000}, project => {
			project.write('large.bin', 'x'.repeat(9_000_000));
			project.commit('a large file');
			project.git(['gc', '--quiet', '--prune=now']);
		});
		const {project, store, own, moveTo, doubled, folder, file, tree, blob, withBase, save, has, objectFile, path, from} = begun;
		const lie = (about: string, told: string): void => {
			mkdirSync(dirname(objectFile(about)), {recursive: true});
			if (existsSync(objectFile(about))) chmodSync(objectFile(about), 0o644);
			writeFileSync(objectFile(about), readFileSync(objectFile(told)));
		};
		const named = (id: string, times: number): string =>
			withBase(Object.fromEntries(Array.from({length: times}, (_, at) => [`f${at}`, file(id)])));
		// The base has the folder in a pack; the attempt says that it is empty.
		const src = own('rev-parse', `${from}:src`);
		lie(src, tree({}));
		const bomb = moveTo(withBase({x: doubled(folder(src), 18)}));
		await expect(save()).rejects.toMatchObject(refusedAs('files and folders'));
		// The same with a file.
		const large = own('rev-parse', `${from}:large.bin`);
		for (const size of [10, 1_100_000]) {
			lie(large, blob(Buffer.alloc(size, 'y')));
			moveTo(named(large, 5), from);
			await expect(save(), `${size}`).rejects.toMatchObject(refusedAs('`45MB of files`'));
		}
		// Of one that the store lacks git finds out what it is, or that it is not there.
		for (const size of [600_000, 11_000_000]) {
			const zeros = blob(Buffer.alloc(size));
			const real = readFileSync(objectFile(zeros));
			lie(zeros, blob('small\n'));
			const commit = moveTo(named(zeros, 30), from);
			await expect(save()).rejects.toMatchObject({code: 'lost-commit'});
			expect(has(commit)).toBe(false);
			writeFileSync(objectFile(zeros), real);
			await expect(save()).rejects.toMatchObject(refusedAs('of files'));
		}
		own('tag', '-a', '-m', 'x', 'tagged', bomb);
		const told = own('rev-parse', 'tagged');
		writeFileSync(join(path, '.git', own('symbolic-ref', 'HEAD')), `${told}\n`);
		await expect(save()).rejects.toMatchObject({code: 'lost-commit'});
		own('repack', '-q', '-a', '-d');
		rmSync(objectFile(told), {force: true});
		await expect(save()).rejects.toMatchObject({code: 'lost-commit'});
		expect(has(bomb)).toBe(false);
		expect(project.git(['--git-dir', store.clone, 'fsck', '--connectivity-only'])).not.toContain('missing');
	});
});

describe('files that are small on the disk and huge when git reads them', () => {
	const waysOf = ({store, path, save}: Begun): Readonly<Record<string, () => Promise<unknown>>> => ({
		save,
		copy: () => copyWork({store, worktree: path, message: SAVED}),
		rescue: () => rescueFiles({store, worktree: path, message: SAVED}),
		commit: () => commitWork({store, worktree: path, message: 'x', paths: [], author: {name: 'a', email: 'a@b'}}),
	});

	test.each<[string, string, (begun: Begun) => string | Buffer]>([
		[
			'a file without blocks',
			'`1.1TB of files`',
			({path}) => {
				writeFileSync(join(path, 'zeros'), '');
				truncateSync(join(path, 'zeros'), 1_100_000_000_000);
				return 'zeros';
			},
		],
		[
			'one whose name is no text',
			'`1.1TB of files`',
			({path}) => {
				const name = Buffer.concat([Buffer.from(join(path, 'z')), Buffer.from([0xff, 0xfe])]);
				writeFileSync(name, '');
				truncateSync(name, 1_100_000_000_000);
				return name;
			},
		],
		[
			'a changed file of the base',
			'`1.1TB of files`',
			({path}) => {
				truncateSync(join(path, 'a.txt'), 1_100_000_000_000);
				return 'a.txt';
			},
		],
		[
			'one file by many names',
			'`3GB of files`',
			({path}) => {
				mkdirSync(join(path, 'many'));
				writeFileSync(join(path, 'many', 'first'), '');
				truncateSync(join(path, 'many', 'first'), 30_000_000);
				for (let at = 1; at < 100; at += 1) linkSync(join(path, 'many', 'first'), join(path, 'many', `${at}`));
				return 'many';
			},
		],
		[
			'folders deeper than the bound',
			'`folders 101 deep or more`',
			({project, path}) => {
				project.write(`${DEEP}/f.txt`, 'deep\n', path);
				return 'd';
			},
		],
	])('are refused before they are read, however they are saved: %s', async (_, said, make) => {
		const begun = await begin();
		const {project, path, save} = begun;
		const name = make(begun);
		for (const [way, take] of Object.entries(waysOf(begun))) await expect(take(), way).rejects.toMatchObject(refusedAs(said));
		rmSync(typeof name === 'string' ? join(path, name) : name, {recursive: true});
		project.write('a.txt', 'work\n', path);
		expect(await save()).toMatchObject({wasDirty: true});
	});

	test('are no matter where git ignores them, unless they were added', async () => {
		const {project, path, own, save} = await begin();
		project.write('.gitignore', 'zeros\n', path);
		writeFileSync(join(path, 'zeros'), 'small\n');
		expect(await save()).toMatchObject({wasDirty: true});
		own('add', '--force', 'zeros');
		truncateSync(join(path, 'zeros'), 1_100_000_000_000);
		await expect(save()).rejects.toMatchObject(refusedAs('`1.1TB of files`'));
	});

	test('count together with what was committed before, by the agent or by the room', async () => {
		const begun = await begin({mostBytes: 10_000_000});
		const {project, path, save} = begun;
		project.write('one', 'x'.repeat(6_000_000), path);
		const first = await save();
		project.write('two', 'y'.repeat(6_000_000), path);
		for (const [way, take] of Object.entries(waysOf(begun))) await expect(take(), way).rejects.toMatchObject(refusedAs('`12MB of files`'));
		expect(begun.own('rev-parse', 'HEAD')).toBe(first.commit);
	});
});

describe('work of an ordinary size', () => {
	test('is taken whatever the base is like: renamed, copied, emptied, and in folders of the base that are beyond the bounds', async () => {
		const {project, store, path, own, save} = await begin({mostBytes: 10_000}, project => {
			project.write(`${DEEP}/f.txt`, 'deep\n');
			project.write(`${LONG.slice(0, 900)}/f.txt`, 'long\n');
			project.write('large.bin', 'x'.repeat(100_000));
			project.commit('a base beyond the bounds');
		});
		project.write(`${DEEP}/f.txt`, 'deeper\n', path);
		project.write(`${LONG.slice(0, 900)}/f.txt`, 'longer\n', path);
		own('mv', 'src', 'renamed');
		const commit = project.commit('renamed', path);
		expect(await takeHead(store, path)).toBe(commit);
		// The base moves on, with other folders changed, while the attempt stands where it began.
		project.write('other.txt', 'other\n');
		project.write('src/b.txt', 'changed\n');
		project.commit('meanwhile');
		await baseHead(store);
		own('rm', '-r', '--quiet', 'renamed');
		project.commit('emptied', path);
		project.write('a.txt', 'uncommitted\n', path);
		expect(await save()).toMatchObject({wasDirty: true});
	});

	test('costs no question to git before it is taken, and brings of a long branch only what is new', async () => {
		const {project, store, path, own} = await begin();
		const commit = (at: number): string => {
			project.write(`src/deep/f${at}.txt`, `${at}\n`, path);
			return project.commit(`commit ${at}`, path);
		};
		commit(0);
		await takeHead(store, path);
		// What stood in the attempt before is in the store: the next take needs nothing of it.
		const before = own('rev-parse', 'HEAD:src/deep/f0.txt');
		rmSync(join(path, '.git', 'objects', before.slice(0, 2), before.slice(2)), {force: true});
		const head = commit(1);
		let taken = '';
		const asked = await askedOfGit(async () => {
			taken = await takeHead(store, path);
		});
		expect([taken, asked]).toEqual([head, ['unpack-objects']]);
	});
});
