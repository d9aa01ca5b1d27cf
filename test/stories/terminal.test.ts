import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {standingFor} from '../helpers/cases.ts';
import {root} from '../helpers/program.ts';
import {createStory, type Story} from '../helpers/room.ts';
import {until} from '../helpers/wait.ts';

const agent = JSON.stringify([join(root, 'test', 'fixtures', 'agent.sh')]);
const config = `base: main
test: 'true'
env: [STORY]
harnesses:
  mine: {command: ${agent}}
  typist: {command: [cat]}
team:
  - {role: developer, harness: mine, count: 2}
  - {role: code-sentinel, harness: mine}
`;

const owner = async (story: Story, id: string): Promise<string> => (await story.status()).tasks.find(task => task.id === id)?.owner ?? '';

const SIZES = [
	{columns: 160, rows: 45},
	{columns: 80, rows: 24},
];

describe.each(standingFor(SIZES, ({rows}) => rows === 24))('the room on a terminal of $columns x $rows', size => {
	test('opens, takes a task, pauses, reassigns, detaches and comes back to the same team', async () => {
		const story = createStory(config);
		story.waitReason('t-1');
		const room = story.open(size);
		await room.waitFor('dev-1');
		expect(room.isAlternate()).toBe(true);

		room.press('?');
		await room.waitFor('new task');
		await room.waitFor('reassign task…');
		room.press('esc');
		await room.waitUntilGone('reassign task…');

		room.press('n');
		await room.waitFor('Title');
		room.type('Say hello');
		room.press('ctrl+s');
		await room.waitFor('t-1');
		const first = await until(() => owner(story, 't-1'), {what: () => `an owner of t-1\n${room.text()}`});

		room.press("'");
		room.type(`${first.replace(/^agent:dev:0*/, 'dev-')}\r`);
		room.press('p');
		await until(async () => (await story.status()).agents.find(({id}) => id === first)?.paused, {what: () => `a pause\n${room.text()}`});
		// The key turns round what the person sees, so a person's second press comes after the screen has told of the first.
		await room.waitFor('paused by you');
		await room.waitFor('‖ PAUSED');
		room.press('p');
		await until(async () => (await story.status()).agents.find(({id}) => id === first)?.paused === false, {
			what: () => `going on\n${room.text()}`,
		});

		room.press('r');
		await room.waitFor(/Reassign|REASSIGN/);
		room.press('enter');
		await until(async () => ![first, ''].includes(await owner(story, 't-1')), {what: () => `another owner\n${room.text()}`});

		room.press('q');
		await room.waitFor('detach');
		room.press('d');
		expect(await room.exit).toMatchObject({exitCode: 0});
		expect(room.isAlternate()).toBe(false);
		await room.waitFor(rows => rows.some(row => row.includes('Detached')));

		const before = await story.status();
		expect(before.room).not.toBeNull();
		const again = story.open(size);
		await again.waitFor('t-1');
		expect((await story.status()).room?.pid).toBe(before.room?.pid);
		again.press('q');
		await again.waitFor('stop');
		again.press('s');
		expect(await again.exit).toMatchObject({exitCode: 0});
		expect(again.text()).toContain('The room ended: stopped by you.');
		// The terminal returns after the room: the next command meets none that ends before it answers.
		expect((await story.status()).room).toBeNull();
	});

	test('what is typed goes into the pane and is echoed there, and ctrl+] leads back', async () => {
		const story = createStory(config.replace('harness: mine, count: 2', 'harness: typist, count: 1'));
		await story.must('add', 'Listen', '--id', 'listen');
		const room = story.open(size);
		await room.waitFor('listen');
		// What is typed before there is a program has nobody to read it.
		await until(
			async () => (await story.status()).agents.some(({id, status, pid}) => id === 'agent:dev:001' && status === 'working' && pid > 0),
			{
				what: 'its program to run',
			},
		);
		room.press("'");
		room.type('dev-1\r');
		room.press('enter');
		// The first time, a card teaches the way back: the key that leads out takes one in.
		await room.waitFor('Every key goes to the agent');
		room.press('ctrl+]');
		await room.waitFor('TYPING INTO dev-1');
		room.type('q is only a letter here');
		await room.waitFor('q is only a letter here');
		room.press('ctrl+]');
		await room.waitUntilGone('TYPING INTO');
		room.press('enter');
		await room.waitFor('TYPING INTO dev-1');
		room.press('ctrl+c');
		await until(async () => (await story.status()).tasks[0]?.reason.includes('SIGINT'), {
			what: () => `ctrl+c in the agent\n${room.text()}`,
		});
		expect((await story.status()).room).not.toBeNull();
	});
});
