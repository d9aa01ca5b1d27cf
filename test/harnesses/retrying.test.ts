import {expect, test} from 'vitest';
import {claude} from '../../source/harnesses/claude/claude.ts';
import {codex} from '../../source/harnesses/codex/codex.ts';
import {gemini} from '../../source/harnesses/gemini/launch.ts';
import {opencode} from '../../source/harnesses/opencode/opencode.ts';
import type {Cli} from '../../source/harnesses/shared/cli.ts';

const RULE = '─'.repeat(100);
const claudeWith = (line: string): readonly string[] => [
	'● Bash(ls)',
	'  ⎿  (No output)',
	'',
	line,
	'',
	RULE,
	'❯',
	RULE,
	'  ⏵⏵ accept edits on · esc to interrupt',
];
const codexWith = (...lines: readonly string[]): readonly string[] => [
	'• Ran ls',
	'',
	...lines,
	'',
	'› Ask Codex to do anything',
	'',
	'  ? for shortcuts',
];
const geminiWith = (line: string): readonly string[] => [
	line,
	RULE,
	' auto-accept edits',
	'▄'.repeat(100),
	' >   Type your message',
	'▀'.repeat(100),
];
const readingOf = (cli: Cli, rows: readonly string[]) => {
	const {state, isRetrying, reason, retryMs} = cli.readScreen(rows) ?? {};
	return [state, isRetrying, reason, retryMs];
};

test.each([
	['API error', 'retrying', 'API error, attempt 3 of 10'],
	['429 Too many requests.', 'rate-limited', 'rate-limited: 429 Too many requests., attempt 3 of 10'],
	['529 Overloaded', 'rate-limited', 'overloaded: 529 Overloaded, attempt 3 of 10'],
	['401 invalid x-api-key', 'logged-out', 'logged out: 401 invalid x-api-key, attempt 3 of 10'],
	['Connection refused (ECONNREFUSED)', 'retrying', 'Connection refused (ECONNREFUSED), attempt 3 of 10'],
])('Claude tells why it retries, and when: %s', (why, state, reason) => {
	expect(readingOf(claude, claudeWith(`✻ ${why} · retrying in 25s · attempt 3/10`))).toEqual([state, true, reason, 25_000]);
});

test('what an agent of Claude prints is no retry', () => {
	expect(readingOf(claude, claudeWith('  ✻ 429 Too many · retrying in 25s · attempt 3/10'))[0]).toBe('working');
});

test.each([
	[
		['• Server is busy, reconnecting 1/5 (2s • esc to interrupt)', '  └ Exceeded retry limit, last status: 429 Too Many Requests'],
		'rate-limited',
	],
	[['• Reconnecting... 2/5 (7s • esc to interrupt)', '  └ Unexpected status 529 <unknown status code>: Overloaded'], 'rate-limited'],
	[['• Reconnecting... 1/5 (0s • esc to interrupt)', '  └ Unexpected status 401 Unauthorized: invalid key'], 'logged-out'],
	[['• Reconnecting... waiting for network (3s • esc to interrupt)', '  └ Connection failed: error sending request'], 'retrying'],
	[['• Working (3s • esc to interrupt)'], 'working'],
])('Codex tells why it retries: %s', (rows, state) => {
	expect(readingOf(codex, codexWith(...rows))[0]).toBe(state);
});

test('Gemini tells that its model does not answer', () => {
	const slow = " ⠼ This is taking a bit longer, we're still on it. (esc to cancel, 15s)    ? for shortcuts";
	expect(readingOf(gemini, geminiWith(slow)).slice(0, 2)).toEqual(['retrying', true]);
	expect(readingOf(gemini, geminiWith(' ⠼ Trying to reach gemini-3 (Attempt 2/10) (esc to cancel, 1m 15s)'))[2]).toContain('Attempt 2/10');
	expect(readingOf(gemini, geminiWith(' ⠼ Thinking... (esc to cancel, 15s)'))[0]).toBe('working');
});

test('opencode tells by its plugin why it retries, and when', () => {
	const retry = (message: string) => opencode.readHook('retry', {event: 'retry', session: 's', message, attempt: 2, waitMs: 4000})[0];
	expect(retry('Provider is overloaded')).toMatchObject({
		state: 'rate-limited',
		isRetrying: true,
		retryMs: 4000,
		reason: 'overloaded: Provider is overloaded, attempt 2',
	});
	expect(retry('Cannot connect to API')).toMatchObject({state: 'retrying', isRetrying: true});
});
