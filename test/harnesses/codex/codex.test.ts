import {globSync, readFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {Reading} from '../../../source/core/session/reading.ts';
import {codex} from '../../../source/harnesses/codex/codex.ts';
import {fingerprint} from '../../../source/harnesses/codex/launch.ts';
import {launchContext} from '../../helpers/launch.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/clis/codex');
const linesOf = (name: string): string[] => readFileSync(join(FIXTURES, name), 'utf8').trim().split('\n');
const fieldsOf = (line: string): Record<string, unknown> => JSON.parse(line);
const hooks = linesOf('hooks.jsonl').map(fieldsOf);
const readingsOf = (event: string): readonly Reading[] =>
	hooks.filter(hook => hook.hook_event_name === event).flatMap(hook => codex.readHook(event, hook));
const only = (event: string): Reading | undefined => readingsOf(event)[0];

describe('the hooks of Codex', () => {
	test('are trusted by the fingerprint that Codex itself gives them', () => {
		// As codex-cli 0.169.0 lists it (`hooks/list`) for such a command.
		expect(fingerprint(launchContext(), 'interrupt', "'/tmp/cx/hook.sh' Interrupt", 3)).toBe(
			'sha256:7a8381a2c8844e6ea0733cad5324dd0f042b4be75d0c5c52a7b610b0ff0d43d6',
		);
	});

	test('say what it does', () => {
		expect(only('UserPromptSubmit')).toMatchObject({state: 'working', isPromptTaken: true, usage: {model: 'gpt-6-sol', tokensIn: 0}});
		expect(only('PreToolUse')).toMatchObject({state: 'working', doing: 'edits /home/you/new.txt'});
		expect(only('PostToolUse')).toMatchObject({state: 'working'});
		expect(only('Stop')).toMatchObject({state: 'idle', said: 'done'});
		expect(only('Interrupt')).toMatchObject({state: 'idle', reason: 'you interrupted its turn'});
		expect(only('SessionEnd')?.state).toBeUndefined();
		for (const hook of hooks) {
			expect(codex.readHook(String(hook.hook_event_name), hook)[0]).toMatchObject({
				source: 'hook',
				session: hook.session_id,
				transcript: hook.transcript_path,
			});
		}
	});

	test('ask with the command, or the change, as it stands', () => {
		expect(readingsOf('PermissionRequest').map(({question}) => question)).toMatchObject([
			{kind: 'permission', text: 'May it edit /home/you/new.txt?', detail: expect.stringContaining('+hello\n+world')},
			{text: 'May it run this command? Need to write outside', detail: 'touch /home/you/escaped && echo ok'},
		]);
		expect(readingsOf('PermissionRequest')[0]?.question?.choices.map(({means}) => means)).toEqual(['allow', 'deny']);
	});

	test('of an agent that it started itself end no turn and name no session', () => {
		const payload = {session_id: 'other', agent_id: '7', tool_name: 'Bash', tool_input: {command: 'ls\nrm x'}};
		expect(codex.readHook('Stop', payload)).toEqual([]);
		expect(codex.readHook('PreToolUse', payload)).toEqual([{source: 'hook', sign: 'hook PreToolUse', state: 'working', doing: '$ ls'}]);
	});

	test('that are unknown, or of another form, say nothing wrong', () => {
		expect(codex.readHook('Invented', hooks[0])).toEqual([]);
		fc.assert(
			fc.property(fc.constantFrom('Stop', 'PermissionRequest', 'PreToolUse', 'SessionStart'), fc.anything(), (event, payload) => {
				for (const reading of codex.readHook(event, payload)) expect(reading.sign).toBe(`hook ${event}`);
			}),
		);
	});

	test('are answered by the words that Codex knows', () => {
		expect(JSON.parse(codex.replyHook('PermissionRequest', {kind: 'allow'}, {}))).toEqual({
			hookSpecificOutput: {hookEventName: 'PermissionRequest', decision: {behavior: 'allow'}},
		});
		expect(JSON.parse(codex.replyHook('PermissionRequest', {kind: 'deny', text: 'no "x"'}, {}))).toMatchObject({
			hookSpecificOutput: {decision: {behavior: 'deny', message: 'no "x"'}},
		});
		expect(codex.replyHook('PermissionRequest', {kind: 'always'}, {})).toBe('');
		expect(JSON.parse(codex.replyHook('Stop', {kind: 'go-on', text: 'Report.'}, {}))).toEqual({decision: 'block', reason: 'Report.'});
		expect(codex.replyHook('Stop', {kind: 'deny', text: 'x'}, {})).toBe('');
		expect(codex.replyHook('PreToolUse', {kind: 'none'}, {})).toBe('');
		expect(JSON.parse(codex.replyHook('PreToolUse', {kind: 'deny', text: 'stop'}, {}))).toMatchObject({
			hookSpecificOutput: {permissionDecision: 'deny', permissionDecisionReason: 'stop'},
		});
	});
});

