import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {foldReading, newSession} from '../../../source/core/session/fold.ts';
import {opencode} from '../../../source/harnesses/opencode/opencode.ts';
import type {LaunchContext} from '../../../source/harnesses/shared/cli.ts';
import {field, textField} from '../../../source/harnesses/shared/fields.ts';
import {launchContext} from '../../helpers/launch.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/clis/opencode');
const textOf = (name: string): string => readFileSync(join(FIXTURES, name), 'utf8');
const shown = (name: string) => opencode.readScreen(textOf(`screens/${name}.txt`).split('\n').slice(1));
const payloads = textOf('hooks.jsonl')
	.trim()
	.split('\n')
	.map((line): unknown => JSON.parse(line));
const read = (payload: unknown) => opencode.readHook(textField(payload, 'event') ?? '', payload);

describe('the screens of opencode', () => {
	test.each([
		['permission', 'needs-input'],
		['permission-80', 'needs-input'],
		['external', 'needs-input'],
		['question-80', 'needs-input'],
		['working-80', 'working'],
		['esc-once', 'working'],
		['retry', 'working'],
		['idle', 'idle'],
		['aborted', 'idle'],
		['401', 'idle'],
	])('%s: %s', (name, state) => {
		expect(shown(name)?.state).toBe(state);
	});

	test('a question on the screen offers no keys: what Enter would take is told by a colour', () => {
		expect(shown('permission')?.question).toEqual({kind: 'permission', text: '# Shell command', detail: '', choices: []});
	});

	test('what an agent prints is no question', () => {
		const rows = textOf('screens/idle.txt').split('\n').slice(1);
		expect(opencode.readScreen(['  ┃  △ Permission required', ...rows])?.state).toBe('idle');
	});
});

describe('the plugin of opencode', () => {
	test('tells every state', () => {
		expect(payloads.flatMap(payload => read(payload).map(({sign, state}) => `${sign}: ${state}`))).toEqual([
			'plugin session: undefined',
			'plugin prompt: working',
			'plugin tool: working',
			'plugin permission: needs-input',
			'plugin permission: needs-input',
			'plugin question: needs-input',
			'plugin retry: rate-limited',
			'plugin retry: rate-limited',
			'plugin idle: logged-out',
			'plugin idle: out-of-context',
			'plugin idle: idle',
			'plugin idle: idle',
			'plugin usage: undefined',
		]);
	});

	test('tells the command that is asked for, and how far “always” reaches', () => {
		const [run, look] = payloads.filter(payload => textField(payload, 'event') === 'permission').map(payload => read(payload)[0]?.question);
		expect(run).toEqual({
			kind: 'permission',
			id: 'per_210f0f905001KSMrnc9w3skm8M',
			text: 'Run: rm w.txt',
			detail: 'rm w.txt',
			choices: [
				{label: 'Allow once', means: 'allow'},
				{label: 'Allow until opencode ends: rm *', means: 'always'},
				{label: 'Reject', means: 'deny'},
			],
		});
		expect(look).toMatchObject({text: 'Read outside the worktree: /srv/p/person/*'});
	});

	test('tells what the session has cost as totals, the last step too', () => {
		const session = payloads.flatMap(read).reduce((folded, reading, at) => foldReading(folded, reading, at), newSession(0));
		expect(session).toMatchObject({
			id: 'ses_def0f8690ffe0pgJryJ79Achnu',
			said: 'ok done',
			usage: {micros: 2250, tokensIn: 500, tokensOut: 50, isTotal: true},
		});
	});

	test('takes decisions', () => {
		const asked = payloads.find(payload => textField(payload, 'event') === 'question');
		expect(JSON.parse(opencode.replyHook('permission', {kind: 'allow'}, {}))).toEqual({reply: 'once'});
		expect(JSON.parse(opencode.replyHook('permission', {kind: 'always'}, {}))).toEqual({reply: 'always'});
		expect(JSON.parse(opencode.replyHook('permission', {kind: 'deny', text: ''}, {}))).toEqual({reply: 'reject'});
		expect(JSON.parse(opencode.replyHook('permission', {kind: 'deny', text: 'Why?'}, {}))).toEqual({
			reply: 'reject',
			message: 'Why?',
		});
		expect(JSON.parse(opencode.replyHook('question', {kind: 'deny', text: 'The answer is: Redis'}, asked))).toEqual({answers: [['Redis']]});
		expect(JSON.parse(opencode.replyHook('idle', {kind: 'go-on', text: 'Report.'}, {}))).toEqual({goOn: 'Report.'});
		expect(JSON.parse(opencode.replyHook('tool', {kind: 'deny', text: 'Stop.'}, {}))).toEqual({abort: true});
		expect(opencode.replyHook('tool', {kind: 'none'}, {})).toBe('');
	});
});

describe('the stream of opencode', () => {
	const lines = (name: string) =>
		textOf(name)
			.trim()
			.split('\n')
			.map(line => opencode.readLine(line));

	test('tells a run from its session to its end, what was refused too', () => {
		const run = lines('stream.jsonl');
		const readings = run.flatMap(line => line.readings);
		const session = readings.reduce((folded, reading, at) => foldReading(folded, reading, at), newSession(0));
		expect(session).toMatchObject({state: 'finished', said: 'ok done', id: expect.stringMatching(/^ses_/)});
		expect(readings.reduce((sum, {usage}) => sum + (usage?.tokensIn ?? 0), 0)).toBe(500);
		expect(run.map(({text}) => text).filter(text => text !== '')).toEqual([
			'• runs git status\n  On branch main',
			'• writes /srv/p/work/w.txt\n  Wrote file successfully.',
			'• runs rm w.txt\n  ✗ The user rejected permission to use this specific tool call.',
			expect.stringMatching(/^• reads \/srv\/p\/person\/b.md\n {2}✗ /),
			'ok done',
		]);
	});

	test('a failure ends a run; a conversation that got too long is summed up, and goes on', () => {
		expect(lines('error-401.jsonl')[0]?.readings[0]).toMatchObject({state: 'logged-out', reason: 'Incorrect API key provided'});
		const states = lines('overflow.jsonl').flatMap(({readings}) => readings.map(({state}) => state));
		expect([states[0], states.at(-1)]).toEqual(['out-of-context', 'finished']);
	});
});

