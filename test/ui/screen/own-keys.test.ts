import {describe, expect, test} from 'vitest';
import {open, withTerminals} from '../fixtures/open.ts';
import {agent, busyRoom, room} from '../fixtures/room.ts';
import {createTestStore} from '../fixtures/store.ts';

withTerminals();

const KEYS = {'new-task': 'L', retry: 'Z', sort: 'Q', freeze: 'B', 'frozen.resume': 'g', back: 'O', settings: '\\'};

describe('a person with other keys', () => {
	test('reads them in what is decided', async () => {
		const empty = open(createTestStore(room({agents: [agent('dev', 1, {status: 'idle'})]})), {columns: 160, rows: 45}, {keys: KEYS});
		await empty.shows('No tasks yet. L adds one:');
		const frozen = open(createTestStore(busyRoom({control: {frozen: true}})), {columns: 160, rows: 45}, {keys: KEYS});
		await frozen.shows('You froze everything. B, then g unfreezes.');
	});

	test('reads them in what cannot be done, and where nothing matches', async () => {
		const terminal = open(createTestStore(busyRoom()), {columns: 100, rows: 30}, {keys: KEYS});
		await terminal.shows('ROOM │');
		terminal.type('2QJ');
		await terminal.shows('Q restores queue order.');
		terminal.type('/nowhere\r');
		await terminal.shows('No matches for `nowhere`. O shows all.');
		terminal.type('\\');
		await terminal.shows('SETTINGS │');
		expect(terminal.text()).toContain('\\ or esc closes');
	});
});
