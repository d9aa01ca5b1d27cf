import {globSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {createCompositor} from '../../../source/terminal/paint/compositor.ts';
import {toAscii} from '../../../source/terminal/text/ascii.ts';
import {cellWidth} from '../../../source/terminal/text/widths.ts';
import {screenOf, textsOf} from '../screens.ts';

const source = join(import.meta.dirname, '../../../source');

test('every sign of our own words has one of ASCII that says something', () => {
	const files = globSync(['ui/**/*.{ts,tsx}', 'core/**/*.ts'], {cwd: source});
	const signs = new Set(files.flatMap(file => readFileSync(join(source, file), 'utf8').match(/[^\x00-\x7f]/gu) ?? []));
	expect(signs.size).toBeGreaterThan(20);
	expect([...signs].filter(sign => toAscii(sign) === '?')).toEqual([]);
});

test('letters lose their accents, and what has no letter becomes as many ? as it has cells', () => {
	expect(toAscii('Café Ærø “naïve” — ✓ 日本 e\u0301')).toBe('Cafe ?r? "naive" - + ???? e');
});

test('any text stays as wide as it was', () => {
	fc.assert(
		fc.property(fc.string({unit: fc.integer({min: 0x20, max: 0xffff}).map(code => String.fromCodePoint(code))}), text => {
			const clean = text.toWellFormed().normalize('NFC');
			const ascii = toAscii(clean);
			expect(ascii).toMatch(/^[\x20-\x7e]*$/);
			expect(ascii.length).toBe(cellWidth(clean));
		}),
	);
});

test('what a pane prints reaches a terminal of ASCII as ASCII, cell for cell, and never blinks where nothing shall move', () => {
	const written: string[] = [];
	const compositor = createCompositor({columns: 24, rows: 2, write: text => written.push(text), isAscii: true, isStill: true});
	const pane = screenOf(24, 2, '\x1b[5mé\x1b[0m日本│✓ done…\r\n▄▄ 🙂 ok');
	compositor.compose({
		chrome: screenOf(24, 2, ''),
		panes: [{x: 0, y: 0, columns: 24, rows: 2, screen: pane, anchor: 'top-left', holes: []}],
	});
	const bytes = written.join('');
	const seen = screenOf(24, 2, bytes);
	expect(textsOf(seen)).toEqual(['e????|+ done~', '## ?? ok']);
	expect(bytes).toMatch(/^[\x1b\x20-\x7e]*$/);
	expect(bytes).not.toMatch(/\x1b\[(?:\d+;)*5(?:;\d+)*m/);
});
