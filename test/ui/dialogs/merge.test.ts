import {describe, expect, test} from 'vitest';
import {parseWholeTask} from '../../../source/core/task/task.ts';
import {actions, type Driver, drive} from '../fixtures/driver.ts';
import {open, withTerminals} from '../fixtures/open.ts';
import {room, task} from '../fixtures/room.ts';
import {createTestStore} from '../fixtures/store.ts';

withTerminals();

const HOLD = 'NOT READY: secret in src/x.ts:12 (GitHub token), and 1 more';
const held = {
	stage: 'test',
	state: 'blocked',
	decision: 'checks',
	waitReason: HOLD,
	title: 'Webhook',
	commit: '9d771c3aa0',
	author: 'agent:dev:005',
};
const heldRoom = () => room({tasks: [task('t-8', held), task('t-9', {stage: 'test', state: 'ready', title: 'Search'})]});
const whole = {
	...parseWholeTask('t-8', {}),
	...heldRoom().team.tasks.get('t-8'),
	feedback: `${HOLD}\n\nsecret in src/x.ts:12 (GitHub token)\nsecret in b\u001B[31m.pem:1 (private key)`,
};
/** Answers the last order to read a task, and paints what it says. */
const read = (driver: Driver): Driver => {
	const order = driver.commands.findLast(command => command.type === 'read');
	if (order?.type !== 'read') throw new Error('nothing was to be read');
	return driver.send({type: 'read', id: order.task, version: order.version, task: whole}).send({type: 'painted'});
};

describe('a merge that needs approval', () => {
	test('opens from the merge page and the next key, and is approved only once it was seen', () => {
		for (const keys of [['m', 'M'], ['a']]) {
			const driver = drive(heldRoom()).keys(...keys);
			expect(driver.state.dialog).toMatchObject({kind: 'decide', task: 't-8'});
			expect(actions(driver.keys('y'))).toEqual([]);
			expect(actions(read(driver).keys('y', 'y'))).toEqual([{type: 'approve', task: 't-8'}]);
		}
	});

	test('is sent back with a comment, and is cancelled after a question', () => {
		const driver = read(drive(heldRoom()).keys('m', 'B'));
		expect(actions(driver.keys('enter'))).toEqual([]);
		driver.write('Take it from the environment').keys('enter');
		expect(actions(driver)).toEqual([{type: 'request-changes', task: 't-8', reason: 'Take it from the environment'}]);
		expect(actions(read(drive(heldRoom()).keys('m', 'M')).keys('D', 'D'))).toEqual([{type: 'cancel-task', task: 't-8'}]);
	});

	test.each([
		[160, 45],
		[80, 24],
		[40, 15],
	])('says at %i x %i where it is and which keys decide', async (columns, rows) => {
		const store = createTestStore(heldRoom());
		store.texts.set('t-8', whole);
		const terminal = open(store, {columns, rows});
		await terminal.shows('needs approval: secret');
		terminal.type('m');
		if (columns >= 80) await terminal.shows('▲ approval');
		await terminal.shows('M merge…');
		terminal.type('M');
		await terminal.shows('approve');
		for (const words of ['t-8 needs your approval ▲', 'src/x.ts:12', ' n  request changes', ' D  cancel task'])
			expect(terminal.text()).toContain(words);
		if (rows >= 24) await terminal.shows('secret in b');
	});
});
