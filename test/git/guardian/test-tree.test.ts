import {execFileSync} from 'node:child_process';
import {
	appendFileSync,
	chmodSync,
	existsSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {openFolders} from '../../../source/os/remove-folder.ts';
import {canBeHeldBack, stepAsUser} from '../../helpers/as-user.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {withEnvironment} from '../../helpers/environment.ts';
import {startGuardian} from '../../helpers/guardian.ts';
import {until} from '../../helpers/wait.ts';

const files = {
	'.gitignore': 'node_modules/\n*.log\n',
	'a.txt': 'a\n',
	'b.txt': 'b\n',
	'run.sh': '#!/bin/sh\n',
	'src/x.ts': 'x\n',
	'src/deep/y.ts': 'y\n',
};

/** What a tree holds: each path with its mode, kind, and content or goal, `.git` left out. */
const contentOf = (folder: string): string => {
	const found = execFileSync('find', ['.', '-mindepth', '1', '-path', './.git', '-prune', '-o', '-printf', '%P %m %y %l\n'], {
		cwd: folder,
		encoding: 'utf8',
	});
	const lines = found.split('\n').sort();
	return lines
		.map(line => (line.split(' ')[2] === 'f' ? `${line}${readFileSync(join(folder, line.split(' ')[0] ?? ''), 'utf8')}` : line))
		.join('\n');
};

/** A guardian with the folder of a test tree. */
const start = async () => {
	const {project, guardian, prepare} = await startGuardian('main', files);
	const folder = join(project.stateFolder, 'tests', 'test-1');
	const candidateOf = async (task: string, changed: Readonly<Record<string, string>>) => (await prepare(task, changed)).candidate;
	const put = (candidate: string) => guardian.prepareTestTree({candidate, folder});
	const content = (): string => contentOf(folder);
	/** The same of a tree that no test has ever seen. */
	const freshly = async (candidate: string): Promise<string> => {
		const other = join(project.stateFolder, 'fresh', candidate);
		await guardian.prepareTestTree({candidate, folder: other});
		return contentOf(other);
	};
	return {project, guardian, folder, candidateOf, put, content, freshly};
};

describe('a test tree that a test has scribbled in', () => {
	/** Same length, times put back: nothing but the time of the inode tells it. */
	const forge = (file: string, text: string): void => {
		const {atime, mtime} = statSync(file);
		writeFileSync(file, text);
		utimesSync(file, atime, mtime);
	};

	test.each<[string, (folder: string) => void]>([
		['changed files', folder => writeFileSync(join(folder, 'a.txt'), 'other\n')],
		['changed a file and put its times back', folder => forge(join(folder, 'a.txt'), 'z\n')],
		['removed files and folders', folder => rmSync(join(folder, 'src'), {recursive: true})],
		[
			'added files, empty folders and half a repository',
			folder => {
				writeFileSync(join(folder, 'new.txt'), 'x');
				mkdirSync(join(folder, 'empty', 'er'), {recursive: true});
				mkdirSync(join(folder, 'junk', '.git'), {recursive: true});
			},
		],
		[
			'ignored everything',
			folder => {
				appendFileSync(join(folder, '.gitignore'), '*\n');
				writeFileSync(join(folder, 'new.txt'), 'x');
			},
		],
		[
			'left rules of line ends',
			folder => {
				writeFileSync(join(folder, '.gitattributes'), '* eol=crlf\n');
				writeFileSync(join(folder, 'src', '.gitattributes'), '* eol=crlf\n');
			},
		],
		[
			'left rules of line ends and hidden them',
			folder => {
				writeFileSync(join(folder, '.gitattributes'), '* eol=crlf\n');
				appendFileSync(join(folder, '.gitignore'), '.gitattributes\n');
			},
		],
		['made a file executable', folder => chmodSync(join(folder, 'a.txt'), 0o755)],
		[
			'put a folder where a file was, and a file where a folder was',
			folder => {
				rmSync(join(folder, 'a.txt'));
				mkdirSync(join(folder, 'a.txt', 'deep'), {recursive: true});
				writeFileSync(join(folder, 'a.txt', 'deep', 'x'), 'x');
				rmSync(join(folder, 'src'), {recursive: true});
				writeFileSync(join(folder, 'src'), 'x');
			},
		],
		[
			'moved a folder away and linked to it',
			folder => {
				renameSync(join(folder, 'src'), join(folder, 'elsewhere'));
				symlinkSync('elsewhere', join(folder, 'src'));
			},
		],
		[
			'moved a folder out of the tree and linked to it',
			folder => {
				rmSync(`${folder}.outside`, {recursive: true, force: true});
				renameSync(join(folder, 'src'), `${folder}.outside`);
				symlinkSync(`${folder}.outside`, join(folder, 'src'));
			},
		],
		[
			'hidden its changes from git',
			folder => {
				execFileSync('git', ['update-index', '--assume-unchanged', 'a.txt'], {cwd: folder});
				execFileSync('git', ['update-index', '--skip-worktree', 'b.txt'], {cwd: folder});
				forge(join(folder, 'a.txt'), 'z\n');
				forge(join(folder, 'b.txt'), 'z\n');
			},
		],
		[
			'configured git and committed',
			folder => {
				execFileSync('git', ['config', 'core.worktree', '/tmp'], {cwd: folder});
				execFileSync('git', ['config', 'core.hooksPath', 'evil'], {cwd: folder});
				execFileSync('git', ['config', 'filter.evil.smudge', 'echo evil'], {cwd: folder});
				mkdirSync(join(folder, '.git', 'info'), {recursive: true});
				writeFileSync(join(folder, '.git', 'info', 'attributes'), '* filter=evil\n');
				writeFileSync(join(folder, '.git', 'info', 'exclude'), '*\n');
			},
		],
		['removed its .git', folder => rmSync(join(folder, '.git'), {recursive: true})],
		[
			'left a lock and a damaged index',
			folder => {
				writeFileSync(join(folder, '.git', 'index.lock'), '');
				writeFileSync(join(folder, '.git', 'index'), 'x');
			},
		],
		['removed the tree', folder => rmSync(folder, {recursive: true})],
		[
			'put repositories where its files are',
			folder => {
				mkdirSync(join(folder, 'src', 'deep', '.git', 'objects'), {recursive: true});
				mkdirSync(join(folder, 'src', 'deep', '.git', 'refs'));
				writeFileSync(join(folder, 'src', 'deep', '.git', 'HEAD'), 'ref: refs/heads/x\n');
				writeFileSync(join(folder, 'src', '.git'), 'gitdir: deep/.git\n');
			},
		],
	])('and %s holds exactly the next candidate, and the same one again', async (_what, scribble) => {
		const {candidateOf, put, content, folder, freshly, project} = await start();
		const first = await candidateOf('one', {'a.txt': 'f\n', 'only-first.txt': '1\n'});
		const second = await candidateOf('two', {'b.txt': 's\n', 'src/x.ts': 'xx\n'});
		for (const candidate of [first, second, second]) {
			await put(candidate);
			scribble(folder);
			await put(candidate);
			expect(readdirSync(join(folder, '.git')).sort()).toEqual(['HEAD', 'config', 'index', 'objects', 'refs']);
			expect(content()).toBe(await freshly(candidate));
			expect(project.git(['rev-parse', 'HEAD'], folder)).toBe(candidate);
			expect(project.git(['status', '--porcelain'], folder)).toBe('');
			scribble(folder);
		}
		await put(first);
		expect(content()).toBe(await freshly(first));
		scribble(folder);
		await put(second);
		expect(content()).toBe(await freshly(second));
	});

	test('keeps what is ignored, rewrites nothing that is right, and lends its objects to the test', async () => {
		const {candidateOf, put, folder, project} = await start();
		const first = await candidateOf('one', {'a.txt': 'f\n'});
		const second = await candidateOf('two', {'b.txt': 's\n'});
		await put(first);
		project.write('node_modules/dep/index.js', 'kept', folder);
		project.write('build.log', 'kept', folder);
		const before = statSync(join(folder, 'src', 'x.ts'));
		await put(second);
		expect(project.read('node_modules/dep/index.js', folder) + project.read('build.log', folder)).toBe('keptkept');
		expect(statSync(join(folder, 'src', 'x.ts'))).toMatchObject({ino: before.ino, ctimeMs: before.ctimeMs});
		expect(project.git(['show', `${first}:a.txt`], folder)).toBe('f');
		expect(project.git(['log', '-1', '--format=%(trailers:key=Room-Task,valueonly)'], folder).trim()).toBe('two');
		expect(project.commit('by a test', folder)).not.toBe(second);
		expect(readdirSync(join(folder, '.git')).sort()).toContain('index');
	});

	test('a link in the place of the tree empties no folder of the user', async () => {
		const {candidateOf, put, folder, project, content, freshly} = await start();
		const candidate = await candidateOf('one', {'a.txt': 'f\n'});
		await put(candidate);
		const own = temporaryFolder('own');
		writeFileSync(join(own, 'letter.txt'), 'x');
		rmSync(folder, {recursive: true});
		symlinkSync(own, folder);
		await put(candidate);
		expect(readdirSync(own)).toEqual(['letter.txt']);
		expect(content()).toBe(await freshly(candidate));
		expect(project.git(['rev-parse', 'HEAD'], folder)).toBe(candidate);
	});

	test('a link in the place of its `.git` leads to no repository of the user', async () => {
		const {candidateOf, put, folder, project} = await start();
		const candidate = await candidateOf('one', {'a.txt': 'f\n'});
		await put(candidate);
		project.write('.git/modules/lib/HEAD', 'x');
		rmSync(join(folder, '.git'), {recursive: true});
		symlinkSync(join(project.root, '.git'), join(folder, '.git'));
		await put(candidate);
		expect(project.read('.git/modules/lib/HEAD')).toBe('x');
		expect(lstatSync(join(folder, '.git')).isDirectory()).toBe(true);
		symlinkSync(join(project.root, '.git', 'modules'), join(folder, '.git', 'modules'));
		await put(candidate);
		expect(project.read('.git/modules/lib/HEAD')).toBe('x');
	});

	test('pipes in the places of git’s own files keep no one waiting', {timeout: 30_000}, async () => {
		const {candidateOf, put, folder, content, freshly} = await start();
		const candidate = await candidateOf('one', {'src/.gitignore': '*.o\n'});
		await put(candidate);
		rmSync(join(folder, 'src', '.gitignore'));
		mkdirSync(join(folder, 'new'));
		for (const name of ['.gitattributes', 'src/.gitignore', 'src/deep/.gitignore', 'new/.gitignore', '.gitmodules'])
			execFileSync('mkfifo', [join(folder, name)]);
		await put(candidate);
		expect(content()).toBe(await freshly(candidate));
	});

	test.runIf(canBeHeldBack)('folders that nothing may be removed from hold up no test', async () => {
		const {candidateOf, project, guardian} = await start();
		const candidate = await candidateOf('one', {'a.txt': 'f\n'});
		const tests = join(project.stateFolder, 'closed');
		const folder = join(tests, 'tests');
		await guardian.prepareTestTree({candidate, folder});
		for (const name of ['cache', 'src/deep/more', '.git/objects/more']) {
			mkdirSync(join(folder, name), {recursive: true});
			writeFileSync(join(folder, name, 'file'), 'x');
			chmodSync(join(folder, name), 0o500);
		}
		chmodSync(folder, 0o500);
		symlinkSync(guardian.folder, join(tests, 'guardian.git'));
		onTestFinished(() => void openFolders(tests));
		stepAsUser('test-tree', tests, project.root, candidate);
		expect(existsSync(join(folder, 'cache'))).toBe(false);
		expect(contentOf(folder)).not.toContain('more');
	});

	test('a forged change is seen also when it is older than a second', async () => {
		const {candidateOf, put, folder, project} = await start();
		const candidate = await candidateOf('one', {'a.txt': 'f\n'});
		await put(candidate);
		// Until the index is younger than the files by a whole second: then git does not compare content any more.
		const second = (file: string): number => Math.floor(statSync(file).mtimeMs / 1000);
		const written = second(join(folder, 'a.txt'));
		await until(() => Math.floor(Date.now() / 1000) > written + 1, {what: 'the next second'});
		await put(candidate);
		forge(join(folder, 'a.txt'), 'z\n');
		await put(candidate);
		expect(project.read('a.txt', folder)).toBe('f\n');
	});

	test('rules of line ends that a test left have no say, also when the index is younger than the files by a second', async () => {
		const home = temporaryFolder('home');
		writeFileSync(join(home, '.gitconfig'), '[filter "fast"]\n\tsmudge = cat\n[filter "slow"]\n\tsmudge = "sleep 1.2; cat"\n');
		withEnvironment({HOME: home, XDG_CONFIG_HOME: home});
		const {candidateOf, put, folder, project, content, freshly} = await start();
		// Filtered files are written one after the other, the index after the slow one.
		const rules = {'f/.gitattributes': '*.txt filter=fast\nz.bin filter=slow\n'};
		const first = await candidateOf('one', {...rules, 'f/b.txt': '1\n', 'f/z.bin': '1\n'});
		const second = await candidateOf('two', {...rules, 'f/b.txt': '2\n', 'f/z.bin': '2\n'});
		await put(first);
		writeFileSync(join(folder, '.gitattributes'), '*.txt eol=crlf\n');
		await put(second);
		expect(project.read('f/b.txt', folder)).toBe('2\n');
		expect(content()).toBe(await freshly(second));
	});

	test('other rules of line ends are applied to files that have not changed', async () => {
		const {candidateOf, put, folder, project, content, freshly} = await start();
		const first = await candidateOf('one', {'c.txt': 'c\n'});
		const second = await candidateOf('two', {'.gitattributes': '*.txt eol=crlf\n', 'd/.gitattributes': ''});
		await put(first);
		await put(second);
		expect(project.read('b.txt', folder)).toBe('b\r\n');
		expect(content()).toBe(await freshly(second));
		await put(first);
		expect(project.read('b.txt', folder)).toBe('b\n');
	});
});
