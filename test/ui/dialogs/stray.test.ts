import {describe, expect, test} from 'vitest';
import type {Action} from '../../../source/core/protocol/action.ts';
import {actions, drive} from '../fixtures/driver.ts';
import {open, withTerminals} from '../fixtures/open.ts';
import {ago, busyRoom, room, task} from '../fixtures/room.ts';
import {createTestStore} from '../fixtures/store.ts';
import {mergesRoom} from '../fixtures/team.ts';

withTerminals();

const control = {
	...{stray: '9d771c3aa0b1', strayFrom: '51fe0a2c9d77', strayTask: 't-3', strayAgent: 'agent:dev:004', strayAt: ago(120)},
};

describe('a base that an agent has moved', () => {
	test('stands first of all that needs a human, in the header too, and two keys decide from anywhere', async () => {
		const store = createTestStore(busyRoom({control}));
		const terminal = open(store, {columns: 160, rows: 45});
		await terminal.shows(' main MOVED by dev-4  U reverts it');
		expect(terminal.rows()[43]).toMatch(
			/^ ✗ main was moved to 9d771c3 by dev-4 \(t-3\) without a merge: merging is blocked until you decide/,
		);
		expect(terminal.text()).toContain('main was moved to 9d771c3 by dev-4');
		terminal.type('a');
		await terminal.shows('main was moved ✗');
		for (const words of [
			'dev-4 (t-3) moved main to 9d771c3 2m ago.',
			'what came        commits without review, tests and merge',
			'meanwhile        no tests run and nothing merges',
			'U  revert the move: main returns to 51fe0a2 unless it has moved since',
			'Y  keep it: you take it over',
		])
			expect(terminal.text()).toContain(words);
		const ordered = (keys: readonly string[]): readonly Action[] => actions(drive(busyRoom({control})).keys(...keys));
		expect(ordered(['U'])).toEqual([{type: 'undo-base'}]);
		expect(ordered(['a', 'U'])).toEqual([{type: 'undo-base'}]);
		expect(ordered(['m', 'Y'])).toEqual([{type: 'keep-base'}]);
		expect(ordered(['a', 'D', 'R', 'x', 'X'])).toEqual([]);
		expect(actions(drive(busyRoom()).keys('U', 'Y'))).toEqual([]);
		expect(drive(busyRoom()).keys('U').state.toast?.text).toBe('No agent has moved the base branch.');
	});

	test('is shown on small screens and on the page of merges, also where one step back would remove more', async () => {
		const small = open(createTestStore(mergesRoom({control: {...control, strayFrom: ''}})), {columns: 40, rows: 15});
		await small.shows('main MOVED');
		small.type('a');
		await small.shows('revert the move: not possible');
		const page = open(createTestStore(mergesRoom({control})), {columns: 80, rows: 24});
		await page.shows('main MOVED by dev-4');
		page.type('m');
		await page.shows('✗ moved by an agent');
		expect(page.text()).toContain('was moved to 9d771c3 by dev-4');
		expect(page.text().replaceAll(/\s*│\s*│?\s*/g, ' ')).toContain('U reverts it, Y keeps it.');
	});

	test('closes its card once it is decided elsewhere', () => {
		const driver = drive(busyRoom({control})).keys('a');
		expect(driver.state.dialog).toMatchObject({kind: 'peek', row: 'stray'});
		driver.snapshot = busyRoom();
		expect(driver.send({type: 'snapshot'}).state.dialog).toBeUndefined();
	});
});

describe('a merge that was removed from the base branch, and commits that would come back', () => {
	const HOLD = 'would restore a commit that you removed from main: `1a2b3c4 half a thought`';
	const unmerged = {
		stage: 'merge',
		state: 'blocked',
		decision: 'unmerged',
		waitReason: 'main no longer contains 51fe0a2: you removed it',
		title: 'Cart',
		commit: '9d771c3aa0',
	};
	const returns = {
		stage: 'test',
		state: 'blocked',
		decision: 'returns',
		waitReason: HOLD,
		title: 'Webhook',
		commit: '9d771c3aa0',
		returns: '1a2b3c4',
	};
	const asking = () => room({tasks: [task('t-1', unmerged), task('t-2', returns)]});

	test('say what a yes and a no mean', async () => {
		const store = createTestStore(asking());
		store.texts.set('t-2', {feedback: `${HOLD}\n\n1a2b3c4 half a thought`});
		const terminal = open(store, {columns: 100, rows: 30});
		await terminal.shows('ROOM │');
		terminal.type('a');
		await terminal.shows('t-1 needs your approval ▲');
		for (const words of [
			'main no longer contains 51fe0a2: you removed it',
			'y  merge again: test on the current base branch first',
			'n  cancel task: its branch stays',
		])
			await terminal.shows(words);
		terminal.type('\t');
		await terminal.shows('t-2 needs your approval ▲');
		for (const words of [
			'would restore a commit',
			'y  restore: the reverted commits too',
			'n  leave out: keep only its own commits',
			'WOULD COME BACK',
		])
			await terminal.shows(words);
	});

	test('need no comment for a no', () => {
		const store = asking();
		const driver = drive(store).keys('a');
		const order = driver.commands.findLast(command => command.type === 'read');
		if (order?.type !== 'read') throw new Error('nothing was to be read');
		const whole = {
			...store.team.tasks.get('t-1'),
			description: '',
			acceptance: [],
			feedback: '',
			handoff: '',
			proposal: '',
			reviews: [],
			comments: [],
		};
		driver.send({type: 'read', id: 't-1', version: order.version, task: whole as never}).send({type: 'painted'});
		expect(actions(driver.keys('n', 'n'))).toEqual([{type: 'request-changes', task: 't-1', reason: ''}]);
	});
});
