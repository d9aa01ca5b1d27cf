import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {createStory} from '../helpers/room.ts';
import {until} from '../helpers/wait.ts';

const AGENT = `#!/bin/sh
set -eu
case "$AGENT_ROOM_STAGE" in
plan)
	cp "$AGENT_ROOM_BRIEF_FILE" "$STORY/brief"
	printf 'tasks:\\n  - {id: table, title: Keep sessions}\\n  - {id: form, title: Log in, after: [table]}\\n' >"$AGENT_ROOM_PLAN_FILE"
	;;
review) exec agent-room report done --verdict approve ;;
*) echo "$AGENT_ROOM_TASK" >"$AGENT_ROOM_TASK.txt" ;;
esac
`;

/** At first it writes a dependency that is none; once it shall mend that, it does, and names a task anew. The same twice is no more than once. */
const EDITOR = `#!/bin/sh
if [ -e "$STORY/mend" ]; then
	grep -q tabel "$1" && touch "$STORY/kept"
	sed -i 's/tabel/table/; s/title: Keep sessions$/title: Keep sessions well/' "$1"
else
	sed -i 's/after: \\[table\\]/after: [tabel]/' "$1"
fi
`;

test('a plan is rejected with words, then edited in an editor: what is wrong is shown with its line, the text is kept, and what was meant is done', async () => {
	const story = createStory(`test: "true"
env: [STORY]
harnesses:
  mine: {command: [./agent.sh]}
team:
  - {role: orchestrator, harness: mine}
  - {role: developer, harness: mine}
  - {role: code-sentinel, harness: mine}
`);
	writeFileSync(join(story.repository, 'agent.sh'), AGENT, {mode: 0o755});
	story.git('add', '--all');
	story.git('commit', '--quiet', '-m', 'An agent');
	const editor = story.file('editor.sh');
	writeFileSync(editor, EDITOR, {mode: 0o755});
	Object.assign(story.env, {EDITOR: editor, VISUAL: ''});

	const terminal = story.open();
	await terminal.waitFor('orc-1', {timeoutMs: 30_000});
	await story.must('add', '--feature', 'Let people log in', '--id', 'login');
	await terminal.waitFor('needs approval: approve the plan?', {timeoutMs: 30_000});
	terminal.press('a');
	await terminal.waitFor('Plan for login');
	await terminal.waitFor('Keep sessions');
	const presses = (key: string, isDone: () => boolean): Promise<unknown> =>
		until(
			() => {
				if (!isDone()) terminal.press(key);
				return isDone();
			},
			{everyMs: 1500, what: () => `what comes of ${key}\n${terminal.text()}`},
		);

	await presses('n', () => terminal.text().includes('What should change?'));
	terminal.type('Passkeys, please.');
	await terminal.waitFor('Passkeys, please.');
	terminal.press('enter');
	await until(() => existsSync(story.file('brief')) && readFileSync(story.file('brief'), 'utf8').includes('Passkeys, please.'), {
		what: () => `the words in the next brief\n${terminal.text()}`,
	});
	// The screen may still show the question about the first plan: what Redis says comes first.
	await until(async () => (await story.status()).tasks.find(({id}) => id === 'login')?.state === 'blocked', {
		everyMs: 200,
		what: () => `the next plan\n${terminal.text()}`,
	});
	await terminal.waitFor('needs approval: approve the plan?', {timeoutMs: 30_000});

	await presses('a', () => terminal.text().includes('Plan for login') && terminal.text().includes('Keep sessions'));
	// The first plan's card may close beneath the key, when the second plan takes its place.
	await until(
		() => {
			const isEdited = terminal.text().includes('tabel');
			if (!isEdited) terminal.press(terminal.text().includes('Plan for login') ? 'e' : 'a');
			return isEdited;
		},
		{everyMs: 1500, what: () => `the plan as the editor left it\n${terminal.text()}`},
	);
	await presses('y', () => terminal.text().includes('does not exist, in the plan or elsewhere'));
	expect(terminal.text()).toMatch(/line \d+: dependency `tabel` does not exist/);
	writeFileSync(story.file('mend'), '');
	await presses('e', () => terminal.text().includes('Keep sessions well'));
	expect(existsSync(story.file('kept'))).toBe(true);
	await presses('y', () => !terminal.text().includes('Plan for login'));

	await until(async () => (await story.status()).tasks.find(({id}) => id === 'form')?.state === 'merged', {
		timeoutMs: 60_000,
		everyMs: 500,
		what: () => `the end of it\n${terminal.text()}`,
	});
	expect(story.git('log', '--first-parent', '--format=%s', 'main').split('\n')).toEqual([
		'Log in',
		'Keep sessions well',
		'An agent',
		'Begin',
	]);
});
