import {describe, expect, test} from 'vitest';
import {pageOf} from '../../../source/ui/state/state.ts';
import {actions, drive} from '../fixtures/driver.ts';
import {busyRoom} from '../fixtures/room.ts';
import {askingRoom, foreseen, mergesRoom} from '../fixtures/team.ts';

describe('a page', () => {
	test('of a task opens from the agents, the queue, the events and the conflicts, and esc goes back', () => {
		const rooms = [
			[drive(busyRoom()).keys('T'), 't-2'],
			[drive(busyRoom()).keys('2', 'j', 'enter'), 't-15'],
			[drive(busyRoom()).keys('4', 'g', 'enter'), 't-12'],
			[drive(busyRoom({changes: {conflicts: foreseen}})).keys('6', 'enter'), 't-5'],
		] as const;
		for (const [driver, id] of rooms) {
			expect(pageOf(driver.state)).toMatchObject({kind: 'task', task: id});
			expect(driver.commands.at(-1)).toMatchObject({type: 'read', task: id});
			expect(driver.keys('esc').state.pages).toEqual([]);
		}
	});

	test('of a task that is over opens by its id', () => {
		const driver = drive(busyRoom()).keys("'").write('t-1').keys('enter');
		expect(pageOf(driver.state)).toMatchObject({kind: 'task', task: 't-1'});
	});

	test('leads back through the pages that it was opened from', () => {
		const driver = drive(mergesRoom()).keys('m', 'j', 'enter');
		expect(pageOf(driver.state)).toMatchObject({kind: 'task', task: 't-2'});
		expect(pageOf(driver.keys('esc').state)).toMatchObject({kind: 'merges', selected: 't-2'});
		expect(driver.keys('esc').state.pages).toEqual([]);
	});

	test('asks for a task that is not given once for every change or second, never because of the answer', () => {
		const driver = drive(busyRoom()).keys('T');
		const reads = () => driver.commands.filter(({type}) => type === 'read').length;
		const order = driver.commands.at(-1);
		if (order?.type !== 'read') throw new Error('nothing was asked for');
		driver.send({type: 'read', id: order.task, version: order.version, task: undefined});
		expect(reads()).toBe(1);
		driver.send({type: 'snapshot'});
		expect(reads()).toBe(2);
	});

	test('makes the keys mean its task', () => {
		const page = () => drive(mergesRoom()).keys('m', 'j', 'j');
		expect(actions(page().keys(':').write('unassign task').keys('enter'))).toEqual([{type: 'unassign-task', task: 't-3'}]);
		expect(actions(page().keys('D', 'D'))).toEqual([{type: 'cancel-task', task: 't-3'}]);
		expect(actions(page().keys('D', 'enter'))).toEqual([]);
		expect(page().keys('x').state.dialog).toEqual({kind: 'stop', agent: 'agent:test:001', others: []});
		expect(page().keys('g', 'l', 'l').commands.at(-1)).toEqual({type: 'page', log: 't-1-test-1.log'});
		expect(page().keys('G', 'i').state.toast?.text).toMatch(/^No agent is running t-6/);
	});

	test('gives way to a pane that is typed into and comes back after it', () => {
		const driver = drive(busyRoom()).keys('T', 'i', 'ctrl+]');
		expect([driver.state.typing, pageOf(driver.state)]).toEqual(['agent:dev:003', undefined]);
		driver.send({type: 'leader'});
		expect(pageOf(driver.state)).toMatchObject({kind: 'task', task: 't-2'});
	});

	test('never covers a card whose keys mean another row', () => {
		const driver = drive(busyRoom()).keys('2', 'enter', 'a');
		expect([driver.state.dialog?.kind, driver.state.pages]).toEqual(['peek', []]);
		expect(drive(askingRoom()).keys('m', 'a').state).toMatchObject({dialog: {kind: 'plan'}, pages: [{kind: 'merges'}]});
	});

	test('scrolls to its end and not beyond', () => {
		const driver = drive(busyRoom(), {columns: 80, rows: 24}).keys('T', 'G');
		const end = driver.context().overflow(driver.state).page[0];
		expect(end).toBeGreaterThan(0);
		driver.keys('j', 'j', 'k');
		expect(pageOf(driver.state)).toMatchObject({panel: 3, scroll: {3: end - 1}});
	});
});

describe('the selected task', () => {
	test('is cancelled only after it was asked for, and says why it cannot be given back', () => {
		const driver = drive(busyRoom()).keys('2', 'G');
		expect(actions(driver.keys('D', 'D'))).toEqual([{type: 'cancel-task', task: 't-13'}]);
		expect(drive(busyRoom()).keys('l', 'l').state.toast?.text).toBe('No log yet.');
	});
});

describe('a red base', () => {
	const control = {failingBase: '51fe0a2c9d', failingSince: 1, failingWhy: 'npm test fails'};

	test('is the most urgent after what needs input, and a opens the merge queue', () => {
		expect(pageOf(drive(mergesRoom({control})).keys('a').state)).toMatchObject({kind: 'merges'});
		expect(drive(askingRoom({control})).keys('a').state.dialog).toMatchObject({kind: 'plan'});
		expect(pageOf(drive(askingRoom({control})).keys('a', 'tab', 'tab', 'tab').state)).toMatchObject({kind: 'merges'});
	});
});

test('enter on an agent that asks opens its question, and i types; in the pane itself both type', () => {
	const opened = drive(busyRoom()).keys('enter');
	expect(opened.state.dialog).toMatchObject({kind: 'peek', row: 'agent:dev:003', questionId: 'q-1'});
	expect(opened.state.typing).toBe('');
	expect(drive(busyRoom()).keys('i').state.dialog).toMatchObject({kind: 'hint', agent: 'agent:dev:003'});
	expect(drive(busyRoom()).keys('0', 'enter').state.dialog).toMatchObject({kind: 'hint', agent: 'agent:dev:003'});
	expect(drive(busyRoom()).keys('j', 'j', 'j', 'j', 'j', 'enter').state.dialog).toMatchObject({kind: 'hint'});
});
