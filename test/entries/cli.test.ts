import {chmodSync, existsSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {locateRepository, stateFolderFor} from '../../source/commands/config/place.ts';
import {
	errorSchema,
	eventSchema,
	statusSchema,
	summarySchema,
	taskDetailSchema,
	taskSchema,
} from '../../source/core/protocol/output-schema.ts';
import {socketPathFor} from '../../source/socket/path.ts';
import {node, root, startProgram} from '../helpers/program.ts';
import {agentRoom, binFile, createStory, type Story} from '../helpers/room.ts';
import {until} from '../helpers/wait.ts';

const TEAM = `test: test -e README.md
review: off
env: [STORY]
team: [{role: developer, harness: story}]
harnesses: {story: {command: [${join(root, 'test', 'fixtures', 'agent.sh')}]}}
`;

const lines = (text: string): unknown[] =>
	text
		.trim()
		.split('\n')
		.filter(Boolean)
		.map(line => JSON.parse(line) as unknown);
/** How many Redis servers of this story run. */
const serversOf = async (story: Story): Promise<string> => {
	const {stdout} = await startProgram(['sh', '-c', `ps -eo args | grep '[r]edis-server' | grep -c '${story.folder}/' || true`]).ended;
	return stdout.trim();
};
const untrusted = (story: Story): NodeJS.ProcessEnv => ({...story.env, AGENT_ROOM_TRUST: ''});

describe('the program', () => {
	test('refuses an old Node with one sentence', async () => {
		const old = 'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"18.19.0"}})';
		const {code, stdout, stderr} = await startProgram([node, '--import', old, binFile, '--version']).ended;
		expect({code, stdout}).toEqual({code: 3, stdout: ''});
		expect(stderr).toBe(
			'agent-room: Node 18.19.0 is too old: agent-room needs Node 22 or newer.\nGet it from https://nodejs.org, or without root:\n' +
				'  npm install --global --prefix ~/.local node@24 && export PATH=~/.local/bin:$PATH\n',
		);
		// Whatever runs before that sentence must be readable for an old Node.
		expect(readFileSync(binFile, 'utf8')).not.toMatch(/\?\.|\?\?|^\s*await |#!.*-S/m);
	});

	test('says its version and its help on stdout', async () => {
		const cwd = '/';
		expect(await agentRoom(['--version'], {cwd})).toMatchObject({code: 0, stderr: '', stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/)});
		expect((await agentRoom(['--help'], {cwd})).stdout).toContain('Usage: agent-room [COMMAND] [flags]');
		expect((await agentRoom(['add', '--help'], {cwd})).stdout).toContain('Usage: agent-room add TITLE');
		expect(await agentRoom(['help', 'ad'], {cwd})).toMatchObject({
			code: 2,
			stderr: 'agent-room: Unknown command or topic `ad`.\nDid you mean `add`?\n',
		});
	});

	test('says in one sentence what is wrong, as JSON where asked', async () => {
		const plain = await agentRoom(['stauts'], {cwd: '/'});
		expect(plain).toMatchObject({code: 2, stdout: '', stderr: 'agent-room: Unknown command `stauts`.\nDid you mean `status`?\n'});
		const {code, stderr} = await agentRoom(['stauts', '--json'], {cwd: '/'});
		expect(code).toBe(2);
		expect(errorSchema.parse(JSON.parse(stderr)).error.hint).toBe('Did you mean `status`?');
	});

	test('ends silently when its reader has gone, and leaves no Redis behind', async () => {
		const story = createStory(TEAM);
		for (const title of ['One', 'Two', 'Three']) await story.must('add', title);
		const piped = (to: string) =>
			startProgram(['sh', '-c', `"$0" "$1" events --json | ${to}`, node, binFile], {cwd: story.repository, env: story.env}).ended;
		const {stdout, stderr} = await piped('head -n 1');
		expect(stderr).toBe('');
		expect(eventSchema.parse(JSON.parse(stdout)).type).toBe('task_submitted');
		// This reader is gone long before the first line.
		expect(await piped('true')).toMatchObject({code: 0, stderr: ''});
		// A pipeline ends with all of its parts.
		expect(await serversOf(story)).toBe('0');
	});
});

describe('where it cannot work it exits with 3:', () => {
	const told = async (story: Story, env: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<string> => {
		const {code, stderr} = await agentRoom(args, {cwd: story.repository, env});
		expect(code).toBe(3);
		return stderr.split('\n')[0] ?? '';
	};

	test('no repository, no commits, no branch, a bare repository', async () => {
		const story = createStory(TEAM);
		const env = {...story.env, GIT_CEILING_DIRECTORIES: story.folder};
		const at = (folder: string) => told({...story, repository: folder}, env, 'run');
		expect(await at(join(story.folder, 'f'))).toMatch(/is not in a git repository\.$/);
		await startProgram(['git', 'init', '-q', join(story.folder, 'empty')]).ended;
		expect(await at(join(story.folder, 'empty'))).toMatch(/has no commits yet\.$/);
		await startProgram(['git', 'init', '-q', '--bare', join(story.folder, 'bare.git')]).ended;
		expect(await at(join(story.folder, 'bare.git'))).toMatch(/has no worktree \(it is bare\)\.$/);
		story.git('checkout', '--quiet', '--detach');
		expect(await at(story.repository)).toMatch(/is not on a branch\.$/);
	});

	test('no test command, or a configuration that nobody trusted', async () => {
		const story = createStory(TEAM);
		expect(await told(story, untrusted(story), 'run')).toMatch(
			/^agent-room: You have not trusted this version of `.*agent-room\.yaml`, so nothing in it takes effect\.$/,
		);
		writeFileSync(join(story.repository, 'agent-room.yaml'), '');
		expect(await told(story, untrusted(story), 'run')).toBe('agent-room: No test command: nothing can merge.');
	});

	test.each([['stop'], ['pause'], ['freeze'], ['explain', 't-1'], ['logs', 'dev-1'], ['events', '--follow']])(
		'no room for `%s %s`',
		async (...args) => {
			const story = createStory(TEAM);
			expect(await told(story, story.env, ...args.filter(Boolean))).toMatch(/^agent-room: No room is running here/);
		},
	);

	test('a report from outside of a pane', async () => {
		const story = createStory(TEAM);
		expect(await told(story, story.env, 'report', 'progress', 'x')).toBe('agent-room: This is not the pane of an agent.');
	});
});

describe('without a room', () => {
	test('tasks are queued, shown and kept, many at once, and no Redis stays behind', async () => {
		const story = createStory(TEAM);
		// An empty list says so to a human, and nothing to a script.
		expect(await story.run('agents')).toMatchObject({code: 0, stdout: '', stderr: 'No agents.\n'});
		expect(await story.run('tasks', '--json')).toMatchObject({code: 0, stdout: '', stderr: ''});
		const ids = await Promise.all(['A', 'B', 'C', 'D'].map(title => story.must('add', title)));
		expect(new Set(ids).size).toBe(4);
		const status = statusSchema.parse(JSON.parse(await story.must('status', '--json')));
		expect(status.room).toBeNull();
		expect(status.tasks.map(task => task.title).sort()).toEqual(['A', 'B', 'C', 'D']);
		expect(status.tasks.map(task => task.why)).toEqual(Array(4).fill('waits for a room'));
		expect(lines(await story.must('tasks', '--json')).map(line => taskSchema.parse(line).id)).toHaveLength(4);
		expect(taskDetailSchema.parse(JSON.parse(await story.must('task', 't-1', '--json'))).id).toBe('t-1');
		expect(await serversOf(story)).toBe('0');
	});

	test('a plan goes in whole, or not at all', async () => {
		const story = createStory(TEAM);
		writeFileSync(join(story.folder, 'plan.md'), '- [ ] Login\n  - [ ] Schema\n- [ ] Docs (priority: 900)\n');
		const bad = await story.run('add', '--plan', join(story.folder, 'plan.md'));
		expect(bad).toMatchObject({code: 2, stderr: expect.stringContaining('Invalid priority `900`.')});
		expect(await story.must('tasks')).toBe('');
		writeFileSync(join(story.folder, 'plan.md'), '- [ ] Login\n  - [ ] Schema\n');
		expect(await story.must('add', '--plan', join(story.folder, 'plan.md'))).toBe('schema\nlogin\n');
		expect(await story.run('add', '--plan', join(story.folder, 'plan.md'))).toMatchObject({
			code: 1,
			stderr: expect.stringContaining('Task id `schema` is already in use.'),
		});
		const {stdout} = await agentRoom(['add', 'With a brief', '--description', '-', '--id', 'brief'], {
			cwd: story.repository,
			env: story.env,
			input: 'Do it\u001b[2J well.\n',
		});
		expect(stdout).toBe('brief\n');
		expect(await story.must('task', 'brief')).toContain('Do it�[2J well.');
	});

	test('tasks are parts of a feature, and others wait for its end', async () => {
		const story = createStory(TEAM);
		writeFileSync(join(story.folder, 'plan.md'), '- [ ] Login\n  - [ ] Schema\n');
		expect(await story.run('add', 'Part', '--of', '../x')).toMatchObject({code: 2});
		await story.must('add', '--plan', join(story.folder, 'plan.md'), '--of', 'sign-in');
		await story.must('add', 'Docs', '--id', 'docs', '--after', 'sign-in');
		const status = await story.must('status');
		expect(status).toMatch(/FEATURES 1\n +sign-in +0 of 2 merged +2 open/);
		expect(status).toContain('waits for feature sign-in (0 of 2 merged)');
	});

	test('a dead letter, a question or a missing trust is exit 4 of `status --exit-code`', async () => {
		const story = createStory(TEAM);
		expect((await story.run('status', '--exit-code')).code).toBe(0);
		writeFileSync(join(story.repository, 'agent-room.yaml'), `${TEAM}# changed\n`);
		expect((await agentRoom(['status', '--exit-code'], {cwd: story.repository, env: untrusted(story)})).code).toBe(4);
	});
});

describe('config and init', () => {
	test('init writes what fits, trusts it, and never overwrites', async () => {
		const story = createStory(TEAM, {'go.mod': 'module x\n'});
		story.git('rm', '--quiet', 'agent-room.yaml');
		const env = untrusted(story);
		const at = (...args: readonly string[]) => agentRoom(args, {cwd: story.repository, env});
		expect(await at('init')).toMatchObject({code: 0, stdout: expect.stringContaining('Test command: go test ./...')});
		expect(JSON.parse((await at('config', 'print', '--json')).stdout)).toMatchObject({
			isTrusted: true,
			config: {test: 'go test ./...', base: 'main'},
		});
		expect(await at('init')).toMatchObject({code: 1, stderr: expect.stringContaining('already exists.')});
	});

	test('each hint from an empty repository to the first task leads one step further, in the same words everywhere', async () => {
		const story = createStory('');
		story.git('rm', '--quiet', 'agent-room.yaml');
		const at = (...args: readonly string[]) => agentRoom(args, {cwd: story.repository, env: untrusted(story)});
		const first = (await at('doctor', '--quick')).stdout;
		expect(first).toMatch(/^✗ test .*\n +agent-room init$/m);
		expect(first).toMatch(/^✗ team +No agent CLI is on your PATH .*\n +agent-room init$/m);
		expect(first).toMatch(/^Not ready\. Next: `agent-room init`, then `agent-room doctor` again\.$/m);

		writeFileSync(join(story.repository, 'agent-room.yaml'), 'tset: x\nteem: []\n');
		const wrong = (await at('doctor', '--quick')).stdout;
		expect(wrong).toMatch(/line 1: unknown key `tset`[\s\S]*line 2: unknown key `teem`/);
		expect(wrong).toMatch(/^Not ready\. Next: fix what is listed above, then `agent-room doctor` again\.$/m);
		rmSync(join(story.repository, 'agent-room.yaml'));

		const written = await at('init');
		expect(written.stdout).toContain('No agent CLI is on your PATH');
		expect(written.stdout).toContain(
			'Next: set `test:`, `team:` and `harnesses:` in agent-room.yaml (see `agent-room help quickstart`), then run `agent-room doctor --trust`.',
		);
		const again = (await at('doctor', '--quick')).stdout;
		expect(again).toMatch(/^✗ test .*\n +set `test:` in agent-room\.yaml/m);
		expect(again).toMatch(/^✗ team .*\n +set `team:` and `harnesses:` in agent-room\.yaml/m);
		expect(again).not.toContain('agent-room init');

		const file = join(story.repository, 'agent-room.yaml');
		// As the file itself says: without the `# ` of what it offers.
		const filled = readFileSync(file, 'utf8')
			.replace(/^# (?=(?:test|team|harnesses):| {2})/gm, '')
			.replace(/^# {3}/gm, '  ');
		writeFileSync(file, filled);
		expect((await at('doctor', '--quick', '--trust')).stdout).toMatch(
			/^✗ team +`\.\/my-agent` of harness `mine` is not committed on main: .*\n +git add -- 'my-agent' && git commit -m 'Add my-agent'$/m,
		);
		writeFileSync(join(story.repository, 'my-agent'), '#!/bin/sh\n', {mode: 0o644});
		story.git('add', '--', 'my-agent');
		story.git('commit', '--quiet', '-m', 'Add my-agent');
		expect((await at('doctor', '--quick')).stdout).toMatch(
			/^✗ team +`\.\/my-agent` of harness `mine` is not executable on main\n +chmod \+x 'my-agent' && git commit -m 'Make my-agent executable' -- 'my-agent'$/m,
		);
		expect(await at('run', '--until-empty')).toMatchObject({code: 3, stderr: expect.stringContaining('harness `mine` is not executable.')});
		chmodSync(join(story.repository, 'my-agent'), 0o755);
		story.git('commit', '--quiet', '-m', 'Make my-agent executable', '--', 'my-agent');
		const ready = await at('doctor', '--quick');
		expect(ready, ready.stdout).toMatchObject({code: 0});
		expect(ready.stdout).toMatch(/^✓ team +2 developers \(mine\), reviewer \(mine\), planner \(mine\)$/m);
		expect(ready.stdout).toContain('Ready. Add a task with `agent-room add "TITLE"`');
	});

	test('config trust shows what it trusts, and a change takes it back', async () => {
		const story = createStory(TEAM);
		const at = (...args: readonly string[]) => agentRoom(args, {cwd: story.repository, env: untrusted(story)});
		expect((await at('config', 'print')).stdout).toMatch(
			/# not trusted[\s\S]*# +test: test -e README\.md \(now: none\)[\s\S]*^review: required$/m,
		);
		expect((await at('config', 'trust')).stdout).toContain('  test: test -e README.md');
		const printed = await at('config', 'print');
		expect(printed).toMatchObject({code: 0, stderr: '', stdout: expect.stringMatching(/^test: test -e README\.md$/m)});
		expect(printed.stdout).not.toContain('# not trusted');
		writeFileSync(join(story.repository, 'agent-room.yaml'), `${TEAM}setup: echo\n`);
		expect((await at('config', 'print')).stdout).toContain('# not trusted');
		expect(JSON.parse((await at('config', 'schema')).stdout)).toMatchObject({type: 'object', properties: {base: {type: 'string'}}});
	});

	test('doctor says what is amiss and the command that mends it', async () => {
		const story = createStory(TEAM);
		const {code, stdout} = await agentRoom(['doctor'], {cwd: story.repository, env: untrusted(story)});
		expect(code).toBe(3);
		expect(stdout).toMatch(/^✓ git +2\./m);
		expect(stdout).toMatch(/^✗ trust .*\n +agent-room config trust$/m);
		await story.must('doctor');
		const none = await agentRoom(['doctor', '--json'], {cwd: story.repository, env: {...story.env, AGENT_ROOM_REDIS_SERVER: '/nowhere'}});
		expect(lines(none.stdout)).toContainEqual({name: 'redis', result: 'bad', text: expect.any(String), fix: 'agent-room setup'});
	});
});

describe('run', () => {
	test('works until the queue is empty; every line is of a documented shape, the last a summary', async () => {
		const story = createStory(TEAM);
		await story.must('add', 'One');
		const {code, stdout} = await story.run('run', '--until-empty', '--json');
		const all = lines(stdout);
		expect(summarySchema.parse(all.at(-1))).toMatchObject({merged: 1, failed: 0, open: 0, exitCode: 0});
		expect(code).toBe(0);
		expect(all.slice(0, -1).map(line => eventSchema.parse(line).type)).toContain('task_merged');
		expect(story.git('log', '--format=%(trailers:key=Room-Task,valueonly)', '-1').trim()).toBe('t-1');
	});

	test('exits with 1 when something is dead', async () => {
		const story = createStory(`${TEAM.replace('agent.sh', 'missing.sh')}attempts: 1\n`.replace(/\[\S+missing\.sh\]/, '["false"]'));
		await story.must('add', 'Never');
		const {code, stdout} = await story.run('run', '--until-empty');
		expect(stdout).toMatch(/0 merged, 1 failed, 0 open\.\n$/);
		expect(code).toBe(1);
		expect((await story.run('status', '--exit-code')).code).toBe(4);
	});

	test('stops in order at SIGTERM: the task is back in the queue and costs no attempt', async () => {
		const story = createStory(TEAM);
		story.waitReason('t-1');
		await story.must('add', 'Long');
		const running = story.start('run', '--until-empty', '--json');
		await until(() => existsSync(story.file('working-t-1-1')), {what: 'the agent at work'});
		process.kill(running.pid, 'SIGTERM');
		const {code, stdout} = await running.ended;
		expect(code).toBe(143);
		expect(summarySchema.parse(lines(stdout).at(-1))).toMatchObject({merged: 0, exitCode: 143});
		const {tasks} = statusSchema.parse(JSON.parse(await story.must('status', '--json')));
		expect(tasks).toMatchObject([{id: 't-1', failures: 0}]);
		expect(['ready', 'delayed']).toContain(tasks[0]?.state);
	});
});

describe('a room that runs', () => {
	test('is one, however many open it at the same instant, and obeys commands from outside', async () => {
		const story = createStory(TEAM);
		const terminals = [story.open(), story.open(), story.open()];
		for (const terminal of terminals) await terminal.waitFor('ROOM', {timeoutMs: 30_000});
		const {room} = statusSchema.parse(JSON.parse(await story.must('status', '--json')));
		expect(room?.terminals).toBe(3);
		expect(await story.run('run')).toMatchObject({code: 3, stderr: expect.stringContaining('A room is already running here.')});

		expect(await story.must('drain')).toContain('draining');
		expect(await story.must('add', 'Later', '--json')).toBe('{"id":"t-1"}\n');
		expect(await story.must('explain', 't-1')).toContain('draining');
		await story.must('drain', '--off');
		await until(async () => (await story.status()).tasks[0]?.state === 'merged', {what: 'the merge'});
		expect(lines(await story.must('tasks', '--json')).map(line => taskSchema.parse(line))).toMatchObject([{id: 't-1', state: 'merged'}]);
		expect(await story.must('status')).toContain('TASKS  1 merged');
		expect(await story.run('retry', 't-1')).toMatchObject({
			code: 1,
			stderr: expect.stringContaining('Cannot retry task `t-1`: it has not failed.'),
		});

		const socket = socketPathFor(stateFolderFor(locateRepository(story.repository), story.env));
		const report = (AGENT_ROOM_SOCKET: string) => {
			const pane = {AGENT_ROOM_SOCKET, AGENT_ROOM_AGENT: 'agent:dev:001', AGENT_ROOM_TASK: 't-1', AGENT_ROOM_TOKEN: '1:superseded'};
			return agentRoom(['report', 'progress', 'x', '--json'], {cwd: '/', env: {...story.env, ...pane}});
		};
		const refused = await report(socket);
		expect(refused.code).toBe(1);
		expect(errorSchema.parse(JSON.parse(refused.stderr)).error.message).toContain('through the socket of their attempt');
		// The socket of an attempt goes with it: whoever asks there has nothing to do any more.
		const over = await report(join(story.folder, 'nowhere.sock'));
		expect(over.code).toBe(1);
		expect(errorSchema.parse(JSON.parse(over.stderr)).error).toMatchObject({code: 'stale', message: 'This attempt on `t-1` has ended.'});

		expect(await story.must('detach')).toContain('all terminals detached');
		for (const terminal of terminals) expect(await terminal.exit).toMatchObject({exitCode: 0});
		expect(await story.must('stop')).toBe('The room has stopped; all work is saved.\n');
		expect((await story.status()).room).toBeNull();
		expect(await story.must('events', '--type', 'task_merged')).toContain('merged');
	});
});

test('commands that borrow Redis never stop the one of a room that comes up meanwhile', async () => {
	const story = createStory(TEAM);
	story.waitReason('t-1');
	await story.must('add', 'Long');
	const running = story.start('run', '--until-empty');
	const asked = Array.from({length: 4}, () => story.must('status'));
	await Promise.all(asked);
	await until(() => existsSync(story.file('working-t-1-1')), {what: 'the agent at work'});
	expect(await serversOf(story)).toBe('1');
	story.letGo('t-1');
	const {code, stderr} = await running.ended;
	expect(stderr).not.toContain('has exited; restarting it');
	expect(code).toBe(0);
});
