import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {planSchema} from '../../source/core/protocol/output-schema.ts';
import {createStory, type Story} from '../helpers/room.ts';

const AGENT = `#!/bin/sh
set -eu
case "$AGENT_ROOM_STAGE" in
plan) cp "$STORY/plan.yaml" "$AGENT_ROOM_PLAN_FILE" ;;
review) exec agent-room report done --verdict approve ;;
*) echo "$AGENT_ROOM_TASK" >"$AGENT_ROOM_TASK.txt" ;;
esac
`;

const CONFIG = `test: "true"
env: [STORY]
harnesses:
  mine: {command: [./agent.sh]}
team:
  - {role: orchestrator, harness: mine}
  - {role: developer, harness: mine, count: 2}
  - {role: code-sentinel, harness: mine}
`;

const PLAN =
	'tasks:\n  - {id: table, title: Keep sessions, description: Use one table.}\n  - {id: form, title: "Log in: a form", after: [table]}\n';

const begin = (): Story => {
	const story = createStory(CONFIG);
	writeFileSync(join(story.repository, 'agent.sh'), AGENT, {mode: 0o755});
	writeFileSync(story.file('plan.yaml'), PLAN);
	story.git('add', '--all');
	story.git('commit', '--quiet', '-m', 'An agent');
	return story;
};

const seen = async (story: Story): Promise<ReturnType<typeof planSchema.parse>> =>
	planSchema.parse(JSON.parse(await story.must('plan', 'login', '--json')));

test('a feature on the command line: planned by a run, edited and accepted where no room runs, done by the next run, planned anew', async () => {
	const story = begin();
	expect(await story.must('add', '--feature', 'Add login', '--id', 'login')).toBe('login\n');
	expect(await seen(story)).toMatchObject({feature: 'login', planTask: 'login', state: 'planning', proposal: null});

	// Nobody is there to accept it: the run says so and ends, and the plan is asked about again without being made again.
	const planned = await story.run('run', '--until-empty', '--unattended', 'refuse');
	expect(planned).toMatchObject({
		code: 1,
		stdout: expect.stringMatching(/Not answered: login: the plan needs your approval\n0 merged, 1 failed/),
	});
	expect((await story.run('run', '--until-empty', '--unattended', 'soon')).code).toBe(2);
	expect(await seen(story)).toMatchObject({proposal: {tasks: [{id: 'table'}, {id: 'form', after: ['table']}]}});

	const yaml = await story.must('plan', 'login');
	const file = story.file('edited.yaml');
	writeFileSync(file, yaml.replace('title: Keep sessions', 'title: Keep sessions well').replace('after: [table]', 'after: [tabel]'));
	const wrong = await story.run('approve', 'login', '--plan', file);
	expect(wrong.code).toBe(1);
	expect(wrong.stderr).toMatch(/line \d+: dependency `tabel` does not exist, in the plan or elsewhere\./);
	writeFileSync(file, yaml.replace('title: Keep sessions', 'title: Keep sessions well'));
	expect(await story.must('approve', 'login', '--plan', file)).toBe('login: 2 tasks\n  table\n  form\n');
	expect((await story.run('approve', 'login')).code).toBe(1);

	await story.must('run', '--until-empty');
	expect(await seen(story)).toMatchObject({state: 'planned', proposal: null, tasks: [{state: 'merged', title: 'Keep sessions well'}, {}]});
	expect(await story.must('plan', 'login')).toMatch(/^login: Add login \(planned\)\n.*table.* merged .*\n.*form.* merged /);

	writeFileSync(story.file('plan.yaml'), '- {id: logout, title: Log out, after: [form]}\n');
	expect(JSON.parse(await story.must('replan', 'login', 'Out, too.', '--json'))).toMatchObject({data: {ids: ['login-replan-1']}});
	await story.run('run', '--until-empty', '--unattended', 'refuse');
	expect((await story.run('request-changes', 'login-replan-1')).code).toBe(2);
	await story.must('request-changes', 'login-replan-1', '--reason', 'Call it sign-out.');
	writeFileSync(story.file('plan.yaml'), '- {id: sign-out, title: Sign out, after: [form]}\n');
	await story.run('run', '--until-empty', '--unattended', 'refuse');
	await story.must('approve', 'login-replan-1');
	await story.must('run', '--until-empty');
	expect(
		story
			.git('log', '--first-parent', '--reverse', '--format=%(trailers:key=Room-Task,valueonly,separator=%x2c)', 'main')
			.split('\n')
			.filter(Boolean),
	).toEqual(['table', 'form', 'sign-out']);
	// Some thirty starts of the program, six of them runs.
});
