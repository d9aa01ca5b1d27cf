import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {isRunning, temporaryFolder} from '../helpers/cleanup.ts';
import {startRoomProgram} from '../helpers/program.ts';
import {until} from '../helpers/wait.ts';

const worktree = (): {folder: string; file: (name: string) => string} => {
	const base = temporaryFolder('test');
	const folder = join(base, 'w');
	mkdirSync(folder);
	return {folder, file: name => join(folder, name)};
};
const run = (folder: string, command: string, more: NodeJS.ProcessEnv = {}) =>
	startRoomProgram('test', {
		AGENT_ROOM_WORKTREE: folder,
		AGENT_ROOM_TEST: command,
		AGENT_ROOM_TASK: 't-1',
		AGENT_ROOM_CANDIDATE: 'abcdef0123456789',
		...more,
	});
/** The worktree's commit, and where the room keeps it. */
const placed = (folder: string): NodeJS.ProcessEnv => ({
	AGENT_ROOM_CLONE: join(folder, '.git'),
	AGENT_ROOM_CANDIDATE: execFileSync('git', ['rev-parse', 'HEAD'], {cwd: folder, encoding: 'utf8'}).trim(),
});
const read = (file: string): string => readFileSync(file, 'utf8').trim();

describe('the test program', () => {
	test('runs the command in the worktree and says that it passed', async () => {
		const {folder} = worktree();
		const {code, stdout} = await run(folder, 'pwd && echo a line of the tests').ended;
		expect(code).toBe(0);
		expect(stdout).toMatch(/^Testing t-1 at abcdef012: pwd && echo a line of the tests\n/);
		expect(stdout).toContain(`${folder}\na line of the tests\n`);
		expect(stdout).toMatch(/✓ passed in \d+\.\d s\n$/);
	});

	test('a failing command is the candidate’s fault', async () => {
		const {code, stdout} = await run(worktree().folder, 'echo 1 test failed; exit 3').ended;
		expect(code).toBe(1);
		// It had a second look.
		expect(stdout).toMatch(
			/1 test failed\n✗ exit 3 after .*\nRunning again to check whether it is flaky\.\n1 test failed\n✗ exit 3 after \d+\.\d s\n$/,
		);
	});

	test('no worktree and no command are the room’s fault', async () => {
		const absent = await run(join(worktree().folder, 'gone'), 'true').ended;
		expect(absent.code).toBe(75);
		expect(absent.stdout).toContain('✗ could not run: there is no worktree at');
		expect((await run(worktree().folder, ' ').ended).code).toBe(75);
	});

	test('the command sees no token, no socket and no address of Redis', async () => {
		const {code, stdout} = await run(worktree().folder, 'env | grep AGENT_ROOM | sort', {
			AGENT_ROOM_TOKEN: 'secret-1',
			AGENT_ROOM_SOCKET: 'secret-2',
			AGENT_ROOM_REDIS_URL: 'secret-3',
		}).ended;
		expect(code).toBe(0);
		expect(stdout).toContain('AGENT_ROOM_WORKTREE=');
		expect(stdout).not.toContain('secret');
	});

	test('on timeout the whole group is ended, also what ignores TERM', async () => {
		const {folder, file} = worktree();
		const command = `trap '' TERM; sh -c 'trap "" TERM; echo $$ > ${file('child')}; while :; do sleep 0.05; done' & wait; while :; do sleep 0.05; done`;
		const running = run(folder, command, {AGENT_ROOM_TEST_TIMEOUT_MS: '400'});
		const {code, stdout} = await running.ended;
		expect(code).toBe(1);
		expect(stdout).toMatch(/✗ timed out after \d+\.\d s\n$/);
		expect(isRunning(Number(read(file('child'))))).toBe(false);
	});

	test('a child that tidies up after TERM is given the time, although its shell died at once', async () => {
		const {folder, file} = worktree();
		const command = `sh -c 'trap "sleep 0.3; echo tidy > ${file('tidied')}; exit" TERM; while :; do sleep 0.05; done' & wait`;
		const {code} = await run(folder, command, {AGENT_ROOM_TEST_TIMEOUT_MS: '400'}).ended;
		expect(code).toBe(1);
		expect(existsSync(file('tidied'))).toBe(true);
	});

	test('a server left in the background does not outlive the run', async () => {
		const {folder, file} = worktree();
		const {code} = await run(folder, `sleep 600 & echo $! > ${file('server')}`).ended;
		expect(code).toBe(0);
		await until(() => !isRunning(Number(read(file('server')))), {what: 'the end of the background server'});
	});

	test('stopped from outside it ends the command and costs no attempt', async () => {
		const {folder, file} = worktree();
		const running = run(folder, `echo $$ > ${file('pid')}; sleep 600`);
		await until(() => existsSync(file('pid')) && read(file('pid')), {what: 'the start of the command'});
		process.kill(running.pid, 'SIGTERM');
		const {code, stdout} = await running.ended;
		expect(code).toBe(75);
		expect(stdout).toContain('stopped before it ended');
		expect(isRunning(Number(read(file('pid'))))).toBe(false);
	});

	test('setup runs once, and again when a manifest of the candidate changed', async () => {
		const {folder, file} = worktree();
		const git = (...args: string[]) => execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@x', ...args], {cwd: folder});
		const commit = (name: string, text: string) => {
			writeFileSync(file(name), text);
			git('add', '-A');
			git('commit', '-qm', 'x');
		};
		git('init', '-q');
		writeFileSync(file('.gitignore'), 'setups\n');
		commit('package.json', '{}');
		const setup = (): NodeJS.ProcessEnv => ({AGENT_ROOM_SETUP: `echo ran >> ${file('setups')}`, ...placed(folder)});
		const count = () => read(file('setups')).split('\n').length;
		expect((await run(folder, 'true', setup()).ended).stdout).toContain('Setting up the worktree');
		commit('source.txt', 'new');
		expect((await run(folder, 'true', setup()).ended).stdout).not.toContain('Setting up');
		expect(count()).toBe(1);
		commit('package.json', '{"dependencies": {}}');
		expect((await run(folder, 'true', setup()).ended).code).toBe(0);
		expect(count()).toBe(2);
	});

	test('setup runs again when a submodule is another commit, or what it had put there is gone', async () => {
		const {folder, file} = worktree();
		const git = (args: readonly string[]): void =>
			void execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x', ...args], {cwd: folder});
		const point = (to: string): void => {
			git(['update-index', '--add', '--cacheinfo', `160000,${to.repeat(40)},sub`]);
			git(['commit', '--quiet', '-m', 'x']);
		};
		git(['init', '--quiet']);
		point('a');
		mkdirSync(file('sub'));
		const setup = (): NodeJS.ProcessEnv => ({AGENT_ROOM_SETUP: 'echo x >sub/filled', ...placed(folder)});
		const isSetUp = async (): Promise<boolean> => (await run(folder, 'true', setup()).ended).stdout.includes('Setting up the worktree');
		expect([await isSetUp(), await isSetUp()]).toEqual([true, false]);
		rmSync(file('sub/filled'));
		expect([await isSetUp(), await isSetUp()]).toEqual([true, false]);
		point('b');
		expect(await isSetUp()).toBe(true);
	});

	test('setup runs again when a folder that it had made is gone, and not for what tests made', async () => {
		const {folder, file} = worktree();
		const setup = {AGENT_ROOM_SETUP: 'mkdir -p node_modules'};
		const isSetUp = async (test: string): Promise<boolean> =>
			(await run(folder, test, setup).ended).stdout.includes('Setting up the worktree');
		expect([await isSetUp('mkdir out'), await isSetUp('rm -r out'), await isSetUp('rm -r node_modules')]).toEqual([true, false, false]);
		expect([await isSetUp('true'), await isSetUp('rm -r node_modules'), await isSetUp('true')]).toEqual([true, false, true]);
		expect(existsSync(file('node_modules'))).toBe(true);
	});

	test('the `.git` of a worktree is not asked for what setup depends on: the tests that ran there may have written it', async () => {
		const {folder, file} = worktree();
		execFileSync('git', ['init', '-q'], {cwd: folder});
		execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x', 'commit', '--quiet', '--allow-empty', '-m', 'x'], {cwd: folder});
		const clone = `${folder}.clone`;
		const room = {...placed(folder), AGENT_ROOM_CLONE: clone};
		execFileSync('git', ['clone', '--quiet', '--bare', folder, clone]);
		// A repository that misses its objects, and names a program which brings them.
		const hostile = [
			...['[core]', 'repositoryformatversion = 1', '[extensions]', 'partialClone = other'],
			...['[remote "other"]', `url = ${folder}`, 'promisor = true', `uploadpack = "echo "$PPID" >${file('stolen')}; false"`],
		].join('\n');
		const attack = `cat >.git/config <<'END'\n${hostile}\nEND\nrm -rf .git/objects; mkdir .git/objects; exit 1`;
		const {code} = await run(folder, attack, {AGENT_ROOM_SETUP: 'true', ...room}).ended;
		expect(code).toBe(1);
		expect(existsSync(file('stolen'))).toBe(false);
	});

	test('a setup that fails is said, fails the candidate and is not taken for done', async () => {
		const {folder} = worktree();
		for (let time = 0; time < 2; time++) {
			const {code, stdout} = await run(folder, 'echo never', {AGENT_ROOM_SETUP: 'exit 4'}).ended;
			expect(code).toBe(1);
			expect(stdout).toMatch(/✗ setup: exit 4 after/);
			expect(stdout).not.toContain('\nnever');
		}
	});
});
