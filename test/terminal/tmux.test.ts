import {execFile, execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {afterAll, describe, expect, test} from 'vitest';
import {createHeadlessScreen} from '../../source/terminal/headless-screen.ts';
import {textsOf} from './screens.ts';

const COLUMNS = 40;
const ROWS = 12;
const folder = mkdtempSync(join(tmpdir(), 'screen-'));
const tmux = (...args: string[]): string[] => ['-S', join(folder, 'socket'), '-f', '/dev/null', ...args];
const run = promisify(execFile);

afterAll(() => {
	try {
		execFileSync('tmux', tmux('kill-server'), {stdio: 'ignore'});
	} catch {
		// The server ends by itself with its last session.
	}
	rmSync(folder, {recursive: true, force: true});
});

const lines = (count: number): string => Array.from({length: count}, (_, line) => `line ${line} ${'·'.repeat(line)}`).join('\r\n');

const STREAMS: Readonly<Record<string, string>> = {
	'plain lines that scroll': lines(30),
	'text that wraps': `${'wrap '.repeat(40)}\r\nend`,
	'wide characters and marks': `${'你好世界'.repeat(8)}\r\ncafe\u0301 é 한국어\r\n`,
	'erasing and moving': `${lines(10)}\x1b[3;5Hhere\x1b[K\x1b[5;1H\x1b[2K\x1b[7;10H\x1b[1Kx\x1b[9;4H\x1b[J`,
	'a scroll region': `\x1b[2J\x1b[H${lines(11)}\x1b[3;8r\x1b[8;1H\na\nb\x1b[3;1H\x1bMtop\x1b[r\x1b[12;1Hlast`,
	'lines and characters put in and taken out': `${lines(9)}\x1b[3;1H\x1b[2L\x1b[6;1H\x1b[M\x1b[1;3H\x1b[4@\x1b[2;3H\x1b[3P\x1b[4;2H\x1b[5X`,
	'a full-screen program': `before\x1b[?1049h\x1b[H\x1b[2J┌${'─'.repeat(38)}┐\x1b[12;1H└${'─'.repeat(38)}┘\x1b[6;10Hmenu`,
	'a full-screen program that ended': `before\r\n\x1b[?1049h\x1b[2J\x1b[Hinside\x1b[?1049lafter`,
	'tabs, returns and backspaces': 'a\tb\tc\r\nabc\b\bX\r\nover\rO\r\n\tend',
};

describe('the same rows as tmux', () => {
	test.each(Object.entries(STREAMS))('%s', async (name, stream) => {
		const session = name.replaceAll(/[^a-z]/g, '');
		const file = join(folder, session);
		writeFileSync(file, stream);
		// `cat` is the last to write: the tty is raw, so that no byte is changed on the way.
		const program = ['sh', '-c', 'stty raw -echo; cat -- "$1"; exec sleep 600', 'sh', file];
		await run('tmux', tmux('new-session', '-d', '-s', session, '-x', `${COLUMNS}`, '-y', `${ROWS}`, ';', 'set', 'status', 'off'));
		await run('tmux', tmux('resize-window', '-t', session, '-x', `${COLUMNS}`, '-y', `${ROWS}`));
		await run('tmux', tmux('respawn-pane', '-k', '-t', session, ...program));
		const screen = createHeadlessScreen({columns: COLUMNS, rows: ROWS, scrollback: 100});
		screen.write(stream);
		await expect
			.poll(async () => (await run('tmux', tmux('capture-pane', '-p', '-t', session))).stdout.split('\n').slice(0, ROWS), {timeout: 15_000})
			.toEqual(textsOf(screen));
	});
});
