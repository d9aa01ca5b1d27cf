import {describe, expect, test} from 'vitest';
import {decisionRows, selectedId} from '../../../source/ui/state/rows.ts';
import {scopeOf} from '../../../source/ui/state/state.ts';
import {actions, type Driver, drive} from '../fixtures/driver.ts';
import {agent, ago, busyRoom, lock, NOW, room, task} from '../fixtures/room.ts';

const selected = (driver: Driver, list: 1 | 2 | 3 | 4 | 5 = 1): string => selectedId(list, driver.state, driver.snapshot, driver.now);
const withAgent = (id: string, fields: Record<string, unknown>) => {
	const before = busyRoom();
	const one = before.team.agents.get(id);
	if (!one) throw new Error(`no agent ${id}`);
	return {...before, team: {...before.team, agents: new Map([...before.team.agents, [id, {...one, ...fields}]])}};
};

describe('the selection', () => {
	test('begins at the agent that has asked the longest', () => {
		expect(selected(drive(busyRoom()))).toBe('agent:dev:003');
	});

	test('moves through the rows by urgency and stops at both ends', () => {
		const driver = drive(busyRoom()).keys('k', 'j', 'j');
		expect(selected(driver)).toBe('hold:t-15');
		expect(selected(driver.keys('G'))).toBe('agent:dev:008');
		expect(selected(driver.keys('j', 'g'))).toBe('agent:dev:003');
	});

	test('sticks to an agent while others come and go above it', () => {
		const driver = drive(busyRoom()).keys('j');
		expect(selected(driver)).toBe('agent:dev:006');
		driver.now += 5000;
		driver.snapshot = withAgent('agent:dev:001', {status: 'needs-input', questionId: 'q-9', statusAt: ago(900)});
		expect(selected(driver.send({type: 'snapshot'}))).toBe('agent:dev:006');
	});

	test('keeps every row in its place until two seconds after the last key', () => {
		const driver = drive(busyRoom()).keys('j');
		driver.snapshot = withAgent('agent:dev:001', {status: 'needs-input', questionId: 'q-9', statusAt: ago(900)});
		driver.now += 1900;
		driver.send({type: 'snapshot'});
		expect(driver.state.arrangement[0]?.id).toBe('agent:dev:003');
		driver.now += 200;
		driver.send({type: 'snapshot'});
		expect(driver.state.arrangement[0]?.id).toBe('agent:dev:001');
	});

	test('goes to the first row when its agent is gone', () => {
		const driver = drive(busyRoom()).keys('j');
		const agents = new Map(driver.snapshot.team.agents);
		agents.delete('agent:dev:006');
		driver.snapshot = {...driver.snapshot, team: {...driver.snapshot.team, agents}};
		expect(selected(driver.send({type: 'snapshot'}))).toBe('agent:dev:003');
	});

	test("jumps to what ' is given: an agent, a waiting task, a worked task, a dead one", () => {
		const driver = drive(busyRoom()).keys("'").write('rev-1').keys('enter');
		expect(selected(driver)).toBe('agent:rev:001');
		driver.keys("'").write('t-12').keys('enter');
		expect([driver.state.focus, selected(driver, 2)]).toEqual([2, 't-12']);
		driver.keys("'").write('t-5').keys('enter');
		expect([driver.state.focus, selected(driver)]).toEqual([1, 'agent:dev:001']);
		driver.keys("'").write('t-16').keys('enter');
		expect(selected(driver)).toBe('task:t-16');
		expect(driver.keys("'").write('zz-9').keys('enter').state.toast?.text).toBe('No agent or task `zz-9`.');
	});

	test('moves within what a filter leaves, and esc brings all back', () => {
		const driver = drive(busyRoom()).keys('/').write('needs input').keys('enter', 'G');
		expect(selected(driver)).toBe('agent:dev:006');
		expect(driver.keys('esc').state.filters[1]).toBe('');
	});
});

