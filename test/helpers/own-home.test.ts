import {execFileSync} from 'node:child_process';
import {realpathSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {beforeEach, describe, expect, test} from 'vitest';
import {git} from '../../source/git/process/run.ts';
import {codex} from '../../source/harnesses/codex/codex.ts';
import {createCliBench} from './cli-process.ts';
import {openEngine} from './engine.ts';
import {withEnvironment} from './environment.ts';
import {letGitRunApart, letGitRunHere} from './git-apart.ts';
import {pathOfOwnGit} from './own-home.ts';
import {cleanEnvironment, startProgram} from './program.ts';
import {createTestRepository} from './repository.ts';
import {createStory} from './room.ts';
import {openTerminal} from './screen.ts';

/** The files that git reads its configuration from or would read, whether or not they are there; git before 2.41 tells those alone that are. */
const ASKED = [
	"git config --list --show-origin | sed 's/\\t.*//' | sort -u",
	'git var GIT_CONFIG_SYSTEM 2>/dev/null',
	'git var GIT_CONFIG_GLOBAL 2>/dev/null',
	'echo asked',
].join('; ');
const SH = ['sh', '-c', ASKED] as const;

/** What lies outside of the folders that the tests have made. */
const foreign = (told: string): readonly string[] => {
	const lines = told.split('\n').map(line => line.trim().replace(/^file:/, ''));
	expect(lines).toContain('asked');
	// Asked each time: real agent CLIs have folders elsewhere than other tests.
	const own = [tmpdir(), realpathSync(tmpdir())];
	return lines.filter(line => line.startsWith('/') && line !== '/dev/null' && !own.some(folder => line.startsWith(`${folder}/`)));
};
const inProcess = async (folder: string): Promise<string> => {
	const told = await git(folder, ['config', '--list', '--show-origin']);
	const [system, global] = await Promise.all(
		['GIT_CONFIG_SYSTEM', 'GIT_CONFIG_GLOBAL'].map(name => git(folder, ['var', name], {accept: [1, 129]})),
	);
	return `${told.stdout.replace(/\t.*/g, '')}\n${system?.stdout}\n${global?.stdout}\nasked`;
};

// As where the machine has a configuration, whether or not this one has.
beforeEach(() => withEnvironment({PATH: pathOfOwnGit()}));

describe('git reads no configuration of the machine or of a person, where it is started by', () => {
	test('a test, and by the room in this process and through its small one', async () => {
		const {root: folder} = createTestRepository();
		expect(foreign(execFileSync('sh', ['-c', ASKED], {cwd: folder, encoding: 'utf8'}))).toEqual([]);
		expect(foreign(await inProcess(folder))).toEqual([]);
		letGitRunApart();
		try {
			expect(foreign(await inProcess(folder))).toEqual([]);
		} finally {
			letGitRunHere();
		}
	});

	test('a program of a test, with pipes and in a terminal', async () => {
		const {root: cwd} = createTestRepository();
		expect(foreign((await startProgram(SH, {cwd}).ended).stdout)).toEqual([]);
		expect(foreign((await startProgram(SH, {cwd, env: cleanEnvironment()}).ended).stdout)).toEqual([]);
		const terminal = openTerminal({command: SH, cwd});
		await terminal.exit;
		expect(foreign(terminal.rows().join('\n'))).toEqual([]);
	});

	test('a test as the person of a repository, or of a story', () => {
		const alias = `!${ASKED}`;
		expect(foreign(createTestRepository().git(['-c', `alias.asked=${alias}`, 'asked']))).toEqual([]);
		expect(foreign(createStory('base: main\n').git('-c', `alias.asked=${alias}`, 'asked'))).toEqual([]);
	});

	test('an agent of a room, by a test command, and by an agent CLI', async () => {
		const room = await openEngine({
			agents: {developer: `(${ASKED}) >"$D/agent"; echo x >x.txt`},
			config: {review: 'off', test: `(${ASKED}) >"$D/test"`},
		});
		await room.must({type: 'add-task', title: 'a', id: 'a'});
		await room.when('its merge', () => room.team().tasks.get('a')?.state === 'merged');
		expect(foreign(room.read('agent'))).toEqual([]);
		expect(foreign(room.read('test'))).toEqual([]);
		const bench = await createCliBench(codex, {program: ['true'], environment: {}});
		expect(foreign(execFileSync('sh', ['-c', ASKED], {cwd: bench.worktree, env: bench.context().environment, encoding: 'utf8'}))).toEqual(
			[],
		);
	});
});