describe('the stream of codex exec', () => {
	test('is read and made readable', () => {
		const lines = linesOf('exec.jsonl').map(line => codex.readLine(line));
		expect(lines.map(({text}) => text).filter(text => text !== '')).toEqual([
			'$ for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo line $i; done; sleep 1; exit 3',
			expect.stringMatching(/^ {2}… 2 lines\n {2}line 3\n(?: {2}line \d+\n)+ {2}exit 3$/),
			'add /work/tree/new.txt',
			'Done: I wrote "new.txt".',
			'3000 tokens in, 150 out',
		]);
		const readings = lines.flatMap(line => line.readings);
		expect(readings.find(({session}) => session)?.session).toMatch(/^[0-9a-f-]{36}$/);
		expect(readings.at(-1)).toMatchObject({
			source: 'stream',
			state: 'idle',
			usage: {tokensIn: 3000, tokensOut: 150, isTotal: true},
		});
		expect(readings.some(({isPromptTaken}) => isPromptTaken)).toBe(true);
	});

	test('gives an answer that was asked for by a schema', () => {
		const line = JSON.stringify({type: 'item.completed', item: {type: 'agent_message', text: '{"verdict":"approve"}'}});
		expect(codex.readLine(line).readings).toMatchObject([{answer: '{"verdict":"approve"}'}]);
	});

	test('tells a retry from a failure', () => {
		const retry = {type: 'error', message: 'Reconnecting... 1/5 (unexpected status 429 Too Many Requests)'};
		expect(codex.readLine(JSON.stringify(retry)).readings).toMatchObject([{state: 'working'}]);
		const failure = {type: 'turn.failed', error: {message: 'exceeded retry limit, last status: 429 Too Many Requests'}};
		expect(codex.readLine(JSON.stringify(failure)).readings).toMatchObject([{state: 'rate-limited'}]);
	});

	test('tells when to try again, by the clock that it is given', () => {
		const failure = {type: 'turn.failed', error: {message: 'You’ve hit your usage limit. Try again at 5:05 PM.'}};
		const line = JSON.stringify(failure);
		expect(codex.readLine(line, new Date(2026, 10, 25, 17, 0)).readings).toMatchObject([{state: 'rate-limited', retryMs: 300_000}]);
		expect(codex.readLine(line).readings[0]?.retryMs).toBeUndefined();
	});

	test('says nothing where it is no stream', () => {
		fc.assert(fc.property(fc.string(), line => void expect(codex.readLine(line)).toEqual({readings: [], text: ''})));
		fc.assert(fc.property(fc.json(), line => void expect(codex.readLine(line).readings.filter(({state}) => state)).toEqual([])));
	});
});

describe('the rollout of a session', () => {
	const states = linesOf('rollout.jsonl').flatMap(line => codex.readTranscript?.(line) ?? []);

	test('tells how turns end that no hook tells of', () => {
		expect(states.filter(({source}) => source === 'hook').map(({state}) => state)).toEqual([
			'rate-limited',
			'rate-limited',
			'logged-out',
			'out-of-context',
			'rate-limited',
			'rate-limited',
			'idle',
			'rate-limited',
		]);
		expect(states.at(-1)).toMatchObject({state: 'idle', reason: 'you interrupted its turn'});
	});

	test('tells when to try again', () => {
		expect(states.find(({reason}) => reason?.includes('again in 1.5s'))?.retryMs).toBe(1500);
		const at = new Date(2026, 10, 25, 23, 30, 10);
		const line = (message: string): string =>
			JSON.stringify({timestamp: at.toISOString(), type: 'event_msg', payload: {type: 'task_complete', error: {message}}});
		const retryOf = (message: string): number | undefined => codex.readTranscript?.(line(message))[0]?.retryMs;
		expect(retryOf('You’ve hit your usage limit. Try again at 11:45 PM.')).toBe(14 * 60_000 + 50_000);
		expect(retryOf('You’ve hit your usage limit. Try again at Nov 27th, 2026 12:05 AM.')).toBe(86_400_000 + 34 * 60_000 + 50_000);
		expect(retryOf('rate limit exceeded: try again in 1m2.5s')).toBe(62_500);
		expect(retryOf('rate limit exceeded: try again in 250ms')).toBe(250);
		// A moment that has passed says nothing.
		expect(retryOf('You’ve hit your usage limit. Try again at 3:00 AM.')).toBeUndefined();
	});

	test('counts tokens since its beginning, and how full the context is', () => {
		const totals = states.flatMap(({usage}) => usage ?? []);
		expect(totals.map(({tokensIn}) => tokensIn)).toEqual([1000, 2000, 3000]);
		expect(totals[0]).toMatchObject({tokensOut: 50, micros: 0, isTotal: true, context: 1050 / 258_400});
	});
});

