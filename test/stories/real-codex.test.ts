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
	120_000,
);
