import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {createStory} from '../helpers/room.ts';

const config = `base: main
test: 'true'
harnesses:
  typist: {command: [cat]}
team:
  - {role: developer, harness: typist, count: 2}
keys:
  zoom: Z
  drain: null
  stop.interrupt: [i, I]
  leader: ["ctrl+]", ctrl+g]
`;

test('a person finds every command by its name, has keys of the own, and is taught the way back once', async () => {
	const story = createStory(config);
	expect(await story.must('help', 'keys')).toMatch(/^ {2}Z +zoom pane +zoom {2}\(z by default\)$/m);
	await story.must('add', 'Listen', '--id', 'listen');
	const room = story.open({columns: 100, rows: 30});
	await room.waitFor('listen');

	// A command without a key, by its name.
	room.type(':drain\r');
	await room.waitFor('DRAINED  :drain  resume');

	// The keys of a dialog, from the help, run in the dialog.
	room.type("'dev-1\rx?");
	await room.waitFor('STOP AN AGENT');
	room.type('interrupt');
	await room.waitFor(/▸ i I +interrupt/);
	room.press('esc');
	await room.waitFor('CONFIRM │');
	room.press('esc');
	await room.waitFor('ROOM │');

	room.type('i');
	await room.waitFor('returns to the room');
	room.press('ctrl+g');
	await room.waitFor('TYPING INTO dev-1');
	room.press('ctrl+g');
	room.type('Z');
	await room.waitFor('agent-room › dev-1');
	room.type('q\r');
	expect(await room.exit).toMatchObject({exitCode: 0});

	const again = story.open({columns: 80, rows: 24});
	await again.waitFor('ROOM │');
	again.type("'dev-1\ri");
	await again.waitFor('TYPING INTO dev-1');
	again.press('ctrl+]');
	await again.waitFor('ROOM │');

	writeFileSync(join(story.repository, 'agent-room.yaml'), config.replace('zoom: Z', 'zoom: x'));
	const refused = await story.run('doctor', '--quick');
	expect(refused.stdout).toContain('agent-room.yaml:8: `x` of `zoom` is already used by `stop`.');
});