describe('the launch of opencode', () => {
	const context = launchContext({
		program: ['/bin/opencode', '--model', 'a/b'],
		allowed: ['git log --oneline', 'ls *'],
		environment: {
			OPENCODE_CONFIG_CONTENT: '{"model": "a/b", "plugin": ["mine"], "permission": {"lsp": "ask"}, "mcp": {"mine": {"type": "remote"}}}',
		},
	});
	const configuration = (changed: Partial<LaunchContext> = {}): unknown =>
		JSON.parse(opencode.launch({...context, ...changed}).environment.OPENCODE_CONFIG_CONTENT ?? '');

	test('adds to what the person has in the environment', () => {
		expect(configuration()).toMatchObject({
			agent: {title: {disable: true}},
			model: 'a/b',
			plugin: ['mine', 'file:///state/sessions/t-a1/agent-room.mjs'],
			mcp: {mine: {type: 'remote'}, room: {type: 'local', command: ['node', 'room.js', 'mcp'], environment: {AGENT_ROOM_TOKEN: '1:x'}}},
			permission: {lsp: 'ask', edit: 'allow', external_directory: {'*': 'ask', '/state/sessions/t-a1/told/*': 'allow'}},
		});
	});

	test('allows whole commands and the room’s own, after what is asked for', () => {
		expect(Object.entries(field(configuration(), 'permission', 'bash') ?? {})).toEqual([
			['*', 'ask'],
			['git log --oneline', 'allow'],
			['agent-room report', 'allow'],
			['agent-room report *', 'allow'],
			['agent-room report*>*', 'ask'],
		]);
		expect(configuration({isSandboxed: true})).toMatchObject({permission: {bash: {'*': 'allow'}}});
		expect(configuration({isSandboxed: true, permissions: 'ask'})).toMatchObject({permission: {bash: {'*': 'ask'}}});
		expect(configuration({permissions: 'ask'})).toMatchObject({permission: {edit: 'ask'}});
		expect(configuration({permissions: 'full', writes: false})).toMatchObject({permission: {edit: 'deny'}});
	});

	test('begins or goes on, in a pane or without', () => {
		expect(opencode.launch(context).command).toEqual(['/bin/opencode', '--model', 'a/b', '--prompt=Read the file.']);
		expect(opencode.launch({...context, mode: 'headless', permissions: 'full', resume: 'ses_1'}).command).toEqual([
			...['/bin/opencode', 'run', '--format', 'json', '--model', 'a/b', '--auto', '--session', 'ses_1', '--', 'Read the file.'],
		]);
	});

	test('gives a plugin that is JavaScript, whatever the hook is', () => {
		const [plugin] = opencode.launch({...context, hook: ["/it's `here` $x", '"']}).files;
		const [resuming] = opencode.launch({...context, resume: 'ses_1'}).files;
		expect(resuming?.text).toContain('RESUMED = process.env.AGENT_ROOM_NEW_SESSION ? null : {"session":"ses_1","prompt":"Read the file."}');
		expect(opencode.launch({...context, resume: 'ses_1'}).command).toEqual(['/bin/opencode', '--model', 'a/b', '--session', 'ses_1']);
		expect(plugin?.text).toContain(JSON.stringify(["/it's `here` $x", '"']));
		expect(() => new Function(plugin?.text.replace('export ', '') ?? '')).not.toThrow();
	});
});

describe('whatever else comes', () => {
	test('says nothing, and breaks nothing', () => {
		fc.assert(
			fc.property(fc.string(), fc.anything(), fc.array(fc.string({unit: 'grapheme'})), (text, value, rows) => {
				for (const event of ['idle', 'permission', 'question', 'toString', text]) expect(opencode.readHook(event, value)).toEqual([]);
				for (const line of [text, '{"type":"toString"}']) expect(opencode.readLine(line).readings).toEqual([]);
				expect(opencode.readScreen(rows)).toBeUndefined();
				expect(opencode.readNotice({kind: 'title', text})).toBeUndefined();
			}),
		);
	});

	test('also as events with the right names and the wrong content', () => {
		const rest = fc.dictionary(
			fc.constantFrom(
				'part',
				'error',
				'usage',
				'failed',
				'questions',
				'patterns',
				'always',
				'metadata',
				'permission',
				'id',
				'waitMs',
				'message',
			),
			fc.anything(),
		);
		fc.assert(
			fc.property(
				fc.constantFrom('session', 'prompt', 'idle', 'usage', 'retry', 'permission', 'question', 'tool'),
				fc.constantFrom('text', 'tool_use', 'step_finish', 'error'),
				rest,
				(event, type, content) => {
					expect(() => opencode.readHook(event, {...content, event})).not.toThrow();
					expect(() => opencode.readLine(JSON.stringify({...content, type}))).not.toThrow();
				},
			),
		);
	});
});

test('no fixture is left unused', () => {
	const used = readFileSync(import.meta.filename, 'utf8');
	expect(readdirSync(join(FIXTURES, 'screens')).filter(name => !used.includes(`'${name.replace('.txt', '')}'`))).toEqual([]);
});
