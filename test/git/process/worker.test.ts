import {execFileSync} from 'node:child_process';
import {join} from 'node:path';
import {afterEach, expect, test} from 'vitest';
import {git, runGitThrough} from '../../../source/git/process/run.ts';
import {startGitProcess} from '../../../source/git/process/worker.ts';
import {isRunning} from '../../helpers/cleanup.ts';
import {node, root} from '../../helpers/program.ts';
import {createTestRepository, type TestRepository} from '../../helpers/repository.ts';
import {until} from '../../helpers/wait.ts';

let end = async (): Promise<void> => {};
afterEach(async () => {
	await end();
	runGitThrough(undefined);
});

/** An alias of git that tells whose child it is. */
const PARENT = '!echo $(ps -o ppid= -p $PPID)';
const runner = async (project: TestRepository): Promise<number> => Number((await git(project.root, ['whose'])).stdout);
const begin = async (): Promise<{readonly project: TestRepository; readonly pid: number}> => {
	const project = createTestRepository();
	project.git(['config', 'alias.whose', PARENT]);
	end = startGitProcess({node, programFile: join(root, 'dist', 'program.js')});
	const pid = await until(async () => {
		const found = await runner(project);
		return found === process.pid ? 0 : found;
	});
	return {project, pid};
};

test('git runs in the small process and answers the same: text, bytes, input, exit codes and refusals', async () => {
	const {project, pid} = await begin();
	expect(pid).not.toBe(process.pid);
	const text = 'é\u0000\u001b\n';
	const {stdout} = await git(project.root, ['hash-object', '-w', '--stdin'], {input: text});
	const read = await git(project.root, ['cat-file', 'blob', stdout.trim()]);
	expect([read.stdout, Buffer.isBuffer(read.bytes), read.bytes.toString()]).toEqual([text, true, text]);
	const args = ['rev-parse', '--verify', 'none'];
	expect(await git(project.root, args, {accept: [128]})).toMatchObject({code: 128, stdout: ''});
	await expect(git(project.root, args)).rejects.toMatchObject({name: 'GitRefused', code: 'git-failed'});
	await expect(git('/nowhere', ['status'])).rejects.toMatchObject({name: 'GitRefused', code: 'no-folder'});
	const many = await Promise.all(Array.from({length: 30}, (_, at) => git(project.root, ['hash-object', '--stdin'], {input: `${at}`})));
	expect(new Set(many.map(each => each.stdout)).size).toBe(30);
});

test('when it is killed, git goes on in this process, and what it was at work on fails instead of waiting for ever', async () => {
	const {project, pid} = await begin();
	project.git(['config', 'alias.wait', '!sleep 5']);
	const waits = git(project.root, ['wait']).catch((error: unknown) => error);
	process.kill(pid, 'SIGKILL');
	expect(await waits).toMatchObject({name: 'GitRefused', code: 'git-failed'});
	expect(await runner(project)).toBe(process.pid);
});

test('the end of an earlier one leaves git with the one that was started after it', async () => {
	const {project, pid} = await begin();
	const endLater = startGitProcess({node, programFile: join(root, 'dist', 'program.js')});
	const later = await until(async () => {
		const found = await runner(project);
		return found === pid ? 0 : found;
	});
	process.kill(pid, 'SIGKILL');
	await until(() => !isRunning(pid));
	expect(await runner(project)).toBe(later);
	await endLater();
});

test('it ends with what started it, once its git is done, and no signal of a terminal ends it earlier', async () => {
	const {project, pid} = await begin();
	process.kill(pid, 'SIGINT');
	expect(await runner(project)).toBe(pid);
	await end();
	expect(isRunning(pid)).toBe(false);
	expect(await runner(project)).toBe(process.pid);
	expect(execFileSync('git', ['status', '--porcelain'], {cwd: project.root, encoding: 'utf8'})).toBe('');
});