describe('what it tells its terminal', () => {
	test('is a sign only in its title', () => {
		const title = (text: string): Reading | undefined => codex.readNotice({kind: 'title', text});
		expect(title('[ ! ] Action Required | shop')?.state).toBe('needs-input');
		expect(title('[ . ] Action Required | shop')?.state).toBe('needs-input');
		expect(title('⠦ shop')?.state).toBe('working');
		expect(title('shop')).toBeUndefined();
		expect(title('Action Required')).toBeUndefined();
		expect(codex.readNotice({kind: 'osc9', text: '[ ! ] Action Required'})).toBeUndefined();
	});
});

describe('its screens', () => {
	/** States of the screens as captured from codex-cli 0.169.0, at 120x40 and at 80x24. */
	const STATES: Record<string, string> = {
		permission: 'needs-input',
		patchadd: 'needs-input',
		trust: 'needs-input',
		restricted: 'needs-input',
		hookreview: 'needs-input',
		migration: 'needs-input',
		busy: 'working',
		running: 'working',
		idle: 'idle',
		goon: 'idle',
		interrupted: 'idle',
		spoof: 'idle',
		'usage-limit': 'rate-limited',
		'rate-limit': 'rate-limited',
		unauthorized: 'logged-out',
		login: 'logged-out',
		context: 'out-of-context',
	};
	const rowsOf = (file: string): string[] => readFileSync(join(FIXTURES, file), 'utf8').split('\n');
	const files = globSync('*x*.txt', {cwd: FIXTURES});

	test.each(files)('%s', file => {
		const name = basename(file).split('.')[0] ?? '';
		expect(codex.readScreen(rowsOf(file))).toMatchObject({source: 'screen', state: STATES[name]});
	});

	test('tell a question with its choices and their keys, at each width', () => {
		const question = (file: string) => codex.readScreen(rowsOf(file))?.question;
		expect(question('permission.120x40.txt')?.choices).toEqual([
			{label: 'Yes, proceed (y)', means: 'allow', keys: '1'},
			{
				label: "Yes, and don't ask again for commands that start with `touch /root/cxs/escaped` (p)",
				means: 'always',
				keys: '2',
			},
			{label: 'No, and tell Codex what to do differently (esc)', means: 'deny', keys: '3'},
		]);
		expect(question('permission.80x24.txt')?.choices.map(({means}) => means)).toEqual(['allow', 'always', 'deny']);
		expect(question('trust.80x24.txt')).toMatchObject({kind: 'dialog', text: 'Folder access', choices: [{means: 'other'}, {keys: '2'}]});
	});

	test('of which a row was renamed are no wrong state', () => {
		const without = (file: string, row: RegExp) => codex.readScreen(rowsOf(file).map(text => text.replace(row, 'Something else')));
		expect(without('permission.80x24.txt', /Press enter.*/)).toBeUndefined();
		expect(without('idle.80x24.txt', /\? for shortcuts.*/)).toBeUndefined();
		expect(without('busy.80x24.txt', /esc to interrupt/)?.state).not.toBe('needs-input');
	});

	test('of another program, and any text, are none', () => {
		const row = fc.oneof(
			fc.string(),
			fc.constantFrom('1. One', '› 1. One', '• Working', 'esc to interrupt', '■ 429', '? for shortcuts', '$ ls', '1. Yes'),
		);
		fc.assert(
			fc.property(fc.array(row, {maxLength: 12}), rows => {
				expect(codex.readScreen(rows.filter(text => !/^› [^\d]/.test(text)))).toBeUndefined();
			}),
		);
	});
});
