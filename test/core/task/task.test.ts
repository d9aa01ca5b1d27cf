import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {ROUNDS_KEPT, readReviews} from '../../../source/core/review/round.ts';
import {parseTask, parseWholeTask, withoutTexts} from '../../../source/core/task/task.ts';

describe('a task from its fields', () => {
	test('has what a script wrote', () => {
		const fields = {
			...{
				firstStage: 'document',
				decision: 'rounds',
				waitReason: 'h',
				audit: '1',
				authors: 'agent:dev:001,agent:fix:001',
				conflictWith: 'c1',
			},
			...{failedCandidate: 'c2', removals: '2', flaky: '1', testMs: '1500', testExit: '0', testLog: 'a-test-1.log'},
		};
		expect(parseTask('a', fields)).toMatchObject({
			...{firstStage: 'document', decision: 'rounds', audit: true, authors: ['agent:dev:001', 'agent:fix:001'], conflictWith: 'c1'},
			...{failedCandidate: 'c2', removals: 2, flaky: 1, testMs: 1500, testExit: 0, testLog: 'a-test-1.log'},
		});
		expect(parseWholeTask('a', {acceptance: 'one\ntwo', handoff: 'h', proposal: '{}'})).toMatchObject({
			...{acceptance: ['one', 'two'], handoff: 'h', proposal: '{}', reviews: []},
		});
	});

	test('begins with a development, asks nothing and was never tested where nothing is said', () => {
		expect(parseTask('a', {})).toMatchObject({firstStage: 'develop', firstRole: '', decision: '', authors: [], testExit: -1, audit: false});
		expect(withoutTexts(parseTask('a', {last: 'the end'}))).toMatchObject({feedback: 'the end', acceptance: [], reviews: []});
	});

	test('can hold anything that somebody wrote there', () => {
		const names = [
			'firstStage',
			'needs-input',
			'audit',
			'authors',
			'removals',
			'flaky',
			'testMs',
			'testExit',
			'reviews',
			'acceptance',
			'state',
			'stage',
		];
		fc.assert(
			fc.property(fc.dictionary(fc.constantFrom(...names), fc.oneof(fc.string(), fc.json())), fields => {
				const task = parseWholeTask('a', fields);
				expect(['', 'plan', 'rounds', 'dropped']).toContain(task.decision);
				expect([task.removals, task.flaky, task.testMs, task.testExit].every(Number.isFinite)).toBe(true);
				for (const {comments} of task.reviews)
					for (const {line, severity} of comments) expect([line >= 0, severity]).toEqual([true, expect.any(String)]);
			}),
		);
	});
});

test('of many rounds the last are kept, oldest first', () => {
	const rounds = Array.from({length: ROUNDS_KEPT + 5}, (_, index) => ({round: index + 1, verdict: 'approve'}));
	const read = readReviews(JSON.stringify(rounds));
	expect([read.length, read[0]?.round, read.at(-1)?.round, read.at(-1)?.verdict]).toEqual([ROUNDS_KEPT, 6, ROUNDS_KEPT + 5, 'approve']);
});
