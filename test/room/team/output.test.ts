import {expect, test, vi} from 'vitest';
import {createFloodGate} from '../../../source/room/team/output.ts';

const gate = () => {
	const shown: Buffer[] = [];
	const made = createFloodGate(bytes => void shown.push(Buffer.from(bytes)));
	return {...made, text: () => Buffer.concat(shown).toString('latin1')};
};
const LINE = Buffer.from(`${'x'.repeat(63)}\n`);

test('what a person could read passes on as it comes', () => {
	const one = gate();
	for (let at = 0; at < 100; at++) one.take(Buffer.from(`line ${at}\r\n`));
	expect(one.text()).toBe(Array.from({length: 100}, (_, at) => `line ${at}\r\n`).join(''));
});

test('of a flood the end is shown in whole lines, with a word of what was left out, and nothing twice', () => {
	vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'performance']});
	try {
		const one = gate();
		const piece = Buffer.concat(Array.from({length: 1024}, () => LINE));
		for (let at = 0; at < 200; at++) one.take(piece);
		one.take(Buffer.from('the last line\n'));
		expect(one.text().length).toBeLessThan(2 * 1024 * 1024);
		vi.advanceTimersByTime(300);
		const text = one.text();
		expect(text.endsWith('the last line\n')).toBe(true);
		expect(text.length).toBeLessThan(2 * 1024 * 1024);
		const [, dropped = '', rest = ''] = /\[… (\d+) bytes left out …]\r\n([\s\S]*)$/.exec(Buffer.from(text, 'latin1').toString()) ?? [];
		expect(
			rest
				.split('\n')
				.slice(0, -2)
				.every(line => line.length === 63),
		).toBe(true);
		const before = Buffer.from(text, 'latin1').toString().indexOf('\r\n\u001b[0m[…');
		expect(before + Number(dropped) + rest.length).toBe(200 * piece.length + 'the last line\n'.length);
		one.flush();
		expect(one.text()).toBe(text);
		one.take(Buffer.from('and on\n'));
		expect(one.text()).toBe(`${text}and on\n`);
	} finally {
		vi.useRealTimers();
	}
});

test('what is held is given on when the output ends', () => {
	const one = gate();
	for (let at = 0; at < 40; at++) one.take(Buffer.concat(Array.from({length: 1024}, () => LINE)));
	one.take(Buffer.from('bye\n'));
	one.flush();
	expect(one.text().endsWith('bye\n')).toBe(true);
});
