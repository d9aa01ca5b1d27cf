import {type ProcessEnd, startProcess} from '../../source/pty/process.ts';
import {createHeadlessScreen, type HeadlessScreen} from '../../source/terminal/screen/screen.ts';

/** A program in a terminal of its own, for what runs outside of a test: what a person would press is pressed, what stands there is read. */
export type OnScreen = {
	readonly screen: HeadlessScreen;
	/** The rows as they stand there. */
	text(): string;
	press(keys: string): void;
	/** Resolves as soon as it stands there; fails with the screen where the program has ended before, or it takes too long. */
	shows(wanted: RegExp): Promise<void>;
	/** Ms since it last printed something. */
	stillMs(): number;
	readonly ended: Promise<ProcessEnd>;
	/** Ends it where it still runs. */
	close(): void;
};

export const openOnScreen = ({
	command,
	cwd,
	env,
	columns,
	rows,
	deadlineMs,
}: {
	readonly command: readonly string[];
	readonly cwd: string;
	readonly env: Readonly<Record<string, string>>;
	readonly columns: number;
	readonly rows: number;
	/** How long it may take until something stands there. */
	readonly deadlineMs: number;
}): OnScreen => {
	const screen = createHeadlessScreen({columns, rows, scrollback: 0});
	const pty = startProcess({command, cwd, env, columns, rows, marker: ['ON_SCREEN', '1']});
	let changedAt = performance.now();
	let hasEnded = false;
	pty.onData(bytes => {
		changedAt = performance.now();
		screen.write(bytes);
	});
	const ended = new Promise<ProcessEnd>(resolve => {
		pty.onEnd(end => {
			hasEnded = true;
			resolve(end);
		});
	});
	const text = (): string => Array.from({length: screen.rows}, (_, row) => screen.textOf(row).trimEnd()).join('\n');
	return {
		screen,
		text,
		press: keys => {
			if (!hasEnded) pty.write(keys);
		},
		shows: async wanted => {
			const deadline = performance.now() + deadlineMs;
			while (!wanted.test(text())) {
				if (hasEnded) throw new Error(`The program ended before it showed ${wanted}:\n${text()}`);
				if (performance.now() > deadline) throw new Error(`The program never showed ${wanted}:\n${text()}`);
				await new Promise(resolve => setTimeout(resolve, 20));
			}
		},
		stillMs: () => performance.now() - changedAt,
		ended,
		close: () => {
			if (!hasEnded) process.kill(pty.pid, 'SIGKILL');
		},
	};
};
