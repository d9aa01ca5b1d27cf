import {expect, test} from 'vitest';
import {judgeMerge} from '../../../source/room/merge/merge.ts';
import type {MergeResult} from '../../../source/room/parts/attempt.ts';

const entries = ['a', 'b', 'c'].map(task => ({task, candidate: `c-${task}`, testedCommit: `c-${task}`}));
const report = (outcome: MergeResult['outcome'], tasks: readonly string[] = []): MergeResult => ({
	kind: 'merge',
	outcome,
	text: `because ${outcome}`,
	tasks: [...tasks],
});
const judged = (mergedCommit: readonly string[], said: MergeResult | undefined, isAlone = false) =>
	judgeMerge(entries, new Map(mergedCommit.map(task => [task, `on-${task}`])), said, {isAlone, ended: 'killed by SIGKILL'}).map(
		({task, kind}) => `${task} ${kind}`,
	);

test('only the trailer on the base counts as landed, whatever was said and whoever was killed', () => {
	expect(judged(['a', 'b', 'c'], undefined)).toEqual(['a merged', 'b merged', 'c merged']);
	expect(judged([], report('done'))).toEqual(['a back', 'b back', 'c back']);
	expect(judged(['a'], undefined)).toEqual(['a merged', 'b back', 'c back']);
});

test('a base that moved costs nobody anything: what has not landed is built and tested again', () => {
	expect(judged([], report('moved'))).toEqual(['a again', 'b again', 'c again']);
});

test('a person’s files set aside whom they are in the way of; the others go on without it', () => {
	expect(judged(['a'], report('held', ['b']))).toEqual(['a merged', 'b aside', 'c back']);
	expect(judged(['a'], report('held', ['b', 'c']))).toEqual(['a merged', 'b aside', 'c aside']);
});

test('with nobody else to go on, and where it concerns everybody, the first one waits where it stands', () => {
	expect(
		judgeMerge([{task: 'a', candidate: 'c', testedCommit: 'c'}], new Map(), report('held', ['a']), {isAlone: true, ended: ''})[0]?.kind,
	).toBe('hold');
	expect(judged([], report('held'))).toEqual(['a hold', 'b back', 'c back']);
});

test('a candidate that is not what it has to be counts against its own task alone', () => {
	expect(judged(['a'], report('unsafe', ['b']))).toEqual(['a merged', 'b unsafe', 'c back']);
	expect(judged([], report('failed'))).toEqual(['a unsafe', 'b back', 'c back']);
});
