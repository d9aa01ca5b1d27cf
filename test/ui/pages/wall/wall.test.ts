import {describe, expect, test} from 'vitest';
import type {PaneInfo, RoomSnapshot} from '../../../../source/store/room.ts';
import {actions, drive} from '../../fixtures/driver.ts';
import {open, withTerminals} from '../../fixtures/open.ts';
import {agent, NOW, room, task} from '../../fixtures/room.ts';
import {createTestPane, createTestStore} from '../../fixtures/store.ts';

withTerminals();

const COUNT = 9;
const ids = Array.from({length: COUNT}, (_, index) => `agent:dev:00${index + 1}`);
const team = (asking = 0) =>
	room({
		agents: ids.map((_, index) =>
			agent('dev', index + 1, {
				...{status: 'working', stage: 'develop', task: `t-${index + 1}`},
				...(index + 1 === asking ? {status: 'needs-input', question: 'Run it?', questionId: 'q-1'} : {}),
			}),
		),
		tasks: ids.map((owner, index) => task(`t-${index + 1}`, {title: `Task ${index + 1}`, state: 'leased', owner})),
	});

const start = (columns: number, rows: number) => {
	const panes = new Map(ids.map(id => [id, createTestPane(120, 40, true)]));
	const store = createTestStore(team(), panes);
	const hintsSeen = {knowsWayBack: () => true, learnWayBack: () => undefined};
	const terminal = open(store, {columns, rows}, {hintsSeen});
	const pane = (number: number) => panes.get(ids[number - 1] ?? '') ?? createTestPane();
	return {store, terminal, pane};
};

/** The cells of a column, where a border must stand whatever the panes beside it print. */
const border = (rows: readonly string[], x: number): string => rows.map(row => [...row][x] ?? '').join('');

