import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import xterm from '@xterm/headless';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {createRowVersions} from '../../../source/terminal/screen/lines.ts';
import {printPlainFast} from '../../../source/terminal/screen/plain-print.ts';
import {openCore, type XtermBuffer} from '../../../source/terminal/screen/xterm.ts';
import {clusterTable} from '../../../source/terminal/text/widths.ts';
import {agentLines} from '../../bench/streams.ts';
import {stream} from '../streams.ts';

const open = (columns: number, rows: number, isFast: boolean) => {
	const terminal = new xterm.Terminal({cols: columns, rows, scrollback: 5, allowProposedApi: true, logLevel: 'off'});
	terminal.unicode.register(clusterTable);
	terminal.unicode.activeVersion = clusterTable.version;
	const core = openCore(terminal);
	if (isFast) printPlainFast(core);
	return {terminal, core, versions: createRowVersions(core, rows)};
};
type Opened = ReturnType<typeof open>;

const linesOf = ({lines, x, y, ybase}: XtermBuffer) => ({
	...{x, y, ybase},
	lines: Array.from({length: lines.length}, (_, row) => {
		const line = lines.get(row);
		return {
			data: [...(line?._data ?? [])],
			combined: Object.entries(line?._combined ?? {}),
			isWrapped: line?.isWrapped,
			extended: Object.entries((line as unknown as {_extendedAttrs: object})._extendedAttrs),
		};
	}),
});

/** All that xterm keeps of what was printed: both buffers with their scrollback, the cursor, what may join, modes, and which rows are new. */
const stateOf = ({terminal, core, versions}: Opened) => ({
	normal: linesOf(core._bufferService.buffers.normal),
	active: linesOf(core._bufferService.buffer),
	joins: core._inputHandler._parser.precedingJoinState,
	modes: terminal.modes,
	versions: Array.from({length: terminal.rows}, (_, row) => versions.rowVersion(row)),
});

const write = ({core, versions}: Opened, bytes: string | Uint8Array): void => {
	versions.next();
	core._inputHandler.parse(bytes);
};

/** Runs of plain text beside all that could change how they are printed. */
const word = fc.oneof(
	fc.string({minLength: 1, maxLength: 30, unit: fc.constantFrom(...'abc 019#*~!')}),
	fc.constantFrom('漢字', '⚠', '\ufe0f', '👍', '🏽', '👩\u200d', '\u0301', '\u200d', '🇩', '\u00e9', '─', '\u3000'),
	fc.constantFrom('\r', '\n', '\t', '\b', '\x1b[4h', '\x1b[4l', '\x1b[?7l', '\x1b[?7h', '\x1b(0', '\x1b(B', '\x0e', '\x0f', '\x1b[20h'),
	fc.constantFrom(
		'\x1b[1;31m',
		'\x1b[4:3m',
		'\x1b[58;5;9m',
		'\x1b[m',
		'\x1b[48;2;9;8;7m',
		'\x1b[?1049h',
		'\x1b[?1049l',
		'\x1b[3b',
		'\x1bc',
	),
	fc.tuple(fc.nat(8), fc.nat(16)).map(([row, column]) => `\x1b[${row};${column}H`),
	fc.constantFrom('\x1b[2K', '\x1b[J', '\x1b[3X', '\x1b[2P', '\x1b[2@', '\x1b[L', '\x1b[M', '\x1b[2;4r', '\x1b[r', '\x1b[?6h', '\x1b[!p'),
);
const printed = fc.array(word, {maxLength: 40}).map(words => words.join(''));

test('every cell, cursor and mode is as without it, of random streams in any pieces, on screens of any size', () => {
	fc.assert(
		fc.property(
			fc.array(fc.oneof({weight: 4, arbitrary: printed}, {weight: 1, arbitrary: stream}), {maxLength: 8}),
			fc.integer({min: 2, max: 14}),
			fc.integer({min: 1, max: 6}),
			fc.integer({min: 2, max: 20}),
			(streams, columns, rows, narrower) => {
				const [fast, plain] = [open(columns, rows, true), open(columns, rows, false)];
				streams.forEach((text, turn) => {
					for (const opened of [fast, plain]) {
						write(opened, text);
						if (turn === 3) opened.terminal.resize(narrower, rows);
					}
					expect(stateOf(fast)).toEqual(stateOf(plain));
				});
			},
		),
		{
			numRuns: 500,
			// A wide cell without its half, as a narrower screen leaves it, is joined and followed by plain text.
			examples: [
				[['', '', '', '漢字', '\u0300      '], 3, 1, 2],
				[['', '', '', '👩\u200d字', '\u0300123456abcdef'], 3, 2, 2],
			],
		},
	);
});

const RECORDED = join(import.meta.dirname, '../../fixtures/streams');

test.each([
	['what agents print', new TextEncoder().encode(agentLines(0, 60))] as const,
	...readdirSync(RECORDED)
		.filter(name => name.endsWith('.bin'))
		.map(name => [name, readFileSync(join(RECORDED, name))] as const),
])('%s is as without it, wherever it is cut', (_name, bytes) => {
	for (const [columns, rows] of [
		[40, 6],
		[80, 24],
	] as const)
		for (const piece of [7, 4096]) {
			const [fast, plain] = [open(columns, rows, true), open(columns, rows, false)];
			for (let at = 0, turn = 0; at < bytes.length; at += piece, turn++) {
				for (const opened of [fast, plain]) write(opened, bytes.subarray(at, at + piece));
				if (turn % 50 === 0) expect(stateOf(fast)).toEqual(stateOf(plain));
			}
			expect(stateOf(fast)).toEqual(stateOf(plain));
		}
});
