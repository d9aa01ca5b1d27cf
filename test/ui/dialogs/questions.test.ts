import {expect, test} from 'vitest';
import {actions, drive} from '../fixtures/driver.ts';
import {open, withTerminals} from '../fixtures/open.ts';
import {room, task} from '../fixtures/room.ts';
import {createTestStore} from '../fixtures/store.ts';

withTerminals();

const stuckRoom = () =>
	room({
		tasks: [
			task('t-3', {state: 'cancelled', title: 'Schema'}),
			task('t-5', {state: 'blocked', after: 't-3', waits: 1, title: 'Stock webhook'}),
			task('t-6', {state: 'blocked', after: 't-5', waits: 1, title: 'Its page'}),
		],
	});

test('a task that waits for a cancelled one is unblocked from it, or cancelled too, after a question', () => {
	const opened = () => drive(stuckRoom()).keys('a').send({type: 'painted'});
	expect(opened().state.dialog).toMatchObject({kind: 'peek', row: 'hold:t-5'});
	expect(actions(opened().keys('u'))).toEqual([]);
	expect(actions(opened().keys('u', 'y'))).toEqual([{type: 'unblock-task', task: 't-5', without: 't-3'}]);
	expect(actions(opened().keys('D', 'D'))).toEqual([{type: 'cancel-task', task: 't-5'}]);
	// The one behind it waits for something that may still come.
	expect(drive(stuckRoom()).keys('2', 'G', 'u').state.toast?.text).toBe('Select a lock or a blocked task for u.');
});

test.each([
	[160, 45],
	[80, 24],
	[40, 15],
])('that is said at %i x %i, with the keys that end it', async (columns, rows) => {
	const terminal = open(createTestStore(stuckRoom()), {columns, rows});
	await terminal.shows('t-5 waits for t-3');
	if (columns >= 150) await terminal.shows('⊘ t-3 gone');
	terminal.type('a');
	await terminal.shows('unblock from t-3');
	expect(terminal.text()).toContain('cancel this task too…');
});
