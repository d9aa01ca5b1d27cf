import {describe, expect, test} from 'vitest';
import type {Action} from '../../../source/core/protocol/action.ts';
import {agentRows, queueRows, selectedId} from '../../../source/ui/state/rows.ts';
import {reassignChoices} from '../../../source/ui/state/selection.ts';
import {tellAll} from '../../../source/ui/view/terminal-tools.ts';
import {type Driver, drive} from '../fixtures/driver.ts';
import {open, withTerminals} from '../fixtures/open.ts';
import {agent, busyRoom, room, task} from '../fixtures/room.ts';
import {createTestStore} from '../fixtures/store.ts';

const actions = (driver: Driver): readonly Action[] =>
	driver.commands.flatMap(command =>
		command.type === 'dispatch' ? [command.action] : command.type === 'dispatch-all' ? command.actions : [],
	);
const queueIds = ({state, snapshot, now}: Driver): readonly string[] => queueRows(state, snapshot, now).map(row => row.task.id);
const agentIds = ({state, snapshot, now}: Driver): readonly string[] => agentRows(state, snapshot, now).map(row => row.name);
const tick = (driver: Driver, ms = 0): Driver => {
	driver.now += ms;
	return driver.send({type: 'snapshot'});
};

/** Four tasks that wait, in the order of their scores. */
const waiting = (scores: Readonly<Record<string, number>> = {a: 1, b: 2, c: 3, d: 4}, more: Parameters<typeof task>[1] = {}) =>
	room({agents: [agent('dev', 1)], tasks: Object.entries(scores).map(([id, score]) => task(id, {score, ...more}))});

describe('marks', () => {
	test('stick to ids, and act as one: what is asked names all of them, and what is said is yes', () => {
		const driver = drive(busyRoom()).keys('v', 'j', 'v', 'p');
		expect(driver.state.dialog).toMatchObject({kind: 'confirm', question: 'Pause 2 agents?', names: ['dev-3', 'dev-6']});
		expect(actions(driver.keys('enter'))).toEqual([]);
		driver.keys('p', 'y');
		expect(actions(driver).map(action => 'agent' in action && action.agent)).toEqual(['agent:dev:003', 'agent:dev:006']);
		expect(driver.state.marks[1]).toEqual([]);
	});

	test('of all in the filter; esc clears them before it clears the filter, and a second * as well', () => {
		const driver = drive(busyRoom()).keys('/').write('s:needs').keys('enter', '*');
		expect(driver.state.marks[1]).toEqual(['agent:dev:003', 'agent:dev:006']);
		expect(driver.keys('esc').state).toMatchObject({marks: {1: []}, filters: {1: 's:needs'}});
		expect(driver.keys('*', '*').state.marks[1]).toEqual([]);
	});

	test('vanish with their rows', () => {
		const driver = drive(waiting()).keys('2', '*');
		driver.snapshot = waiting({a: 1, c: 3});
		expect(tick(driver).state.marks[2]).toEqual(['a', 'c']);
		driver.snapshot = room();
		expect(tick(driver).state.marks[2]).toEqual([]);
	});

	test('stop, cancel, reassign and restart many with one question each', () => {
		const marked = () => drive(busyRoom()).keys('v', 'j', 'v');
		expect(actions(marked().keys('x', 'q'))).toEqual([
			{type: 'stop-agent', agent: 'agent:dev:003', how: 'stop'},
			{type: 'stop-agent', agent: 'agent:dev:006', how: 'stop'},
		]);
		expect(actions(marked().keys('x', 'b')).map(({type}) => type)).toEqual(['unassign-task', 'unassign-task']);
		expect(actions(marked().keys('D', 'y'))).toEqual([
			{type: 'cancel-task', task: 't-2'},
			{type: 'cancel-task', task: 't-7'},
		]);
		expect(actions(marked().keys('r', 'enter'))).toEqual([
			{type: 'reassign-task', task: 't-2', agent: 'agent:dev:008'},
			{type: 'reassign-task', task: 't-7', agent: 'agent:dev:008'},
		]);
		expect(actions(drive(busyRoom()).keys('*', 'R', 'y')).map(({type}) => type)).toEqual(['retry-task', 'restart-task', 'restart-task']);
	});

	test('of nothing are said to be none', () => {
		expect(drive(busyRoom()).keys('3', 'v').state.toast?.text).toMatch('can be marked.');
		expect(drive(room()).keys('*').state.toast?.text).toBe('No row to mark.');
		expect(drive(busyRoom()).keys('2', '*', 'p').state.toast?.text).toBe('No running agent is marked.');
	});

	test('the results of many orders are shown in one line', () => {
		const ok = {ok: true, text: ''} as const;
		const gone = {ok: false, code: 'gone', message: 'No agent.', hint: ''} as const;
		expect(tellAll([ok, ok, ok, gone], 'paused')).toEqual({text: '3 paused, 1 no longer there', isBad: true});
		expect(tellAll([ok, ok], 'paused')).toEqual({text: '2 paused', isBad: false});
		expect(tellAll([ok, {...gone, code: 'unanswered'}], 'typed')).toEqual({text: '1 typed, 1 sent without an answer', isBad: true});
		expect(tellAll([{...gone, code: 'needs-decision', message: 't-1 needs approval.'}], 'unassigned').text).toBe(
			'none unassigned, 1 failed: t-1 needs approval.',
		);
	});
});