describe('an answer', () => {
	test('goes to the question on the card', () => {
		const driver = drive(busyRoom()).keys('a', '2', 'enter');
		expect(actions(driver)).toEqual([{type: 'answer', agent: 'agent:dev:003', questionId: 'q-1', choice: 2}]);
		expect(driver.state.dialog).toBeUndefined();
	});

	test('by a digit goes half a second later, and is text where more follows', () => {
		const pressed = () => drive(busyRoom()).keys('a', '2');
		const later = (driver: Driver, ms: number): Driver => {
			driver.now += ms;
			return driver.send({type: 'snapshot'});
		};
		const sent = (more: object) => [{type: 'answer', agent: 'agent:dev:003', questionId: 'q-1', ...more}];
		expect(pressed().commands).toContainEqual({type: 'wake', ms: 510});
		expect(actions(later(pressed(), 499))).toEqual([]);
		expect(actions(later(pressed(), 500))).toEqual(sent({choice: 2}));
		expect(actions(later(pressed().write(' columns'), 900).keys('enter'))).toEqual(sent({text: '2 columns'}));
		expect(actions(later(pressed().send({type: 'paste', text: '4 of them'}), 900).keys('enter'))).toEqual(sent({text: '24 of them'}));
		expect(actions(later(pressed().keys('tab'), 900).keys('enter'))).toEqual(sent({text: '2'}));
		expect(actions(later(pressed().keys('backspace'), 900))).toEqual([]);
		// An answer that is on its way goes to the question that it was pressed for, or nowhere.
		expect(actions(pressed().keys('down'))).toEqual(sent({choice: 2}));
		const dropped = later(pressed().keys('esc'), 900);
		expect([actions(dropped), dropped.state.dialog]).toEqual([[], undefined]);
		const changed = pressed();
		changed.snapshot = withAgent('agent:dev:003', {question: 'rm -rf /?', questionId: 'q-8'});
		expect(actions(later(changed, 900))).toEqual([]);
		expect(changed.state.dialog).toMatchObject({questionId: 'q-8', reply: {text: ''}, digitAt: 0});
	});

	test('is dropped when it was typed before the card was painted', () => {
		const driver = drive(busyRoom()).burst('a', '1');
		expect(actions(driver)).toEqual([]);
		expect(scopeOf(driver.state)).toBe('peek');
		expect(actions(driver.send({type: 'painted'}).keys('1', 'enter'))).toHaveLength(1);
	});

	test('is dropped when the question is another by now, and the card says so', () => {
		const driver = drive(busyRoom()).keys('a');
		driver.snapshot = withAgent('agent:dev:003', {question: 'rm -rf /?', questionId: 'q-8'});
		driver.burst('1');
		expect(actions(driver)).toEqual([]);
		expect(driver.state.toast?.text).toBe('the question has changed: read it again');
		expect(actions(driver.send({type: 'painted'}).keys('3', 'enter'))).toEqual([
			{type: 'answer', agent: 'agent:dev:003', questionId: 'q-8', choice: 3},
		]);
	});

	test('may be text, in which digits are text too', () => {
		const driver = drive(busyRoom()).keys('a').write('use 2 of them').keys('enter');
		expect(actions(driver)).toEqual([{type: 'answer', agent: 'agent:dev:003', questionId: 'q-1', text: 'use 2 of them'}]);
	});

	test('needs a choice that exists', () => {
		const driver = drive(busyRoom()).keys('a', '7');
		expect(actions(driver)).toEqual([]);
	});

	test('of the next one is an arrow away', () => {
		const driver = drive(busyRoom()).keys('a', 'down');
		expect(driver.state.dialog).toMatchObject({kind: 'peek', row: 'agent:dev:006', questionId: 'q-2'});
	});
});

