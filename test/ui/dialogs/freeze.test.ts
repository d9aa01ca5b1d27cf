import {describe, expect, test} from 'vitest';
import {drawn} from '../fixtures/drawn.ts';
import {actions, drive} from '../fixtures/driver.ts';
import {open, withTerminals} from '../fixtures/open.ts';
import {ago, busyRoom, event, NOW, room} from '../fixtures/room.ts';
import {createTestStore} from '../fixtures/store.ts';

withTerminals();

const frozen = (seconds = 30) =>
	busyRoom({
		control: {frozen: true, spent: 18_420_000},
		events: [event(1, {id: `${ago(seconds)}-0`, at: ago(seconds), type: 'control_changed', controlFields: {frozen: '1'}})],
	});

describe('a freeze', () => {
	test.each([
		[160, 45],
		[100, 30],
		[80, 24],
	])('says at %dx%d what it holds, what it left whole and what can be done', async (columns, rows) => {
		const terminal = open(createTestStore(frozen()), {columns, rows});
		terminal.type('X');
		await terminal.shows('EVERYTHING IS FROZEN');
		for (const words of [
			'9 agents frozen in place (SIGSTOP) 30s ago.',
			'The merge of t-10 has not moved the base branch.',
			'running turns 9    locks 4    queued 6',
			'resume all                    (nothing is lost)',
			'resume some…                  (choose agents)',
			'kill all…                     (keeps worktrees and commits)',
			'Prompt caches expire after about 5m',
			'FROZEN │ r resume all  1 resume some…  X kill all…',
		])
			expect(terminal.text()).toContain(words);
		expect(terminal.text()).not.toContain('interrupt turns');
		// Of what is queued the header says the same.
		expect(terminal.rows()[0]).toMatch(/ q(?:ueued )?6 /);
		terminal.type('\x1b');
		await terminal.shows('ROOM │');
		expect(terminal.rows()[0]).toContain('‖ FROZEN 9 agents ‖');
	});

	test('of more than five minutes offers to end the turns instead', async () => {
		expect(actions(drive(frozen(200)).keys('X', 'i'))).toEqual([]);
		expect(actions(drive(frozen(301)).keys('X', 'i'))).toEqual([{type: 'interrupt-all'}]);
		const terminal = open(createTestStore(frozen(301)), {columns: 80, rows: 24});
		terminal.type('X');
		await terminal.shows('interrupt turns               (agents wait for you)');
		expect(terminal.text()).toContain('Frozen for 5m: services may disconnect. i interrupts the turns instead.');
	});

	test('ends for the agents that a human chooses; agents that are paused by name or crashed are not among them', async () => {
		expect(actions(drive(frozen()).keys('X', '1', 'enter'))).toEqual([{type: 'resume-after-freeze', agents: ['agent:dev:001']}]);
		expect(actions(drive(frozen()).keys('X', '1', 'j', 'space', 'j', 'space', 'k', 'space', 'enter'))).toEqual([
			{type: 'resume-after-freeze', agents: ['agent:dev:003']},
		]);
		expect(drive(frozen()).keys('X', '1', 'esc').state.dialog).toEqual({kind: 'frozen', at: NOW - 30_000});
		const terminal = open(createTestStore(frozen()), {columns: 80, rows: 24});
		terminal.type('X1 ');
		await terminal.shows('▸[x] dev-1      t-5 Stock webhook');
		await terminal.shows('↵ resumes 1 agent');
		expect(terminal.text()).not.toMatch(/\[.\] dev-4|\[.\] dev-7/);
	});
});