describe('the order of the queue', () => {
	test('is the one in which tasks are assigned: by their turn, what is reserved for an agent before the rest', () => {
		const driver = drive(
			room({
				agents: [agent('dev', 1)],
				tasks: [task('a', {score: 9}), task('b', {score: 1, priority: 20}), task('c', {score: 5, assigned: 'agent:dev:001'})],
			}),
		);
		expect(queueIds(driver)).toEqual(['c', 'b', 'a']);
	});

	test('J and K move the selected one by one place, the selection goes with it', () => {
		const driver = drive(waiting()).keys('2', 'j', 'J');
		expect(actions(driver)).toEqual([{type: 'move-task', task: 'c', before: 'b'}]);
		expect([queueIds(driver), selectedId(2, driver.state, driver.snapshot, driver.now)]).toEqual([['a', 'c', 'b', 'd'], 'b']);
		expect(actions(driver.keys('K', 'K')).slice(1)).toEqual([
			{type: 'move-task', task: 'b', before: 'c'},
			{type: 'move-task', task: 'b', before: 'a'},
		]);
	});

	test('keys that arrive in one write move it as often, and what the room has done takes their place', () => {
		const driver = drive(waiting()).keys('2').burst('J', 'shift+down', 'J', 'J');
		expect(actions(driver).map(action => 'before' in action && `${action.task} before ${action.before}`)).toEqual([
			'b before a',
			'c before a',
			'd before a',
		]);
		expect(queueIds(driver)).toEqual(['b', 'c', 'd', 'a']);
		expect(driver.state.toast?.text).toBe('a is the last in the queue.');
		driver.snapshot = waiting({a: 4, b: 1, c: 2, d: 3});
		expect(tick(driver).state.turns).toEqual({});
		expect(queueIds(driver)).toEqual(['b', 'c', 'd', 'a']);
	});

	test('an order without success is no longer shown as done', () => {
		const driver = drive(waiting()).keys('2', 'J');
		expect(queueIds(tick(driver, 3001))).toEqual(['a', 'b', 'c', 'd']);
		driver.keys('J').send({type: 'told', text: 'Redis disconnected', isBad: true});
		expect(queueIds(driver)).toEqual(['a', 'b', 'c', 'd']);
	});

	test('a priority goes up and down by a band, with its turn, and ends at P0 and P3', () => {
		const driver = drive(waiting({a: 1, b: 2}, {priority: 50}))
			.keys('2', 'j')
			.burst('+', '=');
		expect(actions(driver)).toEqual([
			{type: 'set-priority', task: 'b', priority: 75},
			{type: 'set-priority', task: 'b', priority: 95},
		]);
		expect(queueIds(driver)).toEqual(['b', 'a']);
		expect(driver.keys('+').state.toast?.text).toBe('b is P0 already.');
		expect(actions(driver.keys('-')).at(-1)).toEqual({type: 'set-priority', task: 'b', priority: 75});
		expect(actions(drive(waiting()).keys('2', '*', '-'))).toHaveLength(4);
	});

	test('what has no turn is not moved, and the message says why', () => {
		const toast = (...keys: readonly string[]): string | undefined => drive(busyRoom()).keys('2', ...keys).state.toast?.text;
		expect(toast('J')).toBe('t-16 has failed: R retries it.');
		expect(toast('j', '+')).toBe('t-15 is in the merge queue: m shows it.');
		expect(toast('j', 'j', 'J')).toBe('t-11 is the last of those that can be moved here.');
		expect(toast('s', 'J')).toBe('The task queue is sorted by age: s restores queue order.');
		expect(drive(room()).keys('2', 'J').state.toast?.text).toBe('No task to move.');
	});
});

