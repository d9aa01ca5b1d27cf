import {describe, expect, test} from 'vitest';
import {passedUpTo} from '../../../source/core/queue/batch.ts';
import type {TestRun} from '../../../source/core/task/test-run-schema.ts';
import {judgeBatch, judgeTest, MOST_KILLS, type TestEvidence} from '../../../source/room/merge/test-verdict.ts';

const run = (changes: Partial<TestRun> = {}): TestRun => ({exit: 1, ms: 3200, end: 'exit', ...changes});
const PASS = run({exit: 0});
const evidence = (changes: Partial<TestEvidence>): TestEvidence => ({
	ended: {exitCode: 1, signal: ''},
	endReason: '',
	runs: [run(), run()],
	baseRuns: [],
	candidate: 'c-1',
	hasAffected: false,
	blame: 'own',
	on: 'T-1',
	isBaseRed: false,
	kills: 0,
	isDiskFull: false,
	removals: 1,
	flaky: 2,
	log: 't-2-test-7.log',
	lastLines: ['one', 'two'],
	...changes,
});
const passed = {ended: {exitCode: 0, signal: ''}, runs: [PASS]};
const GONE = {candidate: '', candidateBase: '', failedCandidate: '', batch: '0'};

describe('a test run', () => {
	test('passes by the exit of its program alone, and is kept with its duration, exit code and log', () => {
		expect(judgeTest(evidence(passed))).toEqual({
			kind: 'passed',
			text: 'tests passed',
			feedback: '',
			fields: {
				testMs: '3200',
				testExit: '0',
				testLog: 't-2-test-7.log',
				failedCandidate: '',
				testedCommit: 'c-1',
				batch: '0',
				testedWith: '',
			},
		});
		expect(judgeTest(evidence({...passed, ended: {exitCode: 1, signal: ''}})).kind).not.toBe('passed');
	});

	test('that failed and passed on the same tree is flaky, and counted', () => {
		const judged = judgeTest(evidence({...passed, runs: [run(), PASS]}));
		expect(judged).toMatchObject({kind: 'passed', text: expect.stringContaining('flaky'), fields: {flaky: '3', testExit: '0'}});
	});

	test('of affected tests is never said to be one of all tests, also where its report was lost', () => {
		const affected = {kind: 'passed', text: 'affected tests passed', fields: {testedWith: 'affected'}};
		expect(judgeTest(evidence({...passed, runs: [{...PASS, isAffected: true}]}))).toMatchObject(affected);
		expect(judgeTest(evidence({...passed, runs: [], hasAffected: true}))).toMatchObject(affected);
		expect(judgeTest(evidence({...passed, hasAffected: true}))).toMatchObject({text: 'tests passed', fields: {testedWith: ''}});
	});

	test('that failed on what passes is ejected, with the proof and its last lines', () => {
		expect(judgeTest(evidence({}))).toMatchObject({
			kind: 'removed',
			text: 'tests failed (exit 1 after 3.2 s), T-1 passes: removed from the merge queue',
			feedback: 'one\ntwo',
			fields: {...GONE, removals: '2', testExit: '1'},
		});
	});

	test('whose predecessor is undecided keeps its place with its failure', () => {
		const judged = judgeTest(evidence({blame: 'undecided'}));
		expect(judged).toMatchObject({kind: 'undecided', feedback: 'one\ntwo', fields: {failedCandidate: 'c-1'}});
		expect(judged.fields).not.toHaveProperty('candidate');
	});

	test('on something that is gone says nothing, passed or failed', () => {
		expect(judgeTest(evidence({blame: 'outdated'}))).toMatchObject({kind: 'again', fields: GONE});
		expect(judgeTest(evidence({blame: 'outdated', ...passed}))).toMatchObject({kind: 'again', fields: GONE});
	});

	test('at the head is judged by the tests of the base', () => {
		const head = {blame: 'base' as const, on: 'main at abc1234'};
		expect(judgeTest(evidence({...head, baseRuns: [PASS]}))).toMatchObject({kind: 'removed'});
		expect(judgeTest(evidence({...head, baseRuns: [run(), run({ms: 100})]}))).toMatchObject({
			kind: 'red',
			text: 'main at abc1234 fails its own tests: exit 1 after 0.1 s',
			fields: GONE,
		});
		expect(judgeTest(evidence({...head, isBaseRed: true}))).toMatchObject({kind: 'red', fields: GONE});
		// It could not be looked at: nobody is ejected for that.
		expect(judgeTest(evidence(head))).toMatchObject({kind: 'undecided'});
		expect(judgeTest(evidence({...head, baseRuns: [run({end: 'killed', exit: 137})]}))).toMatchObject({kind: 'crashed'});
	});

	test('without a test command blames nobody, wherever it stands', () => {
		const missing = run({exit: 127, end: 'missing'});
		for (const blame of ['own', 'base'] as const)
			expect(judgeTest(evidence({blame, runs: [missing], baseRuns: [missing]}))).toMatchObject({
				kind: 'missing',
				text: 'the test command was not found (exit 127)',
				fields: GONE,
			});
		// The base has it: this task took it away.
		expect(judgeTest(evidence({runs: [missing], baseRuns: [PASS]}))).toMatchObject({kind: 'removed'});
	});

	test('that is killed from outside is run again, and taken for failed at last', () => {
		const killed = {ended: {exitCode: 75, signal: ''}, runs: [run({end: 'killed', exit: 137})]};
		expect(judgeTest(evidence(killed))).toMatchObject({kind: 'killed', fields: {...GONE, testExit: '137'}});
		expect(judgeTest(evidence({...killed, kills: MOST_KILLS - 1}))).toMatchObject({kind: 'removed'});
	});

	test.each([
		{exitCode: 75, signal: ''},
		{exitCode: 137, signal: 'SIGKILL'},
	])('whose program could not finish (%o) costs nothing', ended => {
		expect(judgeTest(evidence({ended, runs: []}))).toMatchObject({kind: 'crashed', fields: GONE});
	});

	test('that the room ended is run again', () => {
		expect(judgeTest(evidence({endReason: 'its base is outdated', ...passed}))).toMatchObject({kind: 'again', fields: GONE});
	});
});

