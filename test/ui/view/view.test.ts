import {describe, expect, test} from 'vitest';
import {devPane, open, withTerminals} from '../fixtures/open.ts';
import {agent, busyRoom, NOW, room, task} from '../fixtures/room.ts';
import {createTestPane, createTestStore} from '../fixtures/store.ts';
import {until} from '../fixtures/terminal.ts';

withTerminals();

test('the same size again paints everything again: an editor has had the terminal meanwhile', async () => {
	const terminal = open(createTestStore(busyRoom()), {columns: 100, rows: 30});
	await terminal.shows('ROOM │');
	const before = terminal.text();
	terminal.screen.write('\u001b[2J');
	await terminal.shows(text => text.trim() === '');
	terminal.resize(100, 30);
	await terminal.shows(text => text === before);
});

describe('dialogs', () => {
	test('show the exact question with numbered choices, and a digit answers it', async () => {
		const store = createTestStore(busyRoom(), devPane('I will add decimal arithmetic.'));
		const terminal = open(store, {columns: 80, rows: 24});
		await terminal.shows('ROOM │');
		terminal.type('a');
		await terminal.shows('PEEK │ 1-3 answer');
		for (const words of [
			'dev-3 needs input ▲ 1 of 2',
			'Bash(npm i decimal.js)',
			'Do you want to proceed?',
			"2  Yes, and don't ask again",
			'last output',
			'I will add decimal',
		]) {
			expect(terminal.text()).toContain(words);
		}
		await until(
			() => {
				terminal.type('2\r');
				return store.actions.length > 0;
			},
			() => 'the answer was never sent',
		);
		expect(store.actions[0]).toEqual({type: 'answer', agent: 'agent:dev:003', questionId: 'q-1', choice: 2});
	});

	test('let the pane show around them and never through them', async () => {
		const pane = createTestPane(120, 40);
		pane.screen.write(`${'x'.repeat(119)}\r\n`.repeat(39));
		const terminal = open(createTestStore(busyRoom(), new Map([['agent:dev:003', pane]])), {columns: 160, rows: 45});
		await terminal.shows('xxx');
		terminal.type('x');
		await terminal.shows('Stop dev-3?');
		const row = terminal.rows().find(line => line.includes('the running turn')) ?? '';
		expect(row.slice(row.indexOf('the running turn'), row.lastIndexOf('┃'))).not.toContain('x');
		expect(row.slice(row.lastIndexOf('┃') + 1)).toContain('xxx');
	});

	test('print their keys from the table', async () => {
		const terminal = open(createTestStore(busyRoom()), {columns: 160, rows: 45});
		terminal.type('?');
		await terminal.shows('type to filter:');
		expect(terminal.text()).toMatch(/X +FREEZE ALL; again: kill…/);
		terminal.type('zoom');
		await terminal.shows(text => !text.includes('FREEZE ALL') && /▸ z +zoom pane/.test(text));
	});

	test('show a refusal with what to do next', async () => {
		const store = createTestStore(busyRoom());
		store.answer = {ok: false, code: 'gone', message: 'Agent `dev-3` is gone.', hint: 'Choose another.'};
		const terminal = open(store, {columns: 160, rows: 45});
		terminal.type('p');
		await terminal.shows('! Agent `dev-3` is gone. Choose another.');
	});

	test('queue a task that was typed and pasted', async () => {
		const store = createTestStore(room());
		const terminal = open(store, {columns: 80, rows: 24});
		terminal.type('nFix login\t\x1b[200~two\nlines\x1b[201~');
		await terminal.shows('New task');
		terminal.type('\x13');
		await until(() => store.actions.length > 0, terminal.text);
		expect(store.actions).toEqual([{type: 'add-task', title: 'Fix login', description: 'two\nlines', priority: 50}]);
	});
});

