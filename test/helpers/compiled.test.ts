import {mkdirSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {withEnvironment} from './environment.ts';
import {fileFolder} from './own-home.ts';
import {createStory} from './room.ts';

/** Opens a room in a story of its own and ends it in order; what was compiled for that program before and after. */
const opens = async (): Promise<readonly [before: readonly string[], after: readonly string[]]> => {
	const compiled = join(fileFolder, 'compiled');
	mkdirSync(compiled, {recursive: true, mode: 0o700});
	withEnvironment({NODE_COMPILE_CACHE: compiled});
	const story = createStory(
		'test: "true"\nreview: off\nteam: [{role: developer, harness: mine}]\nharnesses: {mine: {command: ["true"]}}\n',
	);
	const files = (): readonly string[] => readdirSync(join(story.folder, 'v8'), {recursive: true}).map(String).sort();
	const before = files();
	const terminal = story.open();
	await terminal.waitFor('main');
	await story.must('stop');
	return [before, files()];
};

test('a story compiles the program', async () => {
	const [before, after] = await opens();
	expect(before).toEqual([]);
	expect(after).not.toEqual([]);
});

test('the next one has that already, though its room runs a copy of its own', async () => {
	const [before, after] = await opens();
	expect(before.length).toBeGreaterThan(5);
	// What is loaded late, the first room may have ended without.
	expect(after.filter(name => !before.includes(name)).length).toBeLessThan(before.length / 3);
});
