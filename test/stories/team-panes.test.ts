import {expect, onTestFinished, test} from 'vitest';
import {node} from '../helpers/program.ts';
import {binFile} from '../helpers/room.ts';
import {openTerminal} from '../helpers/screen.ts';
import {createTeamStory} from '../helpers/team-story.ts';
import {until} from '../helpers/wait.ts';

const config = `base: main
merge: push
test: 'true'
review: off
env: [STORY]
harnesses:
  mine: {command: [sh, echo.sh], finish: exit}
team:
  - {role: developer, harness: mine, count: 1}
`;
const echo = `printf 'ready for keys\\r\\n'
while read -r line; do
	[ "$line" = done ] && break
	printf '\\033[32mgot <%s>\\033[m\\r\\n' "$line"
done
echo done >"$AGENT_ROOM_TASK.txt"
`;

test('a person at one machine watches an agent on another, and types into its pane', async () => {
	const {redis, laptop, big} = await createTeamStory(config, {'echo.sh': echo});
	const worker = big.start('worker', '--redis', redis.socketPath, '--json');
	onTestFinished(() => void worker.child.kill('SIGTERM'));
	await until(async () => (await big.status()).agents.some(({status}) => status === 'idle'), {
		what: () => `the worker\n${worker.output()}`,
	});
	await big.must('add', 'One', '--id', 'one', '--redis', redis.socketPath);
	await until(async () => (await big.status()).agents.some(({task}) => task === 'one'), {what: () => `the task\n${worker.output()}`});

	const terminal = openTerminal({
		command: [node, binFile, '--redis', redis.socketPath],
		...{columns: 160, rows: 45, cwd: laptop.repository, env: laptop.env},
	});
	await terminal.waitFor('ready for keys');
	expect(terminal.text()).toMatch(/0 dev-1@\S+ ● WORKING ─ one One/);
	// The wall has panes of both machines.
	await big.must('add', 'Two', '--id', 'two', '--redis', redis.socketPath);
	await until(async () => (await big.status()).tasks.some(({id, state}) => id === 'two' && state === 'leased'), {
		what: () => `the second task\n${terminal.text()}\n${worker.output()}`,
	});
	const markBoth = async (toOther: 'tab' | 'shift+tab', other: string): Promise<void> => {
		terminal.press('v');
		await terminal.waitFor('1 marked');
		terminal.press(toOther);
		await terminal.waitFor(`▸${other}@`);
		terminal.press('v');
		await terminal.waitFor('2 marked');
	};
	const typeToBoth = async (line: string): Promise<void> => {
		await markBoth('tab', 'dev-2');
		terminal.press('I');
		await terminal.waitFor('MESSAGE │');
		terminal.press('tab');
		await terminal.waitFor('Type a line into 2 panes');
		terminal.type(`${line}\r`);
		await terminal.waitFor('Type this to 2 agents?');
		terminal.press('y');
	};
	terminal.press('#');
	await terminal.waitFor('WALL │');
	await until(() => terminal.text().split('ready for keys').length === 3, {what: () => `both panes\n${terminal.text()}`});
	await typeToBoth('to all');
	// Each machine types it into its own pane.
	await until(() => terminal.text().split('got <to all>').length === 3, {what: () => `the line in both panes\n${terminal.text()}`});
	terminal.press('esc');
	await terminal.waitFor('ROOM │');
	terminal.press('i');
	await terminal.waitFor('LESSON');
	terminal.press('ctrl+]');
	await terminal.waitFor('TYPING INTO dev-1@');
	terminal.type('hello\r');
	await terminal.waitFor('got <hello>');
	terminal.press('ctrl+]');
	await terminal.waitFor('ROOM │');
	terminal.press('#');
	await terminal.waitFor('WALL │');
	await typeToBoth('too soon');
	// Only the room of a pane knows that somebody types there, and it says so at the pane.
	await terminal.waitFor('Nothing was typed to dev-1: somebody types');
	await terminal.waitFor('got <too soon>');
	await markBoth('shift+tab', 'dev-1');
	terminal.press('I');
	await terminal.waitFor('Message to 2 agents');
	terminal.type('mind the gap\r');
	await terminal.waitFor('Send this to 2 agents?');
	terminal.press('y');
	const told = async (): Promise<string> => big.must('events', '--type', 'mail_sent', '--redis', redis.socketPath);
	await until(async () => (await told()).split('mind the gap').length === 3, {what: () => `both messages\n${terminal.text()}`});
	terminal.press('esc');
	await terminal.waitFor('ROOM │');
	terminal.press('i');
	await terminal.waitFor('TYPING INTO dev-1@');
	terminal.type('done\r');
	await until(async () => (await big.status()).tasks.some(({id, state}) => id === 'one' && state === 'merged'), {
		what: () => `the merge\n${terminal.text()}\n${worker.output()}`,
	});
	terminal.press('ctrl+]');
	await terminal.waitFor('ROOM │');
	terminal.press('S');
	await terminal.waitFor('Machines 2');
});