describe('keys', () => {
	test('sent in one write do what they do one by one', async () => {
		const keys = [
			'j',
			'j',
			'\x1b[B',
			'k',
			'2',
			'j',
			'\t',
			'\x1b[Z',
			'/',
			't',
			'-',
			'1',
			'\r',
			'1',
			'4',
			'k',
			'z',
			'z',
			'?',
			'p',
			'a',
			'u',
			'\x1b[B',
			'\x7f',
		];
		const once = open(createTestStore(busyRoom()), {columns: 160, rows: 45});
		once.type(keys.join(''));
		await once.shows('type to filter: pa');
		const together = once.text();
		once.view.close();
		const single = open(createTestStore(busyRoom()), {columns: 160, rows: 45});
		for (const key of keys) single.type(key);
		await single.shows(text => text === together);
	});

	test('of a person are honoured, refused ones are said', async () => {
		const terminal = open(createTestStore(busyRoom()), {columns: 160, rows: 45}, {keys: {zoom: 'x'}});
		await terminal.shows('keys: `x` of `zoom` is already used by `stop`');
	});

	test('q and enter detach', async () => {
		const terminal = open(createTestStore(busyRoom()), {columns: 80, rows: 24});
		terminal.type('q\r');
		expect(terminal.controls).toEqual(['detach']);
	});
});

