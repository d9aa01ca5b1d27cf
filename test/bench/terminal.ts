import type {Frame} from '../../source/terminal/paint/canvas.ts';
import {createCompositor} from '../../source/terminal/paint/compositor.ts';
import {createHeadlessScreen} from '../../source/terminal/screen/screen.ts';

const COLUMNS = 160;
const ROWS = 45;

/** Milliseconds of each run, sorted. */
const timesOf = (runs: number, run: (index: number) => void): number[] =>
	Array.from({length: runs}, (_, index) => {
		const started = performance.now();
		run(index);
		return performance.now() - started;
	}).sort((a, b) => a - b);

const summary = (times: readonly number[]): string => {
	const at = (share: number): string => (times[Math.floor((times.length - 1) * share)] ?? 0).toFixed(3);
	return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms`;
};

/** Parse and paint with eight panes on a terminal of 160x45: what a key, a scroll and a whole repaint cost. Aim: below 1 ms. */
export const benchPaint = (print: (text: string) => void): void => {
	let bytes = 0;
	const chrome = createHeadlessScreen({columns: COLUMNS, rows: ROWS, scrollback: 0, convertEol: true});
	chrome.write(Array.from({length: ROWS}, (_, row) => `\x1b[${row + 1};1H\x1b[36m│ row ${row} ${'─'.repeat(120)}\x1b[m`).join(''));
	const panes = Array.from({length: 8}, (_, index) => {
		const screen = createHeadlessScreen({columns: 120, rows: 40, scrollback: 1000, convertEol: true});
		for (let line = 0; line < 60; line++)
			screen.write(`\x1b[3${index % 8}mpane ${index}\x1b[m line ${line} of \x1b[1mdense\x1b[m text ${'x'.repeat(60)}\n`);
		return {screen, x: (index % 4) * 40, y: index < 4 ? 1 : 23, columns: 39, rows: 20, anchor: 'bottom-left' as const, holes: []};
	});
	const frame: Frame = {chrome, panes, cursor: {pane: 0}};
	const compositor = createCompositor({
		columns: COLUMNS,
		rows: ROWS,
		write: text => {
			bytes += text.length;
		},
	});
	const measure = (name: string, runs: number, change: (index: number) => void): void => {
		for (let index = 0; index < 50; index++) {
			change(index);
			compositor.compose(frame);
		}
		bytes = 0;
		const times = timesOf(runs, index => {
			change(index);
			compositor.compose(frame);
		});
		print(`  ${name.padEnd(34)} ${summary(times)}, ${Math.round(bytes / runs)} bytes`);
	};
	print('paint, 8 panes on 160x45 (parse + paint)');
	measure('nothing changed', 2000, () => {});
	measure('one row of one pane changed', 2000, index => panes[0]?.screen.write(`\r${index} typed`));
	measure('one pane scrolls by a line', 1000, index => panes[1]?.screen.write(`\x1b[32m${index}\x1b[m a new line of output\n`));
	measure('all eight panes scroll by a line', 500, index => {
		for (const {screen} of panes) screen.write(`\x1b[32m${index}\x1b[m a new line of output\n`);
	});
	measure('every cell painted', 200, () => compositor.invalidate());
};

if (import.meta.main) benchPaint(text => void process.stdout.write(`${text}\n`));