describe('the run of a batch', () => {
	const entries = ['a', 'b', 'c', 'd'].map(task => ({task, candidate: `c-${task}`, testedCommit: ''}));
	const judged = (results: ReadonlyArray<readonly [number, boolean]>, exitCode: number, changes: Partial<TestEvidence> = {}) => {
		const runs = entries.map((_, at) => results.flatMap(([place, isPassed]) => (place === at + 1 ? [isPassed ? PASS : run()] : [])));
		const first = evidence({
			ended: {exitCode, signal: ''},
			candidate: 'c-a',
			blame: 'undecided',
			on: 'T-1',
			runs: runs[0] ?? [],
			...changes,
		});
		const failing = results.find(([, isPassed]) => !isPassed)?.[0] ?? 1;
		return judgeBatch({
			...{entries, runs, results: new Map(results), first},
			failing: {...first, candidate: `c-${failing}`, on: entries[failing - 2]?.task ?? 'T-1', runs: runs[failing - 1] ?? []},
		});
	};
	const told = (verdicts: ReturnType<typeof judged>) => verdicts.map(({kind, fields}) => `${kind} ${fields.testedCommit ?? ''}`.trim());

	test('that passes lets all of it merge, covered by its last candidate', () => {
		expect(told(judged([[4, true]], 0))).toEqual(Array.from({length: 4}, () => 'passed c-d'));
		expect(judged([[4, true]], 0)[0]).toMatchObject({text: 'tests passed, together with 3 others', fields: {batch: '4'}});
	});

	test('that fails removes the one entry that fails on what passes, lets those before it merge, and tests the others again', () => {
		const three = [
			[3, false],
			[2, true],
			[4, false],
		] as const;
		expect(told(judged(three, passedUpTo(2)))).toEqual(['passed c-b', 'passed c-b', 'removed', 'again']);
		expect(judged(three, passedUpTo(2))[2]).toMatchObject({
			text: expect.stringMatching(/exit 1 .* b passes: removed/),
			fields: {removals: '2'},
		});
		const one = [
			[1, false],
			[2, false],
			[4, false],
		] as const;
		expect(told(judged(one, 1))).toEqual(['undecided', 'again', 'again', 'again']);
		expect(told(judged(one, 1, {blame: 'own'}))).toEqual(['removed', 'again', 'again', 'again']);
	});

	test('is believed only as far as its program says so itself, and costs nobody anything when it was cut short', () => {
		expect(told(judged([[4, true]], 1))).toEqual(Array.from({length: 4}, () => 'crashed'));
		expect(
			told(
				judged(
					[
						[4, false],
						[2, true],
					],
					75,
				),
			),
		).toEqual(Array.from({length: 4}, () => 'crashed'));
		expect(told(judged([[4, true]], 0, {blame: 'outdated'}))).toEqual(Array.from({length: 4}, () => 'again'));
		expect(told(judged([[4, true]], 0, {endReason: 'retested'}))).toEqual(Array.from({length: 4}, () => 'again'));
	});
});
