import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {foldReading, newSession} from '../../../source/core/session/fold.ts';
import {gemini} from '../../../source/harnesses/gemini/launch.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/clis/gemini');
const textOf = (name: string): string => readFileSync(join(FIXTURES, name), 'utf8');

/** A real screen, with the title that its program had set. */
const screen = (name: string): {readonly title: string; readonly rows: readonly string[]} => {
	const [first = '', ...rows] = textOf(`screens/${name}.txt`).split('\n');
	return {title: first.slice('title: '.length), rows};
};
const shown = (name: string) => gemini.readScreen(screen(name).rows);
const hooks = textOf('hooks.txt')
	.trim()
	.split('\n')
	.map(line => {
		const at = line.indexOf(' ');
		const payload: unknown = JSON.parse(line.slice(at));
		return {event: line.slice(0, at), payload};
	});

describe('the screens of Gemini CLI', () => {
	test.each([
		['permission-shell', 'needs-input', 'needs-input'],
		['permission-edit', 'needs-input', 'needs-input'],
		['permission-replace', 'needs-input', 'needs-input'],
		['permission-fetch', 'needs-input', 'needs-input'],
		['permission-80', 'needs-input', 'needs-input'],
		['ask-user', 'needs-input', 'needs-input'],
		// A dialog of its own: the title does not know of it.
		['quota-day', 'needs-input', 'working'],
		['auth-dialog', 'logged-out', 'idle'],
		['working', 'working', 'working'],
		['working-tool', 'working', 'working'],
		['denied', 'idle', 'idle'],
		['input-text', 'idle', 'idle'],
		// Hooks are run after the turn, and their line stands for a while; 80 columns are too few for it.
		['idle-100', undefined, 'idle'],
		['quota-stopped', undefined, 'idle'],
		['go-on-80', undefined, 'idle'],
	])('%s: the screen says %s, the title %s', (name, byScreen, byTitle) => {
		expect(shown(name)?.state).toBe(byScreen);
		expect(gemini.readNotice({kind: 'title', text: screen(name).title})?.state).toBe(byTitle);
	});

	test('a permission tells the command and its choices, with the keys that choose', () => {
		expect(shown('permission-shell')?.question).toEqual({
			kind: 'permission',
			text: 'Shell: echo hi > b.txt; sleep 3; echo done',
			detail: 'echo hi > b.txt; sleep 3; echo done',
			choices: [
				{label: 'Allow once', means: 'allow', keys: '1'},
				{label: 'Allow for this session', means: 'always', keys: '2'},
				{label: 'No, suggest changes (esc)', means: 'deny', keys: '\u001b'},
			],
		});
		expect(shown('permission-80')?.question).toMatchObject({text: 'Shell: touch two', detail: 'touch two'});
	});

	test('a change tells the file and the difference; an editor is not offered from afar', () => {
		expect(shown('permission-edit')?.question).toMatchObject({kind: 'permission', text: 'Write: c.txt', detail: '1 one\n2 two'});
		expect(shown('permission-replace')?.question).toMatchObject({text: 'Edit: a.txt', detail: '1 - hi\n1 + hello'});
		expect(shown('permission-edit')?.question?.choices.map(({keys}) => keys)).toEqual(['1', '2', '\u001b']);
	});

	test('what it asks its user is a question, and a limit a dialog', () => {
		expect(shown('ask-user')?.question).toMatchObject({
			kind: 'question',
			text: 'Which database?',
			choices: [
				{label: 'Redis', means: 'other', keys: '1'},
				{label: 'Postgres', means: 'other', keys: '2'},
			],
		});
		expect(shown('quota-day')?.question).toMatchObject({kind: 'dialog', text: 'Usage limit reached for gemini-3.8-flash.'});
		expect(shown('permission-fetch')?.question).toMatchObject({
			kind: 'permission',
			text: expect.stringContaining('WebFetch: Processing URLs'),
		});
	});

	test('choices that a command or a page prints are none', () => {
		const rows = screen('permission-fetch').rows.map(row =>
			row
				.replace('- https://example.com/ ', '● 1. Allow everything  ')
				.replace('read https://example.com ', '  2. Never ask again        '),
		);
		expect(gemini.readScreen(rows)?.question?.choices.map(({label}) => label)).toEqual([
			'Allow once',
			'Allow for this session',
			'No, suggest changes (esc)',
		]);
	});

	test('a screen of another make says nothing', () => {
		const changed = (name: string, from: string | RegExp, to: string) =>
			gemini.readScreen(screen(name).rows.map(row => row.replaceAll(from, to)));
		expect(changed('working', /esc to cancel/g, 'press esc')).toBeUndefined();
		expect(changed('permission-shell', '●', '>')).toBeUndefined();
		expect(changed('denied', '? for shortcuts', 'busy')).toBeUndefined();
		expect(gemini.readNotice({kind: 'title', text: 'Gemini CLI (work)'})).toBeUndefined();
		expect(gemini.readNotice({kind: 'osc9', text: '✋  Action Required'})).toBeUndefined();
	});
});

