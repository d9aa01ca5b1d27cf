import {describe, expect, test} from 'vitest';
import {open, withTerminals} from '../fixtures/open.ts';
import {agent, busyRoom, NOW, room} from '../fixtures/room.ts';
import {SETTINGS} from '../fixtures/settings.ts';
import {createTestStore} from '../fixtures/store.ts';

withTerminals();

const opened = async (size: {columns: number; rows: number}, settings = SETTINGS, options: Parameters<typeof open>[2] = {}) => {
	const terminal = open(createTestStore(busyRoom({changes: {settings}})), size, options);
	await terminal.shows(' ROOM ');
	terminal.type(',');
	await terminal.shows(' SETTINGS ');
	return terminal;
};

const lineOf = (text: string, name: string): string => text.split('\n').find(line => line.includes(` ${name} `)) ?? '';

describe('the settings', () => {
	test.each([
		[160, 45],
		[80, 24],
		[40, 15],
	])('stand on %i columns and %i rows, each with where it came from', async (columns, rows) => {
		const terminal = await opened({columns, rows});
		const text = terminal.text();
		expect(lineOf(text, 'theme')).toMatch(/▸ theme +auto +default/);
		terminal.type('jjjjjj');
		await terminal.shows('7 of 40');
		expect(lineOf(terminal.text(), 'test')).toMatch(/▸ test +npm test +project/);
		expect(terminal.text()).toContain('What test does.');
		terminal.type('jj');
		await terminal.shows('▸ attempts');
		expect(lineOf(terminal.text(), 'attempts')).toMatch(/5 +user/);
		terminal.type('j');
		await terminal.shows('▸ setup');
		expect(lineOf(terminal.text(), 'setup')).toMatch(/untrusted/);
		expect(terminal.text()).toContain('Not in effect until you run');
		terminal.type('G');
		await terminal.shows('40 of 40');
		expect(terminal.text()).toContain('▸ keys.x29');
		for (const row of terminal.rows()) expect(row).not.toContain('\u001b');
		terminal.type(',');
		await terminal.shows('ROOM │');
	});

	test('show what a changed configuration says in full before it is trusted, and how many changes there is no room for', async () => {
		const team = `team: 2 x developer: mine; 1 x code-sentinel: mine (now: 2 x developer: mine; 1 x code-sentinel: mine; 3 x test-orchestrator: the end)`;
		const pending = (changes: readonly string[]) => ({...SETTINGS, pending: {print: 'p', changes}});
		const text = (await opened({columns: 80, rows: 24}, pending([team]))).text();
		expect(text).toContain('T trusts and uses it');
		expect(text).toMatch(/3 x test-orchestrator: the .*\n.*┃ {4}end\) /);
		const many = (await opened({columns: 80, rows: 24}, pending([team, team, team, team]))).text();
		expect(many.match(/ end\) /g)).toHaveLength(2);
		expect(many).toContain('and 2 more: `agent-room config print`');
		expect((await opened({columns: 40, rows: 15}, pending([team, team]))).text()).toContain('and 1 more');
		const long = (await opened({columns: 80, rows: 24}, pending([`test: ${'npm run one && '.repeat(60)}npm run last`]))).text();
		expect(long).toContain('in full: `agent-room config print`');
	});

	test('tell the environment, flags and the default apart', async () => {
		const environment = {
			TERM: 'xterm-256color',
			AGENT_ROOM_THEME: 'dark',
			AGENT_ROOM_MOUSE: '1',
			AGENT_ROOM_FLAGS: 'mouse',
			LANG: 'C.ISO8859-1',
		};
		const terminal = await opened({columns: 100, rows: 30}, SETTINGS, {environment});
		expect(lineOf(terminal.text(), 'theme')).toMatch(/dark +env/);
		expect(lineOf(terminal.text(), 'mouse')).toMatch(/on +flag/);
		expect(lineOf(terminal.text(), 'ascii')).toMatch(/on +env/);
		expect(lineOf(terminal.text(), 'reduceMotion')).toMatch(/off +default/);
	});

	test('switch ASCII, colours and the mouse of this terminal at once, and back', async () => {
		const terminal = await opened({columns: 100, rows: 30});
		terminal.type('j ');
		await terminal.shows(text => /ascii +on +set here/.test(text) && !/[^\x20-\x7e\n]/.test(text));
		terminal.type(' ');
		await terminal.shows(text => /ascii +off +set here/.test(text) && text.includes('│'));
		const before = terminal.output().length;
		terminal.type('j ');
		await terminal.shows(text => /mouse +on +set here/.test(text));
		expect(terminal.output().slice(before)).toContain('\u001b[?1000h');
		terminal.type(' ');
		await terminal.shows(text => /mouse +off +set here/.test(text));
		expect(terminal.output()).toContain('\u001b[?1000l');
		// Six themes: the last is without colours, the next one has them again.
		terminal.type('kk     ');
		await terminal.shows(text => /theme +mono +set here/.test(text));
		const mono = terminal.output().length;
		terminal.type('jk');
		await terminal.shows('1 of 40');
		expect(terminal.output().slice(mono)).not.toMatch(/\u001b\[[0-9;]*(?:3[0-7]|9[0-7])m/);
	});

	test('switch the bell of this terminal: off it is silent when an agent needs input, on it rings', async () => {
		const rings = async (keys: string, wanted: string): Promise<boolean> => {
			let now = NOW;
			const store = createTestStore(room({agents: [agent('dev', 1)]}));
			const terminal = open(store, {columns: 100, rows: 30}, {now: () => now, environment: {TERM: 'xterm'}});
			await terminal.shows('ROOM │');
			terminal.type(`,jjjj${keys}`);
			await terminal.shows(text => new RegExp(`▸ notify.bell +${wanted}`).test(text));
			terminal.type('\u001b');
			await terminal.shows('ROOM │');
			const before = terminal.output().length;
			now += 10_000;
			store.publish(room({agents: [agent('dev', 1, {status: 'needs-input', question: 'May I?', questionId: 'q-1'})]}));
			await terminal.shows('needs input: May I?');
			// Titles end with a bell of their own.
			const titles = /\u001b\]2;[^\u0007]*\u0007/g;
			return terminal.output().slice(before).replaceAll(titles, '').includes('\u0007');
		};
		expect(await rings(' ', 'off +set here')).toBe(false);
		expect(await rings('  ', 'on +set here')).toBe(true);
	});

	test('say why a theme changes nothing where there are no colours', async () => {
		const terminal = await opened({columns: 80, rows: 24}, SETTINGS, {environment: {TERM: 'xterm', NO_COLOR: '1'}});
		expect(terminal.text()).toContain('NO_COLOR or TERM turns colors off, whatever the theme.');
	});

	test('say where a value of the room is changed, and what to do where there is no file', async () => {
		const terminal = await opened({columns: 100, rows: 30});
		expect(terminal.text()).toContain('/home/me/.config/agent-room/config.yaml  (no such file)');
		terminal.type('jjjjjj ');
		await terminal.shows('E opens agent-room.yaml to change `test`.');
		terminal.type('E');
		await terminal.shows('This terminal cannot open an editor.');
		const none = await opened({columns: 100, rows: 30}, {files: [], values: []}, {keys: {'settings.edit': 'e', nonsense: 'x'}});
		expect(none.text()).toContain('No configuration is known for this room.');
		expect(none.text()).toContain('! keys: unknown action `nonsense`');
		none.type('e');
		await none.shows('No config file yet: `agent-room init` writes agent-room.yaml.');
	});
});
