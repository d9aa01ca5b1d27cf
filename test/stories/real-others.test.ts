import {expect} from 'vitest';
import {expectGreenBase} from '../helpers/base-history.ts';
import {createCliStory, testOn} from '../helpers/cli.ts';
import {eventsOf, merged, takenBy} from '../helpers/cli-room.ts';
import {members, verdict} from '../helpers/model-server/member.ts';

const team = (cli: string): string => `test: sh check.sh
backoff: 200ms
team:
  - {role: developer, harness: ${cli}, mode: headless}
  - {role: code-sentinel, harness: ${cli}}
`;
const CHECK = '[ ! -e note.txt ] || grep -qx "hello, world" README.md\n';

for (const cli of ['gemini', 'opencode'] as const)
	testOn([cli], `a real ${cli} without a screen edits and commits, and is reviewed by a second one`, async () => {
		const story = await createCliStory(
			team(cli),
			members([
				{when: '# Review: ', turns: verdict('approve')},
				{
					when: 'stage develop',
					turns: [
						{read: 'README.md'},
						{edit: {file: 'README.md', from: 'hello', to: 'hello, world'}},
						{write: {file: 'note.txt', text: 'greeted\n'}},
						{run: 'agent-room report commit "Greet the world"'},
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
		await merged(story, ['greet'], terminal, 120_000);
		expect(expectGreenBase(story.repository, 'sh check.sh', ['greet'])).toEqual(['greet']);
		expect(story.git('show', 'main:README.md')).toBe('hello, world');
		expect(story.git('log', '--format=%s', 'main')).toContain('Greet the world');
		expect(takenBy(await eventsOf(story), 'greet')).toEqual(['dev develop', 'rev review', 'test test', 'merge merge']);
		story.expectUntouched();
	});
