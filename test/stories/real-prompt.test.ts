import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect} from 'vitest';
import {expectGreenBase} from '../helpers/base-history.ts';
import {isWhole} from '../helpers/cases.ts';
import {createCliStory, testOn} from '../helpers/cli.ts';
import {eventsOf, merged, pressOnCard, takenBy} from '../helpers/cli-room.ts';
import {members, verdict} from '../helpers/model-server/member.ts';
import {slackMs} from '../helpers/wait.ts';

/** The program forgets the prompt that it is started with. */
const FORGETFUL = `#!/usr/bin/env bash
set -- "\${@:1:$#-1}"
exec claude "$@"
`;
const TEAM = `test: sh check.sh
backoff: 200ms
harnesses:
  forgetful: {cli: claude, command: [./forgetful.sh]}
team:
  - {role: developer, harness: forgetful}
  - {role: code-sentinel, harness: claude}
`;
const SCRIPT = members([
	{when: '# Review: ', turns: verdict('approve')},
	{
		when: 'stage develop',
		turns: [{run: 'echo one >one.txt'}, {run: 'agent-room report commit "Write one"'}, {run: 'agent-room report done'}],
	},
]);
const FILES = {'check.sh': 'true\n', 'forgetful.sh': FORGETFUL};

const open = async () => {
	const story = await createCliStory(TEAM, SCRIPT, FILES);
	story.git('update-index', '--chmod=+x', 'forgetful.sh');
	story.git('commit', '--quiet', '--message', 'Let it run');
	story.git('checkout', '--', '.');
	return story;
};
const receipts = async (story: Awaited<ReturnType<typeof open>>): Promise<readonly string[]> =>
	(await eventsOf(story)).filter(({type, task}) => type.startsWith('prompt_') && task === 'one').map(({type, agent}) => `${type} ${agent}`);

testOn(['claude'], 'a real claude that lost its prompt gets it by paste', async () => {
	const story = await open();
	const terminal = story.open();
	await terminal.waitFor('dev-1', {timeoutMs: 30_000});
	await story.must('add', 'Write one', '--id', 'one');
	await merged(story, ['one'], terminal);
	expect(await receipts(story)).toEqual(['prompt_proved agent:dev:001']);
	expect(expectGreenBase(story.repository, 'sh check.sh', ['one'])).toEqual(['one']);
	story.expectUntouched();
});

// That a person is asked where nothing arrives: `test/room/session/first-prompt.test.ts`.
const testOfWhole: typeof testOn = (...given) => (isWhole ? testOn(...given) : undefined);

testOfWhole(
	['claude'],
	'a real claude whose person gave Enter another meaning never submits its prompt: the person is asked, submits it in the pane, and it is merged',
	async () => {
		const story = await open();
		const bindings = [{context: 'Chat', bindings: {enter: 'chat:newline', 'ctrl+y': 'chat:submit'}}];
		mkdirSync(join(story.folder, '.claude'), {recursive: true});
		writeFileSync(join(story.folder, '.claude', 'keybindings.json'), JSON.stringify({bindings}));
		const terminal = story.open();
		await terminal.waitFor('dev-1', {timeoutMs: 30_000});
		await story.must('add', 'Write one', '--id', 'one');
		await terminal.waitFor('Prompt not confirmed', {timeoutMs: 45_000});
		expect(await receipts(story)).toEqual(['prompt_unknown agent:dev:001']);
		expect(story.model.requests).toEqual([]);
		terminal.press('a');
		await pressOnCard(terminal, 'right', '1  Send the prompt again');
		await pressOnCard(terminal, 'ctrl+]', 'Typing into dev-1');
		terminal.press('ctrl+y');
		await merged(story, ['one'], terminal);
		const events = await eventsOf(story);
		const at = (name: string): number => events.find(({type}) => type === name)?.at ?? 0;
		expect(at('prompt_unknown') - at('task_claimed')).toBeLessThan(15_000 + slackMs());
		expect(events.some(({text}) => text === 'prompt accepted')).toBe(true);
		expect(takenBy(events, 'one')).toEqual(['dev develop', 'rev review', 'test test', 'merge merge']);
		expect(expectGreenBase(story.repository, 'sh check.sh', ['one'])).toEqual(['one']);
		story.expectUntouched();
	},
);
