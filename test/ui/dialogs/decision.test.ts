import {describe, expect, test} from 'vitest';
import {planText} from '../../../source/core/plan/yaml.ts';
import {parseWholeTask, type WholeTask} from '../../../source/core/task/task.ts';
import type {RoomSnapshot} from '../../../source/store/room.ts';
import {scopeOf} from '../../../source/ui/state/state.ts';
import {actions, type Driver, drive} from '../fixtures/driver.ts';
import {askingRoom, plan, replanned, texts} from '../fixtures/team.ts';

const last = (driver: Driver) => driver.commands.at(-1);

const wholeOf = (snapshot: RoomSnapshot, id: string, more: Partial<WholeTask> = {}): WholeTask => {
	const task = snapshot.team.tasks.get(id);
	if (!task) throw new Error(`no task ${id}`);
	return {...parseWholeTask(id, {}), ...task, ...Object.fromEntries(texts)[id], ...more};
};
/** Answers the last order to read a task, and paints what it says. */
const read = (driver: Driver, more: Partial<WholeTask> = {}): Driver => {
	const order = driver.commands.findLast(command => command.type === 'read');
	if (order?.type !== 'read') throw new Error('nothing was to be read');
	const task = wholeOf(driver.snapshot, order.task, more);
	return driver.send({type: 'read', id: order.task, version: order.version, task}).send({type: 'painted'});
};
/** The room where a task has changed. */
const changed = (id: string, fields: Partial<WholeTask>): RoomSnapshot => {
	const snapshot = askingRoom();
	const task = snapshot.team.tasks.get(id);
	if (!task) throw new Error(`no task ${id}`);
	return {...snapshot, team: {...snapshot.team, tasks: new Map([...snapshot.team.tasks, [id, {...task, ...fields}]])}};
};
const opened = (): Driver => read(drive(askingRoom()).keys('a'));

describe('a plan that waits', () => {
	test('opens with a, with enter and with space, and its task is read in full', () => {
		for (const key of ['a', 'enter', 'space']) {
			const driver = drive(askingRoom()).keys(key);
			expect(driver.state.dialog).toMatchObject({kind: 'plan', task: 'login'});
			expect(driver.commands).toMatchObject([{type: 'read', task: 'login'}]);
		}
	});

	test('is approved as it was proposed, once, and the dialog stays until the task needs no decision', () => {
		const driver = opened().keys('y', 'y');
		expect(actions(driver)).toEqual([{type: 'approve', task: 'login'}]);
		expect(driver.state.dialog).toMatchObject({kind: 'plan', isSent: true});
		driver.snapshot = changed('login', {decision: '', state: 'planned'});
		expect(driver.send({type: 'snapshot'}).state.dialog).toBeUndefined();
	});

	test('takes no key before it stands on the screen', () => {
		const driver = drive(askingRoom()).burst('a', 'y', 'e', 'n');
		expect(actions(driver)).toEqual([]);
		expect(scopeOf(driver.state)).toBe('plan');
		expect(actions(read(driver).keys('y'))).toHaveLength(1);
	});

	test('that another took the place of is read and painted again before a key counts', () => {
		const driver = opened();
		driver.snapshot = changed('login', {updatedAt: 1});
		driver.send({type: 'snapshot'}).burst('y');
		expect(actions(driver)).toEqual([]);
		expect(driver.state.toast?.text).toBe('it has just changed: read it again');
		const order = driver.commands.findLast(command => command.type === 'read');
		if (order?.type !== 'read') throw new Error('it was not read again');
		const task = wholeOf(driver.snapshot, 'login', {proposal: JSON.stringify(replanned)});
		driver.send({type: 'read', id: 'login', version: order.version, task}).burst('y');
		expect(actions(driver)).toEqual([]);
		expect(actions(driver.send({type: 'painted'}).keys('y'))).toEqual([{type: 'approve', task: 'login'}]);
	});

	test('is sent back with words only, and words are kept while one looks again', () => {
		const driver = opened().keys('n', 'enter');
		expect(driver.state.toast?.text).toBe('Say what is wrong.');
		driver.write('no y e n').send({type: 'paste', text: '\nsmaller'}).keys('esc');
		expect(scopeOf(driver.state)).toBe('plan');
		expect(actions(driver.keys('n', 'enter'))).toEqual([{type: 'request-changes', task: 'login', reason: 'no y e n\nsmaller'}]);
	});

	test('stays open where the room refuses, and may be decided again', () => {
		const driver = opened().keys('y');
		driver.send({type: 'told', text: 'Redis disconnected: no changes made.', isBad: true, code: 'redis-lost'});
		expect(driver.state.dialog).toMatchObject({kind: 'plan', isSent: false});
		expect(actions(driver.keys('y'))).toHaveLength(2);
	});

	test('that was decided on another terminal closes and says so', () => {
		const driver = opened();
		driver.snapshot = changed('login', {decision: '', state: 'planned'});
		driver.send({type: 'snapshot'});
		expect([driver.state.dialog, driver.state.toast?.text]).toEqual([undefined, 'login was answered in another terminal']);
	});

	test('of which nothing can be taken is written by hand or sent back', () => {
		const driver = read(drive(askingRoom()).keys('a'), {proposal: ''}).keys('y');
		expect(driver.state.toast?.text).toBe('No plan to approve: e writes one.');
		expect(last(driver.keys('e'))).toMatchObject({type: 'edit', text: expect.stringContaining('tasks: []')});
	});
});

