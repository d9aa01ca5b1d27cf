import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {expectGreenBase} from '../helpers/base-history.ts';
import {createStory, type Story} from '../helpers/room.ts';
import {until} from '../helpers/wait.ts';

/** Puts a greeting of its own into the same place of the same file as the other, commits, and hands it in when it is let go. */
const AUTHOR = `#!/bin/sh
set -eu
sed -i "s/^# greetings/# greetings\\necho $AGENT_ROOM_TASK/" greet.sh
echo "about $AGENT_ROOM_TASK" >"$AGENT_ROOM_TASK.md"
git add --all
git -c user.name=a -c user.email=a@example.org commit --quiet --message "Greet in $AGENT_ROOM_TASK"
touch "$STORY/committed-$AGENT_ROOM_TASK"
while [ ! -e "$STORY/go-$AGENT_ROOM_TASK" ]; do sleep 0.05; done
`;

const REVIEWER = `#!/bin/sh
git diff "$AGENT_ROOM_BASE...HEAD" >"$STORY/reviewed-$AGENT_ROOM_TASK"
exec agent-room report done --verdict approve
`;

/** Keeps both sides once a person has said so, and takes its own before, where \`$STORY/takes-a-side\` is. */
const RESOLVER = `#!/bin/sh
set -eu
cp "$AGENT_ROOM_BRIEF_FILE" "$STORY/brief"
git status --short >"$STORY/status"
if [ -e "$STORY/takes-a-side" ] && ! grep -q "Keep both" "$AGENT_ROOM_BRIEF_FILE"; then
	if [ -s "$STORY/status" ]; then git checkout --quiet --ours greet.sh; fi
elif [ -s "$STORY/status" ]; then
	sed -i -e '/^|||||||/,/^=======/d' -e '/^[<>]/d' greet.sh
else
	sed -i "s/^# greetings/# greetings\\necho german/" greet.sh
fi
git add --all
git -c user.name=f -c user.email=f@example.org commit --quiet --allow-empty --message "Merge both greetings"
`;

const TEST = 'sh greet.sh >/dev/null && ! grep -q "^[<>=|]" greet.sh';

/** Two authors at work on the same place, in a room on a terminal; `german` lands first. */
const start = async (): Promise<{readonly story: Story; readonly room: ReturnType<Story['open']>}> => {
	const story = createStory(
		`test: '${TEST}'
env: [STORY]
backoff: 100ms
requireApproval: [secrets]
harnesses:
  author: {command: [./author.sh]}
  reviewer: {command: [./reviewer.sh]}
  resolver: {command: [./resolver.sh]}
team:
  - {role: developer, harness: author, count: 2}
  - {role: code-sentinel, harness: reviewer}
  - {role: conflict-resolver, harness: resolver}
`,
		{'greet.sh': '# greetings\n'},
	);
	for (const [name, content] of Object.entries({'author.sh': AUTHOR, 'reviewer.sh': REVIEWER, 'resolver.sh': RESOLVER}))
		writeFileSync(join(story.repository, name), content, {mode: 0o755});
	story.git('add', '--all');
	story.git('commit', '--quiet', '-m', 'Agents');
	const room = story.open();
	await room.waitFor('fix-1');
	await story.must('add', 'Greet in German', '--id', 'german', '--priority', '80');
	await story.must('add', 'Greet in French', '--id', 'french');
	const isThere = (id: string): boolean => existsSync(story.file(`committed-${id}`));
	await until(() => isThere('german') && isThere('french'), {timeoutMs: 40_000, what: () => `both at work\n${room.text()}`});
	return {story, room};
};

const isIn = async (story: Story, id: string, state: string): Promise<boolean> =>
	(await story.status()).tasks.some(task => task.id === id && task.state === state);

test('two agents that change the same lines are told so while both work; the second is resolved with both contents, reviewed, tested, merged', async () => {
	const {story, room} = await start();
	await until(async () => (await story.must('conflicts')).includes('german × french'), {what: 'the prediction'});
	expect(await story.must('conflicts')).toMatch(/^german × french {2}dev-\d, dev-\d {2}greet\.sh {2}for \d/);
	expect(await story.must('status')).toContain('PREDICTED CONFLICTS 1');
	writeFileSync(story.file('go-german'), '');
	await until(() => isIn(story, 'german', 'merged'), {timeoutMs: 40_000, what: () => `the first merge\n${room.text()}`});
	writeFileSync(story.file('go-french'), '');
	await until(() => isIn(story, 'french', 'merged'), {timeoutMs: 60_000, what: () => `the second merge\n${room.text()}`});

	// Resolved on a worktree with the merge in progress, by somebody who knew what both wanted.
	expect(readFileSync(story.file('status'), 'utf8')).toMatch(/^UU greet\.sh$/m);
	expect(readFileSync(story.file('brief'), 'utf8')).toMatch(/both sides changed `greet\.sh`[\s\S]*Greet in German \(task `german`\)/);
	// Reviewed and tested like any other, and in the history of the base commit by commit.
	expect(readFileSync(story.file('reviewed-french'), 'utf8')).toContain('+echo french');
	expect(expectGreenBase(story.repository, TEST, ['german', 'french'])).toEqual(['german', 'french']);
	expect(story.git('show', 'main:greet.sh').split('\n').toSorted()).toEqual(['# greetings', 'echo french', 'echo german']);
	expect(story.git('ls-tree', '--name-only', 'main')).toMatch(/french\.md\ngerman\.md/);
	const events = await story.must('events');
	expect(events).toContain('german and french would conflict in `greet.sh`');
	expect(events).toMatch(/german and french no longer conflict|french and main would conflict/);
	expect(await story.must('conflicts')).toBe('');
	room.press('q');
	await story.must('stop');
});

test('a resolver that takes a side is stopped; what it left out is named, and with the words of a person both sides land', async () => {
	const {story, room} = await start();
	writeFileSync(story.file('takes-a-side'), '');
	writeFileSync(story.file('go-german'), '');
	await until(() => isIn(story, 'german', 'merged'), {timeoutMs: 40_000, what: () => `the first merge\n${room.text()}`});
	const before = story.git('rev-parse', 'main');
	writeFileSync(story.file('go-french'), '');
	await until(() => isIn(story, 'french', 'blocked'), {timeoutMs: 60_000, what: () => `the question\n${room.text()}`});

	// It was sent back with what is missing before anybody was asked, and nothing has landed.
	expect(readFileSync(story.file('brief'), 'utf8')).toMatch(/greet\.sh, from main:\n {4}echo german/);
	const detail = await story.must('task', 'french');
	expect(detail).toContain('lost content that a side had added in `greet.sh`');
	expect(story.git('rev-parse', 'main')).toBe(before);
	expect((await story.run('status', '--exit-code')).code).toBe(4);

	await story.must('request-changes', 'french', '--reason', 'Keep both greetings.');
	await until(() => isIn(story, 'french', 'merged'), {timeoutMs: 60_000, what: () => `the second merge\n${room.text()}`});
	expect(expectGreenBase(story.repository, TEST, ['german', 'french'])).toEqual(['german', 'french']);
	expect(story.git('show', 'main:greet.sh').split('\n').toSorted()).toEqual(['# greetings', 'echo french', 'echo german']);
	room.press('q');
	await story.must('stop');
});
