import {describe, expect, test} from 'vitest';
import type {Task} from '../../../source/core/task/task.ts';
import type {RoomSnapshot} from '../../../source/store/room.ts';
import type {SavedState} from '../../../source/store/terminal.ts';
import {digest} from '../../../source/ui/model/digest.ts';
import {isMarked, isNews, keptSeen, recallSeen, seenNow} from '../../../source/ui/state/unread.ts';
import {drive} from '../fixtures/driver.ts';
import {open, withTerminals} from '../fixtures/open.ts';
import {agent, ago, busyRoom, event, NOW, room, task} from '../fixtures/room.ts';
import {createTestStore} from '../fixtures/store.ts';

withTerminals();

const MINUTE = 60_000;
/** A room in which much happened while somebody was away. */
const later = (): RoomSnapshot =>
	room({
		agents: [
			agent('dev', 1, {status: 'needs-input', task: 't-4', question: 'which index?', questionId: 'q', statusAt: ago(60)}),
			agent('dev', 2, {status: 'crashed', task: 't-5', reason: 'exit 1: rate limit', statusAt: ago(300)}),
			agent('dev', 3, {status: 'stalled', task: 't-6', statusAt: ago(540)}),
			agent('dev', 4, {status: 'working', task: 't-7', statusAt: ago(4000)}),
		],
		tasks: [
			task('t-1', {title: 'Zip codes', state: 'merged', createdAt: ago(9000), doneAt: ago(200)}),
			task('t-2', {title: 'Toasts', state: 'merged', createdAt: ago(9000), doneAt: ago(900)}),
			task('t-3', {title: 'Old news', state: 'merged', createdAt: ago(9000), doneAt: ago(5000)}),
			...['t-4', 't-5', 't-6', 't-7'].map((id, at) => task(id, {state: 'leased', owner: `agent:dev:00${at + 1}`, createdAt: ago(9000)})),
			task('t-8', {stage: 'review', rounds: 1, stageAt: ago(30), createdAt: ago(9000)}),
			task('t-9', {createdAt: ago(100)}),
			task('t-10', {createdAt: ago(50)}),
		],
		events: [
			event(1, {type: 'control_changed', text: 'draining: no new tasks start', controlFields: {drained: '1'}}),
			event(2, {type: 'task_released', task: 't-7', text: 'reassigned to dev-4 by a person', taskFields: {state: 'ready'}}),
		],
		control: {spent: 6_000_000, drained: true},
		changes: {
			changes: new Map([
				['t-1', {files: 1, added: 84, removed: 12}],
				['t-2', {files: 1, added: 10, removed: 1}],
			]),
		},
	});
const SINCE = {at: ago(1500), spent: 1_900_000};
const told = (snapshot: RoomSnapshot, since = SINCE) =>
	digest(snapshot, since, NOW).map(({kind, count, text, note, key}) => [kind, count, text, note, key].filter(Boolean).join(' | '));
const withTask = (snapshot: RoomSnapshot, changed: Task): RoomSnapshot => ({
	...snapshot,
	team: {...snapshot.team, tasks: new Map([...snapshot.team.tasks, [changed.id, changed]])},
});

