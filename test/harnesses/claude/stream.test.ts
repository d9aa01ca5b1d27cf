import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {readLine} from '../../../source/harnesses/claude/stream.ts';
import {readTranscript} from '../../../source/harnesses/claude/transcript.ts';

/** What a run of Claude Code 2.1.330 without a screen printed. */
const run = (name: string) => {
	const lines = readFileSync(join(import.meta.dirname, `../../fixtures/clis/claude/stream-${name}.jsonl`), 'utf8')
		.trim()
		.split('\n')
		.map(readLine);
	const readings = lines.flatMap(line => line.readings);
	const text = lines.map(line => line.text).filter(part => part !== '');
	return {readings, text: text.join('\n'), last: readings.at(-1)};
};

describe('the stream of Claude Code', () => {
	test('is read as a person reads it', () => {
		expect(run('perm').text).toBe(
			[
				'Claude Code 2.1.330 · claude-opus-5-5',
				'· Read /home/you/told/brief.md',
				'$ touch zz.txt && ls',
				'$ git add -A && git commit -qm Work',
				'$ curl -s http://127.0.0.1:1/x',
				'  ! Exit code 7',
				'All done.',
				'3 s, $0.03',
			].join('\n'),
		);
	});

	test('says what is done, and at its end what was said and used up, since the session began', () => {
		const {readings, last} = run('perm');
		expect(readings[0]).toMatchObject({state: 'working', isPromptTaken: true, session: expect.stringMatching(/^[0-9a-f-]{36}$/)});
		expect(readings.map(({doing}) => doing).filter(doing => doing !== undefined)).toContain('$ git add -A && git commit -qm Work');
		expect(last).toMatchObject({state: 'idle', said: 'All done.', usage: {micros: 25_000, tokensIn: 5000, tokensOut: 250, isTotal: true}});
	});

	test('gives the answer in the form asked for', () => {
		expect(JSON.parse(run('answer').last?.answer ?? '')).toEqual({verdict: 'approve', summary: 'fine'});
	});

	test('tells what was not allowed', () => {
		expect(run('headask').last).toMatchObject({state: 'idle', reason: 'not allowed: Bash'});
		expect(run('headask').text).toContain('Bash was not allowed: This command requires approval');
	});

	test.each([
		['r429', 'rate-limited'],
		['r401', 'logged-out'],
		['over', 'out-of-context'],
	])('%s is %s, with the reason, and was no reply', (name, state) => {
		const {last, readings} = run(name);
		expect(last?.state).toBe(state);
		expect(last?.reason).toBeTruthy();
		expect(readings.filter(({said}) => said !== undefined)).toEqual([]);
	});

	test('tells of a limit while it tries again, and of when', () => {
		const retry = {type: 'system', subtype: 'api_retry', session_id: 'a', retry_delay_ms: 30_000};
		const [limited] = readLine(JSON.stringify({...retry, error: 'rate_limit', error_status: 429})).readings;
		expect(limited).toMatchObject({state: 'rate-limited', retryMs: 30_000});
		const [other] = readLine(JSON.stringify({...retry, error: 'server_error', error_status: 500})).readings;
		expect(other?.state).toBeUndefined();
	});

	test('what agents of its own say is shown and is not its word', () => {
		const message = {model: 'm', content: [{type: 'text', text: 'I looked.'}]};
		const line = readLine(JSON.stringify({type: 'assistant', parent_tool_use_id: 'x', session_id: 'a', message}));
		expect(line.text).toBe('    I looked.');
		expect(line.readings[0]?.said).toBeUndefined();
	});

	test('any line, and any JSON, breaks nothing', () => {
		expect(readLine('Warning: no such thing')).toEqual({readings: [], text: ''});
		const types = fc.constantFrom('assistant', 'user', 'system', 'result', 'constructor');
		fc.assert(
			fc.property(
				types,
				fc.dictionary(fc.constantFrom('message', 'subtype', 'modelUsage', 'errors', 'result'), fc.jsonValue()),
				(type, rest) => {
					readLine(JSON.stringify({type, ...rest}));
					readTranscript(JSON.stringify({type, ...rest}));
				},
			),
		);
	});
});

describe('the transcript of Claude Code', () => {
	const usage = {input_tokens: 10, cache_creation_input_tokens: 20, cache_read_input_tokens: 300, output_tokens: 5};
	const reply = (apiBlockIndex: number, type: string) =>
		readTranscript(JSON.stringify({type: 'assistant', apiBlockIndex, message: {id: 'msg_1', model: 'm', content: [{type}], usage}}));

	test('a reply of several parts is counted once', () => {
		const all = [reply(0, 'text'), reply(1, 'tool_use'), reply(2, 'tool_use')].flat();
		expect(all.map(({usage: counted}) => counted)).toEqual([{micros: 0, tokensIn: 330, tokensOut: 5, cached: 300, isTotal: false}]);
	});

	test('an interrupted turn is over; the same words out of a tool are not', () => {
		const line = (content: unknown) => readTranscript(JSON.stringify({type: 'user', message: {role: 'user', content}}))[0]?.state;
		expect(line([{type: 'text', text: '[Request interrupted by user for tool use]'}])).toBe('idle');
		expect(line([{type: 'tool_result', content: '[Request interrupted by user]'}])).toBeUndefined();
		expect(line('[Request interrupted by user]')).toBeUndefined();
	});
});
