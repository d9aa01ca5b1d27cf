import {describe, expect, test} from 'vitest';
import {exitCodeOf} from '../../../source/commands/show/status.ts';
import {statusText} from '../../../source/commands/show/status-text.ts';
import {statusLine} from '../../../source/core/protocol/output.ts';
import type {Control} from '../../../source/core/team/snapshot.ts';
import {needs} from '../../../source/ui/model/attention.ts';
import {actions, drive} from '../fixtures/driver.ts';
import {open, withTerminals} from '../fixtures/open.ts';
import {ago, busyRoom, event, NOW, room} from '../fixtures/room.ts';
import {sessionsRoom, spendingRoom} from '../fixtures/sessions.ts';
import {createTestStore} from '../fixtures/store.ts';

withTerminals();

const at = (columns: number, rows: number, snapshot = sessionsRoom()) => open(createTestStore(snapshot), {columns, rows});

describe('the cost', () => {
	test('is one key away: what was spent of the budget, by task and by agent, and accounts that wait', async () => {
		const store = createTestStore(spendingRoom());
		const terminal = open(store, {columns: 80, rows: 24});
		await terminal.shows('ROOM │');
		terminal.type('c');
		await terminal.shows('COST │ u retry now  b budget…  r when reached  s sort');
		const text = terminal.text();
		expect(text).toContain('$13.47 of $50.00  ██████░░░░░░░░░░░░░░░░░░  26%');
		expect(text).toContain('today   $3.00  $2.40 in the last hour');
		expect(text).toContain('pace    $25.72 by midnight · budget reached in 15h, at 05:45');
		expect(text).toContain('r when reached:  (●) no new work  ( ) freeze  ( ) warn only');
		expect(text).toContain('No new work starts; tests and merges continue.');
		expect(text).toContain('tokens  900k in (91% cached), 12k out');
		expect(text).toMatch(/by task +by agent +by account +┃/);
		expect(text).toMatch(/t-1 ● +\$1\.42 +dev-5 +\$12\.05 +work +\$13\.47 +┃/);
		expect(text).toMatch(/t-20 ✓ +\$0\.80 +dev-1 +\$1\.42 +┃/);
		expect(text).toContain('spent on failed work $0.50');
		expect(text).toContain('‖ work is rate-limited until 15:00 (reported by dev-5), 28m more');
		terminal.type('r');
		terminal.type('sb');
		await terminal.shows('budget, dollars: 50');
		// The old amount is selected: what is typed replaces it.
		terminal.type('x\r');
		await terminal.shows('`x` is not an amount.');
		terminal.type('\x7f55.50\r');
		await terminal.shows('COST │');
		terminal.type('u');
		await terminal.shows('ROOM │');
		expect(store.actions).toEqual([
			{type: 'budget', reached: 'freeze'},
			{type: 'budget', micros: 55_500_000},
			{type: 'clear-rate-limit', account: 'work'},
		]);
	});

	test('forecasts nothing from minutes, and says from how many an hour is told', async () => {
		const now = Math.floor(NOW / 900_000);
		const young = async (...quarters: readonly {quarter: number; micros: number}[]): Promise<string> => {
			const snapshot = spendingRoom();
			const terminal = at(80, 24, {...snapshot, team: {...snapshot.team, spending: quarters}});
			await terminal.shows('ROOM │');
			terminal.type('c');
			await terminal.shows('COST │');
			return terminal.text();
		};
		const minutes = await young({quarter: now, micros: 900_000});
		expect(minutes).toMatch(/today {3}\$0\.90 +┃/);
		expect(minutes).toContain('pace    a forecast needs 30 min of spending');
		const more = await young({quarter: now - 1, micros: 900_000});
		expect(more).toContain('today   $0.90  $3.18 an hour, from the last 17 min');
		expect(more).not.toContain('midnight');
		expect(await young({quarter: now - 2, micros: 900_000})).toContain('pace    a forecast needs more reports');
		expect(await young({quarter: now - 2, micros: 500_000}, {quarter: now - 1, micros: 400_000})).toMatch(
			/\$1\.69 an hour, from the last 32 min.*\n.*pace {4}\$\d+\.\d\d by midnight/,
		);
	});

	test('asks before a raise of ten times, and moving in the field keeps what was there', () => {
		const raise = () => drive(spendingRoom()).keys('c', 'b').write('500').keys('enter');
		const asked = raise();
		expect([asked.commands, asked.state.dialog]).toMatchObject([
			[],
			{kind: 'confirm', question: 'Raise the budget from $50.00 to $500.00?'},
		]);
		expect(raise().keys('enter').commands).toEqual([]);
		expect(actions(raise().keys('y'))).toEqual([{type: 'budget', micros: 500_000_000}]);
		expect(actions(drive(spendingRoom()).keys('c', 'b', 'home').write('1').keys('enter'))).toEqual([{type: 'budget', micros: 150_000_000}]);
		expect(actions(drive(spendingRoom()).keys('c', 'b', 'backspace', 'enter'))).toEqual([{type: 'budget', micros: 0}]);
	});

	test('fits 40x15, and says so while nothing was used up', async () => {
		const small = at(40, 15);
		await small.shows('ROOM │');
		small.type('c');
		await small.shows('COST │');
		expect(small.text()).toContain('$13.47 of $50.00  26%');
		expect(small.text()).toMatch(/t-1 ● +\$1\.42/);
		const nothing = at(80, 24, room());
		await nothing.shows('ROOM │');
		nothing.type('c');
		await nothing.shows('No usage reported yet');
		expect(nothing.text()).toContain('no budget: b sets one');
	});
});

