import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {problemOf} from '../../source/programs/affected.ts';
import {runApart} from '../helpers/apart.ts';
import {temporaryFolder} from '../helpers/cleanup.ts';
import {startRoomProgram} from '../helpers/program.ts';

/** A worktree with two commits: the second adds `names`. */
const changing = (...names: readonly string[]) => {
	const folder = join(temporaryFolder('affected'), 'w');
	mkdirSync(folder);
	const git = (...args: readonly string[]): string =>
		runApart('git', ['-c', 'user.name=x', '-c', 'user.email=x@x', ...args], {cwd: folder})
			.toString()
			.trim();
	git('init', '-q');
	git('commit', '-q', '--allow-empty', '-m', 'first');
	const since = git('rev-parse', 'HEAD');
	for (const name of names) writeFileSync(join(folder, name), 'x');
	git('add', '-A');
	git('commit', '-q', '-m', 'second');
	return (affected: string, more: NodeJS.ProcessEnv = {}) =>
		startRoomProgram('test', {
			...{AGENT_ROOM_WORKTREE: folder, AGENT_ROOM_CLONE: join(folder, '.git'), AGENT_ROOM_TEST: 'echo ALL', AGENT_ROOM_AFFECTED: affected},
			...{AGENT_ROOM_CANDIDATE: git('rev-parse', 'HEAD'), AGENT_ROOM_CANDIDATE_BASE: since, AGENT_ROOM_TASK: 't-1', ...more},
		}).ended;
};

test('what `affected` prints runs in place of the tests; changed files come on its input and in a file, never as commands', async () => {
	const run = changing('a b.txt', '$(touch stolen).txt');
	const {code, stdout} = await run(
		`test "$(tr '\\0' '|')" = '$(touch stolen).txt|a b.txt|' && echo 'xargs -0 printf "<%s>" <"$AGENT_ROOM_CHANGED_FILES"'`,
	);
	expect(stdout).toContain('<$(touch stolen).txt><a b.txt>');
	expect(stdout).toMatch(/2 changed files since [0-9a-f]{9}\. Running the affected tests:\n {2}xargs/);
	expect(stdout).not.toContain('\nALL\n');
	expect(code).toBe(0);
});

test('commands run in order, up to the first that fails', async () => {
	const {code, stdout} = await changing('a')('printf "echo one\\nfalse # no\\necho three\\n"', {AGENT_ROOM_TEST_RETRY: '0'});
	expect(stdout).toMatch(/\none\n✗ exit 1/);
	expect(stdout).not.toContain('\nthree\n');
	expect(code).toBe(1);
});

test.each([
	['exit 3', 'exit 3 after'],
	['echo no-such-program-x', 'it printed a command that was not found'],
	['yes "echo flood"', 'timed out after'],
])('all tests run, and it is said once, where `affected` is `%s`', async (affected, why) => {
	const {code, stdout} = await changing('a')(affected, {AGENT_ROOM_TEST_TIMEOUT_MS: '800'});
	expect(stdout.split(`✗ affected: ${why}`)).toHaveLength(2);
	expect(stdout).toMatch(/Running all tests\.\nALL\n/);
	expect(code).toBe(0);
});

test.each([
	['', 'it printed nothing'],
	['# only a comment\n\n', 'it printed nothing'],
	['a'.repeat(70_000), 'it printed more than 64 KB'],
	['echo many\n'.repeat(201), 'it printed more than 200 commands'],
	['echo \u001b[31mred', 'it printed control characters'],
	['echo \u0000', 'it printed control characters'],
	['npm test -- a\n\n # b\nnpm run lint\n', ''],
])('what it printed is used whole or not at all (%#)', (output, problem) => {
	expect(problemOf(output)).toBe(problem);
});
