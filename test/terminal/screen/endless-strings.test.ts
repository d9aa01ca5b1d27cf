import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import {expect, test} from 'vitest';
import {createHeadlessScreen} from '../../../source/terminal/screen/screen.ts';

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc') as () => void;
const used = (): number => {
	collect();
	return process.memoryUsage().heapUsed;
};

test.each([
	...[
		'\x1b]52;c;',
		'\x1b]0;',
		'\x1b]4;1;',
		'\x1b]8;;',
		'\x1b]11;',
		'\x1b]9;',
		'\x1b]777;notify;',
		'\x1bPq',
		'\x1bP+q',
		'\x1b_G',
		'\x1b^',
		'\x1bX',
	].map(begin => [begin] as const),
])('a string of megabytes without an end (%j) costs no memory, and what follows it is read', begin => {
	const screen = createHeadlessScreen({columns: 80, rows: 24, scrollback: 100, onNotice: () => undefined});
	const part = Buffer.alloc(128 * 1024, 'A');
	screen.write(begin);
	screen.write(part);
	const before = used();
	for (let count = 0; count < 24; count++) screen.write(part);
	// Three megabytes of text, which would be kept as six or more.
	expect(used() - before).toBeLessThan(1_500_000);
	screen.write('\x18\x1b\\\x1bc\x1b[32mready');
	expect(screen.textOf(0)).toBe('ready');
});
