import {describe, expect, test} from 'vitest';
import {open, withTerminals} from '../fixtures/open.ts';
import {agent, busyRoom, room, task} from '../fixtures/room.ts';
import {createTestStore} from '../fixtures/store.ts';
import {until} from '../fixtures/terminal.ts';

withTerminals();

const SIZE = {columns: 100, rows: 30};
const asked = (output: string): number => output.split('\x1b[5n').length - 1;

describe('over a slow line', () => {
	test('a digit that was pressed before the card could be seen answers nothing, one pressed after it does', async () => {
		const store = createTestStore(busyRoom());
		const terminal = open(store, SIZE, {isFar: true});
		await terminal.shows('ROOM │');
		terminal.type('a');
		await terminal.shows('PEEK │');
		await until(() => asked(terminal.output()) === 1, terminal.text);
		// The card is written, and still on its way.
		terminal.type('1');
		terminal.type('2');
		expect(store.actions).toEqual([]);
		terminal.answers();
		terminal.type('2\r');
		expect(store.actions).toEqual([{type: 'answer', agent: 'agent:dev:003', questionId: 'q-1', choice: 2}]);
	});

	test('a digit is dropped until a card can have come through a multiplexer that is seen over SSH, which answers at once', async () => {
		const store = createTestStore(busyRoom());
		const environment = {TERM: 'tmux-256color', TMUX: '/tmp/tmux-0/default,1,0'};
		const terminal = open(store, SIZE, {environment, isFar: true});
		terminal.view.tmux({passthrough: false, isRemote: true, terminal: 'xterm-256color'});
		await terminal.shows('ROOM │');
		terminal.type('a');
		await until(() => asked(terminal.output()) === 1, terminal.text);
		terminal.answers();
		terminal.type('2');
		expect(store.actions).toEqual([]);
		await until(
			() => {
				terminal.type('2\r');
				return store.actions.length > 0;
			},
			() => 'the answer was never sent',
		);
		expect(store.actions[0]).toMatchObject({questionId: 'q-1', choice: 2});
	});

	test('what the terminal says of the card before counts for nothing', async () => {
		const question = (id: string) =>
			room({agents: [agent('dev', 1, {status: 'needs-input', question: `${id}?`, questionId: id, choices: JSON.stringify(['yes'])})]});
		const store = createTestStore(question('first'));
		const terminal = open(store, SIZE, {isFar: true});
		await terminal.shows('ROOM │');
		terminal.type('a');
		await until(() => asked(terminal.output()) === 1, terminal.text);
		store.publish(question('second'));
		terminal.answers();
		terminal.type('1');
		expect(store.actions).toEqual([]);
		await until(() => asked(terminal.output()) === 2, terminal.text);
		terminal.type('1');
		expect(store.actions).toEqual([]);
		terminal.answers();
		terminal.type('1\r');
		expect(store.actions).toMatchObject([{questionId: 'second', choice: 1}]);
	});

	test('work is not accepted by a key that was pressed before it could be read', async () => {
		const store = createTestStore(room({tasks: [task('login', {state: 'blocked', stage: 'review', decision: 'rounds'})]}));
		const terminal = open(store, SIZE, {isFar: true});
		await terminal.shows('ROOM │');
		terminal.type('a');
		await until(() => asked(terminal.output()) === 1, terminal.text);
		terminal.type('y');
		expect(store.actions).toEqual([]);
		terminal.answers();
		terminal.type('y');
		expect(store.actions).toEqual([{type: 'approve', task: 'login'}]);
	});

	test('keys typed ahead act in their order as on a fast one', async () => {
		const keys = ['j', '2', 'j', '\x1b[B', 'n', 'F', 'i', 'x', '\x13', '?', 'z', 'o', '\x1b[B', '\x1b'];
		const [ahead, one] = [true, false].map(isFar => open(createTestStore(busyRoom()), SIZE, {isFar}));
		if (!ahead || !one) throw new Error('no terminals');
		await ahead.shows('ROOM │');
		ahead.type(keys.join(''));
		for (const key of keys) {
			one.type(key);
			await new Promise(resolve => setTimeout(resolve, 60));
		}
		await one.shows(text => text.includes('ROOM │'));
		await ahead.shows(text => text === one.text());
	});
});
