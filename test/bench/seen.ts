import {createHeadlessScreen, type HeadlessScreen} from '../../source/terminal/screen/screen.ts';
import type {BenchTerminal} from './pty.ts';

export const COLUMNS = 160;
export const ROWS = 45;

/** A terminal whose screen can be read: what a person sees, whatever bytes brought it there. */
export type SeenTerminal = BenchTerminal & {
	readonly screen: HeadlessScreen;
	/** Rows of the screen as text. */
	rows(): readonly string[];
	/** Resolves with the time at which the screen first showed `text` on any row, or on the row given, from the call on. */
	shows(text: string | RegExp, row?: number): Promise<number>;
};

export type Link = {
	readonly columns?: number;
	readonly rows?: number;
	/** Of one way, ms: bytes take so long to the program, and so long back. */
	readonly delayMs?: number;
};

const TIMEOUT_MS = 30_000;

/** Parses what a terminal gets as it comes, at the far end of a link that may be slow. */
export const seen = (terminal: BenchTerminal, {columns = COLUMNS, rows = ROWS, delayMs = 0}: Link = {}): SeenTerminal => {
	const screen = createHeadlessScreen({columns, rows, scrollback: 0});
	const later = (work: () => void): void => void (delayMs > 0 ? setTimeout(work, delayMs) : work());
	terminal.onBytes(bytes => later(() => screen.write(bytes)));
	const texts = (): readonly string[] => Array.from({length: screen.rows}, (_, row) => screen.textOf(row));
	return {
		...terminal,
		screen,
		rows: texts,
		write: text => later(() => terminal.write(text)),
		shows: (text, row) =>
			new Promise((resolve, reject) => {
				const matches = (line: string): boolean => (typeof text === 'string' ? line.includes(text) : text.test(line));
				const settle = (): void => {
					stop();
					clearTimeout(timer);
				};
				const look = (): void => {
					if (!(row === undefined ? texts().some(matches) : matches(screen.textOf(row)))) return;
					const at = performance.now();
					settle();
					resolve(at);
				};
				const stop = screen.onChange(look);
				const timer = setTimeout(() => {
					settle();
					reject(new Error(`\`${String(text)}\` did not show in ${TIMEOUT_MS / 1000} s:\n${texts().join('\n')}`));
				}, TIMEOUT_MS);
				look();
			}),
	};
};
