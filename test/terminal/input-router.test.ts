import {describe, expect, test} from 'vitest';
import {createInputRouter, type InputMode} from '../../source/terminal/input-router.ts';
import {parseLeader} from '../../source/terminal/leader.ts';
import {NO_MODES} from '../../source/terminal/modes.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A router with a clock that stands still, and everything that came out of it in order. */
const createRouter = (mode: InputMode, leader = 'ctrl+]', modes = {...NO_MODES, bracketedPaste: true}) => {
	const out: string[] = [];
	const clock = {at: 0};
	let pending: (() => void) | undefined;
	const leaders = [parseLeader(leader)].filter(found => found !== undefined);
	const router = createInputRouter({
		leaders,
		onRoomKey: token => out.push(`key ${token.type === 'key' ? token.key : token.type}`),
		onPaneBytes: bytes => out.push(`pane ${JSON.stringify(new TextDecoder().decode(bytes))}`),
		onLeader: to => out.push(`to ${to}`) > 0,
		onFocus: isIn => out.push(`focus ${isIn}`),
		onReply: () => out.push('reply'),
		paneModes: () => modes,
		now: () => clock.at,
		schedule: (_ms, run) => {
			pending = run;
			return () => {
				pending = undefined;
			};
		},
	});
	router.setMode(mode);
	return {router, out, clock, quiet: () => pending?.(), feed: (text: string) => router.feed(encode(text))};
};

describe('typing', () => {
	test('every byte reaches the pane untouched and in order', () => {
		const {out, feed} = createRouter('type');
		feed('ls -la\r\x03\x1a\x1b[A\x1bOA\x1b[<0;1;1M\x1b[1;2~é');
		expect(out).toEqual([`pane ${JSON.stringify('ls -la\r\x03\x1a\x1b[A\x1bOA\x1b[<0;1;1M\x1b[1;2~é')}`]);
	});

	test.each(['\x1d', '\x1b[93;5u', '\x1b[93;5:1u', '\x1b[27;5;93~'])('%j leaves at once, inside a chunk too, and cut anywhere', leader => {
		for (let cut = 0; cut <= leader.length; cut++) {
			const {router, out, feed} = createRouter('type');
			feed(`abc${leader.slice(0, cut)}`);
			feed(`${leader.slice(cut)}jj`);
			expect([...out]).toEqual(['pane "abc"', 'to room', 'key j', 'key j']);
			expect(router.mode).toBe('room');
		}
	});

	test('a second leader within 300 ms is meant for the pane, and typing goes on', () => {
		const {router, out, clock, feed} = createRouter('type');
		feed('\x1d');
		clock.at = 300;
		feed('\x1b[93;5ux');
		expect(out).toEqual(['to room', 'to type', `pane ${JSON.stringify('\x1dx')}`]);
		expect(router.mode).toBe('type');
		feed('\x1d');
		expect(router.mode).toBe('room');
	});

	test('a leader later than that goes back into the pane and sends nothing', () => {
		const {router, out, clock, feed} = createRouter('type');
		feed('\x1d');
		clock.at = 301;
		feed('\x1d');
		expect(out).toEqual(['to room', 'to type']);
		expect(router.mode).toBe('type');
	});

	test('a leader in a paste is text', () => {
		const {router, out, feed} = createRouter('type');
		feed('\x1b[200~a\x1db\x1b[93;5u\x1b[201~');
		expect(out).toEqual([`pane ${JSON.stringify('\x1b[200~a\x1db\x1b[93;5u\x1b[201~')}`]);
		expect(router.mode).toBe('type');
	});

	test('a pane that knows no bracketed paste gets the text alone', () => {
		const {out, feed} = createRouter('type', 'ctrl+]', NO_MODES);
		feed('\x1b[200~two\nlines\x1b[201~');
		expect(out).toEqual([`pane ${JSON.stringify('two\nlines')}`]);
	});

	test('what the terminal says stays here; focus reaches a pane that asked', () => {
		const quiet = createRouter('type');
		quiet.feed('\x1b[I\x1b[?1;2c\x1b]11;rgb:0/0/0\x07');
		expect(quiet.out).toEqual(['focus true', 'reply', 'reply']);
		const asked = createRouter('type', 'ctrl+]', {...NO_MODES, focusEvents: true});
		asked.feed('\x1b[O');
		expect(asked.out).toEqual(['focus false', `pane ${JSON.stringify('\x1b[O')}`]);
	});

	test('ESC reaches the pane when nothing follows it', () => {
		const {out, feed, quiet} = createRouter('type');
		feed('\x1b');
		expect(out).toEqual([]);
		quiet();
		expect(out).toEqual([`pane ${JSON.stringify('\x1b')}`]);
	});

	test('a paste that lost its end locks nobody in', () => {
		const {router, out, clock, feed, quiet} = createRouter('type');
		feed('\x1b[200~half');
		quiet();
		expect(out).toEqual([`pane ${JSON.stringify('\x1b[200~half')}`]);
		clock.at = 4000;
		feed('\x1d');
		expect(router.mode).toBe('room');
	});
});

describe('the room', () => {
	test('gets one call a key, and none for sequences without a meaning', () => {
		const {out, feed} = createRouter('room');
		feed('jk\x1b[B\x1b[999~\x1b[200~text\x1b[201~');
		expect(out).toEqual(['key j', 'key k', 'key down', 'key paste']);
	});

	test('another leader can be chosen, but none that looks like another key', () => {
		const {router, feed} = createRouter('type', 'ctrl+g');
		feed('\x1d\x07');
		expect(router.mode).toBe('room');
		expect(['ctrl+i', 'ctrl+m', 'ctrl+[', 'ctrl+h', 'ctrl+j', 'x', 'alt+x', 'ctrl+5'].map(parseLeader)).toEqual(Array(8).fill(undefined));
		expect(parseLeader('ctrl+\\')?.bytes).toEqual(Uint8Array.of(0x1c));
	});
});
