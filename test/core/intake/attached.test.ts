import {expect, test} from 'vitest';
import {filesIn, markOf, pathsPasted, plainName, withPaths} from '../../../source/core/intake/attached.ts';

test('a paste that is paths is taken for files, however its terminal writes them; anything else stays a text', () => {
	for (const [paste, paths] of [
		['/home/ada/shot.png', ['/home/ada/shot.png']],
		["'/home/ada/my shot.png' ", ['/home/ada/my shot.png']],
		['/home/ada/my\\ shot.png /tmp/b\\(1\\).txt', ['/home/ada/my shot.png', '/tmp/b(1).txt']],
		['file:///home/ada/my%20shot.png\n', ['/home/ada/my shot.png']],
		['/home/ada/my shot.png', ['/home/ada/my shot.png']],
		['"/a/b" \'/c/d\'', ['/a/b', '/c/d']],
		['look at /home/ada/shot.png', []],
		['src/cart.ts', []],
		["it's /a", []],
		['', []],
		[`/${'x'.repeat(9000)}`, []],
	] as const)
		expect([paste, pathsPasted(paste)]).toEqual([paste, paths]);
});

test('a mark names a file by its content and a harmless name, and only a mark is replaced', () => {
	const kept = {hash: '0123456789abcdef', name: plainName('../My shot\n(1).png')};
	expect(kept.name).toBe('My-shot-1-.png');
	expect(plainName('…')).toBe('file');
	const text = `See ${markOf(kept)} and ${markOf(kept)}, not [file 1/x] or [file 0123456789abcdef/../x].`;
	expect(filesIn(text)).toEqual([kept]);
	expect(withPaths(text, ({name}) => `/told/${name}`)).toBe(
		'See /told/My-shot-1-.png and /told/My-shot-1-.png, not [file 1/x] or [file 0123456789abcdef/../x].',
	);
	expect(withPaths(text, () => undefined)).toBe(text);
});
