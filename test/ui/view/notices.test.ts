import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {Agent} from '../../../source/core/agent/agent.ts';
import {createNoticeBook, formOfTerminal, type Notice, noticeBytes, noticeForm, readName} from '../../../source/ui/view/notices.ts';
import {agent, NOW, room, task} from '../fixtures/room.ts';

const asking = (number: number, question = 'May I?', id = `q-${number}`): Agent =>
	agent('dev', number, {status: 'needs-input', question, questionId: id});
const quiet = room({agents: [1, 2, 3].map(number => agent('dev', number))});

/** A book with terminals of one person, and what was told where. */
const start = (options: {done?: boolean} = {}) => {
	const told: string[] = [];
	const ran: Notice[] = [];
	const book = createNoticeBook({...options, onNotice: notice => ran.push(notice)});
	let now = NOW;
	book.look(quiet, now);
	const sit = (name: string) => {
		const person = {hasFocus: true, lastKeyAt: now};
		const leave = book.sit({person: () => person, tell: ({text}) => told.push(`${name}: ${text}`)}, quiet, now);
		return {person, leave};
	};
	const later = (ms: number, snapshot = quiet): void => {
		now += ms;
		book.look(snapshot, now);
	};
	return {told, ran, sit, later};
};

describe('a question', () => {
	const one = room({agents: [asking(1)]});

	test('notifies once when no key was pressed for six seconds, however often the room changes', () => {
		const {told, ran, sit, later} = start();
		sit('a');
		later(1000, one);
		later(4900, {...one});
		expect(told).toEqual([]);
		later(200, {...one});
		later(9000, {...one});
		expect(told).toEqual(['a: dev-1 needs input: May I?']);
		expect(ran).toEqual([{kind: 'asks', text: 'dev-1 needs input: May I?'}]);
	});

	test('notifies at once when the terminal has lost the focus', () => {
		const {told, sit, later} = start();
		const {person} = sit('a');
		person.hasFocus = false;
		later(10, one);
		expect(told).toEqual(['a: dev-1 needs input: May I?']);
	});

	test('notifies on the terminal that was used last, and on none while the human is at one of them', () => {
		const {told, sit, later} = start();
		const [first, second] = [sit('a'), sit('b')];
		first.person.lastKeyAt = NOW + 2000;
		second.person.lastKeyAt = NOW + 1000;
		later(7000, one);
		expect(told).toEqual([]);
		later(1500, one);
		expect(told).toEqual(['a: dev-1 needs input: May I?']);
	});

	test('that was answered before a notice sends none', () => {
		const {told, sit, later} = start();
		sit('a');
		later(1000, one);
		later(1000, quiet);
		later(9000, quiet);
		expect(told).toEqual([]);
	});

	test('of the same agent that is another sends another notice', () => {
		const {told, sit, later} = start();
		sit('a');
		later(7000, one);
		later(7000, room({agents: [asking(1, 'And now?', 'q-9')]}));
		expect(told).toEqual(['a: dev-1 needs input: May I?', 'a: dev-1 needs input: And now?']);
	});

	test('that was there when the terminal came is on its screen', () => {
		const book = createNoticeBook();
		const told: string[] = [];
		book.sit({person: () => ({hasFocus: false, lastKeyAt: 0}), tell: ({text}) => told.push(text)}, one, NOW);
		book.look(one, NOW + 60_000);
		expect(told).toEqual([]);
	});

	test('reaches the command of a person who has no terminal here', () => {
		const {ran, later} = start();
		later(10, one);
		expect(ran.map(({text}) => text)).toEqual(['dev-1 needs input: May I?']);
	});

	test('comes with others in one notice, and not before three seconds have passed since the last', () => {
		const {told, sit, later} = start();
		sit('a');
		later(7000, one);
		later(1000, room({agents: [asking(1), asking(2)]}));
		later(1000, room({agents: [asking(1), asking(2), asking(3)]}));
		expect(told).toHaveLength(1);
		later(2000, room({agents: [asking(1), asking(2), asking(3)]}));
		expect(told[1]).toBe('a: new for you: dev-2, dev-3');
	});

	test('is one harmless line, whatever it holds', () => {
		fc.assert(
			fc.property(fc.string({unit: 'binary', maxLength: 300}), question => {
				const {told, sit, later} = start();
				sit('a');
				later(7000, room({agents: [asking(1, `${question}\x1b]9;x\x07\x9c\n`)]}));
				expect(told[0]).not.toMatch(/\p{Cc}/u);
			}),
		);
	});
});

test('a failed task and a failing base branch send a notice, a crashed agent does not', () => {
	const {told, sit, later} = start();
	sit('a');
	later(7000, room({agents: [agent('dev', 1, {status: 'crashed'})]}));
	expect(told).toEqual([]);
	later(7000, room({tasks: [task('login', {state: 'failed', failures: 3, reason: 'tests fail'})]}));
	expect(told).toEqual(['a: login failed after 3 attempts: tests fail']);
});

test('the end of all work sends a notice where that is configured', () => {
	const at = (state: 'leased' | 'merged') => room({tasks: [task('login', {state})]});
	for (const done of [true, false]) {
		const {told, sit, later} = start({done});
		sit('a');
		later(7000, at('leased'));
		later(7000, at('merged'));
		later(7000, at('merged'));
		expect(told).toEqual(done ? ['a: all done: 1 merged'] : []);
	}
});

describe('the form of a notice', () => {
	test.each([
		[{TERM: 'xterm-kitty'}, 'osc99'],
		[{TERM: 'tmux-256color', TERM_PROGRAM: 'tmux', KITTY_WINDOW_ID: '1'}, 'osc99'],
		[{TERM_PROGRAM: 'iTerm.app'}, 'osc9'],
		[{TERM: 'xterm-256color', LC_TERMINAL: 'iTerm2'}, 'osc9'],
		[{TERM: 'xterm-256color', WT_SESSION: 'x'}, 'osc9'],
		[{TERM_PROGRAM: 'WezTerm'}, 'osc777'],
		[{TERM_PROGRAM: 'ghostty'}, 'osc777'],
		[{TERM_PROGRAM: 'Apple_Terminal'}, undefined],
		[{TERM: 'alacritty'}, undefined],
	] as const)('on %o is %s', (environment, form) => {
		expect(noticeForm(environment)).toBe(form);
	});

	test('is known from the name that a terminal gives itself', () => {
		const name = readName(Buffer.from('\x1bP>|WezTerm 20240203\x1b\\'));
		expect([name, formOfTerminal(name ?? '')]).toEqual(['WezTerm 20240203', 'osc777']);
		expect(readName(Buffer.from('\x1bP1$r0m\x1b\\'))).toBeUndefined();
	});

	test('has the bell always, and the words where the terminal can show them', () => {
		const bytes = (form: 'osc9' | 'osc99' | 'osc777' | undefined, passthrough = false) =>
			noticeBytes('dev-1 needs input: 4;1', {bell: true, form, passthrough});
		expect(bytes(undefined)).toBe('\x07');
		expect(bytes('osc9')).toBe('\x07\x1b]9;dev-1 needs input: 4,1\x07');
		expect(bytes('osc777')).toBe('\x07\x1b]777;notify;agent-room;dev-1 needs input: 4,1\x07');
		expect(bytes('osc99')).toContain('\x1b]99;i=agent-room:p=body;dev-1 needs input: 4;1\x1b\\');
		expect(bytes('osc777', true)).toBe('\x07\x1bPtmux;\x1b\x1b]777;notify;agent-room;dev-1 needs input: 4,1\x07\x1b\\');
	});
});
