import {describe, expect, test} from 'vitest';
import {drive} from './fixtures/driver.ts';
import {busyRoom, room} from './fixtures/room.ts';

const said = (keys: readonly string[], snapshot = busyRoom()): string => drive(snapshot).keys(...keys).state.toast?.text ?? '';

describe('a key that does nothing', () => {
	test.each([
		['in the room', ['Q'], 'Q does nothing here: ? shows the keys that count.'],
		['in a question', ['x', 'z'], 'z does nothing here: ? shows the keys that count.'],
		['on a page', ['m', 'Q'], 'Q does nothing here: ? shows the keys that count.'],
		['on a card that asks nothing', ['j', 'j', 'space', 'Q'], 'Q does nothing here: ? shows the keys that count.'],
	])('says so %s', (_where, keys, text) => {
		expect(said(keys)).toBe(text);
	});

	test('says what it waits for', () => {
		const frozen = busyRoom({control: {frozen: true}});
		expect(said(['X', 'i'], frozen)).toBe('interrupt the turns instead cannot be done now: it is frozen for less than five minutes.');
	});

	test.each([
		['at the end of a list', ['k', 'g']],
		['where a person is already', ['1', 'esc']],
		['that is text', ['n', 'Q', 'ctrl+x']],
		['that is text of a filter', ['/', 'Q', '~']],
	])('needs no word %s', (_where, keys) => {
		expect(said(keys)).toBe('');
	});

	test('is dropped without a word on a card that has not been seen', () => {
		expect(drive(busyRoom()).keys('j', 'j').burst('space', 'Q').state.toast).toBeUndefined();
	});

	test('leaves what another key has said', () => {
		expect(said(['a'], room())).toBe('Nothing needs you.');
	});
});
