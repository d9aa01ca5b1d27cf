import {describe, expect, test} from 'vitest';
import {node} from '../helpers/program.ts';
import {binFile, createStory} from '../helpers/room.ts';
import {openTerminal, type TestTerminal} from '../helpers/screen.ts';
import {until} from '../helpers/wait.ts';

/** A key that comes before a card counts as seen does nothing; a person presses it again. */
const pressOn = (room: TestTerminal, key: string, wanted: string): Promise<unknown> => {
	const isShown = (): boolean => room.rows().some(row => row.includes(wanted));
	const press = (): boolean => {
		if (!room.text().includes(`› ${key}`)) room.press(key);
		return false;
	};
	return until(() => isShown() || press(), {everyMs: 300, timeoutMs: 10_000, what: () => `${wanted} after ${key}\n${room.text()}`});
};

/** What a person asks of the room, each in at most two keys. */
describe('the moments', () => {
	test('who needs me, what does it cost, is it safe to merge, who is blocked on whom, what changed, stop everything', async () => {
		const story = createStory('');
		const room = openTerminal({command: [node, binFile, 'demo'], columns: 160, rows: 45, cwd: story.repository, env: story.env});
		await room.waitFor('needs input: Do you want to proceed?', {timeoutMs: 30_000});
		room.press('a');
		await room.waitFor(/dev-\d needs input ▲/);
		await room.waitFor('or type a reply');
		await pressOn(room, '1', '(answered in the room)');

		room.press('c');
		await room.waitFor('COST │');
		room.press('esc');
		await room.waitFor('ROOM │');

		room.press('m');
		await room.waitFor('MERGES │');
		await room.waitFor(/verdict +state +tests/);
		room.press('esc');
		await room.waitFor('ROOM │');

		room.press('3');
		room.press('enter');
		await room.waitFor('LOCKS │');
		await room.waitFor(/lock +owner +held +lease/);
		room.press('esc');
		await room.waitFor('ROOM │');

		room.press('w');
		await room.waitFor('What changed');
		room.press('esc');
		await room.waitUntilGone('What changed');

		room.press('X');
		await room.waitFor('EVERYTHING IS FROZEN');
		await room.waitFor(/‖ FROZEN/);
		room.press('r');
		await room.waitUntilGone('EVERYTHING IS FROZEN');
		await room.waitUntilGone(/‖ FROZEN/);
		room.press('q');
		await room.waitFor('QUIT │');
		room.press('s');
		expect(await room.exit, room.text()).toMatchObject({exitCode: 0});
	});

	test('why did it fail', async () => {
		const story = createStory(`base: main
test: 'true'
attempts: 1
harnesses:
  broken: {command: [sh, -c, 'echo 429 Too Many Requests; exit 3'], finish: exit}
team:
  - {role: developer, harness: broken}
  - {role: code-sentinel, harness: broken}
`);
		await story.must('add', 'Round the tax', '--id', 'tax');
		const room = story.open({columns: 80, rows: 24});
		await room.waitFor(/✗D .*tax/, {timeoutMs: 30_000});
		room.press('a');
		await room.waitFor('why it failed');
		await room.waitFor(/CAUSE +rate limit +\(guessed/);
		await pressOn(room, 'l', 'LOG │');
		await room.waitFor('429 Too Many Requests');
		expect(room.text()).toContain('Log of tax');
		room.press('esc');
		await room.waitFor('ROOM │');
		room.press('q');
		await room.waitFor('QUIT │');
		room.press('s');
		expect(await room.exit).toMatchObject({exitCode: 0});
	});
});
