import type {ReadStream, WriteStream} from 'node:tty';
import {cleanText, fit as fitTo} from '../../terminal/text/clean.ts';
import {cellWidth} from '../../terminal/text/widths.ts';
import type {Ask} from './script.ts';

type Key =
	| {readonly name: 'text'; readonly text: string}
	| {readonly name: 'enter' | 'backspace' | 'interrupt' | 'end-of-input' | 'escape' | 'up' | 'down' | 'clear-line'};

const CONTROLS: Readonly<Record<string, Exclude<Key['name'], 'text'>>> = {
	'\r': 'enter',
	'\n': 'enter',
	'\u007f': 'backspace',
	'\b': 'backspace',
	'\u0003': 'interrupt',
	'\u0004': 'end-of-input',
	'\u0015': 'clear-line',
};

const ESCAPE_SEQUENCE = /^\u001b(?:\[[0-?]*[ -/]*[@-~]|O[A-Z])/;
const ARROWS: Readonly<Record<string, 'up' | 'down'>> = {A: 'up', B: 'down'};

/**
 * Splits input into keys and returns the rest, maybe an unfinished sequence. A lone escape counts as unfinished: the caller decides by a
 * timeout that it is the key.
 */
export const readKeys = (input: string): {readonly keys: readonly Key[]; readonly rest: string} => {
	const keys: Key[] = [];
	let rest = input;
	while (rest !== '') {
		if (rest.startsWith('\u001b')) {
			const sequence = ESCAPE_SEQUENCE.exec(rest)?.[0];
			if (sequence) {
				const arrow = ARROWS[sequence.at(-1) ?? ''];
				if (arrow) keys.push({name: arrow});
				rest = rest.slice(sequence.length);
				continue;
			}
			if (/^\u001b(?:\[[0-?]*[ -/]*|O)?$/.test(rest)) return {keys, rest};
			keys.push({name: 'escape'});
			rest = rest.slice(1);
			continue;
		}
		const control = CONTROLS[rest[0] ?? ''];
		if (control) keys.push({name: control});
		const text = /^[^\u0000-\u001f\u007f]+/.exec(rest)?.[0];
		if (text) keys.push({name: 'text', text});
		rest = rest.slice(text?.length ?? 1);
	}
	return {keys, rest};
};

/** A permission box on the agent's screen; `marked` counts from 0. */
type Question = {readonly ask: Pick<Ask, 'question' | 'detail' | 'choices' | 'waitMs' | 'otherwise'>; readonly marked: number};

/** Applies a key to the box: arrows move, a digit or Enter chooses, escape takes the last choice, like "No" in a CLI. */
export const pressed = (question: Question, key: Key): Question | {readonly chosen: number} => {
	const last = question.ask.choices.length - 1;
	switch (key.name) {
		case 'up':
			return {...question, marked: question.marked === 0 ? last : question.marked - 1};
		case 'down':
			return {...question, marked: question.marked === last ? 0 : question.marked + 1};
		case 'enter':
			return {chosen: question.marked};
		case 'escape':
			return {chosen: last};
		case 'text': {
			const digit = Number(/[1-9]/.exec(key.text)?.[0] ?? 0);
			return digit >= 1 && digit <= last + 1 ? {chosen: digit - 1} : question;
		}
		default:
			return question;
	}
};

/** The box as agent CLIs draw it: a rule, the subject, the question, numbered choices with one marked. */
export const questionLines = ({ask, marked}: Question, columns: number): readonly string[] => [
	'─'.repeat(Math.max(1, columns)),
	...(ask.detail === undefined ? [] : [' Permission', '', ...ask.detail.split('\n').map(line => `   ${line}`), '']),
	` ${ask.question}`,
	...ask.choices.map((choice, index) => ` ${index === marked ? '❯' : ' '} ${index + 1}. ${choice}`),
	'',
	' a digit or ↑↓ and enter · esc to refuse',
	...(ask.waitMs === undefined ? [] : [` no answer for ${Math.round(ask.waitMs / 1000)} s: it continues with ${ask.otherwise ?? 1}`]),
];

/** The agent's screen: output scrolls, with the permission box or the input line below. */
export type AgentTerminal = {
	/** Prints text of any number of lines; drops control characters. */
	say(text: string): void;
	/** Writes raw output; resolves when the terminal has taken it. */
	flood(chunk: string): Promise<void>;
	/** Shows the box until a choice (from 0) or `signal` (undefined). */
	choose(ask: Ask, signal: AbortSignal): Promise<number | undefined>;
	/** Called for each line the user sends with Enter. */
	onLine(listener: (line: string) => void): void;
	onInterrupt(listener: () => void): void;
	/** Restores the terminal; output stays. */
	close(): void;
};

/** Time after which a lone escape is the key, ms. */
const ESCAPE_MS = 40;

/** Without a TTY it only prints. With one it reads raw keys and echoes them, so that typing is visible at once. */
export const createAgentTerminal = (stdin: ReadStream, stdout: WriteStream): AgentTerminal => {
	const isInteractive = stdin.isTTY === true && stdout.isTTY === true;
	const lineListeners: Array<(line: string) => void> = [];
	const interruptListeners: Array<() => void> = [];
	let typed = '';
	let pending = '';
	let escapeTimer: NodeJS.Timeout | undefined;
	let question: Question | undefined;
	let answer: ((choice: number) => void) | undefined;
	let liveLines = 0;
	let isClosed = false;

	/** One cell less, so that a full line never wraps and lines equal rows. */
	const columns = (): number => Math.max(10, (stdout.columns || 80) - 1);
	const inputLine = (): string => {
		let shown = [...cleanText(typed)];
		while (cellWidth(shown.join('')) > columns() - 2) shown = shown.slice(1);
		return `› ${shown.join('')}`;
	};
	const live = (): readonly string[] =>
		question ? questionLines(question, columns()).map(line => fitTo(line, columns()).trimEnd()) : [inputLine()];
	const erase = (): string => {
		const up = liveLines > 1 ? `\u001b[${liveLines - 1}A` : '';
		const bytes = liveLines > 0 ? `${up}\r\u001b[J` : '';
		liveLines = 0;
		return bytes;
	};
	const draw = (): string => {
		if (!isInteractive || isClosed) return '';
		const lines = live();
		liveLines = lines.length;
		return lines.join('\r\n');
	};
	const redraw = (): void => {
		stdout.write(erase() + draw());
	};

	const say = (text: string): void => {
		const lines = text
			.replace(/\r/g, '')
			.split('\n')
			.map(line => cleanText(line));
		stdout.write(`${erase()}${lines.join(isInteractive ? '\r\n' : '\n')}${isInteractive ? '\r\n' : '\n'}${draw()}`);
	};

	const take = (key: Key): void => {
		if (key.name === 'interrupt') {
			for (const listener of interruptListeners) listener();
			return;
		}
		if (question) {
			const next = pressed(question, key);
			if ('chosen' in next) answer?.(next.chosen);
			else question = next;
			return;
		}
		if (key.name === 'text') typed += key.text;
		else if (key.name === 'backspace') typed = [...typed].slice(0, -1).join('');
		else if (key.name === 'clear-line' || key.name === 'escape') typed = '';
		else if (key.name === 'enter' && typed !== '') {
			const line = typed;
			typed = '';
			say(`› ${line}`);
			for (const listener of lineListeners) listener(line);
		}
	};
	const read = (input: string): void => {
		clearTimeout(escapeTimer);
		const {keys, rest} = readKeys(pending + input);
		pending = rest;
		for (const key of keys) take(key);
		if (rest !== '')
			escapeTimer = setTimeout(() => {
				pending = '';
				take({name: 'escape'});
				redraw();
			}, ESCAPE_MS);
		redraw();
	};
	if (isInteractive) {
		stdin.setRawMode(true);
		stdin.setEncoding('utf8');
		stdin.on('data', read);
		stdout.on('resize', redraw);
		redraw();
	}

	return {
		say,
		flood: chunk =>
			new Promise(resolve => {
				stdout.write(erase() + chunk, () => resolve());
			}),
		choose: (ask, signal) =>
			new Promise(resolve => {
				const settle = (choice: number | undefined): void => {
					question = undefined;
					answer = undefined;
					signal.removeEventListener('abort', onAbort);
					redraw();
					resolve(choice);
				};
				const onAbort = (): void => settle(undefined);
				if (signal.aborted) {
					resolve(undefined);
					return;
				}
				signal.addEventListener('abort', onAbort);
				if (!isInteractive) {
					say(questionLines({ask, marked: 0}, 40).join('\n'));
					return;
				}
				answer = settle;
				question = {ask, marked: 0};
				redraw();
			}),
		onLine: listener => {
			lineListeners.push(listener);
		},
		onInterrupt: listener => {
			interruptListeners.push(listener);
		},
		close: () => {
			if (isClosed) return;
			isClosed = true;
			clearTimeout(escapeTimer);
			if (!isInteractive) return;
			stdout.write(erase());
			stdin.off('data', read);
			stdout.off('resize', redraw);
			stdin.setRawMode(false);
			stdin.pause();
		},
	};
};
