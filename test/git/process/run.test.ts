import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, describe, expect, test, vi} from 'vitest';
import {git, gitLine, gitWords} from '../../../source/git/process/run.ts';
import {createTestRepository} from '../../helpers/repository.ts';

afterEach(() => vi.unstubAllEnvs());

describe('running git', () => {
	test("nothing of the caller's GIT_ variables, editor or pager reaches it", async () => {
		const project = createTestRepository();
		const canary = join(project.stateFolder, 'canary');
		for (const name of ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_CONFIG_COUNT', 'GIT_CONFIG_PARAMETERS'])
			vi.stubEnv(name, '/nowhere');
		for (const name of ['GIT_EXTERNAL_DIFF', 'EDITOR', 'GIT_PAGER', 'PAGER', 'GIT_SSH_COMMAND']) vi.stubEnv(name, `touch ${canary}`);
		project.write('README.md', 'changed\n');
		expect((await git(project.root, ['diff'])).stdout).toContain('+changed');
		expect((await git(project.root, ['rev-parse', '--show-toplevel'])).stdout).toBe(`${project.root}\n`);
		expect(existsSync(canary)).toBe(false);
	});

	test('an exit code that is an answer comes back, another is a refusal in one clean line', async () => {
		const project = createTestRepository();
		const args = ['rev-parse', '--verify', '--end-of-options', 'no\u001b[31m\nsuch'];
		expect(await git(project.root, args, {accept: [128]})).toMatchObject({code: 128, stdout: ''});
		const refused: unknown = await git(project.root, args).catch((error: unknown) => error);
		expect(refused).toMatchObject({name: 'GitRefused', code: 'git-failed', message: 'git rev-parse: Needed a single revision'});
		const withSetting = git(project.root, ['-c', 'core.trustCtime=true', 'rev-parse', '--verify', 'gone']);
		await expect(withSetting).rejects.toMatchObject({message: 'git rev-parse: Needed a single revision'});
		expect(gitWords('error: a\u001b[31m\n\tb\nhint: do x\nAborting\n')).toBe('a [31m b');
	});

	test('a git that a signal ends is a failure, whatever it had printed', async () => {
		const project = createTestRepository();
		project.git(['config', 'alias.die', '!echo half an answer; kill -9 $PPID']);
		await expect(git(project.root, ['die'])).rejects.toMatchObject({code: 'git-failed', message: 'git die: ended with -1'});
	});

	test('input and hostile text arrive as they are', async () => {
		const project = createTestRepository();
		const text = '$(touch x) `y` "\'\\ é\u0000\u001b\n';
		const {stdout} = await git(project.root, ['hash-object', '-w', '--stdin'], {input: text});
		expect((await git(project.root, ['cat-file', 'blob', stdout.trim()])).stdout).toBe(text);
		expect(await gitLine(project.root, ['hash-object', '--stdin'], {input: ''})).toBe('e69de29bb2d1d6434b8b29ae775ad8c2e48c5391');
	});
});
