import {execFileSync} from 'node:child_process';
import {chmodSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {openGuardian} from '../../../source/git/guardian/guardian.ts';
import {openRepository} from '../../../source/git/repository/repository.ts';
import {createAttempt} from '../../../source/git/worktree/create.ts';
import {takeHead} from '../../../source/git/worktree/look.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {withEnvironment} from '../../helpers/environment.ts';
import {startGuardian} from '../../helpers/guardian.ts';

describe('what a repository can hold', () => {
	test('links, modes, names that differ in case, line ends: each arrives as it is', async () => {
		const {project, guardian, prepareCommit, mergeCandidate} = await startGuardian('main', {
			'.gitattributes': '*.crlf eol=crlf\n',
			'Case.txt': 'case\n',
			'a.crlf': 'a\n',
			'file-to-link': 'x\n',
			'folder/in': 'x\n',
			'run.sh': '#!/bin/sh\n',
		});
		const folder = join(project.stateFolder, 'work');
		project.git(['worktree', 'add', '--quiet', '-b', 'task', folder]);
		project.git(['mv', 'Case.txt', 'case.txt'], folder);
		project.write('a.crlf', 'one\r\ntwo\r\n', folder);
		rmSync(join(folder, 'file-to-link'));
		symlinkSync('run.sh', join(folder, 'file-to-link'));
		rmSync(join(folder, 'folder'), {recursive: true});
		project.write('folder', 'a file now\n', folder);
		chmodSync(join(folder, 'run.sh'), 0o755);
		const wanted = await prepareCommit('t-1', project.commit('work', folder));
		const tree = join(project.stateFolder, 'tests');
		await guardian.prepareTestTree({candidate: wanted.candidate, folder: tree});
		expect((await mergeCandidate(wanted)).kind).toBe('merged');
		expect(project.git(['status', '--porcelain'])).toBe('');
		const listed = 'find . -path ./.git -prune -o ! -type d -printf "%P %m %l " -exec cat {} \\; | od -c';
		const look = (where: string): string =>
			execFileSync('sh', ['-c', `LC_ALL=C; ${listed.replace('find .', 'find . -mindepth 1')}`], {cwd: where, encoding: 'utf8'});
		expect(look(tree).length).toBeGreaterThan(100);
		for (const name of ['case.txt', 'a.crlf', 'file-to-link', 'folder', 'run.sh'])
			expect(project.read(name, tree)).toBe(project.read(name));
		expect(project.read('a.crlf')).toBe('one\r\ntwo\r\n');
		expect(project.git(['ls-files', '-s', 'run.sh', 'file-to-link'])).toMatch(/^120000 [^\n]*\n100755 /);
	});

	test('large files that a filter keeps elsewhere reach the test tree from the repository', async () => {
		const home = temporaryFolder('home');
		// As git-lfs does it: named by content, in `lfs.storage` or beside the git folder; read there, or beside the objects that are borrowed.
		const storage = 's=$(git config lfs.storage || echo "$(git rev-parse --path-format=absolute --git-common-dir)/lfs")/objects';
		const put = 'f=$(mktemp); cat >"$f"; id=$(sha256sum <"$f" | cut -c1-64); p=$(echo "$id" | cut -c1-2)/$(echo "$id" | cut -c3-4)';
		writeFileSync(join(home, 'clean'), `#!/bin/sh\n${storage}\n${put}\nmkdir -p "$s/$p"; cp "$f" "$s/$p/$id"; echo "oid $id"\n`, {
			mode: 0o755,
		});
		writeFileSync(
			join(home, 'smudge'),
			`#!/bin/sh\n${storage}\nread -r _ id; p=$(echo "$id" | cut -c1-2)/$(echo "$id" | cut -c3-4)/$id\n[ -e "$s/$p" ] || s=$(dirname "$(cat "$(git rev-parse --git-common-dir)/objects/info/alternates")")/lfs/objects\ncat "$s/$p"\n`,
			{mode: 0o755},
		);
		writeFileSync(join(home, '.gitconfig'), `[filter "lfs"]\n\tclean = ${home}/clean\n\tsmudge = ${home}/smudge\n\trequired = true\n`);
		withEnvironment({HOME: home, XDG_CONFIG_HOME: home});
		const {project, guardian, prepareCommit, store, mergeCandidate} = await startGuardian('main', {'.gitattributes': '*.bin filter=lfs\n'});
		const attempt = await createAttempt({
			store,
			worktreesFolder: join(project.stateFolder, 'w'),
			task: 't-1',
			attempt: 1,
			from: project.head(),
		});
		project.write('x.bin', 'large content\n', attempt.path);
		const own = (args: readonly string[], cwd = attempt.path) =>
			execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x', ...args], {cwd, encoding: 'utf8'}).trim();
		own(['add', '.']);
		own(['commit', '--quiet', '-m', 'work']);
		expect(own(['show', 'HEAD:x.bin'])).toMatch(/^oid [0-9a-f]{64}$/);
		expect(existsSync(join(project.root, '.git', 'lfs'))).toBe(false);
		// What is not what its name says is not taken over.
		project.write(`.git/lfs/objects/00/00/${'0'.repeat(64)}`, 'other', attempt.path);
		const wanted = await prepareCommit('t-1', await takeHead(store, attempt.path));
		const folder = join(project.stateFolder, 'tests');
		await guardian.prepareTestTree({candidate: wanted.candidate, folder});
		expect(project.read('x.bin', folder)).toBe('large content\n');
		expect((await mergeCandidate(wanted)).kind).toBe('merged');
		expect(project.read('x.bin')).toBe('large content\n');
		expect(existsSync(join(project.root, '.git', 'lfs', 'objects', '00'))).toBe(false);
		const next = await createAttempt({
			store,
			worktreesFolder: join(project.stateFolder, 'w'),
			task: 't-2',
			attempt: 1,
			from: project.head(),
		});
		expect(project.read('x.bin', next.path)).toBe('large content\n');
		expect(own(['status', '--porcelain'], next.path)).toBe('');
	});

	test('a submodule that is added, changed and taken away; its folder in a test tree holds nothing of earlier tests', async () => {
		const {project, guardian, prepareCommit, store, mergeCandidate} = await startGuardian();
		const inner = join(project.stateFolder, 'inner');
		mkdirSync(inner, {recursive: true});
		project.git(['init', '--quiet', '--initial-branch=main'], inner);
		project.write('in.txt', 'in\n', inner);
		const commits = [project.commit('inner', inner), project.commit('inner again', inner)];
		const folder = join(project.stateFolder, 'tests');
		const worktreesFolder = join(project.stateFolder, 'worktrees');
		const steps: readonly ((path: string) => void)[] = [
			path => project.git(['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner, 'sub'], path),
			path => project.git(['update-index', '--cacheinfo', `160000,${commits[0]},sub`], path),
			path => project.git(['rm', '--quiet', '--cached', 'sub', '.gitmodules'], path),
		];
		for (const [at, step] of steps.entries()) {
			const task = `t-${at}`;
			const attempt = await createAttempt({store, worktreesFolder, task, attempt: 1, from: project.head()});
			step(attempt.path);
			project.git(['commit', '--quiet', '-m', task], attempt.path);
			const wanted = await prepareCommit(task, await takeHead(store, attempt.path));
			await guardian.prepareTestTree({candidate: wanted.candidate, folder});
			if (at < 2) {
				expect(readdirSync(join(folder, 'sub'))).toEqual([]);
				project.write('sub/scribbled', 'x', folder);
				await guardian.prepareTestTree({candidate: wanted.candidate, folder});
				expect(readdirSync(join(folder, 'sub'))).toEqual([]);
				project.write('sub/scribbled', 'x', folder);
			}
			expect(await mergeCandidate(wanted)).toMatchObject({kind: 'merged'});
			expect(project.git(['status', '--porcelain', '--ignore-submodules=all'])).toBe('');
		}
		expect(existsSync(join(folder, 'sub'))).toBe(false);
		expect(project.git(['ls-files', 'sub'])).toBe('');
	});

	test('a shallow clone is a repository like any other', async () => {
		const {project: origin} = await startGuardian();
		origin.commit('second');
		origin.commit('third');
		const root = join(origin.stateFolder, 'shallow');
		origin.git(['clone', '--quiet', '--depth=1', `file://${origin.root}`, root]);
		const repository = await openRepository(root);
		const guardian = await openGuardian({repository, folder: join(origin.stateFolder, 'shallow-state', 'guardian.git'), base: 'main'});
		for (const at of [1, 2]) {
			const onto = await guardian.baseHead();
			const attempt = await createAttempt({
				store: guardian.store,
				worktreesFolder: join(origin.stateFolder, 'w'),
				task: `t-${at}`,
				attempt: 1,
				from: onto,
			});
			origin.write(`n-${at}.txt`, 'n\n', attempt.path);
			origin.commit('work', attempt.path);
			const commit = await takeHead(guardian.store, attempt.path);
			const built = await guardian.buildCandidate({commit, onto, task: `t-${at}`, title: 'x', author: 'a'});
			if (built.kind !== 'candidate') throw new Error(built.kind);
			await guardian.prepareTestTree({candidate: built.commit, folder: join(origin.stateFolder, 'shallow-tests')});
			expect(
				(
					await guardian.mergeCandidate({
						entries: [{task: `t-${at}`, candidate: built.commit, testedCommit: built.commit}],
						expectedBase: onto,
					})
				).merged,
			).toHaveLength(1);
		}
		expect(origin.git(['status', '--porcelain'], root)).toBe('');
		expect(origin.git(['fsck', '--connectivity-only', '--no-progress', '--no-dangling'], root)).toBe('');
	});

	test("a person's own settings for git change nothing of it", async () => {
		const home = temporaryFolder('home');
		writeFileSync(
			join(home, '.gitconfig'),
			'[safe]\n\tbareRepository = explicit\n[init]\n\tdefaultRefFormat = reftable\n\tdefaultObjectFormat = sha256\n[core]\n\tcheckStat = minimal\n\ttrustCtime = false\n\tuntrackedCache = true\n\tsplitIndex = true\n[diff]\n\tnoprefix = true\n\trenames = copies\n[status]\n\tshowUntrackedFiles = no\n[merge]\n\tconflictStyle = diff3\n\trenames = false\n[clean]\n\trequireForce = true\n',
		);
		withEnvironment({HOME: home, XDG_CONFIG_HOME: home});
		const {project, guardian, prepareQueue} = await startGuardian();
		const {entries, expectedBase} = await prepareQueue({'t-1': {'a.txt': 'one\n'}, 't-2': {'b.txt': 'two\n', 'new.txt': 'n\n'}});
		const folder = join(project.stateFolder, 'tests');
		for (const {candidate} of [...entries, ...entries]) {
			await guardian.prepareTestTree({candidate, folder});
			expect(project.git(['status', '--porcelain'], folder)).toBe('');
			project.write('a.txt', 'z!e\n', folder);
			project.write('junk.txt', 'x', folder);
		}
		expect((await guardian.mergeCandidate({entries, expectedBase})).merged).toHaveLength(2);
		expect(project.git(['status', '--porcelain'])).toBe('');
	});
});
