import {setImmediate} from 'node:timers/promises';
import {Box, Text, useApp} from 'ink';
import {cleanup, render} from 'ink-testing-library';
import {type ReactElement, type ReactNode, useEffect, useSyncExternalStore} from 'react';
import {afterEach, describe, expect, test} from 'vitest';
import {createInkSurface, type InkSurface} from '../../../source/terminal/screen/ink-surface.tsx';
import {cellsOf, gridOf, screenOf, textsOf} from '../screens.ts';

const [COLUMNS, ROWS] = [40, 6];
const surfaces = new Set<InkSurface>();
const open = (onChange?: () => void): InkSurface => {
	const surface = createInkSurface(COLUMNS, ROWS, onChange);
	surfaces.add(surface);
	return surface;
};
afterEach(() => {
	cleanup();
	for (const surface of surfaces) surface.end();
	surfaces.clear();
});

/** What Ink itself prints of a tree, as a terminal shows it. */
const frameOf = (tree: ReactNode): string[][] => gridOf(screenOf(COLUMNS, ROWS, render(tree as ReactElement).lastFrame() ?? ''));

const TREES: Readonly<Record<string, ReactNode>> = {
	'words in every style': (
		<Text>
			plain<Text bold>bold</Text>
			<Text dimColor>dim</Text>
			<Text color="redBright">red</Text>
			<Text bold color="black" backgroundColor="yellow">
				badge
			</Text>
			<Text inverse color="#ff8800">
				own
			</Text>
		</Text>
	),
	'a style around others': (
		<Text inverse color="green">
			out<Text color="cyan">in</Text>
			<Text bold>side</Text> again
		</Text>
	),
	'boxes beside and below each other': (
		<Box flexDirection="column" width={30} height={6}>
			<Text>top</Text>
			<Box marginLeft={2} gap={1}>
				<Text>one</Text>
				<Text color="blue">two</Text>
			</Box>
			<Box position="absolute" left={12} top={3}>
				<Text>{'three\nfour'}</Text>
			</Box>
		</Box>
	),
	'wide, combining and joined characters': (
		<Box flexDirection="column">
			<Text>漢字 e{'\u0301'} 👍 ✓ ─│</Text>
			<Text color="red">日本</Text>
		</Box>
	),
	'what is clipped': (
		<Box height={2} width={8} overflow="hidden" flexDirection="column">
			<Box flexDirection="column" flexShrink={0}>
				<Text>one</Text>
				<Text>two</Text>
				<Text>three</Text>
			</Box>
		</Box>
	),
	'what is longer than its place': (
		<Box width={8} flexDirection="column">
			<Text wrap="truncate">
				one <Text bold>two three</Text>
			</Text>
			<Text wrap="truncate">exactly8</Text>
			<Text wrap="truncate">漢字漢字漢</Text>
		</Box>
	),
	'what is laid over something else': (
		<Box width={20} height={2}>
			<Text>abcdefghij漢</Text>
			<Box position="absolute" left={3} top={0}>
				<Text color="green">XY</Text>
			</Box>
		</Box>
	),
};

describe('the cells of a surface', () => {
	test.each(Object.entries(TREES))('are those of Ink: %s', (_name, tree) => {
		const surface = open();
		surface.show(tree);
		expect(gridOf(surface.screen)).toEqual(frameOf(tree));
	});

	test('are drawn in 16 colours and more, whatever the environment of this process allows', () => {
		const surface = open();
		surface.show(<Text color="#ff8800">x</Text>);
		expect(cellsOf(surface.screen, 0)[0]).toBe(`x|1|${0x1000000 | 0xff8800}|-1|0`);
	});

	test('know which rows changed, and a tree that says the same changes none', () => {
		let changes = 0;
		const surface = open(() => changes++);
		const rows = (second: string) => (
			<Box flexDirection="column">
				<Text>first</Text>
				<Text>{second}</Text>
			</Box>
		);
		surface.show(rows('second'));
		expect(changes).toBe(1);
		const {version} = surface.screen;
		const [first, second] = [surface.screen.rowVersion(0), surface.screen.rowVersion(1)];
		surface.show(rows('second'));
		expect([changes, surface.screen.version]).toEqual([1, version]);
		surface.show(rows('other'));
		expect(textsOf(surface.screen).slice(0, 2)).toEqual(['first', 'other']);
		expect(surface.screen.rowVersion(0)).toBe(first);
		expect(surface.screen.rowVersion(1)).toBeGreaterThan(second);
	});

	test('follow a new size, and say that all of them are others', () => {
		const surface = open();
		surface.show(<Text>{'x'.repeat(COLUMNS)}</Text>);
		const {version} = surface.screen;
		surface.resize(10, 2);
		surface.show(
			<Box width={10}>
				<Text>ten cells!</Text>
			</Box>,
		);
		expect(textsOf(surface.screen)).toEqual(['ten cells!', '']);
		expect(surface.screen.rowVersion(1)).toBeGreaterThan(version);
	});
});

const Words = ({subscribe, of}: {subscribe: (listener: () => void) => () => void; of: () => string}) => (
	<Text>{useSyncExternalStore(subscribe, of)}</Text>
);

test('a surface that is shown takes what waits in another one with it', () => {
	const [one, other] = [open(), open()];
	let [value, tell] = ['before', () => {}];
	const subscribe = (listener: () => void) => {
		tell = listener;
		return () => {};
	};
	one.show(<Words subscribe={subscribe} of={() => value} />);
	other.show(<Text>other</Text>);
	value = 'after';
	tell();
	other.show(<Text>other</Text>);
	expect(one.screen.textOf(0)).toBe('after');
});

test('a surface says how large the tree is that stands in it', () => {
	const surface = open();
	surface.show(
		<Box flexDirection="column">
			<Text>one</Text>
			<Text>three</Text>
		</Box>,
	);
	expect(surface.extent()).toEqual({columns: 5, rows: 2});
});

const Leaving = () => {
	const {exit} = useApp();
	useEffect(() => exit(), [exit]);
	return <Text>gone</Text>;
};

describe('what a surface leaves to the next', () => {
	test('is a root without its text, size or listener', () => {
		let told = 0;
		const first = open(() => told++);
		first.show(<Text color="red">a secret of the first</Text>);
		first.end();
		first.end();
		const before = told;
		const [second, third] = [createInkSurface(20, 2), createInkSurface(20, 2)];
		for (const surface of [second, third]) surfaces.add(surface);
		expect([second.screen.columns, second.screen.rows, textsOf(second.screen).join('')]).toEqual([20, 2, '']);
		second.show(<Text>the second</Text>);
		expect([textsOf(second.screen)[0], textsOf(third.screen)[0], told]).toEqual(['the second', '', before]);
	});

	test('is nothing where Ink ended it, as for an error that no part caught', async () => {
		const broken = open();
		broken.show(<Leaving />);
		await setImmediate();
		broken.end();
		const next = open();
		next.show(<Text>shown</Text>);
		expect(textsOf(next.screen)[0]).toBe('shown');
	});
});
