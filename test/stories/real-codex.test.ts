import {expect} from 'vitest';
import {expectGreenBase} from '../helpers/base-history.ts';
import {createCliStory, testOn} from '../helpers/cli.ts';
import {eventsOf, merged, takenBy} from '../helpers/cli-room.ts';
import {members, verdict} from '../helpers/model-server/member.ts';

const TEAM = `test: sh check.sh
backoff: 200ms
team:
  - {role: developer, harness: codex, mode: headless}
  - {role: code-sentinel, harness: codex}
`;
const CHECK = 'grep -qx "hello, world" README.md || [ ! -e note.txt ]\n';

testOn(
	['codex'],
	'a real codex without a screen edits and commits in its sandbox, and is reviewed by a second one with a structured verdict',
	async () => {
		const story = await createCliStory(
			TEAM,
			members([
				{when: '# Review: ', turns: verdict('approve')},
				{
					when: 'stage develop',
					turns: [
						{edit: {file: 'README.md', from: 'hello', to: 'hello, world'}},
						{write: {file: 'note.txt', text: 'greeted\n'}},
						{run: 'git add --all && git commit -qm "Greet the world"'},
						{run: 'agent-room report done'},
						{say: 'It is handed in.'},
					],
				},
			]),
			{'check.sh': CHECK},
		);
		const terminal = story.open();
		await terminal.waitFor('dev-1', {timeoutMs: 30_000});
		await story.must('add', 'Greet the world', '--id', 'greet');
		await merged(story, ['greet'], terminal);
		expect(expectGreenBase(story.repository, 'sh check.sh', ['greet'])).toEqual(['greet']);
		expect(story.git('show', 'main:README.md')).toBe('hello, world');
		expect(story.git('log', '--format=%s', 'main')).toContain('Greet the world');
		expect(takenBy(await eventsOf(story), 'greet')).toEqual(['dev develop', 'rev review', 'test test', 'merge merge']);
		story.expectUntouched();
	},
);

testOn(
	['codex'],
	'a real codex whose provider misses a variable is not set up: the line to add is on the screen, no attempt is counted, and it works once it has it',
	async () => {
		const story = await createCliStory('test: "true"\nreview: off\nteam: [{role: developer, harness: codex}]\n', [
			{
				when: 'do all that it says now',
				turns: [{run: 'echo one >login.txt'}, {run: 'agent-room report commit "Add a login"'}, {run: 'agent-room report done'}],
			},
		]);
		const {SCRIPTED_API_KEY: key} = story.env;
		delete story.env.SCRIPTED_API_KEY;
		const terminal = story.open();
		await terminal.waitFor('dev-1', {timeoutMs: 30_000});
		await story.must('add', 'Add a login', '--id', 'login');
		await terminal.waitFor('NOT SET UP', {timeoutMs: 60_000});
		expect(await story.must('agents')).toMatch(/dev-1 .*not set up: agents have no `SCRIPTED_API_KEY`/);
		expect(JSON.parse(await story.must('task', 'login', '--json'))).toMatchObject({state: 'ready'});
		expect(story.model.requests).toEqual([]);
		await story.must('stop');
		Object.assign(story.env, {SCRIPTED_API_KEY: key});
		await merged(story, ['login'], story.open());
		expect(JSON.parse(await story.must('task', 'login', '--json'))).toMatchObject({attempt: 1});
	},
);
