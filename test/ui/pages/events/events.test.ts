import {describe, expect, test} from 'vitest';
import {EVENTS_KEPT} from '../../../../source/core/team/snapshot.ts';
import type {RoomSnapshot} from '../../../../source/store/room.ts';
import {MOST_ENTRIES} from '../../../../source/ui/model/events.ts';
import {columnOf, open, withTerminals} from '../../fixtures/open.ts';
import {event, NOW, room} from '../../fixtures/room.ts';
import {createTestStore} from '../../fixtures/store.ts';
import {story} from '../../fixtures/story.ts';
import type {Attached} from '../../fixtures/terminal.ts';

withTerminals();

const WIDE = {columns: 160, rows: 45};
const NARROW = {columns: 80, rows: 24};

/** A room of which `count` entries are recorded, and that has loaded the newest. */
const recorded = (count: number) => {
	const events = story(count);
	const snapshot = room({events: events.slice(-EVENTS_KEPT)});
	const last = events.at(-1)?.id ?? '0-0';
	return {events, snapshot: {...snapshot, team: {...snapshot.team, streamId: last}}};
};

const watch = (count: number, size = WIDE, now = () => NOW) => {
	const {events, snapshot} = recorded(count);
	const store = createTestStore(snapshot, new Map(), events);
	return {terminal: open(store, size, {now}), store, events, snapshot};
};

const rowWith = (terminal: Attached, text: string): string => terminal.rows().find(row => row.includes(text)) ?? '';
const withEvents = (snapshot: RoomSnapshot, events: RoomSnapshot['team']['events']): RoomSnapshot => ({
	...snapshot,
	team: {...snapshot.team, events: events.slice(-EVENTS_KEPT), streamId: events.at(-1)?.id ?? '0-0'},
});

describe('the page of events', () => {
	test('shows what happened with all fields of the newest, and follows new events', async () => {
		const {terminal, store, snapshot, events} = watch(43);
		terminal.type('e');
		await terminal.shows('EVENTS │ esc back');
		await terminal.shows('t-8 merged');
		expect(terminal.rows()[0]).toMatch(/^ agent-room › events {2}live {3}35 entries/);
		expect(rowWith(terminal, '▸')).toMatch(/▸14:31:00 ✓ t-8 +merged/);
		await terminal.shows('c0ffee8');
		const at = NOW - 5000;
		store.publish(
			withEvents(snapshot, [...events, event(0, {id: `${at}-0`, at, type: 'task_failed', task: 't-99', text: 'no more attempts'})]),
		);
		await terminal.shows(text => /▸14:31:55 . t-99 +failed: no more attempts/.test(text));
	});

	test('goes back as far as the event log reaches, in pages, and lets go of what is far away', async () => {
		const {terminal} = watch(6003);
		terminal.type('e');
		await terminal.shows('read, more exist');
		for (let presses = 0; presses < 40 && !terminal.text().includes('joined as developer'); presses++) {
			terminal.type('g');
			await new Promise(resolve => setTimeout(resolve, 5));
		}
		await terminal.shows('joined as developer');
		const [, read = ''] = / ([\d,]+) read, more exist/.exec(terminal.rows()[0] ?? '') ?? [];
		expect(Number(read.replace(',', ''))).toBeLessThanOrEqual(MOST_ENTRIES);
		terminal.type('G');
		await terminal.shows('t-1200 merged');
		await terminal.shows('live');
	});

	test('says how far back it reaches and why no further, at its beginning too; so does the past', async () => {
		const {events, snapshot} = recorded(43);
		const terminal = open(createTestStore(snapshot, new Map(), events, 12_345), WIDE, {now: () => NOW});
		terminal.type('e');
		await terminal.shows(text => /back to \d\d:\d\d:\d\d, 12,345 older events deleted: about 20,000 are kept/.test(text));
		terminal.type('g');
		await terminal.shows('━ 12,345 older events deleted ━┓');
		terminal.type('G');
		terminal.type('\x1b[D');
		await terminal.shows('REPLAY');
		terminal.type('g');
		await terminal.shows('oldest event: 12,345 older ones were deleted');
		const {terminal: whole} = watch(43);
		whole.type('e');
		await whole.shows(text => /back to \d\d:\d\d:\d\d, the oldest event/.test(text));
	});

	test('is filtered by words and by fields, also what is not read yet', async () => {
		const {terminal} = watch(4003);
		terminal.type('e');
		await terminal.shows('t-800');
		terminal.type('/t:t-17\r');
		await terminal.shows('t-17 merged');
		await terminal.shows('4 entries   /t:t-17');
		expect(terminal.text()).not.toContain('t-170');
		terminal.type('.');
		await terminal.shows('usage recorded');
		await terminal.shows('5 entries   /t:t-17');
		terminal.type('\x1b');
		await terminal.shows('t-800');
		terminal.type('/nowhere\r');
		await terminal.shows('No events match `nowhere`. esc clears the filter.');
	});

	test('opens what an entry is about', async () => {
		const {terminal} = watch(48);
		terminal.type('e');
		await terminal.shows('EVENTS │');
		await terminal.shows('t-9 merged');
		terminal.type('\r');
		await terminal.shows('TASK │');
		terminal.type('\x1b');
		await terminal.shows('EVENTS │');
	});

	test('lets through no sequence of what external agents wrote into the event log', async () => {
		const hostile = '\x1b]0;owned\x07\x1b[2J\x9b31m\nline';
		const at = NOW - 1000;
		const fields = {[hostile]: hostile};
		const one = {id: `${at}-0`, at, type: hostile, task: hostile, agent: hostile, text: hostile, was: hostile};
		const events = [...story(8), event(0, {...one, taskFields: fields, agentFields: fields, lockFields: fields, controlFields: fields})];
		const snapshot = withEvents(room(), events);
		const terminal = open(createTestStore(snapshot, new Map(), events), WIDE);
		terminal.type('e');
		await terminal.shows('EVENTS │');
		await terminal.shows('TASK 1');
		// No border is moved, whatever the names of fields and types are made of.
		expect(columnOf(terminal.rows(), 1, 42, 159)).toMatch(/^╮│+╯$/);
		terminal.type('\x1b[D');
		await terminal.shows('REPLAY │');
		await terminal.shows('↵ live');
		expect(terminal.output()).not.toMatch(/\x1b\]0;owned|\x1b\[2J|\x9b/);
	});

	test('says that there is nothing yet, and that Redis is away', async () => {
		const {terminal, store} = watch(0);
		terminal.type('e');
		await terminal.shows('EVENTS │');
		await terminal.shows('reviews and merges appear here.');
		terminal.type('\x1b');
		await terminal.shows('ROOM │');
		Object.assign(store.past, {entries: async () => undefined});
		terminal.type('e');
		await terminal.shows('Redis disconnected: the event log loads when it reconnects.');
	});
});

