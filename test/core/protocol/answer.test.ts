import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {readPlan} from '../../../source/core/plan/read.ts';
import {answerSchemaFor, reportOfAnswer} from '../../../source/core/protocol/answer.ts';
import {readComments, verdictOf} from '../../../source/core/review/comments.ts';
import {STAGES, type Stage} from '../../../source/core/task/task.ts';

const JUDGING: readonly Stage[] = ['review', 'audit'];
const comment = {file: 'src/a.ts', line: 12, severity: 'must-fix', text: 'an empty name is accepted'};

/** Every object of a schema, however deep. */
const objectsOf = (schema: unknown): Record<string, unknown>[] => {
	if (typeof schema !== 'object' || schema === null) return [];
	const inner = Object.values(schema).flatMap(objectsOf);
	return 'properties' in schema ? [schema as Record<string, unknown>, ...inner] : inner;
};

describe('the structured answer of a stage', () => {
	test('is asked for where a stage ends with words, and its schema is as strict as a service may want it', () => {
		expect(STAGES.filter(stage => answerSchemaFor(stage) !== '')).toEqual(['plan', 'review', 'audit']);
		for (const stage of ['plan', 'review'] as const) {
			for (const {properties, required, additionalProperties} of objectsOf(JSON.parse(answerSchemaFor(stage)))) {
				expect(required).toEqual(Object.keys(properties as object));
				expect(additionalProperties).toBe(false);
			}
		}
	});

	test('a verdict becomes what `report done` says, with its comments', () => {
		for (const stage of JUDGING) {
			const report = reportOfAnswer(stage, JSON.stringify({verdict: 'changes', summary: 'Not yet.', comments: [comment]}));
			expect(report).toMatchObject({kind: 'done', verdict: 'changes'});
			const comments = report?.kind === 'done' ? (report.comments ?? '') : '';
			expect(readComments(comments, 'changes')).toEqual({text: 'Not yet.', comments: [comment]});
		}
	});

	test('an approval that names a must-fix is none', () => {
		const report = reportOfAnswer('review', JSON.stringify({verdict: 'approve', summary: '', comments: [comment]}));
		const comments = report?.kind === 'done' ? (report.comments ?? '') : '';
		expect(verdictOf('approve', readComments(comments, 'approve').comments)).toBe('changes');
	});

	test('no verdict, one of other words, and an approval with comments that cannot be read are no verdict at all', () => {
		for (const answer of [
			'',
			'approve',
			'{"verdict":"Approve"}',
			'{"verdict":"approved","comments":[]}',
			'{"verdict":"approve","comments":"must-fix: no"}',
			'{"verdict":"approve","comments":[{"severity":"blocker","text":"leaks"}]}',
			'[{"verdict":"approve"}]',
		])
			expect(reportOfAnswer('review', answer), answer).toBeUndefined();
		expect(reportOfAnswer('develop', '{"verdict":"approve"}')).toBeUndefined();
	});

	test('changes count whatever their comments look like: they are kept as text', () => {
		const report = reportOfAnswer('review', '{"verdict":"changes","comments":"the test is missing"}');
		const comments = report?.kind === 'done' ? (report.comments ?? '') : '';
		expect(readComments(comments, 'changes').comments).toMatchObject([
			{severity: 'must-fix', text: expect.stringContaining('the test is missing')},
		]);
	});

	test('only these two words of an answer ever approve', () => {
		fc.assert(
			fc.property(fc.json(), answer => {
				const report = reportOfAnswer('review', answer);
				if (report?.kind === 'done' && report.verdict === 'approve') expect(JSON.parse(answer)).toMatchObject({verdict: 'approve'});
			}),
		);
	});

	test('a plan becomes one that the room can read; what is no plan goes there as it came, to be told what is wrong', () => {
		const task = {
			id: 'a',
			title: 'A',
			description: 'Do A',
			acceptance: [],
			after: [],
			priority: 50,
			needs: [],
			paths: ['src/**'],
			role: '',
			audit: false,
		};
		const answer = {summary: 'A, then B.', tasks: [task, {...task, id: 'b', title: 'B', after: ['a'], priority: 80}], cancel: []};
		const report = reportOfAnswer('plan', JSON.stringify(answer));
		const read = readPlan(report?.kind === 'plan' ? report.text : '');
		expect(read.ok && read.plan.tasks.map(({id, after, role, priority}) => ({id, after, role, priority}))).toEqual([
			{id: 'a', after: [], role: 'developer', priority: 50},
			{id: 'b', after: ['a'], role: 'developer', priority: 80},
		]);
		expect(reportOfAnswer('plan', '{"tasks":"many"}')).toEqual({kind: 'plan', text: '{"tasks":"many"}'});
		expect(reportOfAnswer('plan', ' ')).toBeUndefined();
	});
});
