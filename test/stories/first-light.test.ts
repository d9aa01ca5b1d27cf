import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {isRunning} from '../helpers/cleanup.ts';
import {outerPid} from '../helpers/inside.ts';
import {root} from '../helpers/program.ts';
import {createStory} from '../helpers/room.ts';
import {until} from '../helpers/wait.ts';

const agent = JSON.stringify([join(root, 'test', 'fixtures', 'agent.sh')]);
const config = `base: main
test: sh check.sh
backoff: 100ms
env: [STORY]
harnesses:
  mine: {command: ${agent}, finish: exit}
team:
  - {role: developer, harness: mine, count: 3}
  - {role: code-sentinel, harness: mine}
`;
/** Passes where every task's file says that it was finished: a half of one on the base would fail. */
const check = `! grep -l half ./*.txt 2>/dev/null\n`;

describe('the story of the README', () => {
	test('three tasks, four agents, one killed at work: everything is merged once, and the base never fails its test', async () => {
		const story = createStory(config, {'check.sh': check});
		story.waitReason('two');
		await story.must('add', 'The first', '--id', 'one');
		await story.must('add', 'The second', '--id', 'two');
		await story.must('add', 'The third', '--id', 'three', '--after', 'one');

		const running = story.start('run', '--until-empty', '--json');
		await until(() => existsSync(story.file('working-two-1')), {
			what: () => `the start of task two\n${running.output()}`,
			timeoutMs: 30_000,
		});
		const pid = outerPid(Number(readFileSync(story.file('working-two-1'), 'utf8')), `STORY=${story.folder}/`, 'AGENT_ROOM_TASK=two\0');
		expect(isRunning(pid)).toBe(true);
		process.kill(pid, 'SIGKILL');
		story.letGo('two');

		const ended = await running.ended;
		expect(ended.code, ended.stderr).toBe(0);
		expect(JSON.parse(ended.stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
			type: 'summary',
			merged: 3,
			failed: 0,
			open: 0,
			exitCode: 0,
		});
		expect(existsSync(story.file('working-two-2'))).toBe(true);

		const mergedCommit = story
			.git('log', '--first-parent', '--format=%(trailers:key=Room-Task,valueonly,separator=%x2c)', 'main')
			.split('\n')
			.filter(Boolean);
		expect(mergedCommit.toSorted()).toEqual(['one', 'three', 'two']);
		expect(mergedCommit.indexOf('three')).toBeLessThan(mergedCommit.indexOf('one'));
		expect(story.git('show', 'main:two.txt')).toMatch(/^done by agent:dev:00\d in attempt 2$/);

		const everBase = [...new Set(story.git('reflog', '--format=%H', 'main').split('\n'))];
		// What has passed together may land together.
		expect(everBase.length).toBeGreaterThanOrEqual(3);
		for (const commit of everBase) {
			story.git('checkout', '--quiet', '--detach', commit);
			expect(() => story.git('-c', 'alias.t=!sh check.sh', 't')).not.toThrow();
		}
	});

	test('without a test command the run says so and changes nothing', async () => {
		const story = createStory(config.replace('test: sh check.sh\n', ''));
		const ended = await story.run('run', '--until-empty');
		expect(ended.code).toBe(3);
		expect(ended.stderr).toMatch(/test command/);
	});
});
