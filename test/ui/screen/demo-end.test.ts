import {expect, test} from 'vitest';
import {open, withTerminals} from '../fixtures/open.ts';
import {ago, room, task} from '../fixtures/room.ts';
import {createTestStore} from '../fixtures/store.ts';

withTerminals();

test('the demo ends with a card: what was seen, keys that work from it, and how to begin; it opens once', async () => {
	const busy = room({tasks: [task('t-1', {state: 'leased', owner: 'agent:dev:001'})]});
	const store = createTestStore(busy);
	const environment = {TERM: 'xterm-256color', AGENT_ROOM_DEMO: '1'};
	const terminal = open(store, {columns: 80, rows: 24}, {environment});
	await terminal.shows('ROOM │');
	const done = room({tasks: [task('t-1', {state: 'merged', mergedCommit: 'a41c', doneAt: ago(5)})]});
	store.publish(done);
	await terminal.shows('The demo is done');
	for (const said of [
		'1 task merged',
		'a question answered',
		'm   what was tested',
		'n   add a task of your own',
		'  agent-room init, then agent-room',
	])
		expect(terminal.text()).toContain(said);
	// A key that it names works from it, and what it covered comes back without it.
	terminal.type('m');
	await terminal.shows('MERGES │');
	terminal.type('\u001b');
	await terminal.shows('ROOM │');
	store.publish({...done, banners: []});
	await terminal.shows('ROOM │');
	expect(terminal.text()).not.toContain('The demo is done');
});
