import {expect, test} from 'vitest';
import {createHeadlessScreen} from '../../../source/terminal/screen/screen.ts';
import type {TerminalNotice} from '../../../source/terminal/screen/xterm.ts';

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
