import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {claude} from '../../../source/harnesses/claude/claude.ts';
import {field, textField} from '../../../source/harnesses/shared/fields.ts';

type Seen = {readonly name: string; readonly event: string; readonly payload: Readonly<Record<string, unknown>>};

/** Payloads of Claude Code 2.1.330, one of a kind. */
const seen = readFileSync(join(import.meta.dirname, '../../fixtures/clis/claude/hooks.jsonl'), 'utf8')
	.trim()
	.split('\n')
	.map(line => JSON.parse(line) as Seen);
const named = (name: string): Seen => {
	const found = seen.find(each => each.name === name);
	if (!found) throw new Error(`no payload of ${name}`);
	return found;
};
const read = (name: string) => claude.readHook(named(name).event, named(name).payload)[0];
const reply = (name: string, ...decision: Parameters<typeof claude.replyHook>[1][]) =>
	decision.map(each => JSON.parse(claude.replyHook(named(name).event, each, named(name).payload)) as unknown)[0];
const decided = (answer: unknown) => field(answer, 'hookSpecificOutput', 'decision');

describe('the hooks of Claude Code', () => {
	test.each([
		['SessionStart', 'starting'],
		['UserPromptSubmit', 'working'],
		['PreToolUse', 'working'],
		['PostToolUse', 'working'],
		['PermissionRequest:Bash', 'needs-input'],
		['PermissionRequest:AskUserQuestion', 'needs-input'],
		['Notification:permission_prompt', 'needs-input'],
		['Stop', 'idle'],
		['StopFailure:r429', 'rate-limited'],
		['StopFailure:r401', 'logged-out'],
		['StopFailure:over', 'out-of-context'],
	])('%s: %s', (name, state) => {
		const reading = read(name);
		expect([reading?.state, reading?.source]).toEqual([state, 'hook']);
		expect(reading?.session).toMatch(/^[0-9a-f-]{36}$/);
	});

	test('a prompt that arrived is proved, and the end of a turn has its last words', () => {
		expect(read('UserPromptSubmit')?.isPromptTaken).toBe(true);
		expect(read('Stop')?.said).toBeTruthy();
	});

	test('a permission shows the whole command, and what `always` reaches', () => {
		expect(read('PermissionRequest:Bash')?.question).toEqual({
			kind: 'permission',
			text: 'Bash: curl -s http://127.0.0.1:1/x && echo "hello world"',
			detail: 'curl -s http://127.0.0.1:1/x && echo "hello world"',
			choices: [
				{label: 'Yes', means: 'allow'},
				{label: 'Yes, in this session also Bash(curl -s http://127.0.0.1:1/x)', means: 'always'},
				{label: 'No', means: 'deny'},
			],
		});
	});

	test('an edit shows what goes and what comes', () => {
		const question = read('PermissionRequest:Edit')?.question;
		expect(question?.text).toBe('Edit: /home/you/shop/b.txt');
		expect(question?.detail).toBe('/home/you/shop/b.txt\n- beta\n+ BETA');
		expect(question?.choices[1]?.label).toBe('Yes, in this session also all edits of files');
	});

	test('what it asks of its own accord has its answers as choices, and is answered by one', () => {
		expect(read('PermissionRequest:AskUserQuestion')?.question).toEqual({
			kind: 'question',
			text: 'Which database?',
			detail: 'Redis: Fast\nSQLite: Small',
			choices: [
				{label: 'Redis', means: 'other'},
				{label: 'SQLite', means: 'other'},
			],
		});
		const answer = decided(reply('PermissionRequest:AskUserQuestion', {kind: 'deny', text: 'The answer is: SQLite'}));
		expect(field(answer, 'behavior')).toBe('allow');
		expect(field(answer, 'updatedInput', 'answers')).toEqual({'Which database?': 'SQLite'});
	});

	test('a permission is answered; what is allowed from now on is written nowhere', () => {
		expect(decided(reply('PermissionRequest:Bash', {kind: 'allow'}))).toEqual({behavior: 'allow'});
		expect(decided(reply('PermissionRequest:Bash', {kind: 'deny', text: 'Not now.'}))).toEqual({behavior: 'deny', message: 'Not now.'});
		for (const {name} of seen.filter(({event}) => event === 'PermissionRequest')) {
			const updates = field(decided(reply(name, {kind: 'always'})), 'updatedPermissions');
			expect([name, Array.isArray(updates)]).toEqual([name, true]);
			for (const update of Array.isArray(updates) ? updates : [])
				expect([name, textField(update, 'destination')]).toEqual([name, 'session']);
		}
	});

	test('a turn goes on with a text; a superseded agent is stopped before its next tool', () => {
		expect(reply('Stop', {kind: 'go-on', text: 'One thing more.'})).toEqual({decision: 'block', reason: 'One thing more.'});
		expect(field(reply('PostToolUse', {kind: 'tell', text: 'A mail.'}), 'hookSpecificOutput', 'additionalContext')).toBe('A mail.');
		const stopped = reply('PreToolUse', {kind: 'deny', text: 'Stop.'});
		expect(field(stopped, 'continue')).toBe(false);
		expect(field(stopped, 'hookSpecificOutput', 'permissionDecision')).toBe('deny');
		expect(claude.replyHook('Stop', {kind: 'none'}, named('Stop').payload)).toBe('');
	});

	test('the status line tells money as a total', () => {
		expect(read('StatusLine')).toMatchObject({usage: {isTotal: true, tokensIn: 0}});
		expect(read('StatusLine')?.usage?.micros).toBeGreaterThan(0);
		expect(read('StatusLine')?.state).toBeUndefined();
	});

	test('an event under another name, an unknown event and any payload say nothing and break nothing', () => {
		expect(claude.readHook('Stop', named('UserPromptSubmit').payload)).toEqual([]);
		expect(claude.readHook('constructor', {session_id: 'a', hook_event_name: 'constructor'})).toEqual([]);
		fc.assert(
			fc.property(fc.constantFrom(...seen.map(({event}) => event)), fc.jsonValue(), (event, payload) => {
				expect(claude.readHook(event, payload)).toEqual([]);
				for (const kind of ['allow', 'always', 'none'] as const) claude.replyHook(event, {kind}, payload);
			}),
		);
	});

	test('a payload whose fields are other things than they were never gives a state that is not its event’s', () => {
		const states = new Map(seen.map(({name}) => [name, read(name)?.state]));
		fc.assert(
			fc.property(fc.constantFrom(...seen), fc.string(), fc.jsonValue(), (each, other, value) => {
				for (const name of Object.keys(each.payload).filter(key => !['session_id', 'hook_event_name'].includes(key))) {
					const [reading] = claude.readHook(each.event, {...each.payload, [name]: value, [other]: value});
					if (each.event !== 'StopFailure') expect([undefined, states.get(each.name)]).toContain(reading?.state);
				}
			}),
		);
	});
});
