import {expect, test} from 'vitest';
import {cleanEnvironment, node} from '../helpers/program.ts';
import {binFile, createStory} from '../helpers/room.ts';
import {openTerminal} from '../helpers/screen.ts';
import {until} from '../helpers/wait.ts';

test('the demo in the room asks the person, takes a digit, and says at the end what happened', async () => {
	const story = createStory('');
	const room = openTerminal({command: [node, binFile, 'demo'], columns: 160, rows: 45, cwd: story.repository, env: story.env});
	await room.waitFor(/[23] working/);
	await room.waitFor('needs input: Do you want to proceed?');
	room.press('a');
	await room.waitFor('or type a reply');
	// A key that comes before the card counts as painted answers nothing; a person presses it again.
	const isAnswered = (): boolean => !room.rows().some(row => row.includes('or type a reply'));
	const press = (): boolean => {
		if (!room.text().includes('› 2')) room.press('2');
		return false;
	};
	await until(() => isAnswered() || press(), {everyMs: 200, what: () => `the card to close\n${room.text()}`});
	await room.waitFor('(answered in the room)');
	await room.waitFor('8 tasks merged: each was written', {timeoutMs: 90_000});
	room.press('q');
	await room.waitFor('detach (agents keep running)');
	room.press('d');
	expect(await room.exit).toMatchObject({exitCode: 0});
	const words = room.text();
	for (const said of [
		/The demo has finished: 8 tasks merged in \d/,
		/1 feature planned: wordsmith/,
		/[23] developers running in parallel/,
		/1 permission question asked/,
		/1 crash, continued by another agent: truncate/,
		/1 review that requested changes: capitalize/,
		/1 task on a protected path with a security review: escape-html/,
		/1 merge conflict, 1 resolved with both sides kept: readme-/,
		/1 task removed from the merge queue after failed tests, then fixed: reading-time/,
		/1 page of documentation: wordsmith-docs/,
		/Describe in the README what works/,
	])
		expect(words).toMatch(said);
});

test('who leaves early is told how to come back, and nothing that runs is removed', async () => {
	const story = createStory('');
	const room = openTerminal({command: [node, binFile, 'demo'], columns: 160, rows: 45, cwd: story.repository, env: story.env});
	await room.waitFor(/[23] working/);
	room.press('q');
	await room.waitFor('detach (agents keep running)');
	room.press('d');
	expect(await room.exit).toMatchObject({exitCode: 0});
	expect(room.text()).toMatch(/The demo has not finished: [0-7] of [18] tasks? merged\./);
	expect(room.text()).toContain('Agents keep running.');
	const script = /reattach: +(\S+\/room)$/m.exec(room.rows().join('\n'))?.[1] ?? '';
	const again = openTerminal({
		command: ['sh', script],
		columns: 160,
		rows: 45,
		cwd: story.folder,
		env: cleanEnvironment({TMPDIR: story.env.TMPDIR}),
	});
	await again.waitFor('wordsmith@main');
	again.press('q');
	await again.waitFor('stop now');
	again.press('s');
	expect(await again.exit).toMatchObject({exitCode: 0});
});