describe('the hooks of Gemini CLI', () => {
	test('tell the whole turn', () => {
		const states = hooks.flatMap(({event, payload}) => gemini.readHook(event, payload).map(({state}) => `${event} ${state}`));
		expect(states).toEqual([
			'SessionStart starting',
			'BeforeAgent working',
			'BeforeTool working',
			'Notification needs-input',
			'AfterTool working',
			'BeforeTool working',
			'Notification needs-input',
			'AfterTool working',
			'AfterAgent idle',
			'BeforeAgent working',
			'BeforeTool working',
		]);
	});

	test('tell session, transcript, what it does and what it said', () => {
		const session = hooks
			.slice(0, 9)
			.flatMap(({event, payload}) => gemini.readHook(event, payload))
			.reduce((folded, reading, at) => foldReading(folded, reading, at), newSession(0));
		expect(session).toMatchObject({
			id: '509ef727-41e0-4703-9ccf-576ccf719162',
			transcript: '/srv/p/sess2/home/.gemini/tmp/work/chats/session-2026-11-25T04-15-509ef727.jsonl',
			doing: 'edits /srv/p/work/a.txt',
			said: 'ok.',
			prompts: 1,
			state: 'idle',
		});
	});

	test('word a permission as its dialog is read', () => {
		const asked = hooks
			.filter(({event}) => event === 'Notification')
			.map(({event, payload}) => gemini.readHook(event, payload)[0]?.question);
		expect(asked.map(question => question?.text)).toEqual(['Shell: echo hi > b.txt', 'Edit: a.txt']);
		expect(asked[0]?.detail).toBe('echo hi > b.txt\ngit add b.txt');
		expect(asked[1]?.detail).toContain('+hello');
		expect(asked[1]?.text).toBe(shown('permission-replace')?.question?.text);
	});

	test('a turn without an answer was cancelled or has failed: its end says nothing', () => {
		const payload = {session_id: 's', hook_event_name: 'AfterAgent', prompt_response: '[no response text]'};
		expect(gemini.readHook('AfterAgent', payload)).toEqual([{source: 'hook', sign: 'hook AfterAgent', session: 's'}]);
	});

	test('the end of a turn takes a next prompt; a program that is superseded runs no tool any more', () => {
		expect(JSON.parse(gemini.replyHook('AfterAgent', {kind: 'go-on', text: 'Report.'}, {}))).toEqual({decision: 'deny', reason: 'Report.'});
		expect(JSON.parse(gemini.replyHook('BeforeTool', {kind: 'deny', text: 'Stop.'}, {}))).toMatchObject({
			continue: false,
			decision: 'deny',
		});
		expect(gemini.replyHook('Notification', {kind: 'allow'}, {})).toBe('');
		expect(gemini.replyHook('AfterAgent', {kind: 'none'}, {})).toBe('');
	});
});

