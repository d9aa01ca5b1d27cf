import {describe, expect, test} from 'vitest';
import {STAGES} from '../../source/core/task/task.ts';
import {expandBrief, PLACEHOLDERS, unknownPlaceholder} from '../../source/roles/placeholders.ts';
import {ROLES, roleIn} from '../../source/roles/roles.ts';

describe('roles', () => {
	test('are eight, with one queue for every stage and a short name of their own', () => {
		expect(ROLES.map(({name}) => name)).toHaveLength(8);
		expect(ROLES.flatMap(({stages}) => stages).toSorted()).toEqual([...STAGES].toSorted());
		expect(new Set(ROLES.map(({prefix: short}) => short)).size).toBe(8);
	});

	test('that judge or land never write', () => {
		expect(ROLES.filter(({writes}) => writes).map(({name}) => name)).toEqual(['developer', 'conflict-resolver', 'documentation-writer']);
	});

	test.each(ROLES.map(role => [role.name, role] as const))('%s has a brief that names only what there is', (_name, {prompt}) => {
		expect(unknownPlaceholder(prompt)).toBeUndefined();
		// Words by which an agent tells a conflict from other work must come from the task alone.
		expect(prompt).not.toContain('conflicts in');
	});

	test('get another brief from a configuration, and nothing that they may not do', () => {
		const changes = {
			developer: {prompt: 'Do {task}.', stages: ['document'] as const},
			frontend: {stages: ['develop'] as const, prefix: 'fe'},
		};
		expect(roleIn('developer', changes)).toMatchObject({prompt: 'Do {task}.', stages: ['develop'], prefix: 'dev', writes: true});
		expect(roleIn('frontend', changes)).toMatchObject({name: 'frontend', prefix: 'fe', stages: ['develop'], writes: true});
		expect(roleIn('tech-writer', {})).toMatchObject({prefix: 'techw', stages: ['develop']});
		expect(roleIn('architect', {architect: {stages: ['plan']}})).toMatchObject({writes: false, stages: ['plan']});
		expect(roleIn('constructor', {})).toMatchObject({name: 'constructor', writes: true});
	});
});

describe('a template', () => {
	test('gets each value once; braces inside a value, and all other braces, stay', () => {
		const template = '# {title}\n\n{"json": {}} ${HOME} {{task}} {Upper}\n';
		expect(expandBrief(template, {title: 'Add {task} {nonsense}', task: 't-1'})).toBe(
			'# Add {task} {nonsense}\n\n{"json": {}} ${HOME} {task} {Upper}\n',
		);
	});

	test('loses a section whose blocks are all empty, and a line that holds an empty name alone', () => {
		const template =
			'Begin.\n\n## Rounds\n\nAnswer them on {branch}.\n\n{rounds}\n\n## Two\n\n{paths}\n\n{mail}\n\n## Rules of {base}\n\nKeep them.\n';
		expect(expandBrief(template, {branch: 'b', base: 'main', mail: '- hello'})).toBe(
			'Begin.\n\n## Two\n\n- hello\n\n## Rules of main\n\nKeep them.\n',
		);
		expect(expandBrief('a\n\n{mail}\n\nb', {})).toBe('a\n\nb\n');
	});

	test('that begins a section inside a value begins none', () => {
		expect(expandBrief('## Task\n\n{description}\n\n## End\n\nStop.', {description: '## Mine\n\n{rounds}'})).toBe(
			'## Task\n\n## Mine\n\n{rounds}\n\n## End\n\nStop.\n',
		);
	});

	test('with a name that means nothing is told the nearest', () => {
		expect(unknownPlaceholder('{acceptence} {nothing}')).toEqual({name: 'acceptence', hint: 'Did you mean `{acceptance}`?'});
		expect(unknownPlaceholder('{qqqqqqqqq}')?.hint).toContain(
			'Use one of task, title, stage, attempt, round, priority, feature, agent, role, author, worktree, port, branch, base, commit, tests, description, acceptance, paths, protected, diff, rounds, output, handoff, conflict, mail, team, repository, open, plan, commands; write `{{qqqqqqqqq}}` for the word itself.',
		);
		expect(
			unknownPlaceholder(
				Object.keys(PLACEHOLDERS)
					.map(name => `{${name}}`)
					.join(' '),
			),
		).toBeUndefined();
		expect(unknownPlaceholder('{{whatever}} ${NOT} {"a": 1}')).toBeUndefined();
	});
});
