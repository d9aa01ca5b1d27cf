import fc from 'fast-check';
import {expect, test} from 'vitest';
import {tomlString, tomlValue} from '../../../source/harnesses/shared/toml.ts';

test('a TOML string stays one string on one line, whatever stands in it', () => {
	fc.assert(
		fc.property(fc.string({unit: 'binary', maxLength: 60}), text => {
			const written = tomlString(text);
			// Of a basic string of TOML the escapes used here are those of JSON, which allows more: controls from 0x7f on stand for themselves there.
			expect(JSON.parse(written)).toBe(text.toWellFormed());
			expect(written).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
		}),
	);
});

test('a TOML value takes one line, with its keys quoted', () => {
	expect(tomlValue({a: ['b', 1, true], 'c d': {}, 'e"': [{f: -2}]})).toBe('{"a"=["b",1,true],"c d"={},"e\\""=[{"f"=-2}]}');
});
