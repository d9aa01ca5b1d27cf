import {execFile, execFileSync} from 'node:child_process';
import {closeSync, mkdtempSync, openSync, rmSync, writeSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';

const run = promisify(execFile);

export type TmuxPane = {
	/** What tmux shows after a reset and these bytes: rows with their SGR sequences, the cursor, and its modes as tmux names them. */
	show(
		bytes: Uint8Array | string,
	): Promise<{readonly rows: readonly string[]; readonly x: number; readonly y: number; readonly modes: string}>;
	/** Another size of its terminal; what stands there stays, or moves as tmux moves it. */
	resize(columns: number, rows: number): void;
	/** What tmux shows after these bytes, without a reset. */
	after(bytes: Uint8Array | string): ReturnType<TmuxPane['show']>;
	close(): void;
};

/** Ends whatever sequence a stream was cut in: CAN for all but strings, ST for those. */
export const CUT = '\x18\x1b\\';

/** A pane of a tmux of its own, written to through its terminal: no shell and no program is between. */
export const createTmuxPane = (firstColumns: number, firstRows: number): TmuxPane => {
	let [columns, rows] = [firstColumns, firstRows];
	const folder = mkdtempSync(join(tmpdir(), 'tmux-'));
	const args = (...more: string[]): string[] => ['-S', join(folder, 'socket'), '-f', '/dev/null', ...more];
	const size = ['-x', `${columns}`, '-y', `${rows}`];
	// Outside of UTF-8 tmux prints a line break of a format as `_`.
	const environment = {...process.env, LC_ALL: 'C.UTF-8'};
	const tmux = (...more: string[]): string => execFileSync('tmux', args(...more), {env: environment}).toString();
	// The program says that the terminal is raw by its title, and sleeps.
	tmux(
		'new-session',
		'-d',
		'-s',
		'pane',
		...size,
		"stty raw -echo; printf '\\033]2;ready\\007'; exec sleep 600",
		';',
		'set',
		'status',
		'off',
	);
	tmux('resize-window', '-t', 'pane', ...size);
	const tty = openSync(tmux('display', '-p', '-t', 'pane', '#{pane_tty}').trim(), 'w');
	let count = 0;

	/** Looks until the title says that everything before it was read. */
	const look = async (title: string) => {
		const modes = '#{alternate_on}#{cursor_flag}#{keypad_cursor_flag}';
		for (;;) {
			const wanted = ['display', '-p', '-t', 'pane', `#{pane_title}\n#{cursor_x}\n#{cursor_y}\n${modes}`];
			const {stdout} = await run('tmux', args(...wanted, ';', 'capture-pane', '-p', '-e', '-N', '-t', 'pane'), {env: environment});
			const [shown, x, y, flags, ...all] = stdout.split('\n');
			if (shown === title) return {rows: all.slice(0, rows), x: Number(x), y: Number(y), modes: flags ?? ''};
		}
	};
	const ready = look('ready');

	const after: TmuxPane['after'] = async bytes => {
		await ready;
		const title = `stream ${++count}`;
		writeSync(tty, Buffer.concat([Buffer.from(bytes), Buffer.from(`${CUT}\x1b]2;${title}\x07`)]));
		return look(title);
	};
	return {
		show: bytes => after(Buffer.concat([Buffer.from(`${CUT}\x1b[?1049l\x1bc`), Buffer.from(bytes)])),
		after,
		resize: (width, height) => {
			[columns, rows] = [width, height];
			tmux('resize-window', '-t', 'pane', '-x', `${width}`, '-y', `${height}`);
		},
		close: () => {
			closeSync(tty);
			try {
				tmux('kill-server');
			} catch {
				// The server ends by itself with its last session.
			}
			rmSync(folder, {recursive: true, force: true});
		},
	};
};