describe('lists', () => {
	test('s goes through the orders of the agents and comes back to the usual one', () => {
		const driver = drive(busyRoom());
		const usual = agentIds(driver);
		const byId = agentIds(driver.keys('s'));
		expect(byId.slice(0, 3)).toEqual(['dev-1', 'dev-2', 'dev-3']);
		expect(agentIds(tick(driver, 5000))).toEqual(byId);
		expect(agentIds(driver.keys('s')).slice(0, 2)).toEqual(['rev-1', 'dev-1']);
		driver.keys('s', 's', 's', 's');
		expect([driver.state.sorts[1], agentIds(tick(driver, 5000))]).toEqual(['urgency', usual]);
	});

	test('the queue goes by its order, by age or by priority', () => {
		const driver = drive(
			room({tasks: [task('a', {score: 1, createdAt: 9, priority: 20}), task('b', {score: 2, createdAt: 1, priority: 95})]}),
		).keys('2');
		expect([queueIds(driver), queueIds(driver.keys('s')), queueIds(driver.keys('s'))]).toEqual([
			['a', 'b'],
			['b', 'a'],
			['b', 'a'],
		]);
	});

	test('are filtered by words, by what is not, and by state, role, task and priority', () => {
		const shows = (filter: string): readonly string[] => agentIds(drive(busyRoom()).keys('/').write(filter));
		expect(shows('s:stalled')).toEqual(['dev-5']);
		expect(shows('r:code-sentinel')).toEqual(['rev-1']);
		expect(shows('t:t-2')).toEqual(['dev-3']);
		expect(shows('r:dev !s:needs !s:work !s:crashed !s:stalled !t:t-15')).toEqual(['dev-7', 'dev-8']);
		expect(shows('s:').length).toBe(shows('').length);
		const driver = drive(busyRoom()).keys('2', '/').write('p:p0');
		expect(queueIds(driver)).toEqual(['t-11']);
	});

	test('a number alone jumps to the agent that has it, in the queue to the task', () => {
		const selected = (list: 1 | 2, driver: Driver) => selectedId(list, driver.state, driver.snapshot, driver.now);
		expect(selected(1, drive(busyRoom()).keys("'").write('1').keys('enter'))).toBe('agent:dev:001');
		const driver = drive(busyRoom()).keys('2', "'").write('12').keys('enter');
		expect([driver.state.focus, selected(2, driver)]).toEqual([2, 't-12']);
	});
});

describe('who could take a task', () => {
	const team = [
		agent('dev', 1, {status: 'working', stage: 'develop', task: 't-1', harness: 'claude'}),
		agent('dev', 2, {status: 'working', stage: 'develop', task: 't-9'}),
		agent('dev', 3, {harness: 'codex'}),
		agent('dev', 4),
		agent('dev', 5, {harness: 'codex'}),
		agent('rev', 1),
	];
	const tasks = [
		task('t-1', {state: 'leased', owner: 'agent:dev:001', paths: 'src/tax/**'}),
		task('t-9', {state: 'leased', owner: 'agent:dev:002'}),
		task('t-5', {state: 'merged', authors: 'agent:dev:005', paths: 'src/tax/rate.ts'}),
		task('t-6', {assigned: 'agent:dev:003'}),
	];

	test('the idle first, then who knows its paths, the same harness, the least kept; each with why', () => {
		const ranked = reassignChoices(['t-1'], room({agents: team, tasks}));
		expect(ranked.map(({agent: {id}, why}) => [id, why.join(' · ')])).toEqual([
			['agent:dev:005', 'idle · worked on src/tax/**'],
			['agent:dev:004', 'idle · also claude'],
			['agent:dev:003', 'idle · 1 reserved for it'],
			['agent:dev:002', 'working on t-9: starts it next · also claude'],
		]);
	});

	test('no author of a task may review it', () => {
		const review = task('t-7', {stage: 'review', authors: 'agent:rev:001'});
		expect(reassignChoices(['t-7'], room({agents: team, tasks: [review]}))).toEqual([]);
	});
});