describe('the past', () => {
	const past = async (count: number, size = WIDE, now = () => NOW) => {
		const watched = watch(count, size, now);
		watched.terminal.type('e');
		await watched.terminal.shows('EVENTS │');
		await watched.terminal.shows('merged');
		watched.terminal.type('\x1b[D');
		await watched.terminal.shows('REPLAY  14:30:45');
		return watched;
	};

	test('is the room as it was: who worked on what, what waited, what was held', async () => {
		const {terminal} = await past(48);
		expect(terminal.rows()[0]).toMatch(/^ REPLAY {2}14:30:45 · 75s ago {3}paused .*↵ live $/);
		expect(rowWith(terminal, 'Merges 1')).not.toBe('');
		// The quiet entry between is stepped over.
		terminal.type('\x1b[D');
		await terminal.shows('REPLAY  14:30:15');
		await terminal.shows(text => /●W dev-1 +t-9 +Task 9/.test(text) && text.includes('task t-9') && text.includes('Locks 1'));
		terminal.type('\x1b[C\x1b[C');
		await terminal.shows('REPLAY  14:31:00');
		await terminal.shows('9 merged');
	});

	test('takes keys that come at once as if each had waited for the screen', async () => {
		const {terminal} = await past(403);
		const {terminal: other} = await past(403);
		terminal.type('\x1b[D\x1b[D\x1b[DHH\x1b[C\x1b[5~\x1b[D');
		for (const key of ['\x1b[D', '\x1b[D', '\x1b[D', 'H', 'H', '\x1b[C', '\x1b[5~', '\x1b[D']) {
			const before = other.rows()[0];
			other.type(key);
			await other.shows(text => !text.startsWith(before ?? ''));
		}
		await terminal.shows(text => text.startsWith((other.rows()[0] ?? '').slice(0, 30)));
	});

	test('cannot be acted on, and leads back', async () => {
		const {terminal, store} = await past(48);
		for (const key of ['p', 'x', 'r', 'n', 'D', 'P']) {
			terminal.type(key);
			await terminal.shows('Replay is read-only: ↵ returns to live.');
		}
		expect(store.actions).toEqual([]);
		terminal.type('\x1b');
		await terminal.shows('EVENTS │');
		expect(rowWith(terminal, '▸')).toContain('14:30:45');
		terminal.type('\x1b[D');
		await terminal.shows('REPLAY │');
		await terminal.shows('REPLAY  14:30:15');
		terminal.type('\r');
		await terminal.shows('ROOM │');
	});

	test('plays on, faster when told to, and stops at the end and when the screen changes its size', async () => {
		let now = NOW;
		const {terminal} = await past(403, WIDE, () => now);
		terminal.type('H');
		await terminal.shows('REPLAY  14:29:45');
		terminal.type(' ');
		await terminal.shows('playing 1x');
		now += 20_000;
		await terminal.shows('REPLAY  14:30:05');
		terminal.type('s');
		await terminal.shows('playing 10x');
		terminal.resize(NARROW.columns, NARROW.rows);
		await terminal.shows(text => text.includes('paused') && !text.includes('playing'));
		terminal.type(' ');
		await terminal.shows('playing 10x');
		now += 60_000;
		await terminal.shows(text => text.includes('REPLAY  14:31:00') && text.includes('paused'));
		terminal.type(' ');
		await terminal.shows('End of the event log');
	});

	test('says where nothing can be shown', async () => {
		const {terminal, store} = watch(48);
		Object.assign(store.past, {look: async () => 'gone'});
		terminal.type('e');
		await terminal.shows('t-9 merged');
		terminal.type('\x1b[D');
		await terminal.shows('Cannot show this moment');
		terminal.type('\x1b');
		await terminal.shows('EVENTS │');
	});

	test.each([
		[160, 45],
		[100, 30],
		[80, 24],
		[40, 15],
		[40, 10],
	])('fits %dx%d', async (columns, rows) => {
		const {terminal} = watch(48, {columns, rows});
		terminal.type('e');
		await terminal.shows('EVENTS');
		await terminal.shows('merged');
		terminal.type('\x1b[D');
		await terminal.shows('REPLAY  14:30:45');
		await terminal.shows('↵ live');
		expect(terminal.rows().every(row => [...row].length <= columns)).toBe(true);
		terminal.type('\t\t\t');
		await terminal.shows('Merges 1');
	});
});
