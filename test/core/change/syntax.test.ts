import {describe, expect, test} from 'vitest';
import {type Inside, languageOf, piecesOf} from '../../../source/core/change/syntax.ts';
import {processorMs} from '../../helpers/wait.ts';

/** The pieces of lines one after another: `k:const`, `l:"x"`, `c:// why`; code has no letter. */
const read = (path: string, ...lines: readonly string[]): readonly string[] => {
	const language = languageOf(path);
	if (!language) return [];
	let inside: Inside;
	return lines.map(line => {
		const found = piecesOf(line, language, inside);
		({inside} = found);
		expect(found.pieces.map(({text}) => text).join('')).toBe(line);
		return found.pieces.map(({text, kind}) => (kind === 'code' ? text : `${kind[0]}:${text}`)).join('|');
	});
};

describe('the pieces of a line of code', () => {
	test('are keywords, texts, numbers and comments of the language that the name of the file tells', () => {
		expect(read('src/a.ts', "const one = 'it\\'s' + 12; // why")).toEqual(["k:const| one = |l:'it\\'s'| + |l:12|; |c:// why"]);
		expect(read('a.py', 'def f(): # no')).toEqual(['k:def| f(): |c:# no']);
		expect(read('a.sql', 'SELECT x -- all')).toEqual(['k:SELECT| x |c:-- all']);
		expect(read('Dockerfile', 'RUN test ${#A} "x"')).toEqual(['RUN test ${#A} |l:"x"']);
		expect(read('conf.yaml', "why: don't # so")).toEqual(["why: don't |c:# so"]);
		expect(read('a.rs', "fn f<'a>(x: &'a str)")).toEqual(["k:fn| f<'a>(x: &'a str)"]);
		for (const path of ['README.md', 'LICENSE', 'constructor', '__proto__', 'a.', '']) expect(languageOf(path)).toBeUndefined();
	});

	test('know what began on a line before', () => {
		expect(read('a.ts', 'f(); /* one', 'if two', 'three */ if (x)', 'const t = `a', '} const', '\\`` + 1')).toEqual([
			'f(); |c:/*|c: one',
			'c:if two',
			'c:three */| |k:if| (x)',
			'k:const| t = |l:`|l:a',
			'l:} const',
			'l:\\``| + |l:1',
		]);
		expect(read('a.py', '"""def', 'x"""')).toEqual(['l:"""|l:def', 'l:x"""']);
	});

	test('take no longer for what is meant to be slow', () => {
		const language = languageOf('a.ts');
		if (!language) throw new Error('no language');
		const tookMs = processorMs(() => {
			for (const part of ['"', "'\\", '/*', '`', 'a', '"\'', '1e', '\ud800', '(', '\\', '字"'])
				expect(piecesOf(part.repeat(50_000), language, undefined).pieces.length).toBeGreaterThan(0);
		});
		// Twelve times what a quiet machine takes; a quadratic one would take minutes.
		expect(tookMs).toBeLessThan(10_000);
	});
});
