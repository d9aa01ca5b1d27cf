import {expect} from 'vitest';
import {expectGreenBase} from '../helpers/base-history.ts';
import {createCliStory, testOn} from '../helpers/cli.ts';
import {eventsOf, merged, pressOnCard, problem, takenBy} from '../helpers/cli-room.ts';
import {members, verdict} from '../helpers/model-server/member.ts';
import {until} from '../helpers/wait.ts';

/** A note is right only where the greeting is. */
const CHECK = '[ ! -e note.txt ] || grep -qx "hello, world" README.md\n';
const QUESTION = 'sh generate.sh';

/** opencode installs a package of its own at its first start, and waits for that where there are plugins: here it fails at once. */
const OPENCODE = `  open:
    cli: opencode
    command: [opencode]
    env: {npm_config_registry: "http://127.0.0.1:1/", npm_config_fetch_retries: "0", OPENCODE_DISABLE_MODELS_FETCH: "1"}
`;

for (const [developer, reviewer, decision] of [
	['gemini', 'gemini', 'Shell: sh generate.sh'],
	['open', 'gemini', 'Run: sh generate.sh'],
] as const)
	testOn(
		['gemini', 'opencode'],
		`a real ${developer === 'open' ? 'opencode' : developer} in a pane is allowed a command from its card and commits; a real gemini reviews it without a screen, it is tested and merged`,
		async () => {
			const story = await createCliStory(
				// In a sandbox it does what stays in there without a question.
				`test: sh check.sh
sandbox: off
backoff: 200ms
harnesses:
${OPENCODE}team:
  - {role: developer, harness: ${developer}}
  - {role: code-sentinel, harness: ${reviewer}}
`,
				members([
					{when: '# Review: ', turns: verdict('approve')},
					{
						when: 'stage develop',
						turns: [
							{read: 'README.md'},
							{edit: {file: 'README.md', from: 'hello', to: 'hello, world'}},
							{run: QUESTION},
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
			await until(() => terminal.text().includes(`dev-1 greet needs input: ${decision}`), {
				timeoutMs: 180_000,
				what: () => problem(story, terminal),
			});
			terminal.press('a');
			await terminal.waitFor(QUESTION);
			await pressOnCard(terminal, '1', '1  Allow once');
			await merged(story, ['greet'], terminal, 90_000);
			expect(expectGreenBase(story.repository, 'sh check.sh', ['greet'])).toEqual(['greet']);
			expect(story.git('show', 'main:note.txt')).toBe('greeted');
			expect(takenBy(await eventsOf(story), 'greet')).toEqual(['dev develop', 'rev review', 'test test', 'merge merge']);
			story.expectUntouched();
		},
		420_000,
	);
