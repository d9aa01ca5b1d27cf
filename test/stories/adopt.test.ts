import {mkdirSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {expect, test} from 'vitest';
import {createStory} from '../helpers/room.ts';

const CLAUDE = '8453514b-0234-4c10-b77d-efad87a54cff';
const CODEX = '01a2345c-3393-75a0-8a07-1c41e0dbf983';
const RUNNING = '11111111-0234-4c10-b77d-efad87a54cff';

const lines = (...values: readonly object[]): string => values.map(value => `${JSON.stringify(value)}\n`).join('');

test('a branch becomes a task with its commits, and sessions are listed, refused while they run, and taken with what is not committed', async () => {
	const agent = '#!/bin/sh\nls >"$AGENT_ROOM_TASK.found"\n';
	const story = createStory(
		'test: "true"\nreview: off\nteam: [{role: developer, harness: own}]\nharnesses: {own: {command: [sh, agent.sh]}}\n',
		{
			'agent.sh': agent,
		},
	);
	story.git('switch', '-q', '-c', 'login');
	writeFileSync(join(story.repository, 'login.txt'), 'half\n');
	story.git('add', '--all');
	story.git('commit', '-qm', 'Half of the login page');
	story.git('switch', '-q', '-');
	expect(await story.must('adopt')).toContain('No session of this repository was found.');
	expect(await story.run('adopt', '--branch', 'nope')).toMatchObject({
		code: 1,
		stderr: expect.stringContaining('There is no branch `nope`.'),
	});
	expect(await story.must('adopt', '--branch', 'login', '--id', 'login')).toBe('login\n');
	await story.must('run', '--until-empty');
	expect(story.git('show', 'main:login.txt')).toBe('half');
	expect(story.git('show', 'main:login.found')).toContain('login.txt');

	// As the CLIs write them; one of another repository, one of another version, one that says nothing.
	const cwd = story.repository;
	const project = (name: string): string => `.claude/projects/-p/${name}.jsonl`;
	const files = {
		[project(CLAUDE)]: lines(
			{type: 'user', isMeta: true, message: {role: 'user', content: 'Caveat'}},
			{type: 'user', cwd, message: {role: 'user', content: 'Make\u001b[2J a cart'}},
			{type: 'ai-title', aiTitle: 'Cart page'},
		),
		[project(RUNNING)]: lines({type: 'user', cwd, message: {role: 'user', content: 'Still at it'}}),
		[project('22222222-0234-4c10-b77d-efad87a54cff')]: lines({type: 'user', cwd: '/', message: {content: 'elsewhere'}}),
		[project('33333333-0234-4c10-b77d-efad87a54cff')]: 'nothing\n{"cut":',
		[`.codex/sessions/2026/12/02/rollout-2026-12-02T01-26-27-${CODEX}.jsonl`]: lines(
			{type: 'session_meta', payload: {id: CODEX, cwd}},
			{type: 'response_item', payload: {type: 'message', role: 'user', content: [{type: 'input_text', text: '<environment_context>'}]}},
			{type: 'response_item', payload: {type: 'message', role: 'user', content: [{type: 'input_text', text: 'Sort the list'}]}},
		),
		'.claude/sessions/1.json': JSON.stringify({sessionId: RUNNING, pid: process.pid}),
	};
	for (const [name, text] of Object.entries(files)) {
		mkdirSync(dirname(join(story.folder, name)), {recursive: true});
		writeFileSync(join(story.folder, name), text);
	}
	const listed = await story.must('adopt');
	expect(listed).toMatch(new RegExp(`${CLAUDE} +claude .*Cart page`));
	expect(listed).toContain('1 session file of Claude Code names no folder, so it is not listed: another version may have written it.');
	expect(listed).toMatch(new RegExp(`${CODEX} +codex .*Sort the list`));
	expect(listed).toMatch(new RegExp(`${RUNNING} +claude .*\\(running\\) Still at it`));
	expect(listed.trim().split('\n')).toHaveLength(5);
	expect(await story.run('adopt', RUNNING)).toMatchObject({code: 3, stderr: expect.stringContaining('still runs')});
	expect(await story.run('adopt', 'zzzz')).toMatchObject({code: 1, stderr: expect.stringContaining('`zzzz`')});
	writeFileSync(join(cwd, 'new.txt'), 'not committed\n');
	const before = story.git('status', '--porcelain');
	expect(await story.must('adopt', RUNNING, '--fork', '--id', 'copy')).toContain('what is not committed');
	const {adopts, startsAt, needs} = JSON.parse(await story.must('task', 'copy', '--json'));
	expect({adopts, needs}).toEqual({adopts: `claude ${RUNNING}`, needs: ['claude']});
	expect([story.git('show', `${startsAt}:new.txt`), story.git('status', '--porcelain')]).toEqual(['not committed', before]);

	expect(await story.run('adopt', RUNNING, '--fork', '--stash')).toMatchObject({
		code: 3,
		stderr: expect.stringContaining('still works with'),
	});
	expect(await story.must('adopt', CODEX, '--id', 'sorted', '--stash')).toContain('`git stash list`');
	expect(story.git('status', '--porcelain')).toBe('');
	expect(story.git('stash', 'list')).toContain('agent-room: sorted starts with this');
	expect(story.git('show', 'stash@{0}^3:new.txt')).toBe('not committed');
	const sorted = JSON.parse(await story.must('task', 'sorted', '--json'));
	expect(story.git('show', `${sorted.startsAt}:new.txt`)).toBe('not committed');
});
