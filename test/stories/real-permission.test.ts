import {expect} from 'vitest';
import {expectGreenBase} from '../helpers/base-history.ts';
import {createCliStory, testOn} from '../helpers/cli.ts';
import {eventsOf, merged, pressOnCard, problem, takenBy} from '../helpers/cli-room.ts';
import {members, verdict} from '../helpers/model-server/member.ts';
import {slackMs, until} from '../helpers/wait.ts';

/** A note is right only where the greeting is. */
const CHECK = '[ ! -e note.txt ] || grep -qx "hello, world" README.md\n';
const QUESTION = 'sh generate.sh';

for (const cli of ['claude', 'codex'] as const)
	testOn(
		[cli],
		`a real ${cli} in a pane is allowed a command from its card, edits and commits; a second one reviews it, it is tested and merged`,
		async () => {
			const story = await createCliStory(
				// In a sandbox it does what stays in there without a question.
				`test: sh check.sh
sandbox: off
backoff: 200ms
team:
  - {role: developer, harness: ${cli}}
  - {role: code-sentinel, harness: ${cli}}
`,
				members([
					{when: '# Review: ', turns: verdict('approve')},
					{
						when: 'stage develop',
						turns: [
							{read: 'README.md'},
							{edit: {file: 'README.md', from: 'hello', to: 'hello, world'}},
							[{say: 'I generate the note.'}, {run: QUESTION, decision: 'May the note be generated?'}],
							{run: 'agent-room report commit "Greet the world"'},
							{run: 'agent-room report done'},
							{say: 'It is handed in.'},
						],
					},
				]),
				{'check.sh': CHECK, 'generate.sh': 'echo greeted >note.txt\n'},
			);
			const terminal = story.open();
			await terminal.waitFor('dev-1', {timeoutMs: 30_000});
			await story.must('add', 'Greet the world', '--id', 'greet');

			const isDue = (command: string) => (): boolean =>
				story.model.requests.some(({steps}) => steps.some(step => 'run' in step && step.run.startsWith(command)));
			await until(isDue(QUESTION), {everyMs: 5, what: () => `the command that asks\n${problem(story, terminal)}`});
			const askedAt = performance.now();
			await terminal.waitFor(/dev-1 greet needs input: .*generate/);
			expect(performance.now() - askedAt).toBeLessThan(1000 + slackMs());
			terminal.press('a');
			await terminal.waitFor(QUESTION);
			const answeredAt = await pressOnCard(terminal, '1', '1  Yes');
			await until(isDue('agent-room report commit'), {everyMs: 5, what: () => `the command to have run\n${problem(story, terminal)}`});
			expect(performance.now() - answeredAt).toBeLessThan(1000 + slackMs());

			await merged(story, ['greet'], terminal);
			expect(expectGreenBase(story.repository, 'sh check.sh', ['greet'])).toEqual(['greet']);
			expect(story.git('show', 'main:note.txt')).toBe('greeted');
			expect(takenBy(await eventsOf(story), 'greet')).toEqual(['dev develop', 'rev review', 'test test', 'merge merge']);
			story.expectUntouched();
		},
	);