describe('orders', () => {
	test('p pauses the selected agent and resumes it when it is paused', () => {
		expect(actions(drive(busyRoom()).keys('p'))).toEqual([{type: 'pause-agent', agent: 'agent:dev:003'}]);
		expect(actions(drive(busyRoom()).keys("'").write('dev-7').keys('enter', 'p'))).toEqual([
			{type: 'resume-agent', agent: 'agent:dev:007'},
		]);
	});

	test('r offers agents of the role, the idle first, without the one that has it', () => {
		const driver = drive(busyRoom()).keys('r');
		expect(driver.state.dialog).toEqual({kind: 'reassign', task: 't-2', others: [], chosen: 'agent:dev:008'});
		expect(actions(driver.keys('enter'))).toEqual([{type: 'reassign-task', task: 't-2', agent: 'agent:dev:008'}]);
	});

	test('x asks first: esc and enter keep working, i interrupts, q requeues, X kills', () => {
		for (const key of ['esc', 'enter']) expect(actions(drive(busyRoom()).keys('x', key))).toEqual([]);
		for (const [key, how] of [
			['i', 'interrupt'],
			['q', 'stop'],
			['X', 'kill'],
		] as const) {
			expect(actions(drive(busyRoom()).keys('x', key))).toEqual([{type: 'stop-agent', agent: 'agent:dev:003', how}]);
		}
	});

	test('X freezes at once, r resumes, and killing is asked for twice', () => {
		const driver = drive(busyRoom()).keys('X');
		expect(actions(driver)).toEqual([{type: 'freeze', on: true}]);
		driver.snapshot = busyRoom({control: {frozen: true}});
		expect(actions(driver.send({type: 'snapshot'}).keys('r'))).toEqual([
			{type: 'freeze', on: true},
			{type: 'freeze', on: false},
		]);
		const again = drive(busyRoom({control: {frozen: true}})).keys('X', 'enter');
		expect(actions(again)).toEqual([]);
		// Where all is frozen already, X asks what next: going on is one key away, killing two.
		expect(actions(drive(busyRoom({control: {frozen: true}})).keys('X', 'r'))).toEqual([{type: 'freeze', on: false}]);
		expect(actions(again.keys('X', 'X', 'K'))).toEqual([{type: 'kill-all'}]);
	});

	test('R retries a failed task at once, restarts a running one after a question, and says why it cannot do so otherwise', () => {
		expect(actions(drive(busyRoom()).keys("'").write('t-16').keys('enter', 'R'))).toEqual([{type: 'retry-task', task: 't-16'}]);
		expect(actions(drive(busyRoom()).keys('R', 'enter'))).toEqual([]);
		expect(actions(drive(busyRoom()).keys('R', 'y'))).toEqual([{type: 'restart-task', task: 't-2'}]);
		const driver = drive(busyRoom()).keys("'").write('t-8').keys('enter', 'R');
		expect(driver.state.toast?.text).toBe('Cannot restart t-8: it has not started.');
	});

	test('u drops a lock after it was confirmed, but never the lease of a task', () => {
		const driver = drive(busyRoom()).keys('3', 'u', 'u');
		expect(actions(driver)).toEqual([{type: 'unlock', name: 'repository:main'}]);
		expect(drive(busyRoom()).keys('3', 'G', 'u').state.dialog).toBeUndefined();
	});

	test('q detaches by default and stops the room only by its letter', () => {
		expect(drive(busyRoom()).keys('q', 'enter').commands).toEqual([{type: 'detach'}]);
		expect(drive(busyRoom()).keys('q', 's').commands).toEqual([{type: 'stop', how: 'now'}]);
		expect(drive(busyRoom()).keys('q', 'esc').commands).toEqual([]);
		expect(drive(busyRoom()).keys('ctrl+c', 'ctrl+c').commands).toEqual([{type: 'detach'}]);
	});

	test('P drains and resumes', () => {
		expect(actions(drive(busyRoom()).keys('P'))).toEqual([{type: 'drain', on: true}]);
		expect(actions(drive(busyRoom({control: {drained: true}})).keys('P'))).toEqual([{type: 'drain', on: false}]);
	});

	test('? filters while one types and enter runs the marked key', () => {
		const driver = drive(busyRoom()).keys('?').write('drain').keys('enter');
		expect(actions(driver)).toEqual([{type: 'drain', on: true}]);
		expect(driver.state.dialog).toBeUndefined();
	});

	test('pasted text is no row of keys', () => {
		const driver = drive(busyRoom()).send({type: 'paste', text: 'XqsK'});
		expect(driver.commands).toEqual([]);
	});

	test('keys on the card of a failed task help at once', () => {
		expect(actions(drive(busyRoom()).keys("'").write('t-16').keys('enter', 'space', 'R'))).toEqual([{type: 'retry-task', task: 't-16'}]);
	});
});

describe('typing into a pane', () => {
	test('shows the way back first, once, and the leader that was asked for opens the pane', () => {
		const driver = drive(busyRoom()).keys('i');
		expect(scopeOf(driver.state)).toBe('hint');
		expect(driver.keys('ctrl+]').commands).toEqual([{type: 'hint-seen'}, {type: 'type', agent: 'agent:dev:003'}]);
		driver.send({type: 'leader'}).keys('i');
		expect(driver.state.typing).toBe('agent:dev:003');
	});

	test('ends with the leader, which goes back in when it is pressed again', () => {
		const driver = drive(busyRoom()).keys('i', 'ctrl+]').send({type: 'leader'});
		expect([driver.state.typing, driver.state.lastTyped]).toEqual(['', 'agent:dev:003']);
		expect(driver.keys('ctrl+]').state.typing).toBe('agent:dev:003');
	});
});

