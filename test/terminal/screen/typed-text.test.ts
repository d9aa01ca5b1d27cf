import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {pasteBytes, pasteText, withoutSuspend} from '../../../source/terminal/input/bytes.ts';
import {inputBeforeCursor} from '../../../source/terminal/screen/answers.ts';
import {createHeadlessScreen} from '../../../source/terminal/screen/screen.ts';

describe('a pasted text', () => {
	test('keeps lines and tabs, and loses every key', () => {
		expect(pasteText('one\r\n\ttwo\rthree\u0085\n\n')).toBe('one\n\ttwo\nthree');
		expect(pasteText('a\u001b[201~\u0003b\u001b]52;c;x\u0007c\u009b1md\u007f')).toBe('abc1md');
		expect(pasteText('\u001b')).toBe('');
	});

	test('holds nothing that could end the paste or be a key, whatever it was made of', () => {
		const pieces = fc.array(
			fc.oneof(fc.string({unit: 'binary'}), fc.constantFrom('\u001b', '[201~', '\u001b[', '201~', '\u009b', '\u0003', '\r')),
		);
		fc.assert(
			fc.property(pieces, parts => {
				const bytes = pasteBytes(parts.join('')).toString();
				expect(bytes.startsWith('\u001b[200~') && bytes.endsWith('\u001b[201~')).toBe(true);
				expect(bytes.slice(6, -6)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
			}),
		);
	});
});

describe('what a person types', () => {
	test('is passed on as it is where no Ctrl-Z is in it', () => {
		const bytes = Buffer.from('\u001b[A\u0003ü');
		expect(withoutSuspend(bytes)).toBe(bytes);
	});

	test('loses Ctrl-Z in each of its forms, and nothing else', () => {
		expect(Buffer.from(withoutSuspend(Buffer.from('aü\u001ab'))).toString()).toBe('aüb');
		expect(Buffer.from(withoutSuspend(Buffer.from('a\u001b[122;5ub\u001b[27;5;122~c'))).toString()).toBe('abc');
		expect(withoutSuspend(Buffer.from('\u001a'))).toHaveLength(0);
		// Caps lock, let go, with its other codes, on a keyboard of Cyrillic letters, with its text.
		const forms = ['122;69u', '122;5:3u', '122:90:122;5u', '1103::122;5u', '122;5:1;122u'].map(form => `\u001b[${form}`);
		expect(Buffer.from(withoutSuspend(Buffer.from(`a${forms.join('b')}c`))).toString()).toBe('abbbbc');
		const others = '\u001b[122;1u\u001b[122;6u\u001b[122;3u\u001b[121;5u\u001b[1;5A\u001b[27;6;122~\u001b[122u';
		expect(Buffer.from(withoutSuspend(Buffer.from(others))).toString()).toBe(others);
	});
});

describe('the input of a program', () => {
	const onScreen = (text: string): string | undefined => {
		const screen = createHeadlessScreen({columns: 40, rows: 10, scrollback: 0});
		screen.write(text);
		const found = inputBeforeCursor(screen);
		screen.dispose();
		return found;
	};

	test('is what stands between its sign and the cursor', () => {
		expect(onScreen('❯ hello')).toBe('hello');
		expect(onScreen('│ > hello')).toBe('hello');
		expect(onScreen('› \u001b[s Ask anything\u001b[u')).toBe('');
		expect(onScreen('❯ ')).toBe('');
	});

	test('may have several lines', () => {
		expect(onScreen('❯ one\r\n  two')).toBe('one\n  two');
	});

	test('is not known where no sign stands before the cursor', () => {
		expect(onScreen('Do you want this?\r\n')).toBeUndefined();
		expect(onScreen('❯ one\r\n\r\n\r\nsomething else')).toBeUndefined();
	});
});
