import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {
	type BatchFacts,
	batchSize,
	MOST_BATCHED,
	nextStep,
	passedPlace,
	passedUpTo,
	placeOfExit,
} from '../../../source/core/queue/batch.ts';

const SLOW = 20 * 60_000;
const size = (changes: Partial<BatchFacts>): number =>
	batchSize({mode: 'auto', waiting: 12, idle: 1, testMs: SLOW, waitedMs: 0, failing: 0, ...changes});

describe('the size of a batch', () => {
	test('is one where no more wait than there are test runners; else they share what waits', () => {
		expect(size({waiting: 2, idle: 2})).toBe(1);
		expect(size({})).toBe(12);
		expect(size({idle: 2})).toBe(6);
		expect(size({waiting: 500})).toBe(MOST_BATCHED);
	});

	test('is one with `off`, and never more than the number', () => {
		expect(size({mode: 'off'})).toBe(1);
		expect(size({mode: 4})).toBe(4);
		expect(size({mode: 4, testMs: 0})).toBe(4);
	});

	test('by `auto`, is one for tests that are quick or not measured yet, and shrinks with what failed recently', () => {
		expect(size({testMs: 100})).toBe(1);
		expect(size({testMs: 0, waitedMs: 60_000})).toBe(1);
		const sizes = [0, 0.05, 0.2, 0.5].map(failing => size({waiting: 500, failing}));
		expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
		expect(sizes.at(-1)).toBe(1);
	});

	test('by `auto`, is more than one for quick tests whose entries wait all the same: a landing takes more than its tests', () => {
		expect(size({testMs: 100, waitedMs: 10_000})).toBe(1);
		expect(size({testMs: 100, waitedMs: 10_001})).toBe(12);
	});

	test('is always at least one and at most what waits', () => {
		const facts = fc.record({
			mode: fc.oneof(fc.constantFrom('auto' as const, 'off' as const), fc.integer({min: 1, max: MOST_BATCHED})),
			waiting: fc.integer({min: 1, max: 1000}),
			idle: fc.nat(20),
			testMs: fc.nat(10 ** 8),
			waitedMs: fc.integer({min: -1000, max: 10 ** 8}),
			failing: fc.double({min: 0, max: 1, noNaN: true}),
		});
		fc.assert(
			fc.property(facts, given => {
				const found = batchSize(given);
				expect(Number.isInteger(found)).toBe(true);
				expect(found).toBeGreaterThanOrEqual(1);
				expect(found).toBeLessThanOrEqual(Math.min(given.waiting, MOST_BATCHED));
			}),
		);
	});
});

test('a failed batch is halved: the one that is found fails on what passes, in log2 of its size further runs', () => {
	fc.assert(
		fc.property(fc.integer({min: 1, max: 50}), fc.array(fc.boolean(), {minLength: 50, maxLength: 50}), (entries, fails) => {
			const results = new Map<number, boolean>();
			const passes = (place: number): boolean => !fails.slice(0, place).some(Boolean);
			let step = nextStep(entries, results);
			for (; step.kind === 'test'; step = nextStep(entries, results)) {
				expect(results.has(step.place)).toBe(false);
				results.set(step.place, passes(step.place));
			}
			expect(results.size).toBeLessThanOrEqual(1 + Math.ceil(Math.log2(entries)));
			if (step.kind === 'passed') expect(passes(entries)).toBe(true);
			else {
				expect(passes(step.place)).toBe(false);
				expect(passes(step.place - 1)).toBe(true);
				expect(passedPlace(results)).toBe(step.place - 1);
			}
		}),
	);
});

test('what a run says by its exit code is the place up to which it passed, and nothing else is taken for it', () => {
	expect(placeOfExit(8, 0)).toBe(8);
	for (const place of [1, 4, 7]) expect(placeOfExit(8, passedUpTo(place))).toBe(place);
	for (const code of [1, 75, passedUpTo(0), passedUpTo(8), 137]) expect(placeOfExit(8, code)).toBe(0);
});
