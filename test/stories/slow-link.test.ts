import {execFileSync} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import type {Script} from '../../source/programs/scripted/script.ts';
import {node} from '../helpers/program.ts';
import {binFile, createStory, type Story} from '../helpers/room.ts';
import {openTerminal, type TestTerminal} from '../helpers/screen.ts';
import {until} from '../helpers/wait.ts';

const SCRIPT: Script = {
	scripts: [
		{
			when: {task: 'ask'},
			steps: [
				{ask: {question: 'May I?', detail: 'npm i decimal.js', choices: ['yes', 'no'], waitMs: 3_600_000}},
				{edit: {file: 'ask.txt', write: 'asked\n'}},
				{commit: 'Ask'},
			],
		},
		{when: {stage: 'review'}, steps: [{done: {verdict: 'approve'}}]},
		{steps: [{think: 3_600_000}]},
	],
};
const LINK = {delayMs: 200};

const createAskingStory = (): Story => {
	const story = createStory('');
	const script = join(story.folder, 'script.json');
	writeFileSync(script, JSON.stringify(SCRIPT));
	const args = JSON.stringify(['--script', script]);
	const team = `team:\n  - {role: developer, harness: scripted, count: 2, args: ${args}}\n  - {role: code-sentinel, harness: scripted, args: ${args}}\n`;
	writeFileSync(join(story.repository, 'agent-room.yaml'), `base: main\ntest: 'true'\nplan: 'off'\n${team}`);
	story.git('commit', '--quiet', '--all', '--message', 'A team');
	Object.assign(story.env, {SSH_CONNECTION: '192.0.2.1 50000 192.0.2.2 22'});
	return story;
};

const taskOf = async (story: Story, id: string): Promise<{title: string; description: string} | undefined> => {
	const {code, stdout} = await story.run('task', id, '--json');
	return code === 0 ? (JSON.parse(stdout) as {title: string; description: string}) : undefined;
};

/** How many developers ask something; once answered, a reviewer may ask the same. */
const questions = async (story: Story): Promise<number> =>
	(await story.status()).agents.filter(({id, status}) => id.startsWith('agent:dev:') && status === 'needs-input').length;

const leave = async (room: TestTerminal): Promise<void> => {
	room.type('qd');
	await room.waitFor('Detached');
};

test('over a line of 200 ms what is typed ahead acts rightly, an answer before its question was seen does not, and the screen is never cleared', async () => {
	const story = createAskingStory();
	const room = openTerminal({command: [node, binFile], columns: 120, rows: 36, cwd: story.repository, env: story.env, link: LINK});
	await room.waitFor('dev-1', {timeoutMs: 30_000});

	// A whole dialogue before anything of it can be seen.
	room.type('nSay hello\u001b[Bto all of them\u0013');
	await until(async () => (await taskOf(story, 't-1')) !== undefined, {what: () => `t-1\n${room.text()}`});
	expect(await taskOf(story, 't-1')).toMatchObject({title: 'Say hello', description: 'to all of them'});

	// A lone escape is a key, and what is pressed behind it is not alt.
	room.type('?');
	await room.waitFor('HELP │');
	room.type('\u001b');
	await room.waitFor('ROOM │');

	await story.must('add', 'Ask me', '--id', 'ask');
	await room.waitFor('needs input: May I?');
	room.type('a1');
	await room.waitFor('PEEK │');
	expect(await questions(story)).toBe(1);
	const before = room.written().length;
	// From when the card was seen the key counts; the terminal has said so a moment after it stood there.
	await until(
		async () => {
			if (room.text().includes('PEEK │') && !room.text().includes('› 1')) room.type('1');
			return (await questions(story)) === 0;
		},
		// Over the line and back, and the pause after which a digit is no beginning of a text: a second press before that would make it one.
		{everyMs: 2000, what: () => `an answer\n${room.text()}`},
	);
	await room.waitFor('ROOM │');
	// A card that closes costs its rows and a little more.
	expect(room.written().length - before).toBeLessThan(20_000);

	const socket = `agent-room-link-${process.pid}`;
	const tmux = openTerminal({
		command: ['tmux', '-L', socket, '-f', '/dev/null', 'new-session', node, binFile],
		columns: 80,
		rows: 24,
		cwd: story.repository,
		env: story.env,
		link: LINK,
	});
	onTestFinished(() => {
		try {
			execFileSync('tmux', ['-L', socket, 'kill-server'], {stdio: 'ignore'});
		} catch {
			// Its last session has taken the server with it.
		}
	});
	await tmux.waitFor('ROOM │');
	tmux.type('2jjn');
	await tmux.waitFor('FORM │');
	tmux.type('\u001b');
	await tmux.waitFor('ROOM │');
	// No answer of either terminal is taken for text.
	for (const terminal of [room, tmux]) expect(terminal.text()).not.toMatch(/\]11;|rgb:|\[0n|\?997|>\|/);
	tmux.type('qd');
	await tmux.exit;

	await leave(room);
	expect(await room.exit).toMatchObject({exitCode: 0});
	expect(room.isAlternate()).toBe(false);
	expect(room.written().split('\u001b[2J')).toHaveLength(2);
	expect(room.written()).not.toContain('\u001b[3J');
});
