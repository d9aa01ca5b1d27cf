import {expect} from 'vitest';
import {expectGreenBase} from '../helpers/base-history.ts';
import {type CliStory, createCliStory, testOn} from '../helpers/cli.ts';
import {eventsOf, merged, problem, takenBy} from '../helpers/cli-room.ts';
import {members, verdict} from '../helpers/model-server/member.ts';
import {attemptsOf, kill, openFromShell, roomsOf} from '../helpers/survival.ts';
import {until} from '../helpers/wait.ts';

const CHECK = '[ ! -e half.txt ]\n';

/** Processes of the CLI itself: not the room's program around it, not what it started. */
const programsOf = (story: CliStory, cli: string): readonly number[] =>
	attemptsOf(story)
		.filter(({command}) => new RegExp(`^(\\S*/)?${cli}(\\.exe)? `).test(command))
		.map(({pid}) => pid);

const CRASHES = {
	'its process': (story: CliStory, cli: string) => kill(...programsOf(story, cli)),
	'the room': async (story: CliStory) => {
		await kill(...roomsOf(story));
		await openFromShell(story).waitFor('dev-1', {timeoutMs: 30_000});
	},
} as const;

for (const [cli, killed] of [
	['claude', 'its process'],
	['claude', 'the room'],
	['codex', 'the room'],
] as const)
	testOn(
		[cli],
		`a real ${cli} is in the middle of its work when ${killed} is killed with -9: the same session goes on in the same worktree, and is merged`,
		async () => {
			let isKilled = false;
			const story = await createCliStory(
				`test: sh check.sh
backoff: 200ms
team:
  - {role: developer, harness: ${cli}}
  - {role: code-sentinel, harness: ${cli}}
`,
				members([
					{when: '# Review: ', turns: verdict('approve')},
					{
						when: 'stage develop',
						turns: () =>
							isKilled
								? [{run: 'mv half.txt whole.txt'}, {run: 'agent-room report commit "Write it"'}, {run: 'agent-room report done'}]
								: [{write: {file: 'half.txt', text: 'first half\n'}}, {hang: true}],
					},
				]),
				{'check.sh': CHECK},
			);
			const terminal = openFromShell(story);
			await terminal.waitFor('dev-1', {timeoutMs: 30_000});
			await story.must('add', 'Write it', '--id', 'greet');
			const {requests} = story.model;
			const hung = await until(() => requests.find(({steps}) => steps.some(step => 'hang' in step)), {
				what: () => `the middle of the work\n${problem(story, terminal)}`,
			});
			isKilled = true;
			const before = requests.length;
			await CRASHES[killed](story, cli);
			await merged(story, ['greet'], terminal);

			// The model is told all that was said before it was killed, and then that it goes on.
			const goesOn = requests.slice(before).find(({asked}) => asked.tools.length > 0)?.asked;
			const told = hung.asked.entries.filter(({kind}) => kind === 'prompt').map(({text}) => text);
			const prompts = goesOn?.entries.filter(({kind}) => kind === 'prompt').map(({text}) => text) ?? [];
			expect(prompts.slice(0, told.length)).toEqual(told);
			expect(prompts.at(-1)).toMatch(/You continue the same task/);
			expect(goesOn?.directory).toBe(hung.asked.directory);
			expect(expectGreenBase(story.repository, 'sh check.sh', ['greet'])).toEqual(['greet']);
			expect(story.git('show', 'main:whole.txt')).toBe('first half');
			expect(takenBy(await eventsOf(story), 'greet')).toEqual(['dev develop', 'dev develop', 'rev review', 'test test', 'merge merge']);
			story.expectUntouched();
			await story.must('stop');
		},
	);
