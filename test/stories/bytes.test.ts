import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {node, root} from '../helpers/program.ts';
import {createStory} from '../helpers/room.ts';
import {until} from '../helpers/wait.ts';

/** Application cursor keys, bracketed paste, mouse in SGR form, kitty keyboard, and the question whether there is one. */
const MODES = '\\u001b[?1h\\u001b[?2004h\\u001b[?1002h\\u001b[?1006h\\u001b[>1u\\u001b[?u';

/** The file that it writes lies outside of its sandbox. */
const configOf = (file: string): string => `base: main
sandbox: off
test: 'true'
harnesses:
  logger: {command: ${JSON.stringify([node, join(root, 'test', 'fixtures', 'byte-logger.ts'), file, MODES])}}
team:
  - {role: developer, harness: logger, count: 1}
`;

const all = Buffer.from(Array.from({length: 256}, (_, byte) => byte).filter(byte => byte !== 0x1d));
/** What people, terminals and other programs send; none of it is the leader, and none an answer of the terminal. */
const SENT: readonly Buffer[] = [
	Buffer.from('plain words, é 漢字 👩‍🚀 …'),
	Buffer.from('\x00\x03\x04\x1a\x1c\x7f\t\r\n'),
	Buffer.from('\x1b[A\x1bOA\x1b[1;5C\x1b[1;2B\x1b[3~\x1b[Z\x1bOP\x1b[15~'),
	Buffer.from('\x1bx\x1b\r\x1b\x7f'),
	Buffer.from('\x1b[97;5u\x1b[13;2u\x1b[97;1:1u\x1b[97;1:3u\x1b[57442;5u\x1b[27;5;106~'),
	Buffer.from('\x1b[200~a paste with \x1d, \x1b[93;5u and\r\ntwo lines\x1b[201~'),
	Buffer.concat([Buffer.from([0xff, 0xfe, 0xc3]), Buffer.from('(invalid)'), Buffer.from([0xe2, 0x80, 0x80, 0xe2, 0x28])]),
	all,
	Buffer.from(`\x1b[200~${'a long paste, and '.repeat(4000)}\x1b[201~`),
];

test('a program in a pane gets what was sent, byte for byte and cut anywhere, the terminal takes on its modes, and none arrives after the leader', async () => {
	const file = join(process.env.TMPDIR ?? '/tmp', `bytes-${process.pid}`);
	const story = createStory(configOf(file));
	await story.must('add', 'Listen', '--id', 'listen');
	const room = story.open({columns: 100, rows: 30});
	await room.waitFor('listening');
	room.type("'dev-1\ri\x1d");
	await room.waitFor('TYPING INTO dev-1');
	expect(room.hasApplicationCursor()).toBe(true);

	// The terminal answers that it has the protocol too, as the program was told at its start: keys pass as they are.
	room.type('\u001b[?0u');
	const answered = Buffer.from('\u001b[?1u');
	const wanted = Buffer.concat(SENT);
	// Pieces of odd lengths: sequences and characters are cut at every place in turn.
	for (let at = 0, size = 1; at < wanted.length; at += size, size = at < 2000 ? (size % 7) + 1 : 5003)
		room.type(wanted.subarray(at, at + size));
	await until(() => readFileSync(file).length >= answered.length + wanted.length, {what: () => `${wanted.length} bytes\n${room.text()}`});
	room.type(Buffer.from('last\x1b[93;5:1u\x1b[93;5:3uj?'));
	await room.waitFor('type to filter');
	room.press('esc');
	await room.waitFor(`got ${answered.length + wanted.length + 4} bytes.`);
	expect(readFileSync(file).equals(Buffer.concat([answered, wanted, Buffer.from('last')]))).toBe(true);
	expect(room.hasApplicationCursor()).toBe(false);
});
