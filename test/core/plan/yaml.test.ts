import fc from 'fast-check';
import {expect, test} from 'vitest';
import type {Plan} from '../../../source/core/plan/plan.ts';
import {readPlan} from '../../../source/core/plan/read.ts';
import {planText} from '../../../source/core/plan/yaml.ts';
import {plainText, plainTextLine} from '../../../source/core/text/quote.ts';

const id = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/);
const line = fc
	.string({unit: 'grapheme', minLength: 1, maxLength: 60})
	.map(text => plainTextLine(text))
	.filter(Boolean);
/** Below the root. */
const path = fc.stringMatching(/^[a-z*.][a-z*./]{0,10}$/).filter(text => !text.split('/').includes('..'));
const needs = fc.uniqueArray(id, {maxLength: 3});

const task = fc.record({
	title: line,
	description: fc
		.array(fc.oneof(fc.string({unit: 'grapheme', maxLength: 40}), fc.string({unit: 'binary-ascii', maxLength: 9})), {maxLength: 5})
		.map(lines => plainText(lines.join('\n'))),
	acceptance: fc.array(line, {maxLength: 3}),
	priority: fc.integer({min: 0, max: 100}),
	needs,
	paths: fc.uniqueArray(path, {maxLength: 3}),
	role: fc.constantFrom('developer', 'documentation-writer'),
	audit: fc.boolean(),
});

const plan: fc.Arbitrary<Plan> = fc
	.record({
		ids: fc.uniqueArray(id, {minLength: 1, maxLength: 6}),
		tasks: fc.array(task, {minLength: 6, maxLength: 6}),
		summary: line,
		cancel: fc.uniqueArray(id, {maxLength: 2}),
	})
	.map(({ids, tasks, summary, cancel}) => ({
		summary,
		cancel,
		tasks: ids.flatMap((name, index) => {
			const given = tasks[index];
			return given ? [{...given, id: name, after: ids.slice(0, index).slice(-2)}] : [];
		}),
	}));

test('a plan that is written for people is read back as the same plan, whatever is in its texts', () => {
	fc.assert(
		fc.property(plan, given => {
			const read = readPlan(planText(given));
			expect(read).toMatchObject({ok: true, plan: given});
		}),
		{numRuns: 300},
	);
});

test('what an agent hides in its texts is not there to be accepted', () => {
	const read = readPlan('- title: "A\\e[2Jb\\u202e"\n  description: "x\\0y\\n\\n"\n  acceptance: ["\\e]0;t\\a it works"]\n');
	expect(read).toMatchObject({ok: true, plan: {tasks: [{title: 'Ab<U+202E>', description: 'xy'}]}});
	expect(read.ok && read.plan.tasks[0]?.acceptance[0]).not.toMatch(/[\0-\x1f]/);
});

test('what says nothing is left out, and what is cancelled is named', () => {
	const given: Plan = {
		summary: '',
		cancel: ['old'],
		tasks: [
			{
				...{id: 'form', title: 'Form', description: '', acceptance: [], after: ['schema', 'x'], priority: 50},
				...{needs: [], paths: [], role: 'developer', audit: false},
			},
		],
	};
	expect(
		planText(given, new Map([['old', 'The old\nform']]))
			.split('\n')
			.slice(3),
	).toEqual([
		'cancel:',
		'  - old # The old form',
		'tasks:',
		'  - id: form',
		'    title: Form',
		'    priority: 50',
		'    after: [schema, x]',
		'',
	]);
});