/** A room whose budget is reached since five minutes. */
const reached = (control: Partial<Control> = {}) =>
	busyRoom({control: {spent: 50_120_000, budget: 50_000_000, reachedAt: ago(300), ...control}});

describe('a budget that is reached', () => {
	test('stands in the header and in the attention bar, whose key leads to the cost', async () => {
		const terminal = at(160, 45, room({control: {spent: 50_120_000, budget: 50_000_000, reachedAt: ago(300)}}));
		await terminal.shows('ROOM │');
		expect(terminal.rows()[0]).toContain('$50.12 of $50!');
		expect(terminal.rows().at(-2)).toMatch(/^ \$ budget of \$50\.00 is reached: no new work starts {3}waiting 5m/);
		terminal.type('a');
		await terminal.shows('COST │');
		expect(terminal.text()).toContain('████████████████████████  100%  reached');
	});

	test('that froze everything says so on the card, which leads to the budget', async () => {
		const control = {frozen: true, frozenWhy: 'budget', atBudget: 'freeze'} as const;
		const terminal = at(80, 24, reached(control));
		await terminal.shows('ROOM │');
		expect(terminal.text()).toContain('FROZEN');
		terminal.type('X');
		await terminal.shows('FROZEN │ r resume all');
		expect(terminal.text()).toContain('The budget of $50.00 was reached: $50.12 spent.');
		expect(terminal.text()).toMatch(/r +resume all +\(blocked until you raise the budget\)/);
		expect(terminal.text()).not.toContain('spent today');
		terminal.type('c');
		await terminal.shows('COST │');
		expect(terminal.text()).toContain('( ) no new work  (●) freeze  ( ) warn only');
	});

	test('notifies once an absent human, in each configured way', () => {
		for (const atBudget of ['hold', 'freeze', 'warn'] as const) {
			const told = needs(reached({atBudget}), NOW).filter(({who}) => who === 'budget');
			expect(told).toEqual([expect.objectContaining({id: `budget budget ${ago(300)}`, kind: 'problem'})]);
		}
		expect(needs(reached({budget: 60_000_000}), NOW).filter(({who}) => who === 'budget')).toEqual([]);
	});

	test('is in the status, where it needs a human unless it only warns', () => {
		const status = (control: Partial<Control>) => statusLine(room({control: {spent: 2_000_000, budget: 1_000_000, ...control}}), NOW);
		expect(statusText(status({}))).toContain('! the budget of $1.00 is reached: no new work starts');
		expect(statusText(status({atBudget: 'warn'}))).toContain('! the budget of $1.00 is reached: agents continue');
		expect([exitCodeOf(status({})), exitCodeOf(status({atBudget: 'warn'})), exitCodeOf(status({budget: 3_000_000}))]).toEqual([4, 0, 0]);
	});
});

test('a bar is read in ASCII too, where both of its shades would be one sign', async () => {
	const terminal = open(createTestStore(sessionsRoom()), {columns: 80, rows: 24}, {environment: {TERM: 'xterm', AGENT_ROOM_ASCII: '1'}});
	await terminal.shows('ROOM |');
	terminal.type('c');
	await terminal.shows('$13.47 of $50.00  ######..................  26%');
});

test('the card of a freeze says what was spent today, not in all', async () => {
	const terminal = at(80, 24, spendingRoom({control: {frozen: true}, events: [event(1, {controlFields: {frozen: '1'}})]}));
	await terminal.shows('ROOM │');
	terminal.type('X');
	await terminal.shows('spent today $3.00    running turns');
});
