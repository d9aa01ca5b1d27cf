import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {listenAsRoom} from '../../helpers/room-socket.ts';
import {until} from '../../helpers/wait.ts';
import {createTerminalTools} from './kit.ts';

describe('the scripted agent', () => {
	test('edits, runs, commits under its own name and ends with 0', async () => {
		const terminalTools = createTerminalTools();
		const {code, stdout} = await terminalTools.start([
			{say: 'hello'},
			{edit: {file: 'notes/a.txt', write: 'one\n'}},
			{edit: {file: 'notes/a.txt', append: 'two\n'}},
			{edit: {file: 'README.md', replace: {from: 'new', to: '$& done'}}},
			{run: ['cat', 'notes/a.txt']},
			{commit: 'Write notes'},
		]).ended;
		expect(code).toBe(0);
		expect(stdout).toContain('● hello');
		expect(stdout).toContain('⎿ one');
		expect(terminalTools.git('log', '-1', '--format=%an %s').trim()).toBe('dev-1 Write notes');
		expect(terminalTools.read('notes/a.txt')).toBe('one\ntwo\n');
		expect(terminalTools.read('README.md')).toContain('Status: $& done.');
	});

	test('writes nothing outside its worktree', async () => {
		const terminalTools = createTerminalTools();
		for (const file of ['../escaped.txt', '/tmp/escaped-agent.txt']) {
			const {code, stdout} = await terminalTools.start([{edit: {file, write: 'x'}}]).ended;
			expect(code).toBe(1);
			expect(stdout).toContain('is outside the worktree');
		}
		expect(existsSync(join(terminalTools.folder, '..', 'escaped.txt'))).toBe(false);
	});

	test('a condition on the attempt lets it crash only once', async () => {
		const terminalTools = createTerminalTools();
		const steps = [{when: {attempt: 1}, crash: {signal: 'SIGKILL' as const}}, {say: 'past it'}];
		expect(await terminalTools.start(steps).ended).toMatchObject({code: null, signal: 'SIGKILL'});
		expect(await terminalTools.start(steps, {AGENT_ROOM_ATTEMPT: '2'}).ended).toMatchObject({
			code: 0,
			stdout: expect.stringContaining('past it'),
		});
	});

	test('crashes with an exit code, gives up on a rate limit and fails with its command', async () => {
		const terminalTools = createTerminalTools();
		expect((await terminalTools.start([{crash: {exit: 9}}]).ended).code).toBe(9);
		const limited = await terminalTools.start([{rateLimit: {ms: 20, exit: 3}}]).ended;
		expect(limited).toMatchObject({code: 3, stdout: expect.stringContaining('429 rate_limit_error')});
		expect(await terminalTools.start([{run: ['false']}]).ended).toMatchObject({
			code: 1,
			stdout: expect.stringContaining('`false` ended with exit 1'),
		});
		expect((await terminalTools.start([{exit: 4}, {say: 'never'}]).ended).code).toBe(4);
	});

	test('floods exactly as many bytes as told', async () => {
		const {code, stdout} = await createTerminalTools().start([{flood: 1_000_003}]).ended;
		expect(code).toBe(0);
		expect(stdout.match(/x|\n/g)?.length).toBeGreaterThanOrEqual(1_000_003);
		expect(stdout.length).toBeLessThan(1_001_000);
	});

	test('merges the base and keeps both sides of the conflict', async () => {
		const terminalTools = createTerminalTools();
		terminalTools.write('README.md', '# desk\n\nStatus: of the base.\n');
		terminalTools.git('commit', '-qam', 'Base moves');
		terminalTools.git('branch', '-f', 'main');
		terminalTools.git('reset', '-q', '--hard', 'HEAD~1');
		const {code, stdout} = await terminalTools.start([
			{edit: {file: 'README.md', replace: {from: 'Status: new.', to: 'Status: mine.'}}},
			{commit: 'Mine'},
			{resolve: 'both'},
		]).ended;
		expect(code).toBe(0);
		expect(stdout).toContain('both sides kept in README.md');
		expect(terminalTools.read('README.md')).toBe('# desk\n\nStatus: mine.\nStatus: of the base.\n');
		expect(terminalTools.git('log', '-1', '--format=%P').trim().split(' ')).toHaveLength(2);
	});

	test('asked to stop it ends in order, and its work is not taken for done', async () => {
		const terminalTools = createTerminalTools();
		const running = terminalTools.start([{say: 'waiting'}, {hang: {isDeaf: false}}]);
		await until(() => running.output().includes('waiting'), {what: 'the first words'});
		process.kill(running.pid, 'SIGTERM');
		expect(await running.ended).toMatchObject({code: 143, stdout: expect.stringContaining('Stopped on request')});
	});

	test('a script that is wrong or absent is refused, naming the place', async () => {
		const terminalTools = createTerminalTools();
		const wrong = await terminalTools.start({scripts: [{steps: [{say: 'x'}, {sya: 'x'}]}]}).ended;
		expect(wrong.code).toBe(1);
		expect(wrong.stdout).toMatch(/is wrong at `scripts\.0\.steps\.1`.*sya/);
		const two = await terminalTools.start({scripts: [{steps: [{say: 'x', exit: 1}]}]}).ended;
		expect(two.stdout).toContain('exactly one action a step');
		const absent = await terminalTools.start([], {AGENT_ROOM_SCRIPT: '/nowhere/script.yaml'}).ended;
		expect(absent.stdout).toContain('There is no script at `/nowhere/script.yaml`');
	});
});

describe('its reports', () => {
	test('carry agent, task and token', async () => {
		const room = await listenAsRoom(() => ({ok: true, code: 'ok'}));
		const {code} = await createTerminalTools().start([{progress: 'half way'}, {done: {verdict: 'changes', comments: 'name it better'}}], {
			AGENT_ROOM_SOCKET: room.path,
		}).ended;
		expect(code).toBe(0);
		const own = {op: 'report', agent: 'agent:dev:001', task: 't-1', token: '7:n'};
		expect(room.requests).toEqual([
			{...own, kind: 'progress', text: 'half way'},
			{...own, kind: 'done', verdict: 'changes', comments: 'name it better'},
		]);
	});

	test('a stale answer ends the agent: somebody else has the task', async () => {
		const room = await listenAsRoom(() => ({ok: false, code: 'stale', message: 'This task was reassigned.'}));
		const ended = await createTerminalTools().start([{progress: 'x'}, {say: 'never'}], {AGENT_ROOM_SOCKET: room.path}).ended;
		expect(ended).toMatchObject({code: 1, stdout: expect.stringContaining('This task was reassigned.')});
		expect(ended.stdout).not.toContain('never');
	});

	test('a room that is gone costs a line, not the work', async () => {
		const ended = await createTerminalTools().start([{progress: 'x'}, {say: 'goes on'}], {AGENT_ROOM_SOCKET: '/nowhere/s'}).ended;
		expect(ended).toMatchObject({code: 0, stdout: expect.stringContaining('cannot reach the room')});
		expect(ended.stdout).toContain('goes on');
	});
});
