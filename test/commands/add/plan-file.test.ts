import {describe, expect, test} from 'vitest';
import {readPlanFile as readPlan} from '../../../source/commands/add/add.ts';
import {CommandError} from '../../../source/commands/parse/command.ts';
import {slug} from '../../../source/core/plan/markdown.ts';

const refusal = async (name: string, content: string): Promise<CommandError> => {
	try {
		await readPlan(name, content);
	} catch (error) {
		if (error instanceof CommandError) return error;
		throw error;
	}
	throw new Error('accepted');
};

describe('a Markdown check list', () => {
	test('puts the parts of an item before it, and the item after all of them', async () => {
		const tasks = await readPlan('plan.md', '# Plan\n\n- [ ] Login\n  - [ ] Schema\n  - [ ] Form\n    - [ ] Button\n- [ ] Docs\n');
		const ids = tasks.map(task => task.id);
		expect(tasks.find(task => task.id === 'login')?.after).toEqual(['schema', 'form']);
		expect(tasks.find(task => task.id === 'form')?.after).toEqual(['button']);
		expect(ids.indexOf('button')).toBeLessThan(ids.indexOf('form'));
		expect(ids.indexOf('form')).toBeLessThan(ids.indexOf('login'));
		expect(ids).toHaveLength(5);
	});

	test('leaves out what is checked, also as a dependency', async () => {
		const tasks = await readPlan('plan.md', '- [ ] Login\n  - [x] Schema\n- [ ] Docs (after: schema, login)\n');
		expect(tasks.map(task => [task.id, task.after])).toEqual([
			['login', undefined],
			['docs', ['login']],
		]);
	});

	test('reads id, priority, needs and dependencies at the end of an item, and its brief below it', async () => {
		const [, second] = await readPlan(
			'plan.md',
			'- [ ] A (id: a1)\n* [ ] Add (fast) login (id: b2, priority: 90, needs: go, sql, after: a1, paths: src/db/**, docs)\n  Use the session table.\n  No cookies.\n',
		);
		expect(second).toEqual({
			id: 'b2',
			title: 'Add (fast) login',
			priority: 90,
			needs: ['go', 'sql'],
			paths: ['src/db/**', 'docs'],
			after: ['a1'],
			description: 'Use the session table.\nNo cookies.',
		});
	});

	test('reads what must hold below `Done when:`, and whether it wants an audit', async () => {
		const [first, second] = await readPlan(
			'plan.md',
			'- [ ] Log in (id: login, audit: yes)\n  With a form.\n  Done when:\n  - it opens\n  - a wrong word is refused\n- [ ] Next (audit: no)\n  acceptance: it goes on\n  and on\n',
		);
		expect(first).toEqual({
			id: 'login',
			title: 'Log in',
			description: 'With a form.',
			acceptance: ['it opens', 'a wrong word is refused'],
			audit: true,
		});
		expect(second).toEqual({id: 'next', title: 'Next', acceptance: ['it goes on', 'and on']});
	});

	test('numbers equal titles', async () => {
		expect((await readPlan('-', '- [ ] Fix\n- [ ] Fix\n- [ ] Fix\n')).map(task => task.id)).toEqual(['fix', 'fix-2', 'fix-3']);
	});

	test('makes ids that are safe as branches of any title', () => {
		expect(slug('Add Lögin & `rm -rf /`')).toBe('add-lo-gin-rm-rf');
		expect(slug('登录')).toBe('task');
		expect(slug('--upload-pack=x')).toBe('upload-pack-x');
	});
});

describe('a plan in YAML', () => {
	test('is a list, or `tasks:` with one; a title alone is a task', async () => {
		const expected = [
			{id: 'schema', title: 'Schema'},
			{id: 'login', title: 'Login', after: ['schema'], priority: 80},
		];
		expect(await readPlan('p.yaml', '- Schema\n- {title: Login, after: schema, priority: 80}\n')).toEqual(expected);
		expect(await readPlan('p.yaml', 'tasks:\n  - Schema\n  - title: Login\n    after: [schema]\n    priority: 80\n')).toEqual(expected);
	});

	test('may name a task before it is listed', async () => {
		expect((await readPlan('p.yaml', '- {title: B, id: b, after: [a]}\n- {title: A, id: a}\n')).map(task => task.id)).toEqual(['a', 'b']);
	});

	test('refuses an unknown key with its line and the nearest one', async () => {
		expect(await refusal('p.yaml', '- One\n- title: Two\n  aftr: [one]\n')).toMatchObject({
			message: 'p.yaml:3: unknown key `aftr`. Did you mean `after`?',
		});
	});

	test('takes acceptance and audit, and says that only a new plan cancels', async () => {
		expect(await readPlan('p.yaml', '- {title: A, acceptance: [it works], audit: true}\n')).toEqual([
			{id: 'a', title: 'A', acceptance: ['it works'], audit: true},
		]);
		expect(await refusal('p.yaml', 'tasks: [A]\ncancel: [b]\n')).toMatchObject({
			message: 'p.yaml:2: `cancel` is only for replanning a feature.',
			hint: 'See `agent-room help replan`.',
		});
	});

	test('refuses what is no plan', async () => {
		expect((await refusal('p.yaml', 'hello')).message).toBe('p.yaml:1: a plan is a list of tasks, or `tasks:` with one.');
		expect((await refusal('p.yaml', '- {description: x}\n')).message).toContain('`title`');
		expect((await refusal('p.yaml', '- [')).message).toMatch(/^p\.yaml:\d+: /);
		expect((await refusal('p.yaml', '[]')).message).toBe('The plan `p.yaml` has no open task.');
	});
});

describe('any plan', () => {
	test('refuses a circle and an id given twice', async () => {
		expect((await refusal('p.yaml', '- {title: A, id: a, after: b}\n- {title: B, id: b, after: a}\n')).message).toBe(
			'These tasks of the plan depend on each other: `a`, `b`.',
		);
		expect((await refusal('p.yaml', '- {title: A, id: a}\n- {title: B, id: a}\n')).message).toBe('The plan uses id `a` twice.');
	});
});
