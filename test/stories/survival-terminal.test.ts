import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {isRunning} from '../helpers/cleanup.ts';
import {node} from '../helpers/program.ts';
import {binFile, type Story} from '../helpers/room.ts';
import {openTerminal, type TestTerminal} from '../helpers/screen.ts';
import {
	addTasks,
	allMerged,
	attemptsOf,
	atWork,
	createSurvivalStory,
	expectNothingUnsaved,
	expectRestored,
	expectWhole,
	kill,
	openFromShell,
	processesOf,
	redisOf,
	roomsOf,
	set,
	stateFolder,
	unset,
} from '../helpers/survival.ts';
import {until} from '../helpers/wait.ts';

const TASKS = ['a', 'b'];

/** As `openFromShell`, for a terminal end that is killed: its watcher gives the tty back a moment after the shell has gone on. */
const openToBeKilled = (story: Story): TestTerminal =>
	openTerminal({
		command: [
			'sh',
			'-c',
			'before=$(stty -g); "$@"; code=$?; until [ "$before" = "$(stty -g)" ]; do sleep 0.05; done; echo "exit $code, tty as before"; read -r _',
			'sh',
			node,
			binFile,
		],
		columns: 120,
		rows: 40,
		cwd: story.repository,
		env: story.env,
	});

const terminalEndsOf = (story: Story): readonly number[] =>
	processesOf(story)
		.filter(({command}) => command === 'agent-room')
		.map(({pid}) => pid);

const expectGivenBack = async (terminal: TestTerminal): Promise<void> => {
	await terminal.waitFor('exit 137, tty as before');
	expect(terminal.isAlternate()).toBe(false);
	terminal.press('enter');
	await terminal.exit;
};

const NO_CONTROL = /^[\P{Cc}\n\t]*$/u;

test('a terminal end that is killed gives its tty back; the room, its agents and other terminals go on', async () => {
	const story = createSurvivalStory();
	set(story, 'wait-all');
	const first = openToBeKilled(story);
	await first.waitFor('dev-3');
	await addTasks(story, ...TASKS);
	const agents = await atWork(story, 1, ...TASKS);
	const [victim = 0] = terminalEndsOf(story);
	const second = openFromShell(story);
	await second.waitFor('dev-3');
	const rooms = roomsOf(story);
	await kill(victim);
	await expectGivenBack(first);
	expect([roomsOf(story), agents.every(isRunning), second.isAlternate()]).toEqual([rooms, true, true]);

	unset(story, 'wait-all');
	await allMerged(story, TASKS);
	await story.must('stop');
	await expectRestored(second, 'The room ended: stopped by you.');
	for (const task of TASKS) expect(story.git('show', `main:${task}.txt`)).toBe('begun in attempt 1\ndone in attempt 1');
	await expectWhole(story, TASKS);
	expect(readFileSync(join(stateFolder(story), 'room.log'), 'utf8')).toMatch(NO_CONTROL);
});

test('of a power cut that ends terminals, room, Redis and agents at once nothing is left but what was written', async () => {
	const story = createSurvivalStory();
	set(story, 'wait-all');
	const terminals = [1, 2].map(() => openToBeKilled(story));
	for (const terminal of terminals) await terminal.waitFor('dev-3', {timeoutMs: 30_000});
	await addTasks(story, ...TASKS);
	await atWork(story, 1, ...TASKS);
	await kill(...terminalEndsOf(story), ...roomsOf(story), ...redisOf(story), ...attemptsOf(story).map(({pid}) => pid));
	for (const terminal of terminals) await expectGivenBack(terminal);
	// Between the kill and the next start a task is asked for and one is added: both see what was there.
	await story.must('add', 'Come later', '--id', 'later');
	const states = (await story.status()).tasks.map(({id, state}) => [id, state]);
	expect(states.toSorted()).toEqual([...TASKS.map(id => [id, 'leased']), ['later', 'ready']]);
	expect([redisOf(story), roomsOf(story), attemptsOf(story)]).toEqual([[], [], []]);

	unset(story, 'wait-all');
	const ended = await story.run('run', '--until-empty', '--json');
	expect(ended.code, ended.stdout + ended.stderr).toBe(0);
	for (const task of TASKS) expect(story.git('show', `main:${task}.txt`)).toBe('begun in attempt 1\nbegun in attempt 2\ndone in attempt 2');
	await expectWhole(story, [...TASKS, 'later']);
	expectNothingUnsaved(story);
	await until(() => redisOf(story).length === 0, {what: 'the end of Redis'});
});
