import {Box, render, Text, useInput, useWindowSize} from 'ink';
import {afterEach, describe, expect, test} from 'vitest';
import {createCompositor} from '../../../source/terminal/paint/compositor.ts';
import {createInkTerminal} from '../../../source/terminal/screen/ink.ts';
import {gridOf, screenOf, textsOf} from '../screens.ts';

const ends: (() => void)[] = [];
afterEach(() => {
	for (const end of ends.splice(0)) end();
});

/** A full-size application with a word in each row, whose rows tell which size it drew for. */
const App = ({word}: {readonly word: string}) => {
	const {columns, rows} = useWindowSize();
	useInput(() => {});
	return (
		<Box width={columns} height={rows} flexDirection="column" overflow="hidden">
			{Array.from({length: rows}, (_, row) => `${row}`).map(row => (
				<Text key={row} wrap="truncate">
					{`${word} ${row} of ${rows} `.padEnd(columns, '.')}
				</Text>
			))}
		</Box>
	);
};

const open = (columns: number, rows: number) => {
	const terminal = createInkTerminal(columns, rows);
	let frames = 0;
	terminal.onFrame(() => frames++);
	const app = render(<App word="row" />, {...terminal.renderOptions, maxFps: 1000});
	ends.push(() => {
		app.unmount();
		terminal.dispose();
	});
	return {terminal, app, framesSeen: () => frames};
};

const wanted = (word: string, columns: number, rows: number): string[] =>
	Array.from({length: rows}, (_, row) => `${word} ${row} of ${rows} `.padEnd(columns, '.').slice(0, columns));

/** Waits until the screen shows exactly this; the last difference is the failure. */
const sees = (terminal: ReturnType<typeof createInkTerminal>, rows: readonly string[]): Promise<void> =>
	expect.poll(() => textsOf(terminal.screen), {timeout: 10_000, interval: 5}).toEqual(rows);

describe('Ink in its terminal', () => {
	test('draws every row of a full screen, and frames are whole', async () => {
		const {terminal, app, framesSeen} = open(40, 12);
		await sees(terminal, wanted('row', 40, 12));
		expect(framesSeen()).toBeGreaterThan(0);
		const whole: boolean[] = [];
		terminal.onFrame(() => whole.push(textsOf(terminal.screen).every(text => text.startsWith('other'))));
		app.rerender(<App word="other" />);
		await sees(terminal, wanted('other', 40, 12));
		expect(whole.at(-1)).toBe(true);
	});

	test('leaves no ghost after growing and shrinking, also on the person terminal', async () => {
		const {terminal} = open(40, 12);
		const person = screenOf(40, 12);
		const compositor = createCompositor({columns: 40, rows: 12, write: person.write});
		for (const [columns, rows] of [
			[40, 12],
			[60, 20],
			[25, 6],
			[80, 24],
			[30, 24],
			[30, 5],
		] as const) {
			terminal.resize(columns, rows);
			person.resize(columns, rows);
			compositor.resize(columns, rows);
			await sees(terminal, wanted('row', columns, rows));
			compositor.compose({chrome: terminal.screen, panes: []});
			expect(gridOf(person)).toEqual(gridOf(terminal.screen));
		}
	});
});
