import {createRequire} from 'node:module';
import xterm from '@xterm/headless';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {createHeadlessScreen} from '../../../source/terminal/screen/screen.ts';
import {openCore, type TerminalNotice, type XtermCore} from '../../../source/terminal/screen/xterm.ts';
import {clusterTable} from '../../../source/terminal/text/widths.ts';
import {stream} from '../streams.ts';

const heardOf = (...writes: ReadonlyArray<string | Uint8Array>) => {
	const heard: TerminalNotice[] = [];
	const screen = createHeadlessScreen({columns: 40, rows: 5, scrollback: 0, onNotice: notice => heard.push(notice)});
	for (const bytes of writes) screen.write(bytes);
	return {heard, screen};
};

test('titles, notifications and bells are heard, in their order and however they are split', () => {
	const bytes = Buffer.from(
		'a\u001b]0;✋  Action Required (x)\u0007b\u001b]9;Claude needs you\u001b\\\u0007\u001b]777;notify;Claude;hello\u0007\u001b]99;i=1;hi\u001b\\',
	);
	const expected = [
		{kind: 'title', text: '✋  Action Required (x)'},
		{kind: 'osc9', text: 'Claude needs you'},
		{kind: 'bell', text: ''},
		{kind: 'osc777', text: 'notify;Claude;hello'},
		{kind: 'osc99', text: 'i=1;hi'},
	];
	expect(heardOf(bytes).heard).toEqual(expected);
	const {heard, screen} = heardOf(...Array.from(bytes, byte => Uint8Array.of(byte)));
	expect(heard).toEqual(expected);
	expect(screen.textOf(0)).toBe('ab');
});

test('a text without end is bounded, one that is broken off is none, and a flood is cut to the last', () => {
	expect(heardOf(`\u001b]2;${'x'.repeat(100_000)}\u0007`).heard).toEqual([{kind: 'title', text: 'x'.repeat(500)}]);
	expect(heardOf('\u001b]2;half\u0018 shown').heard).toEqual([]);
	const flood = heardOf(Array.from({length: 5000}, (_, index) => `\u001b]0;${index}\u0007`).join('')).heard;
	expect(flood).toHaveLength(20);
	expect(flood.at(-1)).toEqual({kind: 'title', text: '4999'});
	expect(heardOf('\u0007'.repeat(100)).heard).toEqual([{kind: 'bell', text: ''}]);
});

test('of what else a program tells its terminal nobody hears', () => {
	expect(
		heardOf('\u001b]52;c;aGk=\u0007\u001b]8;;http://x\u0007x\u001b]8;;\u0007\u001b]1;icon\u0007\u001b]1337;File=:x\u0007').heard,
	).toEqual([]);
});

/** xterm as its package has it: loaded a second time, so that nothing here has changed its lines. */
const untouched = ((): typeof xterm => {
	const require = createRequire(import.meta.url);
	const path = require.resolve('@xterm/headless');
	const loaded = require.cache[path];
	delete require.cache[path];
	try {
		return require(path);
	} finally {
		require.cache[path] = loaded;
	}
})();

const coreOf = ({Terminal}: typeof xterm, columns: number, rows: number, isOpened: boolean): XtermCore => {
	const terminal = new Terminal({cols: columns, rows, scrollback: 3, allowProposedApi: true, logLevel: 'off'});
	terminal.unicode.register(clusterTable);
	terminal.unicode.activeVersion = clusterTable.version;
	return isOpened ? openCore(terminal) : (terminal as unknown as {_core: XtermCore})._core;
};

test('lines that are used again when the screen scrolls are those of an untouched xterm, with marks and underlines', () => {
	const aside = fc.constantFrom('e\u0301', '⚠\ufe0f', '\x1b[4:3m', '\x1b[58;5;9m', '\x1b[41m', '\x1b[m', '\r\n\n\n', '\x1b[99;1H\n\n');
	const text = fc.array(fc.oneof(stream, aside), {maxLength: 30}).map(parts => parts.join(''));
	fc.assert(
		fc.property(text, fc.integer({min: 2, max: 12}), fc.integer({min: 2, max: 5}), (bytes, columns, rows) => {
			const linesOf = (core: XtermCore) => {
				core._inputHandler.parse(bytes);
				const {lines} = core._bufferService.buffers.normal;
				return Array.from({length: lines.length}, (_, row) => {
					const {_data, _combined, _extendedAttrs, isWrapped, length} = lines.get(row) ?? {};
					return {data: [...(_data ?? [])], combined: {..._combined}, extended: Object.keys(_extendedAttrs ?? {}), isWrapped, length};
				});
			};
			expect(linesOf(coreOf(xterm, columns, rows, true))).toEqual(linesOf(coreOf(untouched, columns, rows, false)));
		}),
		{numRuns: 500},
	);
});

test('a line that is used again keeps its empty objects, which a flood would leave to the collector by the thousand', () => {
	const {_inputHandler: input, _bufferService: service} = coreOf(xterm, 10, 2, true);
	input.parse('a\n'.repeat(20));
	const {lines} = service.buffers.normal;
	const before = Array.from({length: lines.length}, (_, row) => [lines.get(row)?._combined, lines.get(row)?._extendedAttrs]);
	input.parse('a\n');
	const last = lines.get(lines.length - 1);
	expect(last?._combined).toBe(before[0]?.[0]);
	expect(last?._extendedAttrs).toBe(before[0]?.[1]);
});
