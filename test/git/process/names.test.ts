import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {oneLine} from '../../../source/core/text/quote.ts';
import {attemptBranch, slug, trailerValue} from '../../../source/git/process/names.ts';

const hostile = fc.string({unit: 'binary', maxLength: 300});

describe('names made of ids', () => {
	test('a plain id stays as it is', () => {
		expect(slug('t-12')).toBe('t-12');
		expect(attemptBranch('user-auth', 2)).toBe('agent/user-auth-a2');
		expect(trailerValue('user-auth')).toBe('user-auth');
		expect(trailerValue('Feature.1:x')).toBe('Feature.1:x');
	});

	test('whatever an id is, its name holds only [a-z0-9-] and neither begins nor ends with a dash', () => {
		fc.assert(fc.property(hostile, id => /^[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?$/.test(slug(id))));
		fc.assert(fc.property(hostile, id => /^[A-Za-z0-9][A-Za-z0-9._:-]*$/.test(trailerValue(id))));
	});

	test('two different ids never share a name', () => {
		const ids = ['User', 'user', 'USER', 'u/ser', 'u.ser', '-user', 'user-', '', '../user', 'a'.repeat(200), 'a'.repeat(201)];
		expect(new Set(ids.map(slug)).size).toBe(ids.length);
		fc.assert(fc.property(hostile, hostile, (one, other) => one === other || slug(one) !== slug(other)));
	});
});

describe('one line', () => {
	test('holds no control, bidirectional or invisible characters, and is cut to the limit', () => {
		expect(oneLine(' a\n\tb\u001b[31mc\u202ed\u0000 ')).toBe('a b [31mc d');
		expect(oneLine('x'.repeat(300), 10)).toBe(`${'x'.repeat(9)}…`);
		fc.assert(
			fc.property(hostile, text => !/[\p{Cc}\u2028-\u202e\u2066-\u2069]/u.test(oneLine(text)) && [...oneLine(text, 50)].length <= 50),
		);
	});
});
