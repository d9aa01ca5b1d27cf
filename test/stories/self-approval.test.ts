import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {expectGreenBase} from '../helpers/base-history.ts';
import {createStory} from '../helpers/room.ts';
import {until} from '../helpers/wait.ts';

/** Tries every way that its shell offers to get its own work past the review, then hands it in as it should. */
const AUTHOR = `#!/bin/sh
tries() {
	name=$1; shift
	"$@" >"$STORY/$name" 2>&1
	echo "exit $?" >>"$STORY/$name"
}
if [ "$AGENT_ROOM_ROUND" = 0 ]; then echo "half" >"$AGENT_ROOM_TASK.txt"; else echo "whole" >"$AGENT_ROOM_TASK.txt"; fi
git add --all
git -c user.name=rev-1 -c user.email=rev@example.org commit --quiet --message "Reviewed-by: rev-1"
tries own agent-room report done --verdict approve --comments /dev/null
AGENT_ROOM_AGENT=agent:rev:001 tries forged agent-room report done --verdict approve
AGENT_ROOM_AGENT=agent:merge:001 tries merging agent-room report done
AGENT_ROOM_STAGE=review AGENT_ROOM_ROLE=code-sentinel tries posing agent-room report done --verdict approve
tries push git push --quiet . HEAD:main
touch "$STORY/tried"
while [ ! -e "$STORY/go" ]; do sleep 0.05; done
agent-room report done
`;

const REVIEWER = `#!/bin/sh
if grep -q '^+half' "$AGENT_ROOM_BRIEF_FILE"; then
	echo "$AGENT_ROOM_TASK.txt:1: must-fix: only half" | agent-room report done --verdict changes --comments -
	exit
fi
exec agent-room report done --verdict approve
`;

const TEST = '! grep -l half *.txt';

test('an author that approves itself by every way it finds is refused and named, and what lands was approved by another', async () => {
	const story = createStory(
		`test: "${TEST}"
env: [STORY]
harnesses:
  author: {command: [./author.sh]}
  reviewer: {command: [./reviewer.sh]}
team:
  - {role: developer, harness: author}
  - {role: code-sentinel, harness: reviewer}
`,
	);
	for (const [name, content] of Object.entries({'author.sh': AUTHOR, 'reviewer.sh': REVIEWER}))
		writeFileSync(join(story.repository, name), content, {mode: 0o755});
	story.git('add', '--all');
	story.git('commit', '--quiet', '-m', 'Agents');
	const begin = story.git('rev-parse', 'main');
	const said = (name: string): string => readFileSync(story.file(name), 'utf8');

	const room = story.open();
	await room.waitFor('dev-1');
	await story.must('add', 'Write it', '--id', 'one');
	await until(() => existsSync(story.file('tried')), {timeoutMs: 30_000, what: 'the tries of the author'});
	// Seen by whoever sits at the terminal, in the agent's row.
	await room.waitFor(/dev-1.*(?:tried to review|reported as)/s);
	expect(said('own')).toMatch(/dev-1 is an author of one and cannot review it\.[\s\S]*exit 1/);
	for (const name of ['forged', 'merging']) expect(said(name)).toMatch(/dev-1 cannot report as another agent\.[\s\S]*exit 1/);
	expect(said('posing')).toMatch(/cannot review it\.[\s\S]*exit 1/);
	expect(story.git('rev-parse', 'main')).toBe(begin);
	writeFileSync(story.file('go'), '');
	await until(async () => (await story.status()).tasks.some(({state}) => state === 'merged'), {timeoutMs: 40_000, what: 'the merge'});

	const events = await story.must('events');
	expect(events).toContain('dev-1 tried to review its own work on one: refused');
	expect(events).toContain('dev-1 reported as rev-1: refused');
	expect(events).toContain('dev-1 reported as merge-1: refused');
	const shown = await story.must('task', 'one');
	expect(shown).toMatch(/author {4}dev-1\n {2}reviewer {2}rev-1/);
	expect(shown).toMatch(/1 {6}review {2}rev-1 {5}changes {2}[0-9a-f]{12} {2}1 must-fix\n {2}2 {6}review {2}rev-1 {5}approve/);
	expect(expectGreenBase(story.repository, TEST, ['one'])).toEqual(['one']);
	expect(story.git('show', 'main:one.txt')).toBe('whole');
	room.press('q');
	await story.must('stop');
});
