import {writeFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {createStory, type Story} from '../helpers/room.ts';
import {until} from '../helpers/wait.ts';

/** Commits a file named after its task as soon as the story lets it go. */
const AGENT = [
	'while [ ! -e "$STORY/go-$AGENT_ROOM_TASK" ]; do sleep 0.05; done',
	'echo "$AGENT_ROOM_TASK" > "$AGENT_ROOM_TASK.txt"',
	'git add --all',
	'git -c user.name=a -c user.email=a@b commit --quiet -m work',
].join('; ');
const config = `base: main
test: 'true'
review: off
env: [STORY]
harnesses:
  mine: {command: [sh, -c, ${JSON.stringify(AGENT)}], finish: exit}
team:
  - {role: developer, harness: mine, count: 1}
  - {role: test-orchestrator}
`;

const isMerged = async (story: Story, id: string): Promise<boolean> =>
	(JSON.parse(await story.must('status', '--json')) as {tasks: readonly {id: string; state: string}[]}).tasks.some(
		task => task.id === id && task.state === 'merged',
	);

test('a human adds and opens a task, sees all on the board, and sees after a detach what changed', async () => {
	const story = createStory(config);
	const room = story.open({columns: 160, rows: 40});
	await room.waitFor('dev-1', {timeoutMs: 30_000});
	room.type('n');
	await room.waitFor('no estimate until the first tasks finish');
	await room.waitFor('can start now: no lock conflict, dev-1 is idle');
	room.type('Tell the time\t@READ');
	await room.waitFor('▸ README.md');
	room.press('tab');
	room.press('ctrl+t');
	await room.waitFor(/t-1 Tell the time .*develop, running/);
	room.press('esc');
	await room.waitFor('ROOM │');
	room.type('t');
	await room.waitFor(/▸●W t-1 Tell the time/);
	room.type('nHalf a thought');
	await room.waitFor('Half a thought');
	room.press('esc');
	await room.waitFor('BOARD │');
	room.type('q');
	await room.waitFor('agents keep running');
	room.type('d');
	expect(await room.exit).toMatchObject({exitCode: 0});

	// Meanwhile one task lands and another comes.
	writeFileSync(story.file('go-t-1'), '');
	await until(() => isMerged(story, 't-1'), {what: 'the task to be merged', timeoutMs: 30_000});
	await story.must('add', 'Tell the date', '--id', 'date');

	const again = story.open({columns: 80, rows: 24});
	// That somebody works is no news; what came and what landed is.
	await again.waitFor(/●W dev-1 +date [^•]*\n/);
	again.type('w');
	await again.waitFor(/▸ merged +1 +t-1 +\+1 -0/);
	await again.waitFor(/new +1 +date/);
	await again.waitFor('one merge since you last looked');
	again.press('enter');
	await again.waitFor(/t-1 Tell the time .*merged/);
	again.press('esc');
	await again.waitFor('ROOM │');
	again.type('n');
	await again.waitFor('Half a thought');
	again.press('esc');
	await again.waitFor('ROOM │');
	again.type('cb');
	await again.waitFor('budget, dollars:');
	again.type('5\r');
	await again.waitFor('$0.00 of $5.00');
	again.press('esc');
	await again.waitFor('$0.00/5');
});
