import {describe, expect, test} from 'vitest';
import {pageOf} from '../../../../source/ui/state/state.ts';
import {actions, drive} from '../../fixtures/driver.ts';
import {open, withTerminals} from '../../fixtures/open.ts';
import {agent, ago, busyRoom, room, task} from '../../fixtures/room.ts';
import {createTestPane, createTestStore} from '../../fixtures/store.ts';
import {mergesRoom} from '../../fixtures/team.ts';

withTerminals();

describe('on the merge page', () => {
	test('changes are requested only with a comment, whose draft is kept', () => {
		const driver = drive(mergesRoom()).keys('m', 'j', 'B', 'enter');
		expect(driver.state.dialog).toEqual({kind: 'request-changes', task: 't-2'});
		expect(driver.state.toast?.text).toBe('Write what should change.');
		expect(actions(driver)).toEqual([]);
		driver.write('Keep the old endpoint').keys('esc', 'B');
		expect(actions(driver.keys('enter'))).toEqual([{type: 'request-changes', task: 't-2', reason: 'Keep the old endpoint'}]);
		expect(driver.state.dialog).toBeUndefined();
	});

	test('an entry changes places with its neighbour, stays selected, and stops at the ends', () => {
		const driver = drive(mergesRoom()).keys('m', 'j', 'K');
		expect(actions(driver)).toEqual([{type: 'move-task', task: 't-2', before: 't-1'}]);
		expect(pageOf(driver.state)).toMatchObject({selected: 't-2'});
		expect(actions(drive(mergesRoom()).keys('m', 'J'))).toEqual([{type: 'move-task', task: 't-2', before: 't-1'}]);
		expect(drive(mergesRoom()).keys('m', 'K').state.toast?.text).toBe('Already first.');
		expect(drive(mergesRoom()).keys('m', 'G', 'J').state.toast?.text).toBe('Already last.');
	});

	test('an entry is rebuilt, and its merge is tried in a separate shell', () => {
		expect(actions(drive(mergesRoom()).keys('m', 'j', 'u'))).toEqual([{type: 'rebuild-task', task: 't-2'}]);
		expect(drive(mergesRoom()).keys('m', 'j', '!').commands).toContainEqual({type: 'trial', task: 't-2'});
		for (const key of ['u', '!']) expect(drive(room()).keys('m', key).state.toast?.isBad).toBe(true);
	});

	test('merging is paused by pausing the Merger, and resumes with the same key', () => {
		const merger = (paused: number) => [agent('merge', 1, {status: 'idle', paused})];
		expect(actions(drive(room({agents: merger(0)})).keys('m', 'P'))).toEqual([{type: 'pause-agent', agent: 'agent:merge:001'}]);
		expect(actions(drive(room({agents: merger(1)})).keys('m', 'P'))).toEqual([{type: 'resume-agent', agent: 'agent:merge:001'}]);
		expect(drive(room()).keys('m', 'P').state.toast?.text).toBe('The team has no Merger (`repository-guardian`).');
	});

	test.each([
		[160, 45],
		[80, 24],
		[40, 15],
	])('that merges are paused, and which key resumes them, is in the header at %i x %i', async (columns, rows) => {
		const held = mergesRoom({agents: [agent('merge', 1, {status: 'paused', paused: 1}), agent('test', 1)]});
		const terminal = open(createTestStore(held), {columns, rows});
		await terminal.shows('ROOM │');
		terminal.type('m');
		await terminal.shows(columns < 120 ? '‖ paused: P resumes' : '‖ merges paused: P resumes');
	});

	test('the last merge is reverted after a question whose default is to keep it', () => {
		expect(actions(drive(busyRoom()).keys('m', 'H', 'enter'))).toEqual([]);
		expect(actions(drive(busyRoom()).keys('m', 'H', 'H'))).toEqual([{type: 'revert-task', task: 't-1'}]);
		expect(drive(room()).keys('m', 'H').state.toast?.text).toBe('No merge to revert yet.');
	});

	test('the tests of the selected entry are seen as they run, and as their log ends once they have run', async () => {
		const pane = createTestPane(80, 24);
		pane.screen.write('tests/search.test.ts is running');
		const store = createTestStore(mergesRoom(), new Map([['agent:test:001', pane]]));
		store.looks.log.set('t-1', {log: 't-1-test-1.log', name: 'test-1', names: ['test-1'], lines: ['12 passed', 'all is well']});
		const terminal = open(store, {columns: 160, rows: 45});
		await terminal.shows('ROOM │');
		terminal.type('m');
		await terminal.shows('all is well');
		expect(terminal.text()).toContain('t-1-test-1.log · l opens it');
		terminal.type('jj');
		await terminal.shows('tests/search.test.ts is running');
		expect(terminal.text()).toContain('Tests of t-3 by test-1');
		pane.screen.write('\r\nand prints more');
		await terminal.shows('and prints more');
	});
});

test('the recent merges have their titles where there is room', async () => {
	const terminal = open(createTestStore(mergesRoom()), {columns: 160, rows: 45});
	await terminal.shows('ROOM │');
	terminal.type('m');
	await terminal.shows('Recently merged');
	expect(terminal.text()).toMatch(/t-0 merged as 51fe0a2 · Zip codes/);
});

test.each([
	[160, 45],
	[80, 24],
])('an empty queue gives its place to the recent merges, at %dx%d', async (columns, rows) => {
	const merged = Array.from({length: 12}, (_, at) =>
		task(`t-${at}`, {state: 'merged', mergedCommit: 'a41c0ff1', doneAt: ago(60 + at), title: 'Zip codes'}),
	);
	const terminal = open(createTestStore(room({tasks: merged})), {columns, rows});
	await terminal.shows('ROOM │');
	terminal.type('m');
	await terminal.shows('Recently merged');
	expect(terminal.rows().filter(row => row.includes('merged as a41c0ff'))).toHaveLength(12);
	expect(terminal.text()).not.toContain('No selection');
});
