import {expect, test} from 'vitest';
import {actions, drive} from '../fixtures/driver.ts';
import {open, withTerminals} from '../fixtures/open.ts';
import {agent, ago, busyRoom, room, task} from '../fixtures/room.ts';
import {createTestStore} from '../fixtures/store.ts';
import {until} from '../fixtures/terminal.ts';

withTerminals();

const decision = (count: number) =>
	createTestStore(
		room({
			agents: [
				agent('dev', 1, {
					...{status: 'needs-input', task: 't-1', question: 'Which index?', questionId: 'q-1', statusAt: ago(40)},
					choices: JSON.stringify(Array.from({length: count}, (_, index) => `index ${index + 1}`)),
				}),
			],
			tasks: [task('t-1', {state: 'leased', owner: 'agent:dev:001'})],
		}),
	);

test('of more than nine choices a number is written, and enter answers: no digit is taken for another choice', async () => {
	const store = decision(12);
	const terminal = open(store, {columns: 100, rows: 30});
	await terminal.shows('ROOM │');
	terminal.type('a');
	await terminal.shows('PEEK │ 1-12 ↵ answer');
	for (const number of [1, 9, 10, 12]) expect(terminal.text()).toMatch(new RegExp(`┃ +${number}  index ${number} `));
	// A key before the card was in sight does nothing.
	await until(
		() => {
			if (!terminal.text().includes('› 1')) terminal.type('1');
			return terminal.text().includes('› 1');
		},
		() => terminal.text(),
	);
	expect(store.actions).toEqual([]);
	terminal.type('\x7f'.repeat(20));
	terminal.type('12\r');
	await until(
		() => store.actions.length > 0,
		() => terminal.text(),
	);
	expect(store.actions).toEqual([{type: 'answer', agent: 'agent:dev:001', questionId: 'q-1', choice: 12}]);
});

test('what is no number of a choice is a reply; choices that have no row are counted', async () => {
	const store = decision(40);
	const terminal = open(store, {columns: 40, rows: 15});
	await terminal.shows('ROOM │');
	terminal.type('a');
	await terminal.shows('PEEK │');
	await terminal.shows(text => /… \d+ more: a number shows/.test(text));
	await until(
		() => {
			if (!terminal.text().includes('› 41')) terminal.type('\x7f\x7f\x7f41');
			return terminal.text().includes('› 41');
		},
		() => terminal.text(),
	);
	terminal.type('\x7f\x7f37');
	await terminal.shows('37  index 37');
	terminal.type('\x7f\x7f41\r');
	await until(
		() => store.actions.length > 0,
		() => terminal.text(),
	);
	expect(store.actions).toEqual([{type: 'answer', agent: 'agent:dev:001', questionId: 'q-1', text: '41'}]);
});

test('a reply that asks why is written by one key, never over another, and sent like any other', () => {
	const asking = drive(busyRoom()).keys('a', 'tab');
	const reply = 'Before I answer: what exactly does this do, and why is it needed?';
	expect(asking.state.dialog).toMatchObject({kind: 'peek', reply: {text: reply}});
	expect(actions(asking)).toEqual([]);
	expect(actions(asking.keys('enter'))).toEqual([{type: 'answer', agent: 'agent:dev:003', questionId: 'q-1', text: reply}]);
	expect(drive(busyRoom()).keys('a').write('use').keys('tab').state.dialog).toMatchObject({reply: {text: 'use'}});
	expect(drive(busyRoom()).burst('a', 'tab').state.dialog).toMatchObject({reply: {text: ''}});
});
