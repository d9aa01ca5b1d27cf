import {globSync, readFileSync} from 'node:fs';
import {join, sep} from 'node:path';
import {expect, test} from 'vitest';
import {oldWordsIn} from './helpers/old-words.ts';
import {root} from './helpers/program.ts';

/** Where texts are as the program says them: what it prints, writes into the event log, or gives an agent to read. */
const FOLDERS = [
	...'attach commands entries git harnesses os programs redis roles room sandbox socket store'.split(' ').map(folder => ['source', folder]),
	...'authority config cost intake lock plan protocol session team'.split(' ').map(folder => ['source', 'core', folder]),
].map(parts => parts.join(sep));

/** Literals of code with more than one word; what stands in braces of a template, and whole lines of shell, is no text. */
const textsIn = (code: string): readonly string[] =>
	[...code.replace(/^\s*(?:\/\*[\s\S]*?\*\/|\/\/.*)$/gm, '').matchAll(/'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g)]
		.map(([, single, double, template]) => (single ?? double ?? template ?? '').replaceAll(/\$\{[^}]*\}/g, '…').replaceAll('\\`', '`'))
		.filter(text => /[a-z] [a-z]/i.test(text) && !/^#!|exec "\$@"|=\$\(/m.test(text));

test('no text for people or agents has an old word', () => {
	const files = FOLDERS.flatMap(folder => globSync('**/*.ts', {cwd: join(root, folder)}).map(file => join(folder, file)));
	expect(files.length).toBeGreaterThan(200);
	const found = files.flatMap(file =>
		textsIn(readFileSync(join(root, file), 'utf8')).flatMap(text => oldWordsIn(text).map(word => `${file}: ${word}`)),
	);
	expect(found).toEqual([]);
});
