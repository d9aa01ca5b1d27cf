import {expect, test} from 'vitest';
import {share} from '../../../source/ui/hooks/share.ts';

test('what is equal keeps its identity, what is not does not, down to the parts', () => {
	const before = {
		rows: [
			{text: 'a', age: '1s'},
			{text: 'b', age: '2s'},
		],
		title: ['x'],
		none: undefined,
	};
	expect(share(before, structuredClone(before))).toBe(before);
	const next = share(before, {
		rows: [
			{text: 'a', age: '1s'},
			{text: 'b', age: '3s'},
		],
		title: ['x'],
		none: undefined,
	});
	expect(next).not.toBe(before);
	expect(next.rows).not.toBe(before.rows);
	expect(next.rows[0]).toBe(before.rows[0]);
	expect(next.rows[1]).toEqual({text: 'b', age: '3s'});
	expect(next.title).toBe(before.title);
	expect(share(before, {...before, more: 1})).not.toBe(before);
	expect(share([1, 2], [1])).toEqual([1]);
	expect(share<unknown>({a: 1}, [1])).toEqual([1]);
	expect(share<unknown>(['a'], {0: 'a'})).toEqual({0: 'a'});
});