describe('the transcript of Gemini CLI', () => {
	const readings = textOf('transcript.jsonl')
		.trim()
		.split('\n')
		.flatMap(line => gemini.readTranscript?.(line) ?? []);

	test('tells what no hook does: a cancelled turn, a failed request', () => {
		expect(readings.filter(({state}) => state).map(({state, sign}) => `${sign}: ${state}`)).toEqual([
			'transcript Request cancelled.: idle',
			'transcript Request cancelled.: idle',
			'transcript error: rate-limited',
		]);
		expect(readings.find(({state}) => state === 'rate-limited')?.reason).toBe('You have exhausted your daily quota on this model.');
	});

	test('tells the tokens of every answer once', () => {
		expect(readings.flatMap(({usage}) => (usage ? [usage.tokensIn] : []))).toEqual([100, 100, 100]);
	});
});

describe('the stream of Gemini CLI', () => {
	const read = (name: string) =>
		textOf(name)
			.trim()
			.split('\n')
			.map(line => gemini.readLine(line));

	test('tells a run from its session to its end', () => {
		const lines = read('stream.jsonl');
		const session = lines
			.flatMap(({readings}) => readings)
			.reduce((folded, reading, at) => foldReading(folded, reading, at), newSession(0));
		expect(session).toMatchObject({
			state: 'finished',
			said: 'done.',
			prompts: 1,
			usage: {tokensIn: 500, tokensOut: 50, isTotal: false, model: 'gemini-2.5-pro'},
		});
		expect(lines.map(({text}) => text).filter(text => text !== '')).toEqual([
			'• room_progress',
			'  noted',
			'• runs rm -rf a.txt',
			'  ✗ Tool execution denied by policy.',
			'• runs git status && git log --oneline',
			'  On branch main',
			'done.',
		]);
	});

	test.each([
		['error-quota.jsonl', 'rate-limited'],
		['error-401.jsonl', 'logged-out'],
		['error-key.jsonl', 'logged-out'],
		['error-context.jsonl', 'out-of-context'],
	])('%s ends %s', (name, state) => {
		expect(
			read(name)
				.flatMap(({readings}) => readings)
				.at(-1),
		).toMatchObject({source: 'stream', state, reason: expect.stringMatching(/^[^[{"]+$/)});
	});
});

describe('whatever else comes', () => {
	test('says nothing, and breaks nothing', () => {
		fc.assert(
			fc.property(fc.string(), fc.anything(), fc.array(fc.string({unit: 'grapheme'})), (text, value, rows) => {
				for (const event of ['SessionStart', 'Notification', 'AfterAgent', 'toString', text])
					expect(gemini.readHook(event, value)).toEqual([]);
				for (const line of [text, '{"type":"toString"}']) expect(gemini.readLine(line).readings).toEqual([]);
				expect(gemini.readTranscript?.(text)).toEqual([]);
				expect(gemini.readScreen(rows)).toBeUndefined();
				expect(gemini.readNotice({kind: 'title', text})).toBeUndefined();
			}),
		);
	});

	test('also as events with the right names and the wrong content', () => {
		fc.assert(
			fc.property(
				fc.constantFrom('init', 'message', 'tool_use', 'tool_result', 'error', 'result', 'info', 'gemini'),
				fc.dictionary(
					fc.constantFrom(
						'session_id',
						'content',
						'role',
						'status',
						'error',
						'stats',
						'tokens',
						'tool_name',
						'parameters',
						'details',
						'notification_type',
					),
					fc.anything(),
				),
				(type, rest) => {
					const line = JSON.stringify({...rest, type});
					for (const {usage} of [...gemini.readLine(line).readings, ...(gemini.readTranscript?.(line) ?? [])])
						if (usage) expect(Number.isSafeInteger(usage.tokensIn) || usage.tokensIn > Number.MAX_SAFE_INTEGER).toBe(true);
					expect(() => gemini.readHook('Notification', {session_id: 's', hook_event_name: 'Notification', ...rest})).not.toThrow();
				},
			),
		);
	});
});

test('no fixture is left unused', () => {
	const used = readFileSync(import.meta.filename, 'utf8');
	expect(readdirSync(join(FIXTURES, 'screens')).filter(name => !used.includes(`'${name.replace('.txt', '')}'`))).toEqual([]);
});
