import fc from 'fast-check';
import {expect, test} from 'vitest';
import type {Reading} from '../../../source/core/session/reading.ts';
import {cleanReading} from '../../../source/room/session/session.ts';

const said: Reading = {source: 'hook', sign: 'hook Stop'};

test('a reading stays what it says', () => {
	const reading: Reading = {
		...said,
		state: 'needs-input',
		session: '670ea9b1-01c7-4f46-8495-ab4133c68d0a',
		transcript: '/home/me/.claude/projects/x/670ea9b1.jsonl',
		doing: '$ npm test',
		said: 'Done.\n\n\tAll of it.',
		isPromptTaken: true,
		retryMs: 5000,
		reason: '429',
		answer: '{"verdict":"approve"}',
		usage: {micros: 1, tokensIn: 2, tokensOut: 3, isTotal: true, context: 0.5, model: 'm', cached: 1},
		question: {kind: 'permission', text: 'May it?', detail: 'a\n  b', choices: [{label: 'Yes', means: 'allow', keys: '\r'}], id: '7'},
	};
	expect(cleanReading(reading)).toEqual({...reading, said: 'Done.\n\n    All of it.'});
});

test('an id that could pass for a flag or for more than one word is none, nor is a path that is not one', () => {
	for (const session of ['', '-x', '--resume', 'a b', 'a\nb', '../x', '$(x)', 'x'.repeat(201)])
		expect(cleanReading({...said, session})).toEqual(said);
	for (const transcript of ['', 'x', './x', '/a\nb', '/a\u001b[2J', `/${'x'.repeat(5000)}`])
		expect(cleanReading({...said, transcript})).toEqual(said);
});

test('amounts that are none count nothing', () => {
	const usage = {micros: Number.NaN, tokensIn: -5, tokensOut: 1.5, isTotal: true, context: 7};
	expect(cleanReading({...said, usage}).usage).toEqual({micros: 0, tokensIn: 0, tokensOut: 0, isTotal: true});
	expect(cleanReading({...said, retryMs: Number.POSITIVE_INFINITY}).retryMs).toBe(0);
	expect(cleanReading({...said, retryMs: 1e15}).retryMs).toBe(8 * 24 * 3_600_000);
});

test('whatever is said, no control character and no text without end comes through', () => {
	fc.assert(
		fc.property(fc.string({unit: 'binary', maxLength: 300}), text => {
			const cleaned = cleanReading({
				...said,
				sign: text,
				doing: text,
				said: text,
				reason: text,
				question: {
					kind: 'dialog',
					text,
					detail: `\u001b[31m${text}\u0007`,
					choices: Array.from({length: 20}, () => ({label: text, means: 'other'})),
				},
			});
			expect(JSON.stringify(cleaned.question?.choices.length)).toBe('9');
			for (const shown of [cleaned.sign, cleaned.doing, cleaned.reason, cleaned.question?.text])
				expect(shown).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
			expect(`${cleaned.said}${cleaned.question?.detail}`.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
		}),
		{numRuns: 300},
	);
	const long = cleanReading({
		...said,
		doing: 'x'.repeat(1e6),
		said: 'x\n'.repeat(1e6),
		question: {kind: 'dialog', text: '', detail: 'y\n'.repeat(1e6), choices: []},
	});
	expect([long.doing?.length, (long.said?.length ?? 0) <= 4000, (long.question?.detail.length ?? 0) <= 8000]).toEqual([200, true, true]);
});