describe('what changed', () => {
	test('is told by kinds, the urgent ones first, and says nothing of what was seen', () => {
		expect(told(later())).toEqual([
			'need input | 1 | dev-1 60s | next-attention',
			'crashed | 1 | dev-2: exit 1: rate limit | t-5',
			'stalled | 1 | dev-3 no output for 9m, heartbeat ok | t-6',
			'merged | 2 | t-1 t-2 | +94 -13',
			'reviews | 1 | t-8 round 2',
			'new | 2 | t-10 t-9',
			'main | 51fe0a2 ✓, 2 merges since you last looked',
			'spent | $4.10 of $6.00 in all | cost',
			'ordered | t-7 requeued: reassigned to dev-4 by a person',
			'ordered | draining: no new tasks start',
		]);
		expect(told(later(), {at: NOW, spent: 6_000_000})).toEqual([]);
	});

	test('is what came after the last key before one went away, not after the key of coming back', () => {
		const driver = drive(busyRoom()).keys('j');
		const left = driver.now;
		driver.now += 10 * MINUTE;
		driver.snapshot = withTask(driver.snapshot, task('t-99', {createdAt: left + MINUTE}));
		expect(seenNow(driver.state, driver)).toEqual({at: left, until: Number.POSITIVE_INFINITY, spent: 0});
		expect(isNews(left + MINUTE, seenNow(driver.state, driver))).toBe(true);
		driver.keys('w');
		expect(driver.state.dialog).toMatchObject({kind: 'changes', seen: {at: left, until: driver.now}});
		// What happens before one's eyes is no news.
		expect(isNews(driver.now + 1, seenNow(driver.state, driver))).toBe(false);
	});

	test('counts as seen when it is closed, or with m, and is kept for the next view', () => {
		const driver = drive(busyRoom({control: {spent: 70}})).keys('j');
		driver.now += 10 * MINUTE;
		driver.keys('w', 'esc');
		expect(driver.state).toMatchObject({dialog: undefined, seen: {at: driver.now, until: driver.now, spent: 70}});
		expect(driver.commands.filter(({type}) => type === 'keep').length).toBeGreaterThan(0);
		expect(recallSeen(keptSeen(driver.state, driver))).toEqual({at: driver.now, until: Number.POSITIVE_INFINITY, spent: 70});
		const marked = drive(busyRoom()).keys('w', 'm');
		expect(marked.state.dialog).toMatchObject({kind: 'changes', seen: {at: NOW}});
		for (const text of ['', '{}', 'null', '{"at":"1","spent":0}', '{"at":-1,"spent":0}', '['.repeat(9)])
			expect(recallSeen(text)).toBeUndefined();
	});

	test('names the keys of the room that count in it, and no other', () => {
		const opened = () => {
			const driver = drive(later()).keys('j');
			driver.now += 10 * MINUTE;
			return driver.keys('w');
		};
		expect(opened().keys('a').state.dialog).toMatchObject({kind: 'peek', row: 'agent:dev:001'});
		expect(opened().keys('c').state).toMatchObject({dialog: {kind: 'cost'}, seen: {at: NOW + 10 * MINUTE}});
		expect(opened().keys('t').state.pages).toMatchObject([{kind: 'board'}]);
		expect(opened().keys('x').state.dialog).toMatchObject({kind: 'changes'});
	});

	test('leads to each thing that it names', () => {
		const at = (...keys: readonly string[]) => {
			const driver = drive(room({control: {spent: SINCE.spent}}));
			driver.now = SINCE.at;
			driver.keys('j');
			driver.now = NOW;
			driver.snapshot = later();
			return driver.keys('w', ...keys).state;
		};
		expect(at('enter').dialog).toMatchObject({kind: 'peek', row: 'agent:dev:001'});
		expect(at('j', 'enter').selected[1]).toBe('agent:dev:002');
		expect(at('j', 'j', 'j', 'enter').pages.at(-1)).toMatchObject({kind: 'task', task: 't-1'});
		expect(at('j', 'j', 'j', 'j', 'j', 'enter').pages.at(-1)).toMatchObject({kind: 'board'});
		expect(at('j', 'j', 'j', 'j', 'j', 'j', 'enter').pages.at(-1)).toMatchObject({kind: 'merges'});
		expect(at('j', 'j', 'j', 'j', 'j', 'j', 'j', 'enter').dialog).toMatchObject({kind: 'cost'});
	});
});

