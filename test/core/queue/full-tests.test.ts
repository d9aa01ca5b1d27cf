import {describe, expect, test} from 'vitest';
import {configSchema} from '../../../source/core/config/config.ts';
import {
	type FullResult,
	fullTestsText,
	nextFullTest,
	runsAllTests,
	scheduleOf,
	takeFullResult,
} from '../../../source/core/queue/full-tests.ts';
import {type FullTests, foldFullTests, NO_FULL_TESTS} from '../../../source/core/team/full-tests.ts';

const AFFECTED = {affected: 'x'};
const OFTEN = scheduleOf({...AFFECTED, fullTests: '2 merges'});
const line = (count: number): readonly string[] => Array.from({length: count}, (_, at) => `commit-${at + 1}`);
const known = (changes: Partial<FullTests> = {}): FullTests => ({...NO_FULL_TESTS, passed: 'commit-0', tested: 'commit-0', ...changes});
const next = (full: FullTests, merges: number, more: Partial<Parameters<typeof nextFullTest>[0]> = {}) =>
	nextFullTest({full, schedule: OFTEN, head: `commit-${merges}`, since: line(merges), now: 0, ...more});

describe('when all tests run', () => {
	test('is as configured; with `affected` after ten merges, without it never', () => {
		expect(scheduleOf({})).toEqual({batches: false, merges: 0, everyMs: 0});
		expect(scheduleOf(AFFECTED)).toEqual({batches: false, merges: 10, everyMs: 0});
		expect(scheduleOf({...AFFECTED, fullTests: 'off'})).toEqual({batches: false, merges: 0, everyMs: 0});
		expect(scheduleOf({fullTests: ['batch', '5 merges', '1h']})).toEqual({batches: true, merges: 5, everyMs: 3_600_000});
		expect([runsAllTests({...AFFECTED, fullTests: 'batch'}, 2), runsAllTests({...AFFECTED, fullTests: 'batch'}, 1)]).toEqual([true, false]);
	});

	test('is refused in one sentence if it means nothing', () => {
		for (const fullTests of ['often', '0 merges', '10', ['1h', 'sometimes'], [], 3]) {
			const {error} = configSchema.safeParse({fullTests});
			expect(JSON.stringify(error?.issues), String(fullTests)).toContain('a number of merges such as `10 merges`');
		}
		for (const fullTests of ['off', 'batch', '1 merge', '10 merges', '30m', ['batch', '1h']])
			expect(configSchema.safeParse({fullTests}).success).toBe(true);
	});

	test('a base without a known pass is tested, one with too few merges is not', () => {
		expect(next(NO_FULL_TESTS, 3, {since: undefined})).toEqual({kind: 'test', commit: 'commit-3', isSearch: false});
		expect(next(known(), 1)).toEqual({kind: 'none'});
		expect(next(known(), 2)).toMatchObject({kind: 'test', commit: 'commit-2'});
		expect(next(known({tested: 'commit-2', passed: 'commit-2'}), 2, {since: []})).toEqual({kind: 'none'});
		const hourly = {schedule: scheduleOf({...AFFECTED, fullTests: '1h'})};
		expect(next(known({testedAt: 1000}), 1, {...hourly, now: 3_600_000})).toEqual({kind: 'none'});
		expect(next(known({testedAt: 1000}), 1, {...hourly, now: 3_601_000})).toMatchObject({commit: 'commit-1'});
		expect(next(NO_FULL_TESTS, 1, {schedule: scheduleOf({...AFFECTED, fullTests: 'batch'})})).toEqual({kind: 'none'});
	});
});

describe('a failing base', () => {
	const options = {isSearch: false, base: 'main', taskOf: (commit: string) => (commit === 'commit-5' ? 't-5' : '')};
	/** Runs until nothing is left to do, where all tests fail from this merge on. */
	const search = (merges: number, from: number): {readonly full: FullTests; readonly runs: number} => {
		let full = known();
		for (let runs = 0; ; runs++) {
			const step = next(full, merges);
			if (step.kind === 'none') return {full, runs};
			const end: FullResult['end'] = Number(step.commit.split('-')[1]) >= from ? 'failed' : 'passed';
			const given = {full, since: line(merges)};
			const change = takeFullResult(given, {commit: step.commit, end, why: 'exit 1'}, {...options, isSearch: step.isSearch});
			full = foldFullTests(full, change.fields);
		}
	};

	test('is searched for the merge that broke it, which is found in log2 of the merges', () => {
		for (const merges of [1, 2, 3, 9, 12])
			for (let from = 1; from <= merges; from++) {
				const {full, runs} = search(Math.max(2, merges), from);
				expect(full).toMatchObject({found: `commit-${from}`, failed: `commit-${Math.max(2, merges)}`, passed: 'commit-0'});
				expect(runs).toBeLessThanOrEqual(1 + Math.ceil(Math.log2(Math.max(2, merges))));
			}
		const {full} = search(9, 5);
		expect(fullTestsText(full)).toBe('fails its full tests at commit- (exit 1) since t-5, merged as commit-');
		expect(full.task).toBe('t-5');
	});

	test('is tested again whenever it moves, and passes again', () => {
		const broken = search(4, 3).full;
		expect(next(broken, 4)).toEqual({kind: 'none'});
		expect(next(broken, 5)).toEqual({kind: 'test', commit: 'commit-5', isSearch: false});
		const result = (end: FullResult['end']) => takeFullResult({full: broken, since: line(5)}, {commit: 'commit-5', end, why: ''}, options);
		expect(foldFullTests(broken, result('failed').fields)).toMatchObject({failed: 'commit-4', found: 'commit-3', tested: 'commit-5'});
		const mended = foldFullTests(broken, result('passed').fields);
		expect(mended).toMatchObject({passed: 'commit-5', failed: '', found: '', task: '', steps: ''});
		expect(fullTestsText(mended)).toBe('');
	});

	test('that passes when it is run once more is flaky: it is said, and nothing is searched', () => {
		const change = takeFullResult({full: known(), since: line(4)}, {commit: 'commit-4', end: 'flaky', why: 'exit 1'}, options);
		expect(change).toMatchObject({type: 'test_flaky', text: 'the full tests of main at commit- failed once, then passed'});
		expect(next(foldFullTests(known(), change.fields), 4, {since: []})).toEqual({kind: 'none'});
	});

	test('of which no pass is known, or that no longer holds what failed, names nobody', () => {
		const change = takeFullResult({full: NO_FULL_TESTS, since: undefined}, {commit: 'commit-4', end: 'failed', why: 'exit 1'}, options);
		const full = foldFullTests(NO_FULL_TESTS, change.fields);
		expect(full).toMatchObject({failed: 'commit-4', found: ''});
		expect(next(full, 4, {since: undefined})).toEqual({kind: 'none'});
		expect(next(known({failed: 'gone', tested: 'gone'}), 2)).toEqual({kind: 'test', commit: 'commit-2', isSearch: false});
	});
});