describe('a new task', () => {
	test('is written in a form and queued with what was filled in', () => {
		const driver = drive(busyRoom()).keys('n').write('Fix it').keys('tab').write('line one').keys('enter').write('line two');
		driver.keys('tab').write('it is green').keys('tab', 'left', 'tab', 'left', 'tab').write('src/db/**');
		driver.keys('tab').write('go, backend').keys('tab', 'tab').write('t-12').keys('ctrl+s');
		expect(actions(driver)).toEqual([
			{
				...{type: 'add-task', title: 'Fix it', description: 'line one\nline two', acceptance: ['it is green'], priority: 75},
				...{assigned: 'agent:dev:008', paths: ['src/db/**'], needs: ['go', 'backend'], after: ['t-12']},
			},
		]);
		expect(driver.keys('n').state.draft.title.text).toBe('');
	});

	test('is one task, or a feature where the team has a Planner and it is said to be one', () => {
		const planned = () =>
			drive(room({agents: [agent('orch', 1, {role: 'orchestrator'})]}))
				.keys('n')
				.write('Login');
		expect(actions(planned().keys('ctrl+s'))).toEqual([{type: 'add-task', title: 'Login', priority: 50}]);
		const feature = {type: 'add-task', title: 'Login', priority: 50, feature: true};
		expect(actions(planned().keys('tab', 'tab', 'tab', 'right', 'ctrl+s'))).toEqual([feature]);
	});

	test('is written again as it was where the room refuses it', () => {
		const driver = drive(room()).keys('n').write('Fix it').keys('ctrl+s').send({type: 'told', text: 'Redis disconnected.', isBad: true});
		expect(driver.keys('n').state.draft.title.text).toBe('Fix it');
		driver.keys('ctrl+s').send({type: 'told', text: 'queued', isBad: false});
		expect(driver.send({type: 'told', text: 'no', isBad: true}).keys('n').state.draft.title.text).toBe('');
	});

	test('keeps its draft when the form is closed', () => {
		const driver = drive(room()).keys('n').write('Half a thought').keys('esc', 'n');
		expect(driver.state.draft.title.text).toBe('Half a thought');
	});

	test('is refused without a title or after a task that does not exist', () => {
		const driver = drive(busyRoom()).keys('n', 'ctrl+s');
		expect(driver.state.draft.error).toBe('Missing task title.');
		driver.write('T').keys('shift+tab').write('t-99').keys('ctrl+s');
		expect(driver.state.draft.error).toBe('Dependency `t-99` does not exist.');
		expect(actions(driver)).toEqual([]);
	});
});

describe('dialogs about what is over', () => {
	test('close by themselves and say so', () => {
		const locked = room({locks: [lock('path:src/**', 'agent:dev:001', 3)], agents: [agent('dev', 1)]});
		const driver = drive(locked).keys('3', 'u');
		driver.snapshot = room({agents: [agent('dev', 1)]});
		driver.send({type: 'snapshot'});
		expect([driver.state.dialog, driver.state.toast?.text]).toEqual([undefined, 'that lock is already released']);
	});

	test('a toast leaves after five seconds', () => {
		const driver = drive(room({tasks: [task('t-1')]})).keys('R');
		expect(driver.state.toast).toBeDefined();
		driver.now = NOW + 5001;
		expect(driver.send({type: 'snapshot'}).state.toast).toBeUndefined();
	});
});

describe('keys', () => {
	test('in one piece with esc are both, the esc first: no dialog is answered, and what was bound to alt stays one key', () => {
		const driver = drive(busyRoom()).keys('/').write('tax').send({type: 'key', key: 'alt+t', text: ''});
		expect([driver.state.dialog, driver.state.filters[1], driver.state.pages.length]).toEqual([undefined, '', 1]);
		const asked = drive(busyRoom()).keys('D').send({type: 'key', key: 'alt+D', text: ''});
		expect([asked.state.dialog?.kind, asked.commands]).toEqual(['cancel', []]);
		const bound = drive(busyRoom(), undefined, {board: 'alt+t'}).keys('/').send({type: 'key', key: 'alt+t', text: ''});
		expect(bound.state.dialog?.kind).toBeUndefined();
		expect(drive(busyRoom(), undefined, {board: 'alt+t'}).send({type: 'key', key: 'alt+t', text: ''}).state.pages).toHaveLength(1);
	});
});

describe('a sentence of what the room decides', () => {
	test('leads with enter to the task that it names', () => {
		const driver = drive(busyRoom()).keys('5');
		const texts = decisionRows(driver.state, driver.snapshot, driver.now).map(({text}) => text);
		const at = texts.findIndex(text => text.startsWith('Next: t-'));
		const id = /t-\d+/.exec(texts[at] ?? '')?.[0];
		expect(driver.keys(...texts.slice(0, at).map(() => 'j'), 'enter').state.pages.at(-1)).toMatchObject({kind: 'task', task: id});
	});
});
