import {execFileSync} from 'node:child_process';
import {existsSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {delimiter, join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {createAttempt} from '../../../source/git/worktree/create.ts';
import {takeHead} from '../../../source/git/worktree/look.ts';
import {removeWorktree} from '../../../source/git/worktree/remove.ts';
import {lastTaken} from '../../../source/git/worktree/tree.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {withEnvironment} from '../../helpers/environment.ts';
import {startGuardian} from '../../helpers/guardian.ts';

/** A git for which no file may grow beyond a size, as on a disk that is full; `free` makes room again. */
const withFullDisk = (): {free(): void} => {
	const folder = temporaryFolder('full');
	const real = execFileSync('sh', ['-c', 'command -v git'], {encoding: 'utf8'}).trim();
	const full = join(folder, 'full');
	writeFileSync(full, '');
	const script = `#!/bin/sh\n[ -e '${full}' ] && { trap '' XFSZ; ulimit -f 200; }\nexec '${real}' "$@"\n`;
	writeFileSync(join(folder, 'git'), script, {mode: 0o755});
	withEnvironment({PATH: `${folder}${delimiter}${process.env.PATH ?? ''}`});
	return {free: () => rmSync(full)};
};

const big = (letter: string): string => `${letter.repeat(99)}\n`.repeat(20_000);

describe("a disk that is full while a person's files are written", () => {
	test('all that git had written is taken back, also what it had half written; it lands once there is room', async () => {
		const files = {
			'.gitattributes': '*.crlf eol=crlf\n',
			'a.txt': 'a\n',
			'b.crlf': 'b\n',
			'gone.txt': 'x\n',
			'm.bin': 'small\n',
			'z.txt': 'z\n',
		};
		const {project, prepareCommit, mergeCandidate, isHealthy} = await startGuardian('main', files);
		const folder = join(project.stateFolder, 'work');
		project.git(['worktree', 'add', '--quiet', '-b', 'task', folder]);
		rmSync(join(folder, 'gone.txt'));
		for (const name of ['a.txt', 'b.crlf', 'new.txt', 'deep/er/new.txt', 'z.txt']) project.write(name, 'task\n', folder);
		for (const name of ['m.bin', 'new.bin']) project.write(name, big('t'), folder);
		const wanted = await prepareCommit('t-1', project.commit('work', folder));
		project.write('untracked.txt', 'mine\n');
		const disk = withFullDisk();
		for (const _again of [1, 2]) {
			expect(await mergeCandidate(wanted)).toMatchObject({
				kind: 'held',
				files: [],
				reason: expect.stringMatching(/unable to write file.*the disk has/),
			});
			expect(project.head()).toBe(wanted.expectedBase);
			expect(project.git(['status', '--porcelain'])).toBe('?? untracked.txt');
			expect(project.read('m.bin') + project.read('b.crlf') + project.read('gone.txt')).toBe('small\nb\r\nx\n');
			expect(existsSync(join(project.root, '.git', 'agent-room-landing.json'))).toBe(false);
		}
		disk.free();
		expect((await mergeCandidate(wanted)).kind).toBe('merged');
		expect(project.git(['status', '--porcelain'])).toBe('?? untracked.txt');
		expect(project.read('new.bin')).toBe(big('t'));
		expect(isHealthy()).toBe(true);
	});

	test('what there is no room to restore is restored by the next landing, before anything else', async () => {
		const {project, prepare, mergeCandidate} = await startGuardian('main', {'a.txt': 'a\n', 'm.bin': big('m')});
		const wanted = await prepare('t-1', {'a.txt': 'task\n', 'm.bin': big('t')});
		const disk = withFullDisk();
		expect((await mergeCandidate(wanted)).kind).toBe('held');
		expect(project.head()).toBe(wanted.expectedBase);
		await expect(mergeCandidate(wanted)).rejects.toMatchObject({code: 'git-failed'});
		expect(project.head()).toBe(wanted.expectedBase);
		disk.free();
		const person = project.git(['commit', '--quiet', '--allow-empty', '-m', 'a person goes on']);
		expect(person).toBe('');
		expect((await mergeCandidate(wanted)).kind).toBe('moved');
	});

	test("a person's file that is the same as the candidate's is in the way, and stays", async () => {
		const {project, prepare, mergeCandidate} = await startGuardian();
		const wanted = await prepare('t-1', {'a.txt': 'task\n', 'new.txt': 'task\n'});
		project.write('a.txt', 'task\n');
		project.write('new.txt', 'task\n');
		expect((await mergeCandidate(wanted)).kind).toBe('held');
		expect(project.read('a.txt') + project.read('new.txt')).toBe('task\ntask\n');
		expect(project.git(['status', '--porcelain'])).toBe(' M a.txt\n?? new.txt');
	});
});

describe('a base that moves beneath the room', () => {
	test('and is deleted, is said by its name; nothing is made of it, and the work lands when the branch is back', async () => {
		const {project, guardian, prepare, mergeCandidate} = await startGuardian('trunk');
		const wanted = await prepare('t-1', {'a.txt': 'task\n'});
		project.git(['update-ref', '-d', 'refs/heads/trunk']);
		await expect(mergeCandidate(wanted)).rejects.toMatchObject({code: 'no-base', message: 'branch `trunk` does not exist'});
		await expect(guardian.baseHead()).rejects.toMatchObject({code: 'no-base'});
		await expect(guardian.commitOnBase({task: 't-1', commit: wanted.candidate})).rejects.toMatchObject({code: 'no-base'});
		expect(() => project.head('trunk')).toThrow();
		project.git(['branch', 'trunk', wanted.expectedBase]);
		expect((await mergeCandidate(wanted)).kind).toBe('merged');
	});

	test('and is pushed back, has what it no longer holds count as not landed; what stood on it is built again', async () => {
		const {project, guardian, prepareQueue} = await startGuardian('trunk');
		const {entries, expectedBase} = await prepareQueue({'t-1': {'a.txt': 'one\n'}, 't-2': {'b.txt': 'two\n'}});
		expect((await guardian.mergeCandidate({entries: entries.slice(0, 1), expectedBase})).merged).toHaveLength(1);
		project.git(['update-ref', 'refs/heads/trunk', expectedBase]);
		expect(await guardian.commitOnBase({task: 't-1', commit: entries[0]?.candidate ?? ''})).toBeUndefined();
		expect(await guardian.mergeCandidate({entries: entries.slice(1), expectedBase: entries[0]?.candidate ?? ''})).toMatchObject({
			merged: [],
			stopped: {kind: 'moved', head: expectedBase},
		});
		expect((await guardian.mergeCandidate({entries, expectedBase})).merged).toHaveLength(2);
	});

	test('and is checked out in a work tree that is away, holds the landing until that is back', async () => {
		const {project, prepare, mergeCandidate} = await startGuardian('trunk');
		const [there, away] = [join(project.stateFolder, 'there'), join(project.stateFolder, 'away')];
		project.git(['worktree', 'add', '--quiet', there, 'trunk']);
		const wanted = await prepare('t-1', {'a.txt': 'task\n'});
		renameSync(there, away);
		expect(await mergeCandidate(wanted)).toMatchObject({kind: 'held', reason: expect.stringContaining('which is missing')});
		renameSync(away, there);
		expect((await mergeCandidate(wanted)).kind).toBe('merged');
		expect(project.read('a.txt', there)).toBe('task\n');
	});
});

describe("a task's branch", () => {
	test('may be deleted, reset or amended beneath the room: the commit that was reviewed is what lands', async () => {
		const {project, prepareCommit, mergeCandidate} = await startGuardian();
		for (const [at, harm] of [
			() => project.git(['update-ref', '-d', 'refs/heads/t-0']),
			() => project.git(['update-ref', 'refs/heads/t-1', 'main']),
			() => project.git(['update-ref', 'refs/heads/t-2', project.git(['commit-tree', '-m', 'amended', 'main^{tree}'])]),
		].entries()) {
			const commit = project.branch(`t-${at}`, {[`f-${at}.txt`]: 'x\n'});
			harm();
			const wanted = await prepareCommit(`t-${at}`, commit);
			expect((await mergeCandidate(wanted)).kind).toBe('merged');
			expect(project.head('main^2')).toBe(commit);
		}
	});

	test('that was deleted and collected is told as what it is', async () => {
		const {project, prepareCommit} = await startGuardian();
		const commit = project.branch('t-1', {'x.txt': 'x\n'});
		project.git(['branch', '-D', 't-1']);
		project.git(['reflog', 'expire', '--expire=now', '--all']);
		project.git(['gc', '--quiet', '--prune=now']);
		await expect(prepareCommit('t-1', commit)).rejects.toMatchObject({
			code: 'lost-commit',
			message: expect.stringContaining(commit.slice(0, 12)),
		});
	});

	test('holds nobody up where its work tree was removed by hand: the next attempt has the next number, what was taken over stays', async () => {
		const {project, store, prepareCommit, mergeCandidate} = await startGuardian();
		const worktreesFolder = join(project.stateFolder, 'worktrees');
		const attempt = () => createAttempt({store, worktreesFolder, task: 't-1', attempt: 1, from: project.head()});
		const first = await attempt();
		const commit = project.commit('work', first.path);
		expect(await takeHead(store, first.path)).toBe(commit);
		rmSync(first.path, {recursive: true});
		expect(await removeWorktree({store, folder: first.path})).toEqual({kind: 'kept', reason: 'its folder is missing'});
		const second = await attempt();
		expect(second.branch).toBe('agent/t-1-a2');
		project.write('x.txt', 'x\n', second.path);
		project.commit('more', second.path);
		expect((await mergeCandidate(await prepareCommit('t-1', await takeHead(store, second.path)))).kind).toBe('merged');
		expect(lastTaken(store, first.path)).toBe(commit);
	});
});
