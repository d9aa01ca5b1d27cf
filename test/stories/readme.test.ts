import {execFileSync} from 'node:child_process';
import {mkdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {parse} from 'yaml';
import {COMMANDS} from '../../source/commands/table.ts';
import {configSchema} from '../../source/core/config/config.ts';
import {KEYS} from '../../source/ui/screen/keys.ts';
import {standingFor} from '../helpers/cases.ts';
import {root, startProgram} from '../helpers/program.ts';
import {startTestRedis} from '../helpers/redis.ts';
import {agentRoom, binFile, createStory, type StoryStatus} from '../helpers/room.ts';
import {until} from '../helpers/wait.ts';
import {comparable, recordSessions} from '../readme/session.ts';

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const guide = (file: string): string => readFileSync(join(root, 'source', 'guide', file), 'utf8');
/** The fenced blocks of a page in one language. */
const blocksOf = (page: string, language: string): readonly string[] =>
	[...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(([, name]) => name === language).map(([, , text]) => text ?? '');
/** The rows of the tables of a page, as their cells. */
const rowsOf = (page: string): readonly (readonly string[])[] =>
	[...page.matchAll(/^\| (.*) \|$/gm)].map(([, row = '']) => row.split(/ (?<!\\)\| /));

describe('the README', () => {
	test('says how to install, try and test it before anything else, in at most 200 lines', () => {
		const lines = readme.split('\n');
		expect(lines.length).toBeLessThanOrEqual(201);
		const first = lines.slice(0, 40).join('\n');
		for (const line of ['npm install --global \\.', 'npm ci && npm run demo', 'npm ci && npm test'])
			expect(first).toMatch(new RegExp(`^${line}( |$)`, 'm'));
		const scripts = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts as object;
		const named = blocksOf(readme, 'sh').flatMap(text =>
			[...text.matchAll(/npm (?:run )?(test|demo|check)\b/g)].map(([, name = '']) => name),
		);
		expect(named.filter(name => !Object.hasOwn(scripts, name))).toEqual([]);
	});

	test('shows what the three steps print today: `npm run readme` records them', async () => {
		expect(comparable(readme)).toBe(comparable(await recordSessions(readme)));
		expect(comparable(readme)).toContain('1 merged');
	});

	test('names keys that there are', () => {
		const [, section = ''] = readme.split('## Keys\n');
		const keys = [...(section.split('\n## ')[0] ?? '').matchAll(/^\| `([^`]+)`.* \| `([^`]+)` \|/gm)].flatMap(
			([, left = '', right = '']) => [left, right],
		);
		expect(keys).toHaveLength(12);
		expect(keys.filter(key => !KEYS.some(row => row.scope === 'room' && row.keys.includes(key)))).toEqual([]);
	});

	test('names every command', () => {
		const [list = ''] = readme.split('## Commands\n').slice(1);
		const missing = COMMANDS.filter(({name}) => name && !new RegExp(`\\b${name}\\b`).test(list.split('\n## ')[0] ?? ''));
		expect(missing.map(({name}) => name)).toEqual([]);
	});
});

describe('the guide', () => {
	test('tells a story whose lines, pasted into a shell, do what it says', async () => {
		const [script] = blocksOf(guide('quickstart.md'), 'sh');
		const story = createStory('');
		const commands = join(story.folder, 'bin');
		mkdirSync(commands);
		symlinkSync(binFile, join(commands, 'agent-room'));
		const env = {...story.env, PATH: `${commands}:${story.env.PATH}`, AGENT_ROOM_TRUST: ''};
		const {code, stdout, stderr} = await startProgram(['sh', '-euc', script ?? ''], {cwd: story.folder, env}).ended;
		expect(code, stdout + stderr).toBe(0);
		expect(stdout).toMatch(/^\S+ +dev-\d failed at two: killed by SIGKILL/m);
		expect(stdout).toContain('3 merged, 0 failed, 0 open.');

		const [log = ''] = stdout.split('3 merged, 0 failed, 0 open.\n').slice(1);
		const mergedCommit = [...log.matchAll(/^[0-9a-f]+ {2}The (\w+) {2}Room-Task: (\w+)$/gm)].map(([, title, id]) => `${title} ${id}`);
		expect(mergedCommit.toSorted()).toEqual(['first one', 'second two', 'third three']);
		expect(log).toMatch(/^done by agent:dev:00\d in attempt 2$/m);

		const git = (...args: readonly string[]): string => execFileSync('git', args, {cwd: join(story.folder, 'shop'), env, encoding: 'utf8'});
		const everMain = [...new Set(git('reflog', '--format=%H', 'main').trim().split('\n'))];
		// The beginning, and three landings: two tasks that pass at the same time may land in one step.
		expect(everMain.length).toBeGreaterThanOrEqual(3);
		for (const commit of everMain) {
			const files = git('ls-tree', '--name-only', commit).split('\n');
			for (const file of files.filter(name => name.endsWith('.txt'))) expect(git('show', `${commit}:${file}`)).toMatch(/^done/);
		}
	});

	test.each(standingFor(['private', 'shared'], kind => kind === 'private'))(
		'tells commands of Redis that take a task from the list to the base, on a %s server',
		async kind => {
			const lines = [...guide('redis.md').matchAll(/^ {4}agent-room (redis-cli .*?)(?: +#.*)?$/gm)].map(([, line = '']) =>
				line.split(' ').map(word => word.replaceAll('"', '')),
			);
			const named = (command: string): readonly string[] => lines.find(([, name]) => name === command) ?? [];
			const lock = (key: string): readonly string[] => lines.find(([, name, locked]) => name === 'SET' && locked?.endsWith(key)) ?? [];
			const story = createStory(`test: "true"
harnesses: {mine: {command: [sh, -c, '[ "$AGENT_ROOM_STAGE" = review ] && agent-room report done --verdict approve || echo x >x.txt'], finish: exit}}
team: [{role: developer, harness: mine}, {role: code-sentinel, harness: mine}]
`);
			const shared = kind === 'shared' ? await startTestRedis() : undefined;
			onTestFinished(() => shared?.stop());
			if (shared) story.env.AGENT_ROOM_REDIS_URL = shared.socketPath;
			const running = story.start('run');
			const when = (what: string, condition: (task: StoryStatus['tasks'][number] | undefined) => boolean) =>
				until(async () => condition((await story.status()).tasks.find(({id}) => id === 'user-auth')), {
					what: () => `${what}\n${running.output()}\n${heard.output()}`,
				});
			await until(async () => (await story.status()).room !== null, {what: 'the room'});
			const heard = story.start(...named('PSUBSCRIBE'));
			await until(() => heard.output().includes('psubscribe'), {what: 'the subscription'});
			// A worker from outside waits for work, and is the one who gets it.
			const popped = story.start(...named('BLMOVE'));
			await until(async () => (await story.must('redis-cli', 'CLIENT', 'LIST')).includes('cmd=blmove'), {what: 'BLMOVE waits'});
			await story.must(...named('LPUSH'));
			expect((await popped.ended).stdout).toBe('task:implement:user-auth\n');
			await story.must(...lock('task:user-auth'));
			await story.must(...named('HSET'));
			await when('who has it is shown', task => task?.owner === 'agent:dev:009');
			await story.must(...lock('repository:main'));
			story.git('checkout', '-q', '-b', 'agent/user-auth');
			writeFileSync(join(story.repository, 'auth.txt'), 'who goes there\n');
			story.git('add', 'auth.txt');
			story.git('commit', '-q', '-m', 'Ask who goes there');
			story.git('checkout', '-q', 'main');
			await story.must(...named('ZADD'));
			await story.must(...named('PUBLISH'));
			await when('it waits for the lock', task => task?.stage === 'merge');
			await story.must('redis-cli', 'DEL', lock('repository:main')[2] ?? '');
			await when('it is merged', task => task?.state === 'merged');
			expect(story.git('show', 'main:auth.txt')).toBe('who goes there');
			await until(() => heard.output().includes('task:user-auth:merged'), {what: 'the transition is heard'});
			await story.must('stop');
			expect((await running.ended).stdout).toContain('user-auth');
		},
	);

	test.each([
		['README.md', readme],
		['configuration.md', guide('configuration.md')],
	])('shows a configuration that is one: %s', async (_name, page) => {
		const [yaml = ''] = blocksOf(page, 'yaml');
		const story = createStory('');
		const file = join(story.folder, 'shown.yaml');
		writeFileSync(file, yaml);
		const {code, stdout, stderr} = await agentRoom(['config', 'print', '--json', '--config', file], {
			cwd: story.repository,
			env: story.env,
		});
		expect({code, stderr}).toEqual({code: 0, stderr: ''});
		expect(JSON.parse(stdout)).toMatchObject({config: {base: 'main', team: [{count: 2}, {}, {role: 'orchestrator'}, {harness: 'mine'}]}});
	});

	test('has a row for each key of the configuration, with an example that is taken and the default that holds', () => {
		const rows = rowsOf(guide('configuration.md')).filter(row => row.length === 4 && row[0]?.startsWith('`'));
		expect(rows.map(([key = '']) => key.replaceAll('`', '')).toSorted()).toEqual(Object.keys(configSchema.shape).toSorted());
		const defaults = configSchema.parse({}) as Readonly<Record<string, unknown>>;
		for (const [key = '', fallback = '', , example = ''] of rows) {
			const name = key.replaceAll('`', '');
			const value = parse(example.replace(/^`|`$/g, ''));
			expect(configSchema.safeParse({[name]: value}).error, `${name}: ${example}`).toBeUndefined();
			const [, shown] = /^`([^`]*)`$/.exec(fallback) ?? [];
			// A key that is left out has no value, whatever the program then does.
			if (shown === undefined || defaults[name] === undefined) continue;
			expect(configSchema.parse({[name]: parse(shown)})).toMatchObject({[name]: defaults[name]});
		}
	});
});
