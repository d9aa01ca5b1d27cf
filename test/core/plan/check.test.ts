import fc from 'fast-check';
import {expect, test} from 'vitest';
import {asked, checkPlan, type PlanFacts} from '../../../source/core/plan/check.ts';
import {documentNames, withDocuments} from '../../../source/core/plan/documentation.ts';
import type {Plan, PlanTask} from '../../../source/core/plan/plan.ts';
import {readPlan} from '../../../source/core/plan/read.ts';
import {parseTask, parseWholeTask, type Task} from '../../../source/core/task/task.ts';

const planned = (id: string, more: Partial<PlanTask> = {}): PlanTask => ({
	...{
		id,
		title: `Do ${id}`,
		description: '',
		acceptance: [],
		after: [],
		priority: 50,
		needs: [],
		paths: [],
		role: 'developer',
		audit: false,
	},
	...more,
});
const planOf = (tasks: readonly PlanTask[], cancel: readonly string[] = []): Plan => ({summary: '', tasks, cancel});
const task = (id: string, fields: Readonly<Record<string, string>> = {}): Task => parseTask(id, {state: 'ready', ...fields});
const mapped = (...tasks: readonly Task[]): ReadonlyMap<string, Task> => new Map(tasks.map(one => [one.id, one]));

const LOGIN = task('login', {stage: 'plan', feature: 'login', state: 'leased'});
const factsWith = (more: Partial<PlanFacts> = {}): PlanFacts => ({
	feature: 'login',
	planTask: 'login',
	tasks: mapped(LOGIN),
	ofFeature: [],
	features: new Set(['login', 'billing']),
	hasMore: false,
	team: [
		{role: 'developer', capabilities: ['go']},
		{role: 'developer', capabilities: ['sql']},
	],
	others: [],
	...more,
});

const problems = (plan: Plan, facts = factsWith()): readonly string[] => {
	const checked = checkPlan(plan, facts);
	return checked.ok ? [] : checked.problems.map(({message}) => message);
};
const settled = (plan: Plan, facts = factsWith()): Plan => {
	const checked = checkPlan(plan, facts);
	if (!checked.ok) throw new Error(checked.problems.map(({message}) => message).join('\n'));
	return checked.plan;
};

test('a capability that nobody has is named, and one that no single agent has together with another', () => {
	expect(problems(planOf([planned('a', {needs: ['rust']})]))).toEqual([
		'`a`: no developer has the capability `rust`. Capabilities in the team: go, sql.',
	]);
	expect(problems(planOf([planned('a', {needs: ['go', 'sql']})]))).toEqual([
		'`a`: no single developer has all of `go, sql`. Split the task.',
	]);
	expect(problems(planOf([planned('a', {role: 'documentation-writer'})]))).toEqual([
		'`a`: the team has no `documentation-writer`. Its roles: developer.',
	]);
	expect(problems(planOf([planned('a', {needs: ['sql']})]))).toEqual([]);
});

test('a dependency is a task of the plan, of the queue, or a feature; never one that is gone, or the feature itself', () => {
	const facts = factsWith({
		tasks: mapped(LOGIN, task('schema', {state: 'merged'}), task('old', {state: 'cancelled'}), task('ill', {state: 'failed'})),
	});
	expect(problems(planOf([planned('a', {after: ['b', 'schema', 'billing']}), planned('b')]), facts)).toEqual([]);
	expect(problems(planOf([planned('a', {after: ['nowhere']})]), facts)).toEqual([
		'`a`: dependency `nowhere` does not exist, in the plan or elsewhere.',
	]);
	expect(problems(planOf([planned('a', {after: ['nowhere']})]), factsWith({hasMore: true}))).toEqual([]);
	expect(problems(planOf([planned('a', {after: ['old', 'ill']})]), facts)).toEqual([
		'`a`: dependency `old` is cancelled.',
		'`a`: dependency `ill` is failed.',
	]);
	expect(problems(planOf([planned('a', {after: ['login']})]), facts)).toEqual(['`a`: `login` is the feature that this task is part of.']);
});

test('an id that is taken elsewhere gets the feature before it, everywhere in the plan', () => {
	const facts = factsWith({
		tasks: mapped(LOGIN, task('schema', {feature: 'billing'}), task('login-form', {feature: 'billing'}), task('form')),
	});
	const plan = planOf([planned('schema'), planned('form', {after: ['schema']}), planned('login', {after: ['form']}), planned('billing')]);
	expect(settled(plan, facts).tasks.map(({id, after}) => [id, after])).toEqual([
		['login-schema', []],
		['login-form-2', ['login-schema']],
		['login-main', ['login-form-2']],
		['login-billing', []],
	]);
	expect(asked(plan, 'login')).toEqual(expect.arrayContaining(['schema', 'login-schema', 'login-form-2', 'login-main']));
});

test('ids stay short enough for a branch, whatever is put before them', () => {
	const feature = 'f'.repeat(40);
	const id = 'i'.repeat(40);
	const facts = factsWith({feature, planTask: feature, tasks: mapped(task(id), task(feature, {stage: 'plan', feature}))});
	for (const {id: made} of settled(planOf([planned(id)]), facts).tasks) {
		expect(made.length).toBeLessThanOrEqual(40);
		expect(made).not.toBe(id);
	}
});

