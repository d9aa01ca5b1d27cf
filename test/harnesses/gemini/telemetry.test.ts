import {expect, test} from 'vitest';
import {createLogReaders} from '../../../source/harnesses/gemini/telemetry.ts';

const record = (attributes: object): string => JSON.stringify({resource: {}, attributes, _body: '}\n{'}, null, 2);

test('each reply counts once, by its own model; other records, long ones and half ones count nothing', () => {
	const read = createLogReaders().telemetry;
	const reply = {'event.name': 'gemini_cli.api_response', input_token_count: 1000, output_token_count: 50};
	const lines = [
		record({...reply, model: 'gemini-3.5-flash-lite', role: 'utility_router'}),
		record({...reply, 'event.name': 'gemini_cli.api_request'}),
		record({...reply, text: 'x'.repeat(100_000)}),
		'  "half": 1',
		record({...reply, model: 'gemini-3.1-pro', thoughts_token_count: 7, cached_content_token_count: 900}),
		'{',
		'  "half": 1,',
	]
		.join('\n')
		.split('\n');
	expect(lines.flatMap(line => read(line).readings).map(({usage}) => usage)).toEqual([
		{micros: 0, tokensIn: 1000, tokensOut: 50, isTotal: false, cached: 0, model: 'gemini-3.5-flash-lite'},
		{micros: 0, tokensIn: 1000, tokensOut: 57, isTotal: false, cached: 900, model: 'gemini-3.1-pro'},
	]);
});

test('a request that is asked again says why, until a reply comes; of one that is not, and of side requests, the session file says it', () => {
	const read = createLogReaders().telemetry;
	const tell = (attributes: object) =>
		record({'event.timestamp': '2026-12-02T05:04:01.093Z', ...attributes})
			.split('\n')
			.flatMap(line => read(line).readings);
	const failed = {'event.name': 'gemini_cli.api_error'};
	const says = (state: string, reason: string) => [{source: 'stream', sign: 'telemetry api_error', state, isRetrying: true, reason}];
	expect(tell({...failed, status_code: 429})).toEqual(says('rate-limited', 'no answer from its model: rate-limited, attempt 2 follows'));
	expect(tell({...failed, status_code: 503})).toEqual(says('retrying', 'no answer from its model: overloaded, attempt 3 follows'));
	expect(tell({...failed, error: 'fetch failed'})).toEqual(says('retrying', 'no answer from its model: no network, attempt 4 follows'));
	for (const other of [{status_code: 401}, {error: 'aborted'}, {status_code: 429, role: 'utility_router'}])
		expect(tell({...failed, ...other})).toEqual([]);
	const reply = {'event.name': 'gemini_cli.api_response', input_token_count: 1, output_token_count: 1};
	expect([{role: 'utility_router'}, {}, {}].flatMap(more => tell({...reply, ...more})).map(({state}) => state)).toEqual([
		undefined,
		'working',
		undefined,
	]);
});

test('the debug log says why at once, with the pause that a server asks for, and its failure is not told again', () => {
	const {debug, telemetry} = createLogReaders();
	const line = (text: string, second: number) => debug(`[2026-12-02T05:04:0${second}.000Z] [WARN] ${text}`);
	const says = (state: string, reason: string, more = {}) => [
		{source: 'stream', sign: 'debug log retry', state, isRetrying: true, reason: `no answer from its model: ${reason} follows`, ...more},
	];
	expect(line('Attempt 1 failed with status 429. Retrying with backoff... ApiError: {"error":', 0).readings).toEqual(
		says('rate-limited', 'rate-limited, attempt 2'),
	);
	expect(line('Attempt 2 failed: You have exhausted your capacity. Try again. Retrying after 12034ms...', 1).readings).toEqual(
		says('rate-limited', 'rate-limited, attempt 3', {retryMs: 12_034}),
	);
	expect(line('Attempt 3 failed with status 503. Retrying with backoff... ApiError: x', 2).readings).toEqual(
		says('retrying', 'overloaded, attempt 4'),
	);
	expect(line('Attempt 4 failed. Retrying with backoff... TypeError: fetch failed', 3).readings).toEqual(
		says('retrying', 'no network, attempt 5'),
	);
	for (const other of ['Attempt 10 failed: x. Max attempts reached', 'I wrote: Attempt 1 failed. Retrying with backoff...', ''])
		expect(line(other, 4).readings).toEqual([]);
	expect(debug('Attempt 1 failed. Retrying with backoff...').readings).toEqual([]);
	const tell = (second: number, attributes: object) =>
		record({'event.timestamp': `2026-12-02T05:04:0${second}.500Z`, ...attributes})
			.split('\n')
			.flatMap(text => telemetry(text).readings);
	const failed = {'event.name': 'gemini_cli.api_error', status_code: 429};
	const reply = {'event.name': 'gemini_cli.api_response', input_token_count: 1, output_token_count: 1};
	// A reply from before the failure, written after it.
	expect(tell(2, reply).map(({state}) => state)).toEqual([undefined]);
	expect(tell(3, failed)).toEqual([]);
	expect(tell(5, failed)).toMatchObject([{state: 'rate-limited'}]);
	expect([tell(6, {...reply, role: 'utility_router'}), tell(7, reply)].flat().map(({state}) => state)).toEqual([undefined, 'working']);
	// A side request alone: its reply ends it.
	line('Attempt 1 failed with status 429. Retrying with backoff...', 8);
	expect(tell(9, {...reply, role: 'utility_router'}).map(({state}) => state)).toEqual(['working']);
});