describe('the mark of what is new', () => {
	const onScreen = (snapshot: RoomSnapshot, columns: number) =>
		open(
			createTestStore(snapshot),
			{columns, rows: 30},
			{memory: {recall: name => (name === 'seen' ? JSON.stringify(SINCE) : ''), keep: () => {}}},
		);

	test.each([80, 160])(
		'stands at what needs somebody and at what came a step further, not at whoever continues working, at %i columns',
		async columns => {
			const routine = [
				agent('dev', 5, {status: 'working', task: 't-7', statusAt: ago(20)}),
				agent('dev', 6, {status: 'idle', statusAt: ago(20)}),
				agent('rev', 1, {status: 'working', stage: 'review', task: 't-8', statusAt: ago(20)}),
				agent('dev', 8, {status: 'paused', paused: '1', statusAt: ago(20)}),
				agent('dev', 9, {status: 'paused', paused: '1', reason: 'the budget is used up', statusAt: ago(20)}),
			];
			const snapshot = later();
			const agents = new Map([...snapshot.team.agents, ...routine.map(one => [one.id, one] as const)]);
			const terminal = onScreen({...snapshot, team: {...snapshot.team, agents}}, columns);
			await terminal.shows('ROOM │');
			const named = (mark: boolean) =>
				terminal
					.rows()
					.filter(row => /^[┃ ▸].*[A-Z] (dev|rev)-\d/.test(row) && /•/.test(row.slice(0, columns === 160 ? 54 : 80)) === mark)
					.map(row => /(dev|rev)-\d/.exec(row)?.[0]);
			expect(named(true).toSorted()).toEqual(['dev-1', 'dev-2', 'dev-3', 'dev-9'].slice(0, named(true).length));
			expect(named(true).length).toBeGreaterThan(2);
			for (const name of ['dev-4', 'dev-5', 'rev-1', 'dev-6', 'dev-8']) expect(named(true)).not.toContain(name);
			terminal.type('t');
			await terminal.shows('BOARD │');
			const board = terminal.text();
			if (columns === 160) expect([...board.matchAll(/•/g)].length).toBeGreaterThan(4);
			else expect(board).toMatch(/D t-5 .*•/);
		},
	);

	test('goes from a row when the cursor has been on it, and comes back with the next change', async () => {
		const terminal = onScreen(later(), 160);
		await terminal.shows(text => /dev-2 .*• /.test(text));
		terminal.type('j');
		await terminal.shows(text => /▸✗D dev-2 [^•]*\n/.test(text));
		expect(terminal.text()).toMatch(/dev-3 .*• /);
		const driver = drive(later());
		driver.now -= 20 * MINUTE;
		driver.send({type: 'key', key: 'j', text: 'j'});
		driver.now = NOW;
		driver.keys('k');
		const {lookedAt} = driver.state;
		expect(Object.keys(lookedAt)).toEqual(['agent:dev:001', 'task:t-4']);
		expect(isMarked(ago(60), ['agent:dev:001'], driver.state, driver)).toBe(false);
		expect(isMarked(ago(60), ['agent:dev:003'], driver.state, driver)).toBe(true);
		driver.now += 5 * MINUTE;
		expect(isMarked(NOW + MINUTE, ['agent:dev:001'], driver.state, driver)).toBe(true);
	});
});

describe('what changed, on the screen', () => {
	const remembering = (kept: Record<string, string>): SavedState => ({
		recall: name => kept[name] ?? '',
		keep: (name, text) => void Object.assign(kept, {[name]: text}),
	});

	test('begins where the last view of this person ended, marks what is new, and is kept when they leave', async () => {
		const kept: Record<string, string> = {seen: JSON.stringify(SINCE)};
		const terminal = open(createTestStore(later()), {columns: 80, rows: 24}, {memory: remembering(kept)});
		await terminal.shows('ROOM │');
		expect(terminal.text()).toMatch(/▲A dev-1 .*• 60s/);
		expect(terminal.text()).not.toMatch(/dev-4 .*•/);
		terminal.type('w');
		await terminal.shows('CHANGES │');
		expect(terminal.text()).toContain('since you last looked, 14:07 (25m ago)');
		expect(terminal.text()).toMatch(/▸ need input +1 +dev-1 60s +a/);
		for (const row of terminal.rows()) expect([...row].length).toBe(80);
		terminal.type('w');
		await terminal.shows('ROOM │');
		expect(terminal.text()).not.toContain('•');
		terminal.view.close();
		expect(JSON.parse(kept.seen ?? '')).toEqual({at: NOW, spent: 6_000_000});
	});

	test('says that nothing has changed, and fits the smallest screen', async () => {
		const terminal = open(createTestStore(room()), {columns: 40, rows: 10});
		await terminal.shows('ROOM │');
		terminal.type('w');
		await terminal.shows('No changes.');
	});
});
