import {expect} from 'vitest';
import {expectGreenBase} from '../helpers/base-history.ts';
import {createCliStory, testOn} from '../helpers/cli.ts';
import {eventsOf, merged, problem} from '../helpers/cli-room.ts';
import {members, verdict} from '../helpers/model-server/member.ts';
import {until} from '../helpers/wait.ts';

const TEAM = `test: sh check.sh
backoff: 200ms
team:
  - {role: developer, harness: claude, count: 2}
  - {role: code-sentinel, harness: claude}
`;

testOn(
	['claude'],
	'a real claude is refused with a rate limit: nobody of the account starts anything, no attempt is burnt, and all goes on by itself',
	async () => {
		const refused = {fail: 429, times: 1, headers: {'retry-after': '3600'}};
		const write = (id: string) => [
			{run: `echo ${id} >${id}.txt`},
			{run: `agent-room report commit "Write ${id}"`},
			{run: 'agent-room report done'},
		];
		const story = await createCliStory(
			TEAM,
			members([
				{when: '# Review: ', turns: verdict('approve')},
				{when: 'task `one`', turns: [refused, ...write('one')]},
				{when: 'task `two`', turns: write('two')},
			]),
			{'check.sh': 'true\n'},
		);
		const terminal = story.open();
		await terminal.waitFor('dev-2', {timeoutMs: 30_000});
		await story.must('add', 'Write one', '--id', 'one');
		const throttled = async (): Promise<boolean> => (await eventsOf(story)).some(({type}) => type === 'account_throttled');
		await until(throttled, {everyMs: 250, what: () => `the account to wait\n${problem(story, terminal)}`});
		await terminal.waitFor('claude LIMITED');
		await story.must('add', 'Write two', '--id', 'two');
		await merged(story, ['one', 'two'], terminal, 90_000);

		const events = await eventsOf(story);
		const waits = events.findIndex(({type}) => type === 'account_throttled');
		const next = events.findIndex(({type}, index) => type === 'task_claimed' && index > waits);
		expect(events.slice(waits, next).map(({type}) => type)).toContain('task_submitted');
		expect((events[next]?.at ?? 0) - (events[waits]?.at ?? 0)).toBeGreaterThan(25_000);
		for (const id of ['one', 'two']) expect(await story.must('task', id)).toContain('attempt   1 of 3, 0 review rounds');
		expect(expectGreenBase(story.repository, 'sh check.sh', ['one', 'two']).toSorted()).toEqual(['one', 'two']);
		story.expectUntouched();
	},
);
