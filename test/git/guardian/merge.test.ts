import {execFile} from 'node:child_process';
import {chmodSync, closeSync, existsSync, mkdirSync, openSync, rmSync, utimesSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {promisify} from 'node:util';
import {describe, expect, test} from 'vitest';
import {createAttempt} from '../../../source/git/worktree/create.ts';
import {removeWorktree} from '../../../source/git/worktree/remove.ts';
import {saveWork} from '../../../source/git/worktree/save.ts';
import {startGuardian} from '../../helpers/guardian.ts';
import {cleanEnvironment} from '../../helpers/program.ts';
import {until} from '../../helpers/wait.ts';

describe('merging', () => {
	test('where the base is checked out and clean, its files follow', async () => {
		const {project, prepare, isHealthy, mergeCandidate} = await startGuardian();
		const wanted = await prepare('t-1', {'a.txt': 'task\n', 'new/file.txt': 'new\n'});
		expect(await mergeCandidate(wanted)).toEqual({kind: 'merged', commit: wanted.candidate});
		expect(project.head()).toBe(wanted.candidate);
		expect(project.head('main^1')).toBe(wanted.expectedBase);
		expect(project.read('a.txt')).toBe('task\n');
		expect(project.git(['status', '--porcelain'])).toBe('');
		expect(project.git(['for-each-ref', 'refs/agent-room'])).toBe('');
		expect(isHealthy()).toBe(true);
	});

	test('where nobody has the base checked out, no file of the person moves', async () => {
		const {project, prepare, mergeCandidate} = await startGuardian('trunk');
		const wanted = await prepare('t-1', {'a.txt': 'task\n'});
		project.write('a.txt', 'mine\n');
		expect(await mergeCandidate(wanted)).toEqual({kind: 'merged', commit: wanted.candidate});
		expect(project.head('trunk')).toBe(wanted.candidate);
		expect(project.head('main')).toBe(wanted.expectedBase);
		expect(project.read('a.txt')).toBe('mine\n');
		expect(project.git(['reflog', '-1', '--format=%gs', 'trunk'])).toBe('agent-room: merge t-1');
	});

	test('uncommitted work elsewhere stays as it is: changed, staged and untracked', async () => {
		const {project, prepare, mergeCandidate} = await startGuardian();
		const wanted = await prepare('t-1', {'a.txt': 'task\n'});
		project.write('b.txt', 'mine\n');
		project.write('staged.txt', 'staged\n');
		project.git(['add', 'staged.txt']);
		project.write('untracked.txt', 'u\n');
		expect((await mergeCandidate(wanted)).kind).toBe('merged');
		expect(project.git(['status', '--porcelain'])).toBe(' M b.txt\nA  staged.txt\n?? untracked.txt');
		expect(project.read('b.txt')).toBe('mine\n');
	});

	test.each([
		['a change', 'a.txt', 'Your local changes to the following files would be overwritten by merge: `a.txt`'],
		['an untracked file', 'new.txt', 'The following untracked working tree files would be overwritten by merge: `new.txt`'],
	])("%s in the way holds it, in git's words, and it lands when the way is free", async (_what, file, reason) => {
		const {project, prepare, mergeCandidate} = await startGuardian();
		const wanted = await prepare('t-1', {'a.txt': 'task\n', 'new.txt': 'new\n'});
		project.write(file, 'mine\n');
		expect(await mergeCandidate(wanted)).toEqual({kind: 'held', reason, files: [file], tasks: ['t-1']});
		expect(project.head()).toBe(wanted.expectedBase);
		expect(project.read(file)).toBe('mine\n');
		project.git(['stash', 'push', '--quiet', '--include-untracked']);
		expect((await mergeCandidate(wanted)).kind).toBe('merged');
	});

	test('an ignored file in the way is not overwritten either', async () => {
		const {project, prepare, mergeCandidate} = await startGuardian();
		const wanted = await prepare('t-1', {'local.cfg': 'task\n'});
		project.write('.git/info/exclude', 'local.cfg\n');
		project.write('local.cfg', 'mine\n');
		expect(await mergeCandidate(wanted)).toMatchObject({kind: 'held', reason: expect.stringContaining('`local.cfg`')});
		expect(project.read('local.cfg')).toBe('mine\n');
	});

	test("the person's own settings (autostash, signatures, submodules) do not reach it", async () => {
		const {project, prepare, mergeCandidate} = await startGuardian();
		for (const [key, value] of Object.entries({'merge.autoStash': 'true', 'merge.verifySignatures': 'true', 'merge.ff': 'false'})) {
			project.git(['config', key, value]);
		}
		const wanted = await prepare('t-1', {'a.txt': 'task\n'});
		project.write('a.txt', 'mine\n');
		expect((await mergeCandidate(wanted)).kind).toBe('held');
		expect(project.read('a.txt')).toBe('mine\n');
		project.git(['checkout', '--quiet', 'a.txt']);
		expect((await mergeCandidate(wanted)).kind).toBe('merged');
		expect(project.git(['stash', 'list'])).toBe('');
	});

	test('a base moved by the person is never overwritten: build and test again', async () => {
		const {project, prepare, mergeCandidate} = await startGuardian();
		const wanted = await prepare('t-1', {'a.txt': 'task\n'});
		project.write('b.txt', 'person\n');
		const head = project.commit('by the person');
		expect(await mergeCandidate(wanted)).toEqual({kind: 'moved', head});
		project.git(['reset', '--quiet', '--hard', 'HEAD~1']);
		project.git(['commit', '--quiet', '--allow-empty', '--amend', '-m', 'rewritten']);
		expect((await mergeCandidate(wanted)).kind).toBe('moved');
	});

	test('a rebase or a second work tree with the base holds it', async () => {
		const {project, prepare, mergeCandidate} = await startGuardian();
		const other = project.branch('other', {'b.txt': 'other\n'});
		project.write('b.txt', 'mine\n');
		project.commit('mine');
		const wanted = await prepare('t-1', {'a.txt': 'task\n'});
		expect(() => project.git(['rebase', other])).toThrow();
		expect(await mergeCandidate(wanted)).toEqual({
			kind: 'held',
			reason: `a rebase of \`main\` is in progress in \`${project.root}\``,
			files: [],
			tasks: [],
		});
		project.git(['rebase', '--abort']);
		const second = join(project.stateFolder, 'second');
		project.git(['worktree', 'add', '--quiet', '--force', second, 'main']);
		expect(await mergeCandidate(wanted)).toEqual({kind: 'held', reason: '`main` is checked out in 2 worktrees', files: [], tasks: []});
		project.git(['worktree', 'remove', second]);
		expect((await mergeCandidate(wanted)).kind).toBe('merged');
	});

	test('happens once: asked again, the first landing is the answer', async () => {
		const {prepare, project, mergeCandidate} = await startGuardian();
		const wanted = await prepare('t-1', {'a.txt': 'task\n'});
		const mergedTasks = await Promise.all([mergeCandidate(wanted), mergeCandidate(wanted), mergeCandidate(wanted)]);
		expect(mergedTasks.map(({kind}) => kind)).toEqual(['merged', 'merged', 'merged']);
		expect(project.head()).toBe(wanted.candidate);
	});

	test('is of a task’s work, not of its name: what another room has called so hides nothing', async () => {
		const {project, guardian, mergeCandidate, prepareCommit} = await startGuardian();
		const work = project.branch('first', {'a.txt': 'first\n'});
		const first = await prepareCommit('t-1', work);
		await mergeCandidate(first);
		const other = project.branch('second', {'b.txt': 'second\n'});
		expect(await guardian.commitOnBase({task: 't-1', commit: other})).toBeUndefined();
		const second = await prepareCommit('t-1', other);
		expect(await mergeCandidate(second)).toEqual({kind: 'merged', commit: second.candidate});
		expect(project.head()).toBe(second.candidate);
		expect(await guardian.commitsOnBase([{task: 't-1', commit: work}])).toEqual(new Map([['t-1', first.candidate]]));
	});

	test('a lock that a live git holds is waited for, however old it is', async () => {
		const {project, prepare, mergeCandidate} = await startGuardian('trunk');
		const wanted = await prepare('t-1', {'a.txt': 'task\n'});
		const lock = join(project.root, '.git', 'refs', 'heads', 'trunk.lock');
		const held = openSync(lock, 'wx');
		utimesSync(lock, new Date(0), new Date(0));
		const merging = mergeCandidate(wanted);
		await until(() => existsSync(join(project.root, '.git', 'agent-room.lock')), {what: 'the landing is under way'});
		expect(await Promise.race([merging, new Promise(resolve => setTimeout(resolve, 300, 'waits'))])).toBe('waits');
		rmSync(lock);
		closeSync(held);
		expect((await merging).kind).toBe('merged');
	});

	test('a person’s commit that waits for its hook, or its message, keeps its lock and happens', async () => {
		const {project, prepare, mergeCandidate} = await startGuardian();
		const wanted = await prepare('t-1', {'a.txt': 'task\n'});
		const [began, go] = ['began', 'go'].map(name => join(project.root, '.git', name));
		const hook = join(project.root, '.git', 'hooks', 'pre-commit');
		mkdirSync(dirname(hook), {recursive: true});
		writeFileSync(hook, `#!/bin/sh\ntouch '${began}'; while [ ! -e '${go}' ]; do sleep 0.02; done\n`);
		chmodSync(hook, 0o755);
		project.write('b.txt', 'mine\n');
		const identity = ['-c', 'user.name=Person', '-c', 'user.email=person@example.org'];
		const committing = promisify(execFile)('git', [...identity, 'commit', '--quiet', '--all', '-m', 'mine'], {
			cwd: project.root,
			env: cleanEnvironment(),
		});
		await until(() => existsSync(began ?? ''), {what: 'the hook runs'});
		// As if it had stood there for long already.
		utimesSync(join(project.root, '.git', 'index.lock'), new Date(0), new Date(0));
		expect(await mergeCandidate(wanted)).toMatchObject({
			kind: 'held',
			reason: expect.stringContaining('another git process is running in'),
		});
		writeFileSync(go ?? '', '');
		await committing;
		expect(project.git(['log', '-1', '--format=%s'])).toBe('mine');
		expect(project.git(['status', '--porcelain'])).toBe('');
		expect((await mergeCandidate(wanted)).kind).toBe('moved');
	});

	test('stale locks of killed guardians are cleared, in the repository and in the clone', async () => {
		const {project, guardian, prepare, mergeCandidate} = await startGuardian();
		const stale = (file: string): void => {
			writeFileSync(file, '');
			utimesSync(file, new Date(0), new Date(0));
		};
		const wanted = await prepare('t-1', {'a.txt': 'task\n'});
		const locks = ['index.lock', 'HEAD.lock', 'ORIG_HEAD.lock', 'AUTO_MERGE.lock', 'refs/heads/main.lock', 'packed-refs.lock'];
		for (const name of locks) stale(join(project.root, '.git', name));
		expect((await mergeCandidate(wanted)).kind).toBe('merged');
		expect(locks.filter(name => existsSync(join(project.root, '.git', name)))).toEqual([]);
		const next = project.branch('t-2', {'b.txt': 'task\n'});
		mkdirSync(join(guardian.folder, 'refs/agent-room/imported'), {recursive: true});
		stale(join(guardian.folder, `refs/agent-room/imported/${next}.lock`));
		const built = await guardian.buildCandidate({commit: next, onto: project.head(), task: 't-2', title: 'x', author: 'a'});
		expect(built.kind).toBe('candidate');
	});
});

describe('hooks and settings planted by an agent', () => {
	test('run neither in the guardian nor in what the room does in the repository', async () => {
		const {project, store, guardian, prepareCommit, mergeCandidate} = await startGuardian();
		const commit = project.branch('t-1', {'a.txt': 'task\n'});
		const canary = join(project.stateFolder, 'canary');
		const script = join(project.stateFolder, 'evil.sh');
		project.write('evil.sh', `#!/bin/sh\necho "$0 $@" >> '${canary}'\n`, project.stateFolder);
		chmodSync(script, 0o755);
		const hooks = ['post-checkout', 'post-merge', 'pre-commit', 'commit-msg', 'post-commit', 'reference-transaction', 'post-index-change'];
		for (const hook of [...hooks, 'pre-auto-gc', 'post-rewrite']) {
			project.write(`.git/hooks/${hook}`, `#!/bin/sh\necho ${hook} >> '${canary}'\n`);
			chmodSync(join(project.root, '.git', 'hooks', hook), 0o755);
		}
		const attempt = await createAttempt({
			store,
			worktreesFolder: join(project.stateFolder, 'worktrees'),
			task: 't-0',
			attempt: 1,
			from: project.head(),
		});
		for (const key of ['core.fsmonitor', 'core.editor', 'core.pager', 'gpg.program', 'core.sshCommand', 'uploadpack.packObjectsHook']) {
			for (const folder of [project.root, attempt.path]) project.git(['config', key, script], folder);
		}
		for (const [key, value] of [
			['commit.gpgSign', 'true'],
			['log.showSignature', 'true'],
			['core.hooksPath', join(project.root, '.git', 'hooks')],
		] as const) {
			for (const folder of [project.root, attempt.path]) project.git(['config', key, value], folder);
		}
		expect(() => project.git(['status'])).not.toThrow();
		expect(existsSync(canary), 'the trap works for plain git').toBe(true);
		rmSync(canary);
		const wanted = await prepareCommit('t-1', commit);
		project.write('half.txt', 'x', attempt.path);
		await saveWork({store, worktree: attempt.path, message: 'x'});
		await removeWorktree({store, folder: attempt.path});
		expect((await mergeCandidate(wanted)).kind).toBe('merged');
		await guardian.prepareTestTree({candidate: wanted.candidate, folder: join(project.stateFolder, 'tests')});
		expect(await guardian.commitOnBase({task: 't-1', commit})).toBe(wanted.candidate);
		expect(existsSync(canary)).toBe(false);
	});
});

describe('watching the base', () => {
	test('tells every move, by whomever, once', async () => {
		const {project, guardian} = await startGuardian();
		const seen: string[] = [];
		const watch = guardian.watchBase(head => seen.push(head));
		const first = project.commit('by the person');
		await until(() => seen.length === 1, {what: 'the first move'});
		project.git(['pack-refs', '--all']);
		const second = project.commit('again');
		await until(() => seen.length === 2, {what: 'the second move'});
		project.git(['reset', '--quiet', '--hard', first]);
		await until(() => seen.length === 3, {what: 'the move back'});
		watch.close();
		expect(seen).toEqual([first, second, first]);
	});
});