test('a new plan cancels unfinished tasks of its feature, and none that something waits for', () => {
	const [a, b, c] = [
		task('a', {feature: 'login', state: 'leased'}),
		task('b', {feature: 'login', state: 'blocked', after: 'a'}),
		task('c', {feature: 'login', state: 'merged'}),
	] as const;
	const merging = task('d', {feature: 'login', state: 'leased', stage: 'merge'});
	const facts = factsWith({planTask: 'login-replan-1', tasks: mapped(a, b, c, merging, task('x')), ofFeature: [a, b, c, merging]});
	expect(problems(planOf([], ['a', 'b']), facts)).toEqual([]);
	expect(problems(planOf([], ['a']), facts)).toEqual(['`b` depends on `a`. Cancel both, or keep `a`.']);
	expect(problems(planOf([], ['c', 'd', 'x', 'y']), facts)).toEqual([
		'`c` is already merged. Remove it from the plan.',
		'`d` is merging. Remove it from the plan.',
		'`x` is not a task of `login`.',
		'`y` is not a task of `login`.',
	]);
	expect(problems(planOf([planned('n', {after: ['a', 'c']})]), facts)).toEqual([]);
	expect(problems(planOf([planned('n', {after: ['b']})], ['a', 'b']), facts)).toEqual(['`n`: dependency `b` is cancelled by the plan.']);
	expect(problems(planOf([planned('a')]), facts)[0]).toMatch(/^`a`: `a` is already a task of this feature/);
});

test('what is wrong is said with the line where it stands', () => {
	const read = readPlan('tasks:\n  - title: One\n    needs: [rust]\n  - title: Two\n    after:\n      - nowhere\ncancel:\n  - what\n');
	if (!read.ok) throw new Error('not read');
	const checked = checkPlan(read.plan, factsWith(), read.lineOf);
	expect(checked).toEqual({
		ok: false,
		problems: [
			{line: 3, message: 'no developer has the capability `rust`. Capabilities in the team: go, sql.'},
			{line: 6, message: 'dependency `nowhere` does not exist, in the plan or elsewhere.'},
			{line: 8, message: '`what` is not a task of `login`.'},
		],
	});
});

test('the documentation of a feature comes after all else, once, and not where it is planned already', () => {
	const feature = parseWholeTask('login', {title: 'Log in', description: 'With a form.', stage: 'plan', feature: 'login', priority: '80'});
	const plan = planOf([planned('a'), planned('b', {after: ['a']}), planned('c')]);
	const writers = factsWith({team: [{role: 'documentation-writer', capabilities: []}]});
	const last = withDocuments(plan, writers, feature).tasks.at(-1);
	expect(withDocuments(plan, factsWith(), feature).tasks.at(-1)).toMatchObject({id: 'login-docs', role: 'developer'});
	expect(last).toMatchObject({id: 'login-docs', role: 'documentation-writer', after: ['b', 'c'], priority: 80});
	expect(last?.description).toContain('- b: Do b');
	expect(last?.description).toContain('With a form.');
	const own = planOf([planned('a', {role: 'documentation-writer'})]);
	expect(withDocuments(own, factsWith(), feature)).toBe(own);
	expect(withDocuments(planOf([], ['x']), factsWith(), feature).tasks).toEqual([]);
	expect(documentNames('x'.repeat(40)).every(name => name.length <= 40)).toBe(true);
});

test('a new plan replaces the documentation that nobody has begun, and documents after what goes on', () => {
	const feature = parseWholeTask('login-replan-1', {title: 'Log in', stage: 'plan', feature: 'login'});
	const docs = task('login-docs', {feature: 'login', state: 'blocked', firstStage: 'document', stage: 'document', after: 'a'});
	const goingOn = task('a', {feature: 'login', state: 'leased'});
	const facts = factsWith({planTask: feature.id, tasks: mapped(docs, goingOn), ofFeature: [goingOn, docs]});
	const next = withDocuments(planOf([planned('n')]), facts, feature);
	expect(next.cancel).toEqual(['login-docs']);
	expect(next.tasks.at(-1)).toMatchObject({id: 'login-docs-2', after: ['a', 'n']});
	const begun = factsWith({
		...facts,
		ofFeature: [goingOn, task('login-docs', {feature: 'login', state: 'leased', firstStage: 'document', attempt: '1'})],
	});
	expect(withDocuments(planOf([planned('n')]), begun, feature).cancel).toEqual([]);
});

test('whatever ids are taken, a plan that is accepted has ids of its own, waits only for what there is, and in no circle', () => {
	const id = fc.constantFrom('a', 'b', 'c', 'login', 'login-a', 'login-a-2', 'login-main', 'billing', 'x'.repeat(40));
	const given = fc.record({
		ids: fc.uniqueArray(id, {minLength: 1, maxLength: 5}),
		taken: fc.uniqueArray(id, {maxLength: 5}),
		waits: fc.array(fc.nat(4), {minLength: 5, maxLength: 5}),
	});
	fc.assert(
		fc.property(given, ({ids, taken, waits}) => {
			const tasks = mapped(LOGIN, ...taken.map(name => task(name, {feature: 'billing'})), LOGIN);
			const plan = planOf(ids.map((name, index) => planned(name, {after: index > 0 ? [ids[(waits[index] ?? 0) % index] ?? ''] : []})));
			const facts = factsWith({tasks});
			const made = settled(plan, facts).tasks;
			const names = made.map(one => one.id);
			expect(new Set(names).size).toBe(names.length);
			for (const one of made) {
				expect(one.id).toMatch(/^[a-z0-9][a-z0-9-]{0,39}$/);
				expect(tasks.has(one.id) || facts.features.has(one.id)).toBe(false);
				for (const before of one.after) expect(names.indexOf(before)).toBeLessThan(names.indexOf(one.id));
				for (const before of one.after) expect(names).toContain(before);
			}
		}),
	);
});
