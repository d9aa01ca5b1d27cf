import {existsSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {createStory} from '../helpers/room.ts';

/** What there is of rooms: folders that hold more than the place for one. */
const rooms = (folder: string): readonly string[] => {
	const states = join(folder, 's', 'agent-room');
	return existsSync(states) ? readdirSync(states).filter(name => existsSync(join(states, name, 'room.json'))) : [];
};

test('the first time in a repository one sees what is ready, starts nothing by looking, and gets a configuration, a room and a form by one key each', async () => {
	const story = createStory('base: main\n', {'package.json': '{"scripts": {"test": "node --test"}}', 'package-lock.json': '{}'});
	const config = join(story.repository, 'agent-room.yaml');
	rmSync(config);

	const first = story.open({columns: 80, rows: 24});
	await first.waitFor(/^ START │ ↵ open room/m, {timeoutMs: 30_000});
	await first.waitFor(/╭─Ready ─/, {timeoutMs: 30_000});
	await first.waitFor('Nothing has started; nothing has cost money.', {timeoutMs: 30_000});
	// What is no key here says so, and `esc`, which never quits, takes it back.
	first.press('Q');
	await first.waitFor('Q does nothing here: see the keys below.');
	first.press('esc');
	await first.waitFor(rows => !rows.some(row => row.includes('does nothing here')));
	first.press('i');
	await first.waitFor(/Wrote [\s\S]*agent-room\.yaml\.[\s│]+Test[\s│]+command:[\s│]+npm[\s│]+test\./, {timeoutMs: 30_000});
	expect(readFileSync(config, 'utf8')).toContain('test: npm test');
	first.press('q');
	expect((await first.exit).exitCode).toBe(0);
	expect(rooms(story.folder)).toEqual([]);

	rmSync(config);
	const second = story.open({columns: 80, rows: 24});
	await second.waitFor(/╭─Ready ─/, {timeoutMs: 30_000});
	await second.waitFor(/Opening starts/, {timeoutMs: 30_000});
	// Nothing that would be useless opens before it was said.
	await second.waitFor('no test command: nothing can merge', {timeoutMs: 30_000});
	second.press('n');
	await second.waitFor('n again opens the room without it.');
	second.press('n');
	await second.waitFor('FORM │', {timeoutMs: 30_000});
	expect(rooms(story.folder)).toHaveLength(1);

	// Whoever was here before is not asked again.
	const third = story.open({columns: 80, rows: 24});
	await third.waitFor('ROOM │', {timeoutMs: 30_000});
});
