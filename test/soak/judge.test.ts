import {describe, expect, test} from 'vitest';
import {type Evidence, judge} from './judge.ts';
import type {Act, Line} from './ledger.ts';

const entry = (
	number: number,
	type: string,
	task: string,
	agent: string,
	fields: Readonly<Record<string, string>> = {},
): readonly string[] => [`1-${number}`, ...['type', type, 'task', task, 'agent', agent], ...Object.entries(fields).flat()];
const line = (act: Act, task: string, token = '-', stage = '-'): Line => ({at: 0, act, task, token, stage, agent: '-'});

/** One task from its submission to its landing, as the record, the ledger and git tell of it. */
const whole = (task = 's-1'): Evidence => {
	const stages = [
		['develop', 'dev', 'task_completed', {'t:stage': 'review', 't:commit': 'abc'}],
		['review', 'rev', 'task_completed', {'t:stage': 'merge'}],
		['merge', 'gua', 'task_merged', {}],
	] as const;
	const stream = [entry(0, 'task_submitted', task, '', {'t:stage': 'develop', 't:after': ''})];
	const ledger = [line('submitted', task)];
	for (const [index, [stage, agent, type, fields]] of stages.entries()) {
		const token = `${index + 1}:${task}`;
		stream.push(entry(2 * index + 1, 'task_claimed', task, agent, {'t:token': token}), entry(2 * index + 2, type, task, agent, fields));
		for (const act of ['began', 'finished', 'accepted'] as const) ledger.push(line(act, task, token, stage));
	}
	return {ledger, stream, added: stream.length, missed: '', mergedCommit: new Map([[task, {commit: 'abc', token: `1:${task}`}]]), fsck: ''};
};
const said = (change: (evidence: Evidence) => Partial<Evidence>): readonly string[] => {
	const evidence = {...whole(), ...change(whole())};
	return judge({...evidence, added: change(whole()).added ?? evidence.stream.length}).violations;
};
const without = (stream: Evidence['stream'], ...numbers: readonly number[]) => stream.filter((_, index) => !numbers.includes(index));

describe('the judge', () => {
	test('has nothing to say of a task that went its way', () => {
		expect(judge(whole())).toMatchObject({submitted: 1, ends: {merged: 1}, lost: [], twice: [], violations: []});
	});

	test('misses a task without an end, and one that the record does not know', () => {
		const {stream, ledger} = whole();
		expect(judge({...whole(), stream: stream.slice(0, -1), added: 6})).toMatchObject({lost: ['s-1']});
		expect(judge({...whole(), ledger: [...ledger, line('submitted', 's-2')]})).toMatchObject({lost: ['s-2']});
	});

	test('sees an end that a task must not have', () => {
		expect(said(({stream}) => ({stream: [...stream.slice(0, -1), entry(6, 'task_failed', 's-1', 'gua')]}))).toContain(
			's-1: ended as failed',
		);
		expect(judge(whole('x-1')).lost).toEqual(['x-1']);
	});

	test('sees two ends, and whatever comes after one', () => {
		const after = said(({stream}) => ({stream: [...stream, entry(7, 'task_cancelled', 's-1', '')]}));
		expect(after).toEqual([
			's-1: task_cancelled after it had ended as merged',
			's-1: ended as merged and as cancelled',
			's-1: ended as cancelled',
		]);
	});

	test('sees a token that was issued twice, and a claim of what is held', () => {
		const again = entry(9, 'task_claimed', 's-1', 'dev', {'t:token': '1:s-1'});
		expect(said(({stream}) => ({stream: stream.toSpliced(2, 0, again)}))).toEqual([
			's-1: was claimed under 1:s-1, which was issued before for s-1',
			's-1: was claimed by dev while dev held it under 1:s-1',
		]);
	});

	test('sees a result under a token that was superseded before', () => {
		// The record: the first holder lost it, the second one delivered. The ledger: the first was told that its result counts.
		const seen = said(({stream, ledger}) => ({
			stream: stream.toSpliced(2, 0, entry(8, 'task_reclaimed', 's-1', 'dev'), entry(9, 'task_claimed', 's-1', 'dev2', {'t:token': '9:n'})),
			ledger: [...ledger, line('began', 's-1', '9:n', 'develop'), line('finished', 's-1', '9:n', 'develop')],
		}));
		expect(seen).toContain('s-1: a result of develop was accepted under 1:s-1, which did not hold it');
		expect(seen).toContain('s-1: git has the work of 1:s-1, accepted was that of 9:n');
	});

	test('sees a result that nobody held the task for, or worked for', () => {
		expect(said(({stream}) => ({stream: without(stream, 1)}))).toContain('s-1: has a result of develop that nobody held it for');
		expect(said(({ledger}) => ({ledger: ledger.filter(({act, token}) => act !== 'finished' || token !== '2:s-1')}))).toEqual([
			's-1: the record has a result under 2:s-1, which nobody worked for to the end',
		]);
	});

	test('sees work that was begun or accepted twice, and an answer that is not what is written', () => {
		expect(said(({ledger}) => ({ledger: [...ledger, line('began', 's-1', '1:s-1', 'develop')]}))).toEqual(['s-1: began twice under 1:s-1']);
		expect(said(({ledger}) => ({ledger: [...ledger, line('accepted', 's-1', '1:s-1', 'develop')]}))).toEqual([
			's-1: accepted twice under 1:s-1',
		]);
		expect(said(({ledger}) => ({ledger: [...ledger, line('refused', 's-1', '1:s-1', 'develop')]}))).toEqual([
			's-1: was told that 1:s-1 is stale, and the record has its result',
		]);
	});

	test('sees a claim before its time', () => {
		const early = said(({stream}) => ({
			stream: stream.with(0, entry(0, 'task_submitted', 's-1', '', {'t:stage': 'develop', 't:after': 's-0'})),
		}));
		expect(new Set(early)).toEqual(new Set(['s-1: was claimed before s-0, which it comes after, was merged']));
	});

	test('sees an author who reviews or merges', () => {
		const own = said(({stream}) => ({stream: stream.with(5, entry(5, 'task_claimed', 's-1', 'dev', {'t:token': '3:s-1'}))}));
		expect(own).toEqual(['s-1: author dev, reviewer rev and merger dev are not three']);
	});

	test('sees what git has not, has otherwise, or has too much', () => {
		expect(said(() => ({mergedCommit: new Map()}))).toEqual(['s-1: is merged and not in git']);
		expect(said(() => ({mergedCommit: new Map([['s-1', {commit: 'other', token: '1:s-1'}]])}))).toEqual([
			's-1: git has other, the record abc',
		]);
		const more = new Map([...whole().mergedCommit, ['s-9', {commit: 'abc', token: 't'}]]);
		expect(said(() => ({mergedCommit: more}))).toEqual(['s-9: is in git and not merged']);
		expect(said(() => ({fsck: 'missing blob'}))).toEqual(['git: missing blob']);
	});

	test('believes no record with a gap, and no room that ended by itself', () => {
		expect(said(() => ({missed: '1-3'}))).toEqual(['stream: entries up to 1-3 were trimmed before they were read']);
		expect(said(() => ({added: 9}))).toEqual(['stream: has 9 entries, 7 were read']);
		expect(said(({ledger}) => ({ledger: [...ledger, line('fault', 'crash-1')]}))).toEqual(['room: ended by itself (crash-1)']);
	});
});
