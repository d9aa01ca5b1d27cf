import {expect, test} from 'vitest';
import {readProposal} from '../../../source/core/plan/plan.ts';
import {readPlan} from '../../../source/core/plan/read.ts';
import {planText} from '../../../source/core/plan/yaml.ts';
import {processorMs} from '../../helpers/wait.ts';

const problems = (text: string): readonly string[] => {
	const read = readPlan(text);
	return read.ok ? [] : read.problems.map(({line, message}) => `${line}: ${message}`);
};

test('a plan is a list, or a map with a summary; in YAML, in JSON, and in a fence of Markdown', () => {
	const expected = [
		{id: 'schema', title: 'Schema', priority: 50, after: [], role: 'developer', audit: false, acceptance: []},
		{id: 'form', title: 'Form', after: ['schema'], acceptance: ['it opens', 'it closes']},
	];
	const yaml =
		'tasks:\n  - Schema\n  - title: Form\n    id: form\n    after: schema\n    acceptance:\n      - it opens\n      - it closes\n';
	const json = '{\n\t"tasks": ["Schema", {"id": "form", "title": "Form", "after": ["schema"], "acceptance": "it opens\\n- it closes"}]\n}';
	for (const text of [yaml, json, `\`\`\`yaml\n${yaml}\`\`\`\n`, `summary: Two\n${yaml}`])
		expect(readPlan(text)).toMatchObject({ok: true, plan: {tasks: expected, cancel: []}});
	expect(readPlan(`summary: Two steps\n${yaml}`)).toMatchObject({ok: true, plan: {summary: 'Two steps'}});
});

test('a fence in a brief is a part of the brief', () => {
	const read = readPlan('- title: A\n  description: |\n    ```\n    x\n    ```\n');
	expect(read).toMatchObject({ok: true, plan: {tasks: [{description: '```\nx\n```'}]}});
});

test('all that is wrong is said at once, each at its own line with its key', () => {
	const text = [
		'tasks:',
		'  - title: Schema',
		'    priority: 200',
		'    neds: [go]',
		'  - id: Not An Id',
		'    title: Form',
		'    paths: ["../x y", "/etc"]',
		'  - description: no title',
	].join('\n');
	expect(problems(text)).toEqual(['4: unknown key `neds`. Did you mean `needs`?', '8: missing `title`.']);
	expect(problems(text.replace('neds', 'needs').replace('description', 'title'))).toEqual([
		'3: `priority`: Invalid priority `200`. Use a whole number from 0 to 100; 100 runs first.',
		expect.stringMatching(/^5: `id`: Invalid id `not an id`/),
		expect.stringMatching(/^7: `paths`: Invalid path `\.\.\/x y`/),
	]);
});

test('refuses an id given twice, a circle, a feature inside, a wrong key at the top, and what is no plan', () => {
	expect(problems('- {title: A, id: a}\n- {title: B, id: a}\n')).toEqual(['2: the id `a` is used twice.']);
	expect(problems('- {title: X, id: x}\n- {title: A, id: a, after: b}\n- {title: B, id: b, after: [x, a]}\n')).toEqual([
		'2: These tasks of the plan depend on each other: `a`, `b`. Remove one of them from `after`.',
	]);
	expect(problems('- {title: A, feature: true}\n')).toEqual(['1: `feature`: a task of a plan cannot be a feature.']);
	expect(problems('tasks: [A]\nsumary: x\n')).toEqual(['2: unknown key `sumary`. Did you mean `summary`?']);
	expect(problems('tasks: []\n')).toEqual(['1: the plan has no task.']);
	expect(problems('')).toEqual(['1: a plan is a list of tasks, or `tasks:` with one.']);
	expect(problems('hello: world')).toEqual(['1: a plan is a list of tasks, or `tasks:` with one.']);
	expect(problems('- A\n- [\n')[0]).toMatch(/^\d: /);
	expect(problems('- 5\n- null\n- []\n')).toEqual([1, 2, 3].map(line => `${line}: a task is a title, or a map with \`title:\`.`));
});

test('refuses more than a person can look through, and a text that unfolds without end', () => {
	expect(problems(Array.from({length: 101}, (_, index) => `- Task ${index}`).join('\n'))).toEqual([
		'1: the plan has 101 tasks; at most 100. Make larger ones.',
	]);
	const bomb = [
		'a: &a [x,x,x,x,x,x,x,x,x]',
		...['b', 'c', 'd', 'e'].map((name, index) => `${name}: &${name} [${`*${'abcd'[index]},`.repeat(9)}]`),
	];
	expect(problems(`${bomb.join('\n')}\ntasks: *e\n`)).toEqual(['1: too many aliases.']);
});

test('a new plan may cancel and add nothing', () => {
	expect(readPlan('cancel: [Old, older]\n')).toMatchObject({ok: true, plan: {tasks: [], cancel: ['old', 'older']}});
	expect(readPlan('cancel: old, older\n')).toMatchObject({ok: true, plan: {cancel: ['old', 'older']}});
});

test('a stored proposal that is damaged is none', () => {
	expect(readProposal('')).toBeUndefined();
	expect(readProposal('{"tasks":[')).toBeUndefined();
	expect(readProposal('{"tasks":[]}')).toBeUndefined();
	expect(readProposal('{"summary":"","tasks":[],"cancel":[]}')).toEqual({summary: '', tasks: [], cancel: []});
});

test('a role of the configuration may be named, however near it is to another; one that only judges may not', () => {
	const text = '- {title: A, role: developers}\n- {title: B, role: code-sentinel}\n';
	const problems = (roles: Parameters<typeof readPlan>[1]): readonly string[] => {
		const read = readPlan(text, roles);
		return read.ok ? [] : read.problems.map(({line, message}) => `${line}: ${message}`);
	};
	expect(problems({})).toEqual([
		'1: `role`: There is no role `developers`. Did you mean `developer`?',
		expect.stringMatching(/^2: `role`: Role `code-sentinel` cannot start a task/),
	]);
	expect(problems({roles: {developers: {}}})).toHaveLength(1);
});

test('a task without a priority has that of its feature', () => {
	expect(readPlan('- A\n- {title: B, priority: 10}\n', {priority: 90})).toMatchObject({plan: {tasks: [{priority: 90}, {priority: 10}]}});
});

test('a flood of tasks is refused before each of them is looked at', () => {
	const tookMs = processorMs(() => {
		expect(problems(`tasks:\n${'- title: x\n'.repeat(20_000)}`)).toEqual(['1: it has 20000 tasks; at most 2000 are read.']);
		expect(problems(`- title: A\n  description: ${'b'.repeat(300_000)}\n`)).toEqual(['1: the plan has 300027 characters; at most 262144.']);
		expect(problems(`{${Array.from({length: 20_000}, (_, at) => `k${at}: 1`).join(',')}}`)).toHaveLength(1);
	});
	// Looked at one by one, and each named after those before it, they take a minute.
	expect(tookMs).toBeLessThan(30_000);
});

test('a key that is there twice is named at its line', () => {
	expect(problems('tasks:\n  - title: A\n    after: [x]\n    after: [y]\n')).toEqual(['4: the key `after` is used twice.']);
});

test('a plan may name the model of a task, which is shown where it is approved, and never a flag', () => {
	const read = readPlan('- {title: A, id: a, model: opus}\n');
	expect(read).toMatchObject({ok: true, plan: {tasks: [{id: 'a', model: 'opus'}]}});
	expect(read.ok && planText(read.plan)).toContain('model: opus');
	expect(problems('- {title: A, id: a, model: "--x"}\n')[0]).toContain('`--x` is not the name of a model');
});