describe('typing into a pane', () => {
	test('teaches the way back, gives every key to the agent, resizes its pane and shows the echo at once', async () => {
		const panes = devPane();
		const pane = panes.get('agent:dev:003');
		if (!pane) throw new Error('no pane');
		const terminal = open(createTestStore(busyRoom(), panes), {columns: 160, rows: 45});
		terminal.type('i');
		await terminal.shows('^] returns to the room.');
		terminal.type('\x1d');
		await terminal.shows('TYPING INTO dev-3');
		expect(terminal.text()).toContain('TYPE dev-3 │ ^] room   every key goes to the agent');
		expect([pane.screen.columns, pane.screen.rows]).toEqual([104, 25]);
		terminal.type('q?\x03');
		expect(pane.written()).toBe('q?\x03');
		await terminal.shows('┃q?');
		terminal.type('\x1dz');
		await terminal.shows('agent-room › dev-3');
		expect(pane.written()).toBe('q?\x03');
	});

	test('keeps the mode and the way out in sight on a small screen, whatever the agents are called', async () => {
		const others = ['a-feature-with-a-long-name', 'another-such-name'].map(id =>
			task(id, {title: 'Plan', state: 'blocked', stage: 'plan', decision: 'plan', waitReason: 'needs approval', stageAt: NOW - 900_000}),
		);
		const busy = busyRoom();
		const tasks = new Map([...busy.team.tasks, ...others.map(one => [one.id, one] as const)]);
		const terminal = open(createTestStore({...busy, team: {...busy.team, tasks}}, devPane()), {columns: 40, rows: 15});
		terminal.type('jji\x1d');
		await terminal.shows(text => / TYPE dev-\d │ \^\] room/.test(text.split('\n')[14] ?? ''));
	});

	test('puts the terminal into the modes of the pane and back', async () => {
		const panes = devPane('\x1b[?1h\x1b[>1u');
		const terminal = open(createTestStore(busyRoom(), panes), {columns: 160, rows: 45});
		terminal.type('i');
		await terminal.shows('returns to the room');
		expect(terminal.output()).not.toContain('\x1b[?1h');
		terminal.type('\x1d');
		await terminal.shows('TYPING INTO');
		expect(terminal.output()).toContain('\x1b[?1h');
		// As soon as the terminal has said that it has this keyboard.
		await until(() => terminal.screen.modes.kittyKeyboard === 1, terminal.output);
		terminal.type('\x1d');
		await terminal.shows('ROOM │');
		expect(terminal.output().lastIndexOf('\x1b[?1l')).toBeGreaterThan(terminal.output().lastIndexOf('\x1b[?1h'));
		expect(terminal.output()).toMatch(/\x1b\[=1;1u[\s\S]*\x1b\[=0;1u/);
	});

	test('fills the screen at 80x24', async () => {
		const panes = devPane();
		const terminal = open(createTestStore(busyRoom(), panes), {columns: 80, rows: 24});
		terminal.type('i');
		await terminal.shows('returns to the room');
		terminal.type('\x1d');
		await terminal.shows('TYPING INTO dev-3');
		expect(terminal.rows()[1]).toMatch(/^┏━TYPING INTO dev-3 ━+ claude · 78x20 ━┓$/);
		expect(panes.get('agent:dev:003')?.screen.columns).toBe(78);
	});
});

describe('a terminal that another program has had', () => {
	test('gets every cell and the title again, at the same size', async () => {
		const terminal = open(createTestStore(busyRoom()), {columns: 80, rows: 24});
		await terminal.shows('ROOM │');
		const before = terminal.text();
		terminal.screen.write('\x1b[2J\x1b[Hgarbage');
		const length = terminal.output().length;
		terminal.resize(80, 24);
		await terminal.shows(text => text === before);
		expect(terminal.output().slice(length)).toContain('● agent-room\x07');
	});
});

describe('a change of the room', () => {
	test('shows by itself, and rings once for a new question when no human is at the keys', async () => {
		const store = createTestStore(room({agents: [agent('dev', 1)]}));
		let at = NOW;
		const terminal = open(store, {columns: 160, rows: 45}, {now: () => at});
		await terminal.shows('○I dev-1');
		at += 7000;
		const asking = room({agents: [agent('dev', 1, {status: 'needs-input', question: 'May I?', questionId: 'q-1'})]});
		store.publish(asking);
		await terminal.shows('needs input: May I?');
		store.publish({...asking});
		const bells =
			terminal
				.output()
				.replaceAll(/\x1b\][^\x07]*\x07/g, '')
				.split('\x07').length - 1;
		expect(bells).toBe(1);
	});

	test('rings for a plan that waits for a person', async () => {
		const store = createTestStore(room({agents: [agent('dev', 1)]}));
		let at = NOW;
		const terminal = open(store, {columns: 160, rows: 45}, {now: () => at});
		await terminal.shows('○I dev-1');
		at += 7000;
		store.publish(room({tasks: [task('login', {state: 'blocked', stage: 'plan', decision: 'plan'})]}));
		await terminal.shows('login needs approval: approve the plan?');
		expect(terminal.output().replaceAll(/\x1b\][^\x07]*\x07/g, '')).toContain('\x07');
		expect(terminal.output()).toContain('\x1b]2;1▲ ');
	});

	test('writes nothing more once the view is closed', async () => {
		const store = createTestStore(room({agents: [agent('dev', 1)]}));
		const terminal = open(store, {columns: 80, rows: 24});
		await terminal.shows('○I dev-1');
		terminal.view.close();
		const length = terminal.output().length;
		store.publish(busyRoom());
		terminal.type('n');
		terminal.resize(100, 30);
		await new Promise(resolve => setImmediate(resolve));
		expect(terminal.output().length).toBe(length);
	});
});

test('a fault of a screen is reported to its owner, and does not reach the room', async () => {
	const faults: unknown[] = [];
	const store = createTestStore(busyRoom());
	const terminal = open(store, {columns: 100, rows: 30}, {onBroken: error => faults.push(error)});
	await terminal.shows('ROOM │');
	const poisoned = {
		...busyRoom(),
		get team(): never {
			throw new Error('poisoned');
		},
	};
	expect(() => store.publish(poisoned)).not.toThrow();
	expect(() => terminal.type('j')).not.toThrow();
	expect(() => terminal.resize(80, 24)).not.toThrow();
	await until(
		() => faults.length > 0,
		() => 'no fault was told',
	);
	expect(String(faults[0])).toContain('poisoned');
	store.publish(busyRoom());
});
