import {expect, test} from 'vitest';
import {distance, nearest} from '../../../source/core/text/refusal.ts';

test('a swap of neighbours is one edit', () => {
	expect(distance('brief', 'breif')).toBe(1);
	expect(distance('', 'abc')).toBe(3);
	expect(distance('same', 'same')).toBe(0);
});

test('the nearest known word is named, a far one is not', () => {
	expect(nearest('satus', ['status', 'tasks', 'add'])).toBe('status');
	expect(nearest('STATUS', ['status'])).toBe('status');
	// Two of three letters of `run` are others.
	expect(nearest('prune', ['run', 'status'])).toBeUndefined();
	expect(nearest('elephant', ['status', 'tasks', 'add'])).toBeUndefined();
	expect(nearest('x'.repeat(100_000), ['status'])).toBeUndefined();
});
