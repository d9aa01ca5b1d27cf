import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {parseLeader} from '../../../source/terminal/input/bytes.ts';
import {createInputRouter, type InputMode} from '../../../source/terminal/input/router.ts';
import {NO_MODES} from '../../../source/terminal/screen/answers.ts';

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

	test('a leader that is held down or let go is no second press, and no program sees it', () => {
		const {router, out, feed} = createRouter('type');
		feed('a\x1b[93;5:1u\x1b[93;5:2u\x1b[93;5:2u\x1b[93;5:3u');
		expect([out, router.mode]).toEqual([['pane "a"', 'to room'], 'room']);
		feed('j\x1b[93;5u\x1b[93;5:3uk');
		expect(out.slice(2)).toEqual(['key j', 'to type', 'pane "k"']);
	});

	test('a modifier alone is no key: not between two leaders, and not for the room', () => {
		const {router, out, feed} = createRouter('type');
		feed('\x1b[57442;5u\x1b[93;5u\x1b[57442;5:3u\x1b[57442;5u\x1b[57441;2u\x1b[93;5u');
		expect([out, router.mode]).toEqual([
			[`pane ${JSON.stringify('\x1b[57442;5u')}`, 'to room', 'to type', `pane ${JSON.stringify('\x1d')}`],
			'type',
		]);
	});

	test('a key between two leaders makes them two', () => {
		const {router, out, feed} = createRouter('type');
		feed('\x1dj\x1d');
		expect([out, router.mode]).toEqual([['to room', 'key j', 'to type'], 'type']);
	});

	test('a real leader comes in the words of the protocol that the program asked for', () => {
		const {out, feed} = createRouter('type', 'ctrl+]', {...NO_MODES, kittyKeyboard: 1});
		feed('\x1d\x1d');
		expect(out.at(-1)).toBe(`pane ${JSON.stringify('\x1b[93;5u')}`);
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

describe('whatever is typed into a pane, cut anywhere', () => {
	const bytesOf = (text: string): number[] => [...encode(text)];
	const theirs = fc.oneof(
		fc.constantFrom('q', 'Z', ' ', 'é', '漢', '👩‍🚀', '…', '\u0301').map(bytesOf),
		fc.constantFrom(0x00, 0x03, 0x09, 0x0a, 0x0d, 0x1a, 0x1c, 0x7f, 0x80, 0xc0, 0xf5, 0xff).map(byte => [byte]),
		fc
			.constantFrom(
				'\x1b[A',
				'\x1bOB',
				'\x1b[1;5C',
				'\x1b[3~',
				'\x1b[Z',
				'\x1bx',
				'\x1b\r',
				'\x1b[97;6u',
				'\x1b[97;1:3u',
				'\x1b[57442;5u',
				'\x1b[27;5;106~',
				'\x1b[999~',
			)
			.map(bytesOf),
		fc.constantFrom('', 'a\x1db', '\x1b[93;5u', 'two\r\nlines', '\x1b[A').map(text => bytesOf(`\x1b[200~${text}\x1b[201~`)),
	);
	const ours = fc.constantFrom('\x1b[?1;2c', '\x1b[?2026;2$y', '\x1b]11;rgb:0/0/0\x07', '\x1b[0n', '\x1b[I', '\x1b[O').map(bytesOf);
	const piece = fc.oneof(
		{weight: 5, arbitrary: theirs.map(bytes => ({bytes, isTheirs: true}))},
		ours.map(bytes => ({bytes, isTheirs: false})),
	);
	const run = (chunks: readonly number[][], leader: string): {got: number[]; mode: string; keys: readonly string[]} => {
		const got: number[] = [];
		const keys: string[] = [];
		let quiet = (): void => {};
		const router = createInputRouter({
			leaders: [parseLeader(leader)].filter(found => found !== undefined),
			onRoomKey: token => keys.push(token.type === 'key' ? token.key : token.type),
			onPaneBytes: bytes => got.push(...bytes),
			onLeader: () => true,
			paneModes: () => ({...NO_MODES, bracketedPaste: true}),
			now: () => 0,
			schedule: (_ms, flush) => {
				quiet = flush;
				return () => {
					quiet = () => {};
				};
			},
		});
		router.setMode('type');
		for (const chunk of chunks) router.feed(Uint8Array.from(chunk));
		quiet();
		return {got, mode: router.mode, keys};
	};
	const cut = (bytes: readonly number[], places: readonly number[]): number[][] => {
		const at = [0, ...places.map(place => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
		return at.slice(1).map((end, index) => bytes.slice(at[index] ?? 0, end));
	};

	test('reaches it untouched and in order, and nothing that the terminal itself says', () => {
		fc.assert(
			fc.property(fc.array(piece, {maxLength: 30}), fc.array(fc.nat(), {maxLength: 40}), (pieces, places) => {
				const all = pieces.flatMap(({bytes}) => bytes);
				const wanted = pieces.flatMap(({bytes, isTheirs}) => (isTheirs ? bytes : []));
				const {got, mode, keys} = run(cut(all, places), 'ctrl+]');
				expect({got, mode, keys}).toEqual({got: wanted, mode: 'type', keys: []});
			}),
			{numRuns: 400},
		);
	});

	test('stops at the leader in each of its encodings: what follows are keys of the room', () => {
		const leader = fc.constantFrom('\x1d', '\x1b[93;5u', '\x1b[93;5:1u', '\x1b[27;5;93~', '\x1b[93;133u', '\x1b[1098::93;5u').map(bytesOf);
		fc.assert(
			fc.property(fc.array(theirs, {maxLength: 12}), leader, fc.array(fc.nat(), {maxLength: 30}), (before, out, places) => {
				const wanted = before.flat();
				const {got, mode, keys} = run(cut([...wanted, ...out, ...bytesOf('jX')], places), 'ctrl+]');
				expect({got, mode, keys}).toEqual({got: wanted, mode: 'room', keys: ['j', 'X']});
			}),
			{numRuns: 400},
		);
	});

	test('bytes of any kind neither hang nor get lost: all but leaders and answers arrive', () => {
		fc.assert(
			fc.property(fc.uint8Array({maxLength: 60}), fc.array(fc.nat(), {maxLength: 20}), (bytes, places) => {
				const isPlain = !bytes.includes(0x1b) && !bytes.includes(0x1d);
				const whole = run([[...bytes]], 'ctrl+]');
				expect(run(cut([...bytes], places), 'ctrl+]').got).toEqual(whole.got);
				if (isPlain) expect(whole.got).toEqual([...bytes]);
			}),
			{numRuns: 400},
		);
	});
});
