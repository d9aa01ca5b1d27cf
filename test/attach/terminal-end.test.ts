import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, afterEach, beforeEach, describe, expect, test} from 'vitest';
import {withEnvironment} from '../helpers/environment.ts';
import {waitFor} from '../wait-for.ts';

const fixtures = join(import.meta.dirname, '..', 'fixtures');
const server = `agent-room-test-${process.pid}`;
let folder = '';
let room: ChildProcess;
let roomSaid = '';
let number = 0;

const tmux = (...args: string[]): string =>
	execFileSync('tmux', ['-L', server, '-f', '/dev/null', ...args], {encoding: 'utf8', stdio: 'pipe'}).trimEnd();
/** What TERM says inside differs from one build of tmux to another, unless it is told. */
const TERMINAL = ['start-server', ';', 'set', '-g', 'default-terminal', 'screen', ';'];
const session = (): string => `s${number}`;
const screen = (): string => tmux('capture-pane', '-p', '-t', session());
const type = (...keys: string[]): void => void tmux('send-keys', '-t', session(), ...keys);
const MODES = ['alternate_on', 'cursor_flag', 'mouse_any_flag', 'scroll_region_lower', 'pane_mode'].map(name => `#{${name}}`).join(' ');
const modes = (): string => tmux('display-message', '-p', '-t', session(), MODES).trim();
/** Main screen, cursor shown, no mouse, the whole window scrolls. */
const RESTORED = '0 1 0 23';
const sees = (text: string): Promise<unknown> => waitFor(`the screen shows: ${text}`, () => screen().includes(text));
const roomSays = (text: string): Promise<unknown> => waitFor(`the room says: ${text}`, () => roomSaid.includes(text));
const file = (name: string): string => join(folder, name);
const fileText = (name: string): string => (existsSync(file(name)) ? readFileSync(file(name), 'utf8') : '');
const terminalPid = (): number => Number(fileText('pid'));

