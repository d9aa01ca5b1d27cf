import {describe, expect, test} from 'vitest';
import type {RecordRange} from '../../../source/core/team/replay.ts';
import {formatMoment, momentOf} from '../../../source/core/team/replay.ts';

const now = new Date(2026, 10, 24, 14, 30, 10, 500).getTime();
const at = (hours: number, minutes: number, seconds: number, ms = 999, day = 24): number =>
	new Date(2026, 10, day, hours, minutes, seconds, ms).getTime();
const ago = (ms: number): {id: string; at: number} => ({id: `${now - ms}-0`, at: now - ms});
const range: RecordRange = {
	now,
	oldest: ago(3 * 86_400_000),
	newest: {...ago(1000), id: `${now - 1000}-3`},
	entries: 9,
	gone: 0,
	checkpoints: 1,
};

describe('a moment of the record', () => {
	test.each([
		['14:03', at(14, 3, 0)],
		['14:03:05', at(14, 3, 5)],
		['9:59', at(9, 59, 0)],
		// Later than now is of yesterday.
		['23:15', at(23, 15, 0, 999, 23)],
		['14:30:10', at(14, 30, 10)],
		['2026-11-23 14:03', at(14, 3, 0, 999, 23)],
		['2026-11-23T14:03:05', at(14, 3, 5, 999, 23)],
		['2026-11-23T14:03:05.123', at(14, 3, 5, 123, 23)],
		['2026-11-24', at(0, 0, 0)],
		['-90s', now - 90_000],
		['-5m', now - 300_000],
		['-2h', now - 7_200_000],
		['-1d', now - 86_400_000],
		[String(now - 5000), now - 5000],
	])('`%s` is read as a person means it', (text, expected) => {
		expect(momentOf(text, range)).toEqual({id: '', at: expected});
	});

	test('with a zone is of that zone, whatever ours is', () => {
		const text = new Date(now - 600_500).toISOString();
		expect(momentOf(text, range)).toEqual({id: '', at: now - 600_500 + 999});
	});

	test('may be an event, which is meant exactly', () => {
		const id = `${now - 1000}-3`;
		expect(momentOf(id, range)).toEqual({id, at: now - 1000});
		expect(momentOf(`${now - 1000}-4`, range)).toMatchObject({code: 'future'});
	});

	test.each(['', 'yesterday', '24:00', '14:60', '-5', '5m', '2026-13-45T10:00', '1-1', '99999999999999999999-0', '$(id)'])(
		'`%s` is none',
		text => {
			expect(momentOf(text, range)).toMatchObject({ok: false, code: 'usage'});
		},
	);

	test('before the record, after it or of an empty one is refused with the nearest', () => {
		const old = momentOf('-4d', range);
		expect(old).toMatchObject({code: 'too-old', hint: expect.stringContaining(`--at ${range.oldest?.id}`)});
		expect(momentOf(`${now - 3 * 86_400_000 - 1}-0`, range)).toMatchObject({code: 'too-old'});
		expect(momentOf('2026-11-24 14:31', range)).toMatchObject({code: 'future', hint: expect.stringContaining(`--at ${range.newest?.id}`)});
		expect(momentOf('-5m', {...range, oldest: null, newest: null})).toMatchObject({code: 'no-record'});
	});

	test('is written with its date unless it is of today', () => {
		expect(formatMoment(at(14, 3, 5), now)).toBe('14:03:05');
		expect(formatMoment(at(23, 15, 0, 0, 23), now)).toBe('2026-11-23 23:15:00');
	});
});
