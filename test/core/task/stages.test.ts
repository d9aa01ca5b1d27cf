import {describe, expect, test} from 'vitest';
import {isNew, nextRole, nextStage, type Outcome, PIPELINE, type Standing, type Ways} from '../../../source/core/task/stages.ts';
import {FIRST_STAGES, type FirstStage, STAGES, type Stage} from '../../../source/core/task/task.ts';

const OUTCOMES: readonly Outcome[] = ['done', 'changes', 'failed', 'conflict', 'stale-candidate'];
const EVERY_WAY: readonly Ways[] = [true, false].flatMap(review => [true, false].map(hasResolver => ({review, hasResolver})));
const at = (stage: Stage, given: Partial<Standing> = {}): Standing => ({stage, firstStage: 'develop', audit: false, ...given});

/** Every way from a stage to `merged` that goes back to no stage twice, as the stages on it. */
const waysToMerged = (start: Standing, ways: Ways, path: readonly Stage[] = []): readonly (readonly Stage[])[] => {
	const here = [...path, start.stage];
	return OUTCOMES.flatMap(outcome => {
		const next = nextStage(start, outcome, ways) ?? start.stage;
		if (next === 'merged') return [here];
		return here.includes(next) ? [] : waysToMerged({...start, stage: next}, ways, here);
	});
};

describe('the pipeline', () => {
	test('brings what was developed or documented to review, audit where it wants one, test and merge, in every team', () => {
		for (const ways of EVERY_WAY)
			for (const firstStage of ['develop', 'document'] as const)
				for (const audit of [true, false]) {
					const all = waysToMerged({stage: firstStage, firstStage, audit}, ways);
					expect(all.length).toBeGreaterThan(0);
					const needed = [firstStage, ...(ways.review ? ['review'] : []), ...(audit ? ['audit'] : []), 'test', 'merge'];
					for (const way of all)
						expect([firstStage, audit, way.filter(stage => needed.includes(stage))]).toEqual([firstStage, audit, needed]);
				}
	});

	test('brings the resolution of a conflict to review and test again, never straight on', () => {
		for (const ways of EVERY_WAY)
			for (const way of waysToMerged(at('resolve'), ways)) {
				expect(way.slice(-2)).toEqual(['test', 'merge']);
				expect(way.includes('review') || !ways.review).toBe(true);
			}
	});

	test.each<[Stage, Outcome, FirstStage, Stage]>([
		['review', 'changes', 'develop', 'develop'],
		['review', 'changes', 'document', 'document'],
		['audit', 'changes', 'document', 'document'],
		['test', 'failed', 'document', 'document'],
		['resolve', 'failed', 'develop', 'develop'],
	])('sends what %s finds wanting (%s) home to %s', (stage, outcome, firstStage, next) => {
		for (const ways of EVERY_WAY) expect(nextStage(at(stage, {firstStage}), outcome, ways)).toBe(next);
	});

	test('gives a conflict to who resolves conflicts, or to its author', () => {
		for (const stage of ['test', 'merge'] as const) {
			expect(nextStage(at(stage), 'conflict', {review: true, hasResolver: true})).toBe('resolve');
			expect(nextStage(at(stage, {firstStage: 'document'}), 'conflict', {review: true, hasResolver: false})).toBe('document');
		}
	});

	test('rebuilds a candidate that is out of date, and tries a stage again where nothing else is said', () => {
		for (const ways of EVERY_WAY) {
			expect(nextStage(at('merge', {audit: true}), 'stale-candidate', ways)).toBe('test');
			expect(nextStage(at('develop'), 'failed', ways)).toBeUndefined();
			expect(nextStage(at('plan', {firstStage: 'plan'}), 'failed', ways)).toBeUndefined();
		}
	});

	test('audits what wants it once for each piece of work, also where nothing is reviewed', () => {
		const ways = {review: false, hasResolver: false};
		expect(nextStage(at('develop', {audit: true}), 'done', ways)).toBe('audit');
		expect(nextStage(at('audit', {audit: true}), 'done', ways)).toBe('test');
		expect(nextStage(at('test', {audit: true}), 'done', ways)).toBe('merge');
	});
});

test('a stage is the queue of one role; a role of the configuration gets back what it began', () => {
	for (const stage of STAGES) expect(nextRole(stage, {firstStage: 'develop', firstRole: ''})).toBe(PIPELINE[stage].role);
	const designed = {firstStage: 'develop', firstRole: 'designer'} as const;
	expect([nextRole('develop', designed), nextRole('review', designed), nextRole('merged', designed)]).toEqual([
		'designer',
		'code-sentinel',
		'',
	]);
});

test('only what begins a piece of work is new', () => {
	expect(STAGES.filter(stage => isNew({stage, attempt: 0}))).toEqual(
		[...FIRST_STAGES].toSorted((a, b) => STAGES.indexOf(a) - STAGES.indexOf(b)),
	);
	expect(isNew({stage: 'develop', attempt: 1})).toBe(false);
});
