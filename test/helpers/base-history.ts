import {join} from 'node:path';
import {expect} from 'vitest';
import {runApart} from './apart.ts';
import {temporaryFolder} from './cleanup.ts';
import {cleanEnvironment} from './program.ts';

const git = (folder: string, ...args: readonly string[]): string =>
	runApart('git', args, {cwd: folder, env: cleanEnvironment({GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1'})})
		.toString()
		.trim();

const TASK = '%(trailers:key=Room-Task,valueonly,separator=%x2c)';
/** A test command may take as long. */
const TEST_MS = 120_000;

/** Empty where the command passes in the folder. */
const problemIn = (folder: string, test: string, env: NodeJS.ProcessEnv): string => {
	try {
		runApart('sh', ['-c', test], {cwd: folder, env: cleanEnvironment(env), timeoutMs: TEST_MS});
		return '';
	} catch (error) {
		const {status, signal, stdout, stderr} = error as {status: number | null; signal: string | null; stdout: string; stderr: string};
		return `exit ${status ?? signal}: ${`${stdout}${stderr}`.slice(-500)}`;
	}
};

/** One commit that the base branch pointed at, at some time. */
export type BaseCommit = {
	readonly commit: string;
	/** The tasks that it landed; '' for a commit by a person. */
	readonly task: string;
	/** Empty where the test command passes there; else how it ended and the end of what it printed. */
	readonly problem: string;
};

/** Every commit that the base branch ever pointed at, oldest first, from its reflog. */
export const everOnBase = (repository: string, base = 'main'): readonly string[] => [
	...new Set(git(repository, 'reflog', 'show', '--format=%H', `refs/heads/${base}`, '--').split('\n').filter(Boolean).toReversed()),
];

/**
 * Walks the reflog of the base and runs the test command at every commit that the base ever pointed at, each in a tree of its own that
 * holds exactly that commit: nothing that lies about in the repository, and no room, can make it pass.
 */
export const walkBase = (
	repository: string,
	test: string,
	{base = 'main', env = {}}: {readonly base?: string; readonly env?: NodeJS.ProcessEnv} = {},
): readonly BaseCommit[] => {
	const folder = join(temporaryFolder('walk'), 'w');
	git(repository, 'clone', '--quiet', '--no-checkout', '--no-local', '.', folder);
	const commits = everOnBase(repository, base);
	// A commit that left the base again (somebody moved it back) is in the repository, and perhaps in no clone of it.
	git(folder, 'fetch', '--quiet', repository, ...commits);
	const tasks = git(folder, 'log', '--no-walk=unsorted', `--format=>${TASK}`, ...commits).split('\n');
	return commits.map((commit, at) => {
		git(folder, 'checkout', '--quiet', '--force', '--detach', commit);
		git(folder, 'clean', '-qffdx');
		return {commit, task: tasks[at]?.slice(1) ?? '', problem: problemIn(folder, test, env)};
	});
};

/**
 * The promise of the merge rule: the test command passes at every commit that the base ever pointed at, and each of these tasks is on it
 * once. Answers the tasks in the order in which they landed.
 */
export const expectGreenBase = (
	repository: string,
	test: string,
	tasks: readonly string[],
	options: Parameters<typeof walkBase>[2] = {},
): readonly string[] => {
	const walked = walkBase(repository, test, options);
	expect(walked.filter(({problem}) => problem !== '')).toEqual([]);
	const mergedCommit = git(repository, 'log', '--first-parent', '--reverse', `--format=${TASK}`, options.base ?? 'main')
		.split('\n')
		.filter(Boolean);
	expect(mergedCommit.toSorted()).toEqual([...tasks].toSorted());
	return mergedCommit;
};