describe('leaving the room', () => {
	test('says what each way does, and stops nothing by its default', async () => {
		const terminal = open(createTestStore(busyRoom()), {columns: 80, rows: 24});
		terminal.type('q');
		await terminal.shows('Quit?');
		for (const words of [
			'▸ d    detach (agents keep running)',
			'w    stop after current turns',
			's    stop now (saves work)',
			'K    kill agents and stop…',
		])
			expect(terminal.text()).toContain(words);
		expect(drive(busyRoom()).keys('q', 'enter').commands).toEqual([{type: 'detach'}]);
	});

	test('is shown in the header while the room waits for the turns to end', async () => {
		const text = 'Stopping when the current turns end: dev-1. P calls it off.';
		const changes = {banners: [{id: 'stop-when-idle', severity: 'warning' as const, text, since: NOW}]};
		const terminal = open(createTestStore(room({control: {drained: true}, changes})), {columns: 80, rows: 24});
		await terminal.shows('‖ STOPPING after current turns  P  resume');
		await terminal.shows(text);
	});

	test('when the turns end, now, and at once', () => {
		expect(actions(drive(busyRoom()).keys('q', 'w'))).toEqual([{type: 'stop-room', how: 'turns'}]);
		expect(drive(busyRoom()).keys('q', 's').commands).toEqual([{type: 'stop', how: 'now'}]);
		// Killing is asked a second time; \`k\` is what it is in every list.
		expect(drive(room()).keys('q', 'k').commands).toEqual([]);
		const asked = drive(room()).keys('q', 'K');
		expect([asked.commands, asked.state.dialog]).toEqual([[], {kind: 'kill-all', stops: true}]);
		expect(asked.keys('K').commands).toEqual([{type: 'stop', how: 'kill'}]);
		expect(drive(room()).keys('q', 'K', 'enter').commands).toEqual([]);
	});

	test('have a marker that keys of lists move, and enter takes what is marked', () => {
		const moved = drive(room()).keys('q', 'j', 'down', 'k');
		expect(drawn(moved).rows.find(row => row.includes('▸ w'))).toContain('stop after current turns');
		expect(moved.keys('enter').commands).toEqual([{type: 'dispatch', action: {type: 'stop-room', how: 'turns'}}]);
		// It is of this dialog alone, and the default is there again at the next.
		expect(drive(room()).keys('q', 'j', 'esc', 'q', 'enter').commands).toEqual([{type: 'detach'}]);
		expect(drive(room()).keys('q', 'k', 'G', 'enter').commands).toEqual([{type: 'detach'}]);
	});
});

describe('a Redis that lost its data', () => {
	const lost = (recovery = 'Redis came back empty') => ({
		...busyRoom({control: {frozen: true, recovery}}),
		loss: '14 unfinished tasks, 7 with work, 3 merged since',
	});

	test.each([
		[160, 45],
		[80, 24],
	])('asks by itself at %dx%d what becomes of it, and again at X', async (columns, rows) => {
		const terminal = open(createTestStore(lost()), {columns, rows});
		await terminal.shows('REDIS LOST ITS DATA');
		for (const words of [
			'Redis came back empty: 14 unfinished tasks, 7 with work, 3 merged ',
			'R    rebuild                       (from the journal and git)',
			'S    start empty…                  (nothing is rebuilt)',
			'REDIS │ esc later  R rebuild  S start empty…',
		])
			expect(terminal.text()).toContain(words);
		terminal.type('\x1b');
		await terminal.shows('ROOM │');
		expect(terminal.rows()[0]).toContain('‖ DATA LOST ‖  X decide…');
		terminal.type('X');
		await terminal.shows('REDIS LOST ITS DATA');
	});

	test('is rebuilt by R, and given up by S and y alone; neither key does that in the room', () => {
		expect(actions(drive(lost()).keys('X', 'R'))).toEqual([{type: 'rebuild', from: 'journal'}]);
		expect(actions(drive(lost()).keys('X', 'S'))).toEqual([]);
		expect(actions(drive(lost()).keys('X', 'S', 'enter', 'y'))).toEqual([]);
		expect(actions(drive(lost()).keys('X', 'S', 'y'))).toEqual([{type: 'rebuild', from: 'redis'}]);
		// One that was pressed before the question stood on the screen was meant for something else.
		expect(actions(drive(lost()).burst('X', 'R'))).toEqual([]);
		for (const key of ['R', 'S', 'r'])
			expect(actions(drive(lost()).keys('esc', key)).filter(({type}) => type === 'rebuild' || type === 'freeze')).toEqual([]);
	});
});
