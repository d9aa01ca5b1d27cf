import {describe, expect, onTestFinished, test, vi} from 'vitest';
import type {Reading} from '../../../source/core/session/reading.ts';
import {claude} from '../../../source/harnesses/claude/claude.ts';
import type {Cli} from '../../../source/harnesses/shared/cli.ts';
import {watchScreen} from '../../../source/room/session/screen.ts';
import {createLiveSession} from '../../../source/room/session/session.ts';
import {createPane} from '../../../source/room/team/pane.ts';

/** A program whose screen says what it does by its first word, and whose title does. */
const plain: Cli = {
	...claude,
	readScreen: rows => {
		const word = ['working', 'idle'].find(state => rows[0] === state);
		if (rows[0] === 'broken') throw new Error('a reader that fails');
		return word ? {source: 'screen', sign: `screen ${word}`, state: word === 'idle' ? 'idle' : 'working'} : undefined;
	},
	readNotice: ({kind, text}) =>
		kind === 'title' && text.startsWith('busy') ? {source: 'notice', sign: 'title busy', state: 'working'} : undefined,
};

const watching = (cli = plain) => {
	vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date']});
	onTestFinished(() => void vi.useRealTimers());
	const pane = createPane('agent:dev:001', () => undefined);
	const session = createLiveSession({cli, mode: 'interactive'});
	const taken: Reading[] = [];
	session.onReadings(readings => taken.push(...readings));
	const stop = watchScreen(pane, session);
	onTestFinished(() => {
		stop();
		session.close();
		pane.dispose();
	});
	const draw = (text: string): void => {
		pane.screen.write(`\u001b[2J\u001b[H${text}`);
		// A pane tells of what its process prints; here it is its own word.
		pane.handle.resize(pane.screen.columns + (pane.screen.columns % 2 === 0 ? 1 : -1), pane.screen.rows);
	};
	return {pane, session, signs: () => taken.map(({sign}) => sign), draw, pass: (ms: number) => vi.advanceTimersByTime(ms)};
};

describe('a screen', () => {
	test('is told once it was quiet and two looks found the same', () => {
		const {draw, pass, signs} = watching();
		draw('working');
		pass(400);
		expect(signs()).toEqual([]);
		pass(100);
		expect(signs()).toEqual(['screen working']);
		draw('working');
		pass(5000);
		expect(signs()).toEqual(['screen working']);
		draw('idle');
		pass(500);
		expect(signs()).toEqual(['screen working', 'screen idle']);
		draw('something else');
		pass(500);
		expect(signs()).toEqual(['screen working', 'screen idle', 'a screen without a sign']);
	});

	test('that shows something for a moment only has not shown it', () => {
		const {draw, pass, signs} = watching();
		draw('working');
		pass(500);
		draw('idle');
		pass(250);
		draw('working');
		pass(5000);
		expect(signs()).toEqual(['screen working']);
	});

	test('that never rests is looked at all the same, and not at every frame', () => {
		let looks = 0;
		const counting: Cli = {
			...plain,
			readScreen: rows => {
				looks += 1;
				return plain.readScreen(rows);
			},
		};
		const {draw, pass, signs} = watching(counting);
		for (let frame = 0; frame < 100; frame++) {
			draw('working');
			pass(50);
		}
		expect(signs()).toEqual(['screen working']);
		expect(looks).toBeLessThan(15);
	});

	test('whose reader fails, or that is half drawn, says nothing', () => {
		const {draw, pass, signs, pane} = watching();
		draw('working');
		pass(500);
		draw('broken');
		pass(1000);
		expect(signs()).toEqual(['screen working', 'a screen without a sign']);
		pane.screen.write('\u001b[?2026h');
		draw('idle');
		pass(3000);
		expect(signs()).toHaveLength(2);
		pane.screen.write('\u001b[?2026l');
		pass(1000);
		expect(signs().at(-1)).toBe('screen idle');
	});
});

test('a title is told when it says something else, not with every turn of its spinner', () => {
	const {pane, signs} = watching();
	for (const title of ['busy |', 'busy /', 'busy -', 'other', 'other again', 'busy |']) pane.screen.write(`\u001b]0;${title}\u0007`);
	pane.screen.write('\u0007\u001b]9;hello\u0007');
	expect(signs()).toEqual(['title busy', 'a title without a sign', 'title busy']);
});
