import {describe, expect, test} from 'vitest';
import {said, wrap} from '../../../source/ui/text/text.ts';
import {open, withTerminals} from '../fixtures/open.ts';
import {agent, NOW, room, task} from '../fixtures/room.ts';
import {createTestStore} from '../fixtures/store.ts';

withTerminals();

describe('hostile text', () => {
	const hostile = {
		escape: '\x1b[2J\x1b]0;owned\x07\x1b[31mred',
		newline: 'one\r\ntwo\tthree',
		wide: '漢字かな交じり文の題名です、とても長い',
		marks: `${'e\u0301'.repeat(20)} 👩‍👩‍👧‍👦 🇩🇪 \u{1fae0}`,
		emoji: '👍🏽 1️⃣ ☝🏽 🧔🏻‍♂️ 🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} ☠️ ❤️‍🔥 🇩🇪🇫🇷🇩 👁‍🗨 🫠'.repeat(3),
		rightToLeft: 'שלום \u202eevil\u202c مرحبا',
		megabyte: 'A'.repeat(1 << 20),
		lone: '\ud800 half',
	};

	test('keeps emoji whole and the joiners of a script, and names what cannot be seen', () => {
		const emoji = '👍🏽 ☝🏽 ⚠️ 🫠 🇩🇪 👨\u200d👩\u200d👧 🏳️\u200d🌈';
		expect(said(emoji)).toBe(emoji);
		expect(said('می\u200cخواهم')).toBe('می\u200cخواهم');
		// On whose width programs disagree the letters stand apart, and none is lost.
		expect(said('क्\u200dष')).toBe('क्\u200cष');
		expect(said('a\u200bb\u{e0041}\u3164\u00ad')).toBe('a<U+200B>b<U+E0041><U+3164><U+00AD>');
	});

	test.each(Object.entries(hostile))('as a title (%s) moves no border and sends no sequence', async (_name, title) => {
		const snapshot = room({
			agents: [
				agent('dev', 1, {
					status: 'needs-input',
					task: 't-1',
					question: title,
					choices: JSON.stringify([title]),
					questionId: 'q',
					doing: title,
					reason: title,
				}),
			],
			tasks: [
				task('t-1', {title, state: 'leased', owner: 'agent:dev:001', branch: title}),
				task('t-2', {title, waitReason: title}),
				task('t-3', {title, state: 'failed', reason: title}),
			],
			changes: {banners: [{id: 'b', severity: 'warning', text: title, since: NOW}]},
		});
		const terminal = open(createTestStore(snapshot), {columns: 160, rows: 45});
		await terminal.shows('ROOM │');
		const cells = (y: number, x: number): string => {
			const row = {
				text: Array<string>(160).fill(''),
				width: new Uint8Array(160),
				foreground: new Int32Array(160),
				background: new Int32Array(160),
				style: new Uint16Array(160),
			};
			terminal.screen.readRow(y, row);
			return row.text[x] ?? '';
		};
		for (let y = 2; y < 29; y++) expect([cells(y, 0), cells(y, 53)]).toEqual(['┃', '┃']);
		for (let y = 31; y < 42; y++) expect([cells(y, 54), cells(y, 159)]).toEqual(['│', '│']);
		terminal.type('a');
		await terminal.shows('PEEK │');
		const foreign = terminal
			.output()
			.replaceAll(/\x1b\](?:2;\d*▲? ?\d+● agent-room|11;\?)\x07/g, '')
			.match(/\x1b\]|\x07|\x1b\[2J|\r|\n/g);
		expect(foreign).toBeNull();
	});
});

test('a path that is too long for a row breaks between its names', () => {
	expect(wrap('in /srv/state/shop-b7e5/worktrees/t-1-a1', 24, 3)).toEqual(['in', '/srv/state/shop-b7e5/', 'worktrees/t-1-a1']);
	expect(wrap('a/bcdefghijkl', 8, 3)).toEqual(['a/bcdefg', 'hijkl']);
});
