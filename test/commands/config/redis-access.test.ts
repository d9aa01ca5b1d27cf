import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {readRedis} from '../../../source/commands/config/redis-access.ts';
import type {Invocation} from '../../../source/commands/parse/command.ts';
import {setup} from '../../../source/commands/setup/setup.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {linesOf} from '../../helpers/command.ts';
import {ofTest} from '../../helpers/fleet-of-test.ts';
import {startTlsMember} from '../../helpers/redis-fleet.ts';
import {createStory} from '../../helpers/room.ts';
import {until} from '../../helpers/wait.ts';

const read = (flags: Record<string, string | boolean>, environment: Record<string, string> = {}, folder = '/') =>
	readRedis({flags, environment, folder} as unknown as Invocation);

describe('the password of a Redis', () => {
	test('in a URL on the command line is refused by name, without being said again', () => {
		for (const redis of ['redis://me:se%63ret@h:1', 'redis+sentinel://:secret@h1,h2/shop', 'rediss+cluster://a:secret@h']) {
			let message = '';
			try {
				read({redis});
			} catch (error) {
				const {message: said, hint} = error as {message: string; hint: string};
				message = `${said} ${hint}`;
			}
			expect(message).toMatch(
				/`--redis \S+` contains a password, which every user of this machine can read with `ps`.*--redis-password-file/,
			);
			expect(message).not.toMatch(/secret|se%63ret/);
		}
		expect(read({}, {AGENT_ROOM_REDIS_URL: 'redis://me:secret@h'}).redisUrl).toBe('redis://me:secret@h');
	});

	test('comes from a file before the environment; a file that is none says so', () => {
		const folder = temporaryFolder('p');
		writeFileSync(join(folder, 'password'), 'from file\n');
		writeFileSync(join(folder, 'empty'), '\n');
		writeFileSync(join(folder, 'two'), 'a\nb\n');
		const environment = {AGENT_ROOM_REDIS_PASSWORD: 'from environment'};
		const given = (redisPasswordFile: string) => read({redis: 'redis://h', redisPasswordFile}, environment, folder);
		expect(given('password').redisAccess.password).toBe('from file');
		expect(read({redis: 'redis://h'}, environment).redisAccess.password).toBe('from environment');
		for (const name of ['empty', 'two', 'none', '.']) expect(() => given(name)).toThrow(`\`${name}\` (\`--redis-password-file\`)`);
		expect(() => read({redisPasswordFile: 'password'})).toThrow('`--redis-password-file` needs a server.');
		expect(() => read({redis: 'redis://h', redisCa: 'password'}, {}, folder)).toThrow('holds no certificate');
	});
});

test('a client certificate comes with the key that fits, and one that cannot be used is said by the name of its flag', async () => {
	const {client, ca} = await startTlsMember(ofTest);
	const given = (flags: Record<string, string>) => read({redis: 'rediss://h', ...flags});
	const {cert, key} = given({redisCert: client.cert, redisKey: client.key}).redisAccess;
	expect([cert, key].map(text => text?.split('\n')[0])).toEqual(['-----BEGIN CERTIFICATE-----', '-----BEGIN PRIVATE KEY-----']);
	expect(() => given({redisCert: client.cert})).toThrow('`--redis-cert` needs the key of that certificate.');
	expect(() => given({redisKey: client.key})).toThrow('`--redis-key` needs the certificate of that key.');
	expect(() => given({redisCert: client.key, redisKey: client.key})).toThrow('(`--redis-cert`) holds no certificate.');
	expect(() => given({redisCert: client.cert, redisKey: ca})).toThrow('(`--redis-key`) holds no private key.');
	expect(() => given({redisCert: ca, redisKey: client.key})).toThrow('do not fit');
	expect(() => read({redis: 'redis://h', redisCert: client.cert, redisKey: client.key})).toThrow('`--redis-cert` needs TLS');
});

