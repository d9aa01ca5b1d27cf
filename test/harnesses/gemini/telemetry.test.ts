import {expect, test} from 'vitest';
import {createTelemetryReader} from '../../../source/harnesses/gemini/telemetry.ts';

const record = (attributes: object): string => JSON.stringify({resource: {}, attributes, _body: '}\n{'}, null, 2);

test('each reply counts once, by its own model; other records, long ones and half ones count nothing', () => {
	const read = createTelemetryReader();
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
	expect(lines.flatMap(line => read(line)).map(({usage}) => usage)).toEqual([
		{micros: 0, tokensIn: 1000, tokensOut: 50, isTotal: false, cached: 0, model: 'gemini-3.5-flash-lite'},
		{micros: 0, tokensIn: 1000, tokensOut: 57, isTotal: false, cached: 900, model: 'gemini-3.1-pro'},
	]);
});
