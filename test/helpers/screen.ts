import xterm from '@xterm/headless';
import {onTestFinished} from 'vitest';
import {type ProcessEnd, startProcess} from '../../source/pty/process.ts';
import {signalEach} from './cleanup.ts';
import {cleanEnvironment} from './program.ts';
import {limitMs} from './wait.ts';

export type Expected = string | RegExp | ((rows: readonly string[]) => boolean);

/** A program in a real terminal: what is pressed goes to its PTY, what it draws is read from an xterm of the same size. */
export type TestTerminal = {
	readonly pid: number;
	/** Names such as `enter`, `esc`, `up`, `ctrl+]`, or a single character. */
	press(...keys: readonly string[]): void;
	/** Text as one write, as a paste or a fast typist sends it. */
	type(text: string | Uint8Array): void;
	/** The program has asked for application cursor keys. */
	readonly hasApplicationCursor: () => boolean;
	/** Resolves as soon as the screen shows it; fails at the deadline with the whole screen in the message. */
	waitFor(expected: Expected, options?: {readonly timeoutMs?: number}): Promise<void>;
	waitUntilGone(expected: Expected, options?: {readonly timeoutMs?: number}): Promise<void>;
	/** The visible rows without trailing blanks. */
	rows(): readonly string[];
	/** All rows in one text, with the cursor's place. */
	text(): string;
	readonly isAlternate: () => boolean;
	/** Every byte that the program has written so far, as Latin-1. */
	written(): string;
	resize(columns: number, rows: number): void;
	kill(signal: NodeJS.Signals): void;
	/** Resolves when the program has ended and everything it wrote is on the screen. */
	readonly exit: Promise<ProcessEnd>;
};

const NAMED: Readonly<Record<string, string>> = {
	enter: '\r',
	esc: '\u001b',
	tab: '\t',
	'shift+tab': '\u001b[Z',
	backspace: '\u007f',
	space: ' ',
	up: '\u001b[A',
	down: '\u001b[B',
	right: '\u001b[C',
	left: '\u001b[D',
};

/** The bytes that a terminal sends for a key; `ctrl+x` is the control character of x. */
const keyBytes = (key: string): string => {
	const control = /^ctrl\+([a-z\\\]^_@[])$/.exec(key)?.[1];
	if (control) return String.fromCharCode(control.toUpperCase().charCodeAt(0) & 0x1f);
	const bytes = NAMED[key] ?? ([...key].length === 1 ? key : undefined);
	if (bytes === undefined) throw new Error(`There is no key \`${key}\`.`);
	return bytes;
};

const DEFAULT_TIMEOUT_MS = 30_000;

/** A line between the person and the program, on which everything takes so long each way. */
export type Link = {readonly delayMs: number};

/** Starts a program in a PTY. When the test ends it is killed by its pid, if it still runs. */
export const openTerminal = ({
	command,
	columns = 160,
	rows = 45,
	cwd = process.cwd(),
	env = cleanEnvironment(),
	link = {delayMs: 0},
}: {
	readonly command: readonly [string, ...string[]];
	readonly columns?: number;
	readonly rows?: number;
	readonly cwd?: string;
	readonly env?: NodeJS.ProcessEnv;
	readonly link?: Link;
}): TestTerminal => {
	const screen = new xterm.Terminal({cols: columns, rows, scrollback: 5000, allowProposedApi: true, logLevel: 'off'});
	const given = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
	const pty = startProcess({command, cwd, env: Object.fromEntries(given), columns, rows, marker: ['TEST_TERMINAL', '1']});
	const listeners = new Set<() => void>();
	let hasEnded = false;
	let written = '';
	/** Timers of the same length keep their order. */
	const travel = (arrive: () => void): void => void (link.delayMs > 0 ? setTimeout(arrive, link.delayMs) : arrive());
	const send = (text: string): void => travel(() => hasEnded || pty.write(text));
	pty.onData(bytes => {
		written += Buffer.from(bytes).toString('latin1');
		travel(() => screen.write(bytes, () => [...listeners].forEach(listener => void listener())));
	});
	// The terminal answers what programs ask it (cursor position, device attributes), as a real one does.
	screen.onData(send);
	const exit = new Promise<ProcessEnd>(resolve => {
		pty.onEnd(end => {
			travel(() => {
				hasEnded = true;
				screen.write('', () => {
					resolve(end);
					for (const listener of [...listeners]) listener();
				});
			});
		});
	});
	onTestFinished(async () => {
		if (hasEnded) return;
		signalEach([pty.pid], 'SIGKILL');
		await exit;
	});

	const readRows = (): readonly string[] =>
		Array.from(
			{length: screen.rows},
			(_, row) =>
				screen.buffer.active
					.getLine(screen.buffer.active.baseY + row)
					?.translateToString(true)
					.trimEnd() ?? '',
		);
	const text = (): string => {
		const {cursorX, cursorY} = screen.buffer.active;
		return `${readRows()
			.map(row => `│${row}`)
			.join('\n')}\n└ cursor ${cursorX},${cursorY} of ${screen.cols}x${screen.rows}${hasEnded ? ', the program has ended' : ''}`;
	};
	const shows = (expected: Expected): boolean => {
		const now = readRows();
		if (typeof expected === 'function') return expected(now);
		return typeof expected === 'string' ? now.some(row => row.includes(expected)) : expected.test(now.join('\n'));
	};
	const wait = (condition: () => boolean, what: string, timeoutMs: number): Promise<void> =>
		new Promise((resolve, reject) => {
			const settle = (finish: () => void): void => {
				listeners.delete(look);
				clearTimeout(timer);
				finish();
			};
			const look = (): void => {
				if (condition()) settle(resolve);
				else if (hasEnded) settle(() => reject(new Error(`The program ended before ${what}.\n${text()}`)));
			};
			const began = performance.now();
			const expire = (): void => {
				const waitedMs = performance.now() - began;
				const leftMs = limitMs(timeoutMs) - waitedMs;
				if (leftMs > 0) timer = setTimeout(expire, leftMs);
				else settle(() => reject(new Error(`Waited ${Math.round(waitedMs)} ms in vain for ${what}.\n${text()}`)));
			};
			let timer = setTimeout(expire, timeoutMs);
			listeners.add(look);
			look();
		});

	return {
		pid: pty.pid,
		press: (...keys) => {
			for (const key of keys) send(keyBytes(key));
		},
		type: send,
		waitFor: (expected, {timeoutMs = DEFAULT_TIMEOUT_MS} = {}) =>
			wait(() => shows(expected), `the screen shows ${String(expected)}`, timeoutMs),
		waitUntilGone: (expected, {timeoutMs = DEFAULT_TIMEOUT_MS} = {}) =>
			wait(() => !shows(expected), `the screen shows ${String(expected)} no more`, timeoutMs),
		hasApplicationCursor: () => screen.modes.applicationCursorKeysMode,
		rows: readRows,
		text,
		written: () => written,
		isAlternate: () => screen.buffer.active.type === 'alternate',
		resize: (toColumns, toRows) => {
			screen.resize(toColumns, toRows);
			pty.resize(toColumns, toRows);
		},
		kill: signal => void process.kill(pty.pid, signal),
		exit,
	};
};