const startRoom = async (): Promise<void> => {
	roomSaid = '';
	const started = spawn(process.execPath, [join(fixtures, 'attach-room.ts'), file('room.sock'), file('it is; a plan.yaml')], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	started.stdout.on('data', chunk => {
		roomSaid += chunk;
	});
	room = started;
	await roomSays('up');
};

/** A shell in tmux that notes the tty's state, opens the terminal end and notes state and exit code afterwards; `before` is what it does first. */
const openTerminal = async (before = ''): Promise<void> => {
	number++;
	rmSync(file('pid'), {force: true});
	const open = `${before}stty -a > before; node ${join(fixtures, 'attach-terminal.ts')} room.sock pid; echo $? > code; stty -a > after`;
	tmux(...TERMINAL, 'new-session', '-d', '-s', session(), '-x', '80', '-y', '24', '-c', folder, '-e', 'AGENT_ROOM_TOKEN=secret', 'sh');
	type(open, 'Enter');
	await sees('view 80x24');
	expect(modes()).toBe('1 0 1 9');
};

const expectRestored = async (code: number): Promise<void> => {
	await waitFor('the shell is back', () => fileText('after'));
	expect(fileText('code').trim()).toBe(String(code));
	expect(fileText('after')).toBe(fileText('before'));
	await waitFor('the modes are back', () => modes() === RESTORED);
};

beforeEach(async () => {
	folder = mkdtempSync(join(tmpdir(), 'agent-room-attach-'));
	await startRoom();
});

afterEach(() => {
	room.kill('SIGKILL');
	tmux('kill-session', '-t', session());
	rmSync(folder, {recursive: true, force: true});
});

afterAll(() => {
	try {
		tmux('kill-server');
	} catch {
		// The last session took the server with it.
	}
});

describe('a terminal on a room', () => {
	test('shows the view, sends keys, follows the size, and gives the tty back on detach', async () => {
		await openTerminal();
		await roomSays('attached 80x24 screen no token');
		type('h');
		await sees('<h>');
		tmux('resize-window', '-t', session(), '-x', '100', '-y', '30');
		await roomSays('resized 100x30');
		await sees('view 100x30');
		tmux('resize-window', '-t', session(), '-x', '80', '-y', '24');
		await roomSays('resized 80x24');
		type('q');
		await expectRestored(0);
		expect(screen()).toContain('Detached. Agents keep running; reattach with `agent-room`.');
		await roomSays('gone');
		expect(roomSaid.match(/closed/g)).toHaveLength(1);
	});

	test('tells the room whether the tmux around it hands notices on, and whether somebody sees it over SSH', async () => {
		await openTerminal();
		await roomSays('tmux passes false, is far false');
		tmux('set-option', '-g', 'allow-passthrough', 'on');
		type('q');
		await expectRestored(0);
		withEnvironment({SSH_CONNECTION: '192.0.2.1 50000 192.0.2.2 22'});
		await openTerminal();
		await roomSays('tmux passes true, is far true');
		tmux('kill-session', '-t', `s${number - 1}`);
	});

	test('waits for a room that stops, gives the tty back meanwhile, and says why it ended, without its control characters', async () => {
		await openTerminal();
		type('s');
		await sees('The room is stopping; work in progress is being saved.');
		expect([modes(), fileText('code'), screen()]).toEqual([RESTORED, '', expect.not.stringContaining('The room ended')]);
		room.kill('SIGUSR2');
		await expectRestored(0);
		expect(screen()).toContain('The room ended: asked  [31mto  stop.');
	});

	test('of a room that hangs while it stops is left with ctrl+c', async () => {
		await openTerminal();
		type('s');
		await sees('The room is stopping');
		type('C-c');
		// The signal ends the shell's line too.
		type('echo $? > code; stty -a > after', 'Enter');
		await expectRestored(130);
	});

	test('is restored when its screen has a fault, and the room lives on', async () => {
		await openTerminal();
		type('b');
		await expectRestored(1);
		expect(screen()).toContain('Connection to the room lost: its screen crashed. Agents keep running;');
		expect(room.exitCode).toBe(null);
	});

	test('is restored when the room is killed', async () => {
		await openTerminal();
		room.kill('SIGKILL');
		await expectRestored(1);
		expect(screen()).toContain('The room crashed.');
	});

	test('is restored by the watcher when it is killed itself', async () => {
		await openTerminal();
		process.kill(terminalPid(), 'SIGKILL');
		await waitFor('the shell is back', () => fileText('code').trim() === '137');
		await waitFor('the modes are back', () => modes() === RESTORED);
		// The shell may have looked before the watcher was done, so look again.
		type('stty -a > after', 'Enter');
		await waitFor('the tty is as before', () => fileText('after') === fileText('before'));
		await roomSays('gone');
	});

	test.each([
		['SIGTERM', 143],
		['SIGINT', 130],
		['SIGQUIT', 131],
		['SIGHUP', 129],
	] as const)('is restored on %s, and the room lives on', async (signal, code) => {
		await openTerminal();
		process.kill(terminalPid(), signal);
		await expectRestored(code);
		await roomSays('gone');
		expect(room.exitCode).toBe(null);
	});

	test('detaches when its window is closed', async () => {
		await openTerminal();
		const pid = terminalPid();
		tmux(...TERMINAL, 'new-session', '-d', '-s', 'keep', 'sh');
		tmux('kill-session', '-t', session());
		await roomSays('gone');
		await waitFor('its process ends', () => !existsSync(`/proc/${pid}`));
		expect(room.exitCode).toBe(null);
		tmux('rename-session', '-t', 'keep', session());
	});

	test('goes to the shell on ctrl+z and comes back with fg', async () => {
		await openTerminal();
		type('z');
		await sees('Stopped');
		expect(modes()).toBe(RESTORED);
		roomSaid = '';
		type('fg', 'Enter');
		await roomSays('resized 80x24');
		await sees('view 80x24');
		expect(modes()).toMatch(/^1 0 /);
		type('q');
		await waitFor('the modes are back', () => modes() === RESTORED);
	});

	test('runs a program on the tty at the wish of the room', async () => {
		await openTerminal();
		type('e');
		await sees('editing');
		expect(modes()).toBe(RESTORED);
		type('some text', 'Enter');
		await roomSays('ran 3');
		await sees('view 80x24');
		type('q');
		await expectRestored(0);
	});

	test('opens a file in the editor of the person, whose variable may have several words, and in a pager', async () => {
		writeFileSync(file('it is; a plan.yaml'), 'Five tries\n');
		writeFileSync(file('my editor'), '#!/bin/sh\necho "$1" >mode; sed -i s/Five/Six/ "$2"; exit 4\n', {mode: 0o755});
		await openTerminal(`export EDITOR="'./my editor' --wait" VISUAL=; `);
		type('o');
		await roomSays('ran 4');
		expect([fileText('mode').trim(), fileText('it is; a plan.yaml').trim()]).toEqual(['--wait', 'Six tries']);
		await sees('view 80x24');
		type('p');
		await sees('Six tries');
		type('q');
		await roomSays('ran 0');
		await sees('view 80x24');
	});

	test('gives a text to the buffer of its tmux, as it is', async () => {
		await openTerminal();
		type('y');
		await roomSays('given true');
		expect(tmux('show-buffer')).toBe('a branch; and `more`');
		expect(modes()).toMatch(/^1 0 /);
	});

	test('opens a shell in a folder and comes back when that ends', async () => {
		await openTerminal('SHELL=/bin/sh; export SHELL; ');
		type('!');
		await sees('A shell in ');
		// What is typed before the shell has the terminal is dropped: a person types again.
		await waitFor('the shell answers', () => existsSync(join(folder, 'where')) || type('pwd >where', 'Enter'));
		type('exit 5', 'Enter');
		await roomSays('ran 5');
		expect(fileText('where').trim()).toBe(folder);
		await sees('view 80x24');
	});

	test('stands still with a program that ctrl+z stops, and goes on with it', async () => {
		await openTerminal();
		type('e');
		await sees('editing');
		type('C-z');
		await sees('Stopped');
		type('fg', 'Enter');
		await waitFor('it is in the foreground', () => tmux('display-message', '-p', '-t', session(), '#{pane_current_command}') !== 'sh');
		type('some text', 'Enter');
		await roomSays('ran 3');
		await sees('view 80x24');
		type('q');
		await waitFor('the modes are back', () => modes() === RESTORED);
	});

	test('comes back from a program that was killed while ctrl+s held the tty', async () => {
		writeFileSync(file('editor'), '#!/bin/sh\necho $$ >editing; exec sleep 100\n', {mode: 0o755});
		await openTerminal('export EDITOR=./editor VISUAL=; ');
		type('o');
		await waitFor('the editor runs', () => fileText('editing'));
		type('C-s');
		process.kill(Number(fileText('editing')), 'SIGKILL');
		await roomSays('ran 137');
		await sees('view 80x24');
	});

	test('leaves a program that hangs on ctrl+backslash, and goes without it when the room says so', async () => {
		await openTerminal();
		type('w');
		await sees('hangs');
		type('C-\\');
		await roomSays('ran 137');
		await sees('view 80x24');
		type('w');
		await sees('hangs');
		process.kill(terminalPid(), 'SIGTERM');
		await expectRestored(143);
	});

	test('lets the person out of a room that hangs', async () => {
		// Keys that are pressed too often reach the shell, and must not keep it from noting how it was left.
		await openTerminal("trap '' INT; ");
		room.kill('SIGSTOP');
		await waitFor('ctrl+c leads out', () => {
			type('C-c');
			return fileText('after');
		});
		await expectRestored(1);
		expect(screen()).toContain('it does not answer');
	});

	test('that does not keep up costs the room no memory, and shows the newest picture in the end', async () => {
		await openTerminal();
		type('f');
		await roomSays('memory');
		expect(Number(/memory (\d+)/.exec(roomSaid)?.[1])).toBeLessThan(300 * 1024);
		await roomSays('resized 80x24');
		await waitFor('the newest picture', () => screen().startsWith('view 80x24'));
		type('h');
		await sees('<h>');
	});

	test('leaves the tty alone where no room is', async () => {
		room.kill('SIGKILL');
		number++;
		tmux(...TERMINAL, 'new-session', '-d', '-s', session(), '-x', '80', '-y', '24', '-c', folder, 'sh');
		type(`node ${join(fixtures, 'attach-terminal.ts')} room.sock pid`, 'Enter');
		await sees('RoomAbsent');
		expect(modes()).toBe(RESTORED);
	});
});
