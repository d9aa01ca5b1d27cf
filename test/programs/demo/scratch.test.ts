import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {parse} from 'yaml';
import {configSchema, leastOf} from '../../../source/core/config/config.ts';
import {readPlan} from '../../../source/core/plan/read.ts';
import {projectConfig} from '../../../source/programs/demo/project.ts';
import {createScratch, type Scratch} from '../../../source/programs/demo/scratch.ts';
import {demoPlan, demoTasks, MOST_TASKS, STORY_TASKS} from '../../../source/programs/demo/tasks.ts';
import {readScript} from '../../../source/programs/scripted/script.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {cleanEnvironment, type Ended, startRoomProgram} from '../../helpers/program.ts';

const create = async (): Promise<Scratch> => {
	return createScratch({
		parent: temporaryFolder('demo'),
		binFile: '/bin/agent-room.js',
		developers: 3,
		tasks: STORY_TASKS + 1,
		waitMs: 50,
		environment: cleanEnvironment({AGENT_ROOM_SOCKET: '/s', AGENT_ROOM_REDIS_URL: 'redis://x', GIT_DIR: '/x'}),
	});
};
const git = (scratch: Scratch, ...args: readonly string[]): string =>
	execFileSync('git', args, {cwd: scratch.repository, encoding: 'utf8', env: cleanEnvironment()});
const check = (scratch: Scratch): string =>
	execFileSync('sh', ['check.sh'], {cwd: scratch.repository, encoding: 'utf8', env: cleanEnvironment()});
const agent = (scratch: Scratch, task: string, more: NodeJS.ProcessEnv = {}): Promise<Ended> =>
	startRoomProgram('scripted', {
		AGENT_ROOM_TASK: task,
		AGENT_ROOM_BASE: 'main',
		AGENT_ROOM_WORKTREE: scratch.repository,
		AGENT_ROOM_SCRIPT: join(scratch.folder, 'script.json'),
		...more,
	}).ended;

describe('the scratch repository', () => {
	test('has a clean first commit, a passing test and a configuration that the room accepts', async () => {
		const scratch = await create();
		expect(git(scratch, 'status', '--porcelain')).toBe('');
		expect(check(scratch)).toContain('1 passed');
		const config = configSchema.parse(parse(readFileSync(join(scratch.repository, 'agent-room.yaml'), 'utf8')));
		expect(config.team.map(member => `${member.count} ${member.role}`)).toEqual([
			'1 orchestrator',
			'3 developer',
			'2 code-sentinel',
			'1 security-auditor',
			'1 conflict-resolver',
			'1 documentation-writer',
			'2 test-orchestrator',
			'1 repository-guardian',
		]);
		await readScript(join(scratch.folder, 'script.json'));
	});

	test('has reviewers and test runners for as many developers as are asked for', () => {
		const config = configSchema.parse(parse(projectConfig({developers: 50, scriptFile: '/script.json', protectedPaths: []})));
		const count = (role: string): number =>
			config.team.filter(member => member.role === role).reduce((sum, member) => sum + leastOf(member), 0);
		expect({developers: count('developer'), reviewers: count('code-sentinel'), runners: count('test-orchestrator')}).toEqual({
			developers: 50,
			reviewers: 13,
			runners: 5,
		});
	});

	test('nothing leads out of it: no other room, Redis or repository', async () => {
		const {environment, folder} = await create();
		expect(Object.keys(environment).filter(name => /^(AGENT_ROOM_|GIT_)/.test(name))).toEqual(['AGENT_ROOM_TRUST', 'AGENT_ROOM_DEMO']);
		expect(environment.XDG_STATE_HOME).toBe(join(folder, 's'));
	});

	test('every task’s work passes the tests, that of one at its second try', async () => {
		const scratch = await create();
		for (const {id} of demoPlan(STORY_TASKS + 1, 0).tasks.filter(task => !task.id.startsWith('readme') && task.id !== 'reading-time'))
			expect([id, (await agent(scratch, id, {AGENT_ROOM_ATTEMPT: '2', AGENT_ROOM_ROUND: '1'})).code]).toEqual([id, 0]);
		expect(check(scratch)).toContain('6 passed');
		git(scratch, 'checkout', '-qb', 'agent/reading-time-a1');
		await agent(scratch, 'reading-time');
		expect(() => check(scratch)).toThrow();
		await agent(scratch, 'reading-time');
		expect(check(scratch)).toContain('7 passed');
	});

	test('the orchestrator plans the tasks of the story', async () => {
		const scratch = await create();
		const planFile = join(scratch.folder, 'plan.yaml');
		await agent(scratch, 'wordsmith', {AGENT_ROOM_STAGE: 'plan', AGENT_ROOM_PLAN_FILE: planFile});
		const read = readPlan(readFileSync(planFile, 'utf8'), {priority: 50});
		expect(read.ok && read.plan.tasks.map(({id}) => id)).toEqual(demoPlan(STORY_TASKS + 1, 0).tasks.map(({id}) => id));
	});

	test('the reviewer wants the missing test once', async () => {
		const scratch = await create();
		git(scratch, 'checkout', '-qb', 'agent/capitalize-a1');
		await agent(scratch, 'capitalize');
		const review = {AGENT_ROOM_STAGE: 'review', AGENT_ROOM_ROLE: 'code-sentinel'};
		expect((await agent(scratch, 'capitalize', review)).stdout).toContain('must-fix: `capitalize` has no test');
		await agent(scratch, 'capitalize', {AGENT_ROOM_ROUND: '1'});
		expect((await agent(scratch, 'capitalize', review)).stdout).toContain('Approved');
	});

	test('two tasks rewrite one line; a resolver keeps both', async () => {
		const scratch = await create();
		git(scratch, 'checkout', '-qb', 'agent/readme-install-a1');
		await agent(scratch, 'readme-install');
		git(scratch, 'checkout', '-q', 'main');
		await agent(scratch, 'readme-status');
		git(scratch, 'checkout', '-q', 'agent/readme-install-a1');
		expect(() => git(scratch, 'merge-tree', '--write-tree', 'main', 'HEAD')).toThrow();
		expect(() => git(scratch, 'merge', '--no-ff', '--no-commit', 'main')).toThrow();
		expect((await agent(scratch, 'readme-install', {AGENT_ROOM_STAGE: 'resolve'})).code).toBe(0);
		expect(readFileSync(join(scratch.repository, 'README.md'), 'utf8')).toContain(
			'Install: npm install wordsmith\nStatus: slugs and cuts work.\n',
		);
		expect(() => git(scratch, 'merge-tree', '--write-tree', 'main', 'HEAD')).not.toThrow();
	});
});

describe('the plan', () => {
	test('has as many tasks as asked for, and none waits for one that was left out', () => {
		for (const count of [1, 3, STORY_TASKS, 20]) {
			const {tasks} = demoPlan(count, 0);
			const ids = tasks.map(task => task.id);
			expect(new Set(ids).size).toBe(count);
			for (const task of tasks) for (const other of task.after ?? []) expect(ids).toContain(other);
		}
	});

	test('has by itself a task for every developer of a large team', () => {
		expect([1, 3, STORY_TASKS].map(demoTasks)).toEqual([STORY_TASKS, STORY_TASKS, STORY_TASKS]);
		expect([8, 50, 64].map(demoTasks)).toEqual([15, 57, MOST_TASKS]);
	});
});