describe('copies and tools', () => {
	test('y copies what the selected has: two keys, and what it has not says so', () => {
		const commands = (...keys: readonly string[]) => drive(busyRoom()).keys(...keys).commands;
		expect(commands('y', 'b')).toEqual([{type: 'copy', text: 'agent/t-2-a1', what: 'branch agent/t-2-a1'}]);
		expect(commands('y', 'enter')).toEqual([{type: 'copy', text: 't-2', what: 'id t-2'}]);
		expect(commands('y', 'u')).toEqual([{type: 'copy', text: 'Bash(npm i decimal.js)\nDo you want to proceed?', what: 'the question'}]);
		expect(drive(busyRoom()).keys('y', 'c').state.toast?.text).toBe('No commit to copy.');
		expect(drive(busyRoom()).keys('y', 'y').state.dialog).toBeUndefined();
	});

	test('! and E go to the worktree of the task, b to its page, ctrl+z to the shell', () => {
		const here = room({
			agents: [agent('dev', 1, {status: 'working', task: 'a'})],
			tasks: [task('a', {state: 'leased', owner: 'agent:dev:001', worktree: '/w/a'})],
		});
		expect(drive(here).keys('!', 'E', 'b', 'ctrl+z').commands).toEqual([
			{type: 'work', tool: 'shell', path: '/w/a'},
			{type: 'work', tool: 'editor', path: '/w/a'},
			{type: 'web', task: 'a'},
			{type: 'suspend'},
		]);
		expect(drive(busyRoom()).keys('!').state.toast?.text).toBe('t-2 has no worktree now.');
		expect(drive(room({agents: [agent('dev', 1)]})).keys('E').state.toast?.text).toBe('dev-1 has no task and no worktree.');
	});
});

describe('the team', () => {
	test('N adds one more of a kind, x and w removes one after its task', () => {
		expect(actions(drive(busyRoom()).keys('N', 'j', 'enter'))).toEqual([{type: 'add-agent', role: 'code-sentinel', harness: 'claude'}]);
		expect(actions(drive(busyRoom()).keys('N', 'esc'))).toEqual([]);
		expect(actions(drive(busyRoom()).keys('x', 'w'))).toEqual([{type: 'retire-agent', agent: 'agent:dev:003'}]);
		expect(drive(room()).keys('N').state.toast?.text).toContain('No agents to add');
	});

	test('o writes to the running Planner, or adds a feature where none is running', () => {
		const idle = room({agents: [agent('orchestrator', 1, {role: 'orchestrator'})]});
		expect(actions(drive(idle).keys('o').write('Dark theme').keys('enter'))).toEqual([
			{type: 'add-task', title: 'Dark theme', feature: true},
		]);
		const busy = room({agents: [agent('orchestrator', 1, {role: 'orchestrator', status: 'working', task: 't-1'})]});
		expect(actions(drive(busy).keys('o').write('no table').keys('enter'))).toEqual([
			{type: 'message', agent: 'agent:orchestrator:001', text: 'no table'},
		]);
		const long = drive(idle)
			.keys('o')
			.send({type: 'paste', text: 'x'.repeat(300)})
			.keys('enter');
		expect(actions(long)).toMatchObject([{title: `${'x'.repeat(199)}…`, description: 'x'.repeat(300)}]);
		expect(drive(idle).keys('o', 'enter').state.toast?.text).toBe('Write what to plan or change.');
		expect(drive(busyRoom()).keys('o').state.toast?.text).toContain('The team has no Planner');
	});
});

describe('what x asks', () => {
	withTerminals();

	test.each([
		[160, 45],
		[100, 30],
		[80, 24],
		[40, 15],
	])('offers everything at %ix%i, and says what is kept', async (columns, rows) => {
		const terminal = open(createTestStore(busyRoom()), {columns, rows});
		await terminal.shows('dev-3');
		terminal.type('x');
		await terminal.shows(shown => /kept +agent\/t-2-a1/.test(shown));
		const text = terminal.text();
		for (const offer of [
			'interrupt turn',
			'stop, requeue task',
			'unassign task',
			'remove after task',
			'kill now, requeue task',
			'agent/t-2-a1',
		])
			expect(text).toContain(offer);
		for (const row of terminal.rows()) expect([...row].length).toBe(columns);
	});
});