test('the ACL line names the user, the keys and a digest, never the password', async () => {
	const environment = {AGENT_ROOM_REDIS_PASSWORD: 'secret'};
	const [line = '', ...rest] = await linesOf(setup, {
		input: ['redis'],
		flags: {acl: true, redis: 'redis://shop@h', namespace: '{shop}'},
		environment,
	});
	expect(line).toMatch(/^ACL SETUSER shop reset on #[0-9a-f]{64} ~\{shop\}:\* &\{shop\}:\* .* \+evalsha .* \+xinfo\|stream/);
	expect([line.includes('secret'), line.includes('@all'), rest]).toEqual([false, false, []]);
	const [without = '', note] = await linesOf(setup, {input: ['redis'], flags: {acl: true}});
	expect([without.startsWith('ACL SETUSER room reset on >PASSWORD ~workflow:* '), note]).toEqual([
		true,
		expect.stringContaining('Replace PASSWORD'),
	]);
});

const AGENT = 'echo x >x.txt; touch "$STORY/at"; while [ ! -e "$STORY/go" ]; do sleep 0.05; done';

test.skipIf(!existsSync('/proc/self/environ'))(
	'a room on a terminal reaches a server by TLS, as the user of its ACL line, with a password that none of its processes tells',
	async () => {
		const password = 'only-in-the-environment';
		const server = await startTlsMember(ofTest, ['--tls-auth-clients', 'yes']);
		const story = createStory(
			`test: "true"\nreview: off\nenv: [STORY]\nharnesses: {shell: {command: [sh, -c, '${AGENT}']}}\nteam: [{role: developer, harness: shell}]\n`,
		);
		Object.assign(story.env, {
			AGENT_ROOM_REDIS_URL: `rediss://room@127.0.0.1:${server.port}`,
			AGENT_ROOM_REDIS_CA: server.ca,
			AGENT_ROOM_REDIS_PASSWORD: password,
		});
		expect((await story.run('tasks')).stderr).toMatch(/asks for a client certificate that it trusts\.\nGive one with `--redis-cert FILE`/);
		Object.assign(story.env, {AGENT_ROOM_REDIS_CERT: server.client.cert, AGENT_ROOM_REDIS_KEY: server.client.key});
		const [command = '', ...line] = (await story.must('setup', 'redis', '--acl')).trim().split(' ');
		await server.ask(command, ...line);
		await server.ask('ACL', 'SETUSER', 'default', 'off');
		expect((await story.must('redis-cli', 'LLEN', 'workflow:tasks:pending')).trim()).toBe('0');
		expect((await story.run('redis-cli', 'LLEN', 'other:tasks')).stdout).toContain('NOPERM');
		expect((await story.run('doctor', '--quick')).stdout).toMatch(/redis +(?:Redis|Valkey) \S+ at rediss:\/\/127\.0\.0\.1:\d+$/m);
		await story.must('add', 'The task', '--id', 'one');
		const terminal = story.open();
		await until(() => existsSync(story.file('at')), {what: 'the agent at work'});
		const processes = readdirSync('/proc')
			.filter(name => /^\d+$/.test(name) && Number(name) !== process.pid)
			.map(pid => {
				try {
					return ['cmdline', 'environ'].map(file => readFileSync(`/proc/${pid}/${file}`, 'utf8'));
				} catch {
					return [];
				}
			});
		const tell = (text = ''): boolean => text.includes(password);
		expect(processes.filter(([line]) => tell(line))).toEqual([]);
		// The terminal was started with it: only what is the room's, and outlives the terminal, must not hold it.
		const ours = processes.filter(([line = '', environment]) => environment?.includes(story.folder) && !/^agent-room\W*$/.test(line));
		expect(ours.length).toBeGreaterThan(1);
		expect(ours.filter(([, environment]) => tell(environment))).toEqual([]);
		writeFileSync(story.file('go'), '');
		await until(async () => (await story.status()).tasks.find(({id}) => id === 'one')?.state === 'merged', {what: 'the merge'});
		await story.must('stop');
		await terminal.exit;
		// Another authority is not taken, and the sentence says what would be.
		story.env.AGENT_ROOM_REDIS_CA = '';
		expect(await story.run('tasks')).toMatchObject({code: 3, stderr: expect.stringContaining('--redis-ca FILE')});
	},
);
