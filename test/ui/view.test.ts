import {afterEach, beforeAll, describe, expect, test} from 'vitest';
import {busyRoom, room} from './fixtures/room.ts';
import {createTestPane, createTestStore} from './fixtures/store.ts';
import {type Attached, attach} from './fixtures/terminal.ts';

let attached: Attached | undefined;
const open = (...parts: Parameters<typeof attach>): Attached => {
	attached = attach(...parts);
	return attached;
};
beforeAll(() => {
	process.env.TZ = 'UTC';
});
afterEach(() => attached?.view.close());

describe('a room at 160x45', () => {
	test('shows who works, the queue, the locks and what needs a person', async () => {
		const terminal = open(createTestStore(busyRoom()), {columns: 160, rows: 45});
		await terminal.shows('ROOM │');
		console.log(terminal.text());
		expect(terminal.rows()).toHaveLength(45);
	});
});
