import fc from 'fast-check';
import {expect, test} from 'vitest';
import {boundedPayload, PAYLOAD_LIMIT} from '../../../source/core/session/hook-payload.ts';

test('a small payload goes as it came, JSON or not', () => {
	for (const payload of ['', '{', '{"a": 1}\n', 'x'.repeat(16_000)]) expect(boundedPayload(payload)).toBe(payload);
});

test('what a person judges is kept longer than what a tool answered', () => {
	const long = 'y'.repeat(40_000);
	const {tool_input, tool_response} = JSON.parse(
		boundedPayload(JSON.stringify({tool_input: {command: long}, tool_response: {stdout: long}})),
	) as {tool_input: {command: string}; tool_response: {stdout: string}};
	expect(tool_input.command).toBe(long);
	expect(tool_response.stdout).toHaveLength(1025);
});

test('whatever a program sends, the room is sent JSON within the limit, or nothing', () => {
	const nested = (depth: number): unknown => (depth === 0 ? 'z'.repeat(20_000) : {next: nested(depth - 1), text: 'z'.repeat(20_000)});
	const wide = {tool_input: {edits: Array.from({length: 5000}, (_, at) => ({old: 'o'.repeat(400), at}))}, session_id: 's'};
	for (const value of [nested(40), wide, Array.from({length: 5000}, () => 'w'.repeat(9000)), 'q'.repeat(2_000_000)]) {
		const text = boundedPayload(JSON.stringify(value));
		expect(text.length).toBeLessThanOrEqual(PAYLOAD_LIMIT);
		expect(() => JSON.parse(text)).not.toThrow();
	}
	expect(boundedPayload(`{"cut":"${'x'.repeat(PAYLOAD_LIMIT)}`)).toBe('');
	fc.assert(
		fc.property(fc.json({maxDepth: 4}), fc.nat(3), (json, times) => {
			const text = boundedPayload(JSON.stringify({json, filler: 'f'.repeat(times * 100_000)}));
			expect(text.length).toBeLessThanOrEqual(PAYLOAD_LIMIT);
			JSON.parse(text);
		}),
		{numRuns: 50},
	);
});