describe('an edited plan', () => {
	const edit = (driver: Driver, change: (text: string) => string): Driver => {
		driver.keys('e');
		const order = last(driver);
		if (order?.type !== 'edit') throw new Error('no editor was opened');
		return driver.send({type: 'edited', name: order.name, text: change(order.text)}).send({type: 'painted'});
	};

	test('is accepted as it was written', () => {
		const driver = edit(opened(), text => text.replace('The login form', 'A login form'));
		expect(driver.state.toast?.text).toBe('this is your edit: y approves it');
		driver.keys('y');
		expect(actions(driver)).toEqual([{type: 'approve', task: 'login', plan: planText(plan).replace('The login form', 'A login form')}]);
		driver.snapshot = changed('login', {decision: '', state: 'planned'});
		expect(last(driver.send({type: 'snapshot'}))).toMatchObject({type: 'forget'});
		expect(driver.state.edits).toEqual({});
	});

	test('with a fault is kept with its text, opens again as it was, and cannot be accepted', () => {
		const driver = edit(opened(), text => text.replace('priority: 75', 'priority: 7500'));
		const [kept] = Object.values(driver.state.edits);
		expect(kept?.problems).toHaveLength(1);
		expect(kept?.problems[0]?.line).toBeGreaterThan(1);
		expect(actions(driver.keys('y'))).toEqual([]);
		// Closed and opened again, it is still there.
		read(driver.keys('esc', 'a')).keys('e');
		expect(last(driver)).toMatchObject({type: 'edit', text: expect.stringContaining('priority: 7500')});
		expect(actions(edit(driver, text => text.replace('7500', '80')).keys('y'))).toHaveLength(1);
	});

	test('that the room refuses shows what is wrong at its lines', () => {
		const driver = edit(opened(), text => text.replace('needs: [backend]', 'needs: [cobol]')).keys('y');
		const message = 'line 9: no developer has the capability `cobol`.\nthe plan waits for nobody';
		driver.send({type: 'told', text: message, isBad: true, code: 'bad-plan'}).send({type: 'painted'});
		expect(Object.values(driver.state.edits)[0]?.problems).toEqual([
			{line: 9, message: 'no developer has the capability `cobol`.'},
			{line: 0, message: 'the plan waits for nobody'},
		]);
		expect(actions(driver.keys('y'))).toHaveLength(1);
	});

	test('is dropped with u, and nothing changed is nothing edited', () => {
		const driver = edit(opened(), text => text.replace('The login form', 'X')).keys('u');
		expect(driver.state.edits).toEqual({});
		expect(last(driver)).toMatchObject({type: 'forget'});
		expect(actions(edit(driver, text => text).keys('y'))).toEqual([{type: 'approve', task: 'login'}]);
	});
});

describe('a feature', () => {
	test('is planned again with a comment, which is kept until it is sent', () => {
		const driver = drive(askingRoom()).keys('2', 'G', 'F');
		expect(driver.state.toast?.text).toBe('Select a task of the feature to replan.');
		driver.keys('1', 'g', 'F').write('single sign-on').keys('esc', 'F', 'enter');
		expect(actions(driver)).toEqual([{type: 'replan', feature: 'login', text: 'single sign-on'}]);
		expect(driver.state.dialog).toBeUndefined();
		// Refused, the words are there again.
		driver.send({type: 'told', text: 'Redis disconnected.', isBad: true}).keys('F', 'enter');
		expect(actions(driver)).toHaveLength(2);
		expect(actions(driver)[1]).toMatchObject({text: 'single sign-on'});
	});
});

describe('work that waits for a decision', () => {
	test('on a blocker continues with y, and n writes an answer, in words for that', () => {
		const blocked = {decision: 'blocked', stage: 'develop', waitReason: 'blocked: no key'} as const;
		const snapshot = changed('t-8', blocked);
		const driver = read(drive(snapshot).keys('a', 'tab'), blocked);
		expect(actions(driver.keys('n', 'enter'))).toEqual([]);
		expect(driver.state.toast?.text).toBe('Type your answer first.');
		driver.write('It is in KEYS.').keys('enter');
		expect(actions(driver)).toEqual([{type: 'request-changes', task: 't-8', reason: 'It is in KEYS.'}]);
		expect(driver.state.toast?.text).toBe('sending your answer…');
		const other = read(drive(snapshot).keys('a', 'tab'), blocked).keys('y');
		expect(actions(other)).toEqual([{type: 'approve', task: 't-8'}]);
		expect(other.state.toast?.text).toBe('continuing…');
	});

	test('is reached from one to the next, accepted or sent back', () => {
		const driver = drive(askingRoom()).keys('a', 'tab');
		expect(driver.state.dialog).toMatchObject({kind: 'decide', task: 't-8'});
		expect(actions(read(driver).keys('y'))).toEqual([{type: 'approve', task: 't-8'}]);
		read(driver.keys('tab'));
		expect(driver.state.dialog).toMatchObject({kind: 'decide', task: 't-9'});
		driver.keys('n').write('keep the limit').keys('enter');
		expect(actions(driver).at(-1)).toEqual({type: 'request-changes', task: 't-9', reason: 'keep the limit'});
	});

	test('is assigned to no agent meanwhile', () => {
		expect(drive(askingRoom()).keys('r').state.toast?.text).toBe('login needs your approval: space opens it.');
	});
});
