import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {createShownCard} from '../../../source/ui/view/question.ts';

const ANSWER = Buffer.from('\x1b[0n');

const start = (lagMs = 0) => {
	const shown: string[] = [];
	const written: string[] = [];
	const card = createShownCard({write: bytes => written.push(bytes), onShown: name => shown.push(name), own: {lagMs}});
	return {...card, shown, written: () => written.join('')};
};

describe('a card', () => {
	beforeEach(() => void vi.useFakeTimers());
	afterEach(() => void vi.useRealTimers());

	test('is seen when the terminal has answered, and asked for once', () => {
		const {painted, hear, shown, written} = start();
		painted('a');
		painted('a');
		expect([written(), shown]).toEqual(['\x1b[5n', []]);
		expect(hear(Buffer.from('\x1b[3n'))).toBe(false);
		expect(hear(ANSWER)).toBe(true);
		expect(shown).toEqual(['a']);
	});

	test('that came in place of another is not taken for it', () => {
		const {painted, hear, shown} = start();
		painted('a');
		painted('b');
		hear(ANSWER);
		expect(shown).toEqual(['a']);
		hear(ANSWER);
		expect(shown).toEqual(['a', 'b']);
		expect(hear(ANSWER)).toBe(true);
		expect(shown).toEqual(['a', 'b']);
	});

	test('is taken for seen on a terminal that answers nothing, the next one at once', () => {
		const {painted, shown, written} = start();
		painted('a');
		vi.advanceTimersByTime(999);
		expect(shown).toEqual([]);
		vi.advanceTimersByTime(1);
		painted('b');
		expect([shown, written()]).toEqual([['a', 'b'], '\x1b[5n']);
	});

	test('waits long where the terminal has answered before: its line stands still', () => {
		const {painted, hear, shown} = start();
		painted('a');
		hear(ANSWER);
		painted('b');
		vi.advanceTimersByTime(9000);
		expect(shown).toEqual(['a']);
		hear(ANSWER);
		painted('c');
		vi.advanceTimersByTime(10_000);
		expect(shown).toEqual(['a', 'b', 'c']);
	});

	test('is seen later than it was answered where a multiplexer answers in the place of a terminal far away', () => {
		const {painted, hear, shown, close} = start(500);
		painted('a');
		hear(ANSWER);
		vi.advanceTimersByTime(499);
		expect(shown).toEqual([]);
		vi.advanceTimersByTime(1);
		expect(shown).toEqual(['a']);
		painted('b');
		hear(ANSWER);
		close();
		vi.advanceTimersByTime(20_000);
		expect(shown).toEqual(['a']);
	});
});