describe('the wall', () => {
	test('shows what nine agents print, and what of their screens it leaves out', async () => {
		const {terminal, pane} = start(160, 45);
		terminal.type('#');
		await terminal.shows('WALL │');
		for (const [index] of ids.entries()) pane(index + 1).screen.write(`I am ${index + 1} and say hello\r\n`);
		await terminal.shows(text => ids.every((_, index) => text.includes(`I am ${index + 1} and say hello`)));
		expect(terminal.text()).toContain('part of 80x24 ›');
		pane(5).screen.write(`${'x'.repeat(60)}\r\n`.repeat(200));
		await terminal.shows(text => text.split('x'.repeat(51)).length > 11);
		expect(terminal.text()).not.toContain('x'.repeat(54));
	});

	test('draws its frames for news, not for what panes print; a card over it for both', async () => {
		let asked = 0;
		const panes = new Map(ids.map(id => [id, createTestPane(120, 40)]));
		const store = createTestStore(team(), panes);
		const now = (): number => {
			asked++;
			return NOW;
		};
		const terminal = open(store, {columns: 160, rows: 45}, {now});
		terminal.type('#');
		await terminal.shows('part of 80x24');
		/** Whether the room's publishing made the view look at its clock, as it does for whatever it draws. */
		const isDrawn = (next: (info: PaneInfo) => PaneInfo, more: Partial<RoomSnapshot> = {}): boolean => {
			const before = asked;
			const snapshot = store.getSnapshot();
			store.publish({...snapshot, ...more, panes: new Map([...snapshot.panes].map(([id, info]) => [id, next(info)]))});
			return asked > before;
		};
		const printed = (info: PaneInfo): PaneInfo => ({...info, lastLine: `${info.lastLine}!`, outputAt: info.outputAt + 1});
		expect(isDrawn(printed)).toBe(false);
		panes.get(ids[8] ?? '')?.screen.write('in its cells');
		await terminal.shows('in its cells');
		expect(isDrawn(info => ({...printed(info), rows: 50}))).toBe(true);
		await terminal.shows('part of 80x50');
		expect(isDrawn(info => ({...printed(info), isRunning: false}))).toBe(true);
		expect(isDrawn(printed, {team: team(2).team})).toBe(true);
		await terminal.shows('▲1');
		expect(isDrawn(printed, {loss: 'a task'})).toBe(true);
		expect(isDrawn(printed)).toBe(false);
		terminal.type('a');
		await terminal.shows('PEEK │');
		expect(isDrawn(printed)).toBe(true);
	});

	test('asks no pane for its last line, which the room shows', async () => {
		const {store, terminal} = start(160, 45);
		let asked = 0;
		const counting = (info: PaneInfo): PaneInfo => ({
			...info,
			get lastLine() {
				asked++;
				return 'as printed';
			},
		});
		terminal.type('#');
		await terminal.shows('WALL │');
		const snapshot = store.getSnapshot();
		store.publish({...snapshot, loss: 'a task', panes: new Map([...snapshot.panes].map(([id, info]) => [id, counting(info)]))});
		await terminal.shows('▸dev-1');
		expect(asked).toBe(0);
		terminal.type('\x1b');
		await terminal.shows('as printed');
		expect(asked).toBeGreaterThan(0);
	});

	test('leaves every size alone but that of the pane that is typed into', async () => {
		const {terminal, pane} = start(100, 30);
		terminal.type('#');
		await terminal.shows('WALL │');
		terminal.type('\t');
		await terminal.shows('▸dev-2');
		terminal.type('i');
		await terminal.shows('TYPING INTO dev-2');
		terminal.type('abc');
		await terminal.shows('abc');
		expect([pane(2).screen.columns, pane(2).screen.rows]).toEqual([80, 24]);
		expect(pane(2).written()).toBe('abc');
		for (const other of [1, 3, 4, 5, 6]) expect([pane(other).screen.columns, pane(other).screen.rows]).toEqual([120, 40]);
		// What others print meanwhile stays behind it.
		pane(1).screen.write(`\x1b[H${'behind '.repeat(2000)}`);
		terminal.type('\x1d');
		await terminal.shows(text => text.includes('WALL │') && text.includes('behind behind'));
		terminal.type('\r');
		await terminal.shows('agent-room › dev-2');
		expect([pane(2).screen.columns, pane(2).screen.rows]).toEqual([98, 26]);
		terminal.type('\x1b');
		await terminal.shows('WALL │');
	});

	test('keeps its borders in a flood of wide characters and while it is resized', async () => {
		const {terminal, pane} = start(160, 45);
		terminal.type('#');
		await terminal.shows('WALL │');
		const wide = '\x1b[33m漢字かな交じり文👩‍👩‍👧‍👦🏳️‍🌈ไม้\x1b[m'.repeat(40);
		for (const [columns, rows] of [
			[160, 45],
			[101, 31],
			[220, 60],
			[100, 30],
			[160, 45],
		] as const) {
			for (const [index] of ids.entries())
				for (let line = 0; line < 20; line++) pane(index + 1).screen.write(`${' '.repeat(line % 2)}${wide}\r\n`);
			terminal.resize(columns, rows);
		}
		for (const [index] of ids.entries()) pane(index + 1).screen.write(`${wide}\r\nend of ${index + 1}\r\n`);
		await terminal.shows(text => ids.every((_, index) => text.includes(`end of ${index + 1}`)));
		const rows = Array.from({length: 45}, (_, row) => terminal.screen.textOf(row));
		for (const top of [1, 15, 29]) {
			const inner = rows.slice(top + 1, top + 13);
			expect(border(inner, 0)).toMatch(/^[│┃]{12}$/);
			// A wide character takes two cells of its row: the end of each row is the last border.
			for (const row of inner) expect(row.trimEnd()).toMatch(/[│┃]$/);
		}
		terminal.resize(80, 24);
		await terminal.shows('The wall needs a terminal of 100x30.');
		terminal.type('\x1b#');
		await terminal.shows('this one is 80x24');
	});

	test('sends words to all that are marked, after one look at the list; a line never into a question', () => {
		const driver = drive(team(3)).keys('#', '*', 'I');
		expect(driver.state.dialog).toMatchObject({kind: 'broadcast', isTyped: false});
		driver.write('stop and commit').keys('enter');
		expect(actions(driver)).toEqual([]);
		expect(driver.state.dialog).toMatchObject({kind: 'confirm', question: 'Send this to 9 agents?'});
		driver.keys('y');
		const sent = driver.commands.find(({type}) => type === 'dispatch-all');
		expect(sent).toMatchObject({
			word: 'sent',
			actions: expect.arrayContaining(ids.map(agent => ({type: 'message', agent, text: 'stop and commit'}))),
		});
		driver.keys('*', 'I', 'tab').write('git status').keys('enter');
		expect(driver.state.dialog).toMatchObject({
			kind: 'confirm',
			question: 'Type this to 8 agents?',
			facts: expect.arrayContaining([['left out', 'dev-3 (asks)']]),
		});
		driver.keys('y');
		expect(driver.commands.filter(({type}) => type === 'dispatch-all').at(-1)).toMatchObject({
			actions: expect.arrayContaining(ids.filter(id => id !== ids[2]).map(agent => ({type: 'type-line', agent, text: 'git status'}))),
		});
		// Until the other machines have answered.
		expect(driver.state.toast).toMatchObject({text: 'sent to 8 agents', isBad: false});
	});

	test('says at the tile of another machine why a line was not typed there', async () => {
		const {store, terminal} = start(160, 45);
		terminal.type('#');
		await terminal.shows('part of 80x24');
		const {panes, ...rest} = team();
		const away = {agent: ids[0] ?? '', lastLine: '', outputAt: 0, columns: 120, rows: 40, isRunning: true};
		const problem = 'Nothing was typed to dev-1: somebody types into its pane.';
		store.publish({...rest, panes: new Map([...panes, [away.agent, {...away, elsewhere: {isShown: true, isTypingOff: false, problem}}]])});
		await terminal.shows('Nothing was typed to dev-1: somebody types in');
	});

	test('stays under the card of an agent, and gives its keys to the selected one', () => {
		const driver = drive(team(9)).keys('#', 'a');
		expect(driver.state.dialog).toMatchObject({kind: 'peek', row: ids[8]});
		expect(driver.state.pages).toMatchObject([{kind: 'wall', selected: ids[8]}]);
		driver.keys('esc', 'tab', 'p');
		expect(actions(driver)).toEqual([
			{type: 'pause-agent', agent: driver.state.pages[0] && 'selected' in driver.state.pages[0] ? driver.state.pages[0].selected : ''},
		]);
	});
});
