import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {node, startProgram} from '../../helpers/program.ts';
import {startTestRedis} from '../../helpers/redis.ts';
import {agentRoom, binFile, createStory, type Story} from '../../helpers/room.ts';
import {openTerminal} from '../../helpers/screen.ts';
import {until} from '../../helpers/wait.ts';

const cli = (story: Story, ...args: readonly string[]) => story.start('redis-cli', ...args);
const types = async (story: Story, ...args: readonly string[]): Promise<string> => (await story.must('redis-cli', ...args)).trim();

test('without a room, arguments, input, output and exit code are those of redis-cli, and who still waits keeps the server up', async () => {
	const story = createStory('test: "true"\n');
	const waiting = cli(story, 'BRPOP', 'workflow:tasks:pending', '0');
	await until(async () => (await types(story, 'CLIENT', 'LIST')).includes('cmd=brpop'), {what: 'BRPOP hangs'});
	const listening = cli(story, 'PSUBSCRIBE', 'workflow:events:*');
	await until(() => listening.output().includes('psubscribe'), {what: 'the subscription stands'});
	const args = ['--json', 'EVAL', 'return ARGV', '0', '--help', '-- x', ''];
	expect(JSON.parse(await types(story, ...args))).toEqual(['--help', '-- x', '']);
	const piped = await agentRoom(['redis-cli'], {cwd: story.repository, env: story.env, input: 'SET a b\nGET a\n'});
	expect(piped).toMatchObject({code: 0, stdout: 'OK\nb\n'});
	expect(await story.run('redis-cli', '-e', 'NONSENSE')).toMatchObject({
		code: 1,
		stdout: '',
		stderr: expect.stringContaining('unknown command'),
	});
	// A command that borrows the server for a moment leaves it to who waits.
	await story.must('tasks');
	await types(story, 'PUBLISH', 'workflow:events:x', 'heard');
	await until(() => listening.output().includes('heard'), {what: 'the message'});
	await types(story, 'LPUSH', 'workflow:tasks:pending', 'task:implement:a');
	expect(await waiting.ended).toMatchObject({code: 0, stdout: 'workflow:tasks:pending\ntask:implement:a\n'});
	// Nor does any process tell the password by its arguments.
	const [, folder = ''] = (await types(story, 'CONFIG', 'GET', 'dir')).split('\n');
	const secret = readFileSync(join(folder, 'password'), 'utf8');
	const lines = existsSync('/proc') ? (await startProgram(['ps', 'axww', '-o', 'args=']).ended).stdout : '';
	expect([secret.length, lines.includes(secret)]).toEqual([64, false]);
	listening.child.kill('SIGTERM');
	expect((await listening.ended).code).toBe(143);
	expect((await startProgram(['ps', 'axww', '-o', 'args=']).ended).stdout).not.toContain(story.folder);
});

test('on a terminal ctrl+c leaves a subscription, not the session', async () => {
	const story = createStory('test: "true"\n');
	const terminal = openTerminal({command: [node, binFile, 'redis-cli'], columns: 100, rows: 24, cwd: story.repository, env: story.env});
	await terminal.waitFor('redis.sock>');
	terminal.type('SUBSCRIBE news\r');
	await terminal.waitFor('Reading messages');
	terminal.press('ctrl+c');
	await terminal.waitFor(/redis\.sock> *$/m);
	terminal.type('ECHO still-here\r');
	await terminal.waitFor('"still-here"');
	terminal.type('exit\r');
	expect(await terminal.exit).toMatchObject({exitCode: 0});
});

test('it goes to a shared server, is refused to agents, and says what is amiss', async () => {
	const shared = await startTestRedis();
	try {
		await (await shared.connect()).call('CONFIG', 'SET', 'requirepass', 'open: sesame');
		const story = createStory('test: "true"\n');
		const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
			agentRoom(args, {cwd: story.repository, env: {...story.env, ...env}});
		const given = {REDISCLI_AUTH: 'open: sesame'};
		expect(await run(['redis-cli', '--redis', shared.socketPath, 'ECHO', 'hi'], given)).toMatchObject({code: 0, stdout: 'hi\n'});
		expect(await run(['redis-cli', 'ECHO', 'hi'], {...given, AGENT_ROOM_REDIS_URL: shared.socketPath})).toMatchObject({stdout: 'hi\n'});
		expect(await run(['redis-cli', 'PING'], {AGENT_ROOM_AGENT: 'agent:dev:001'})).toMatchObject({
			code: 1,
			stdout: '',
			stderr: expect.stringContaining('`agent-room redis-cli` is for humans only; dev-1 is an agent.'),
		});
		expect(await run(['redis-cli', '--redis', 'http://me:secret@host', 'PING'])).toMatchObject({
			code: 2,
			stderr: expect.stringMatching(/^agent-room: `http:\/\/host` is not a Redis address\./),
		});
		expect(await run(['redis-cli', '--help'])).toMatchObject({
			code: 0,
			stdout: expect.stringContaining('agent-room redis-cli [--repo DIR]'),
		});
		expect(await run(['redis-cli', 'PING'], {PATH: '/nowhere'})).toMatchObject({
			code: 3,
			stderr: expect.stringContaining('setup --with redis-cli'),
		});
	} finally {
		await shared.stop();
	}
});
