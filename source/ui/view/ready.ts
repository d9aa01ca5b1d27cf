import {type Palette, paletteOf} from '../../core/config/themes.ts';
import {toAscii} from '../../terminal/text/ascii.ts';
import {hintRows, type Keymap, keyLabel} from '../keymap/keymap.ts';
import {edgeOf, sideOf} from '../text/box.ts';
import {dropRight, fill, type Line, lineWidth, said, span, type Tone, wrap} from '../text/text.ts';
import type {Capabilities} from './capabilities.ts';

/** A check before the first room; `waits` until it is done. A `bad` one keeps the room from opening. */
export type ReadyCheck = {
	readonly name: string;
	readonly mark: 'waits' | 'ok' | 'note' | 'warn' | 'bad' | 'absent';
	readonly text: string;
	/** The exact command, '' if nothing is to be done. */
	readonly fix: string;
};

export type Ready = {
	readonly repository: string;
	readonly checks: readonly ReadyCheck[];
	/** What opening the room begins, in sentences; '' until it is known. */
	readonly starts: string;
	/** The result of the last key, '' for none. */
	readonly note: string;
};

const MARKS: Readonly<Record<ReadyCheck['mark'], {readonly glyph: string; readonly tone: Tone}>> = {
	waits: {glyph: '·', tone: 'dim'},
	ok: {glyph: '✓', tone: 'good'},
	note: {glyph: '?', tone: 'dim'},
	warn: {glyph: '!', tone: 'warning'},
	bad: {glyph: '✗', tone: 'danger'},
	absent: {glyph: '-', tone: 'dim'},
};
const NAMES = 11;

export const isBlocked = ({checks}: Ready): boolean => checks.some(({mark}) => mark === 'bad');
/** Why work here would be useless, in a sentence; '' if it would not. */
export const missingIn = ({checks}: Ready): string => {
	const lacks = (name: string): boolean => checks.some(check => check.name === name && check.mark === 'warn');
	const missing = [...(lacks('test') ? ['No test command: nothing can merge.'] : []), ...(lacks('team') ? ['No one can work.'] : [])];
	return missing.join(' ');
};
export const isLooking = ({checks}: Ready): boolean => checks.some(({mark}) => mark === 'waits');

const checkLines = ({name, mark, text, fix}: ReadyCheck, columns: number): readonly Line[] => {
	const {glyph, tone} = MARKS[mark];
	const room = Math.max(10, columns - NAMES - 6);
	const told = wrap(text, room, 2).map(
		(row, index): Line => [
			span('  '),
			span(index === 0 ? glyph : ' ', tone),
			span(` ${(index === 0 ? name : '').padEnd(NAMES)} `, mark === 'bad' ? 'strong' : 'plain'),
			span(row, mark === 'waits' || mark === 'absent' ? 'dim' : 'plain'),
		],
	);
	const command = mark === 'bad' || mark === 'warn' ? wrap(fix, room, 2) : [];
	return [...told, ...command.map((row): Line => [span(' '.repeat(NAMES + 5)), span(row, 'strong')])];
};

/** Missing optional programs, in one line; none if already said. */
const together = (checks: readonly ReadyCheck[]): readonly ReadyCheck[] => {
	const absent = checks.filter(({mark}) => mark === 'absent').map(({name}) => name);
	const rest = checks.filter(({mark}) => mark !== 'absent');
	if (absent.length === 0 || rest.some(({name, mark}) => name === 'agents' && mark !== 'waits')) return rest;
	return [...rest, {name: 'optional', mark: 'absent', text: `not installed: ${absent.join(', ')}`, fix: ''}];
};

/** All checks or, if they do not fit, those that need you. */
const checksIn = (checks: readonly ReadyCheck[], columns: number, height: number): readonly Line[] => {
	const all = checks.flatMap(check => checkLines(check, columns));
	if (all.length <= height) return all;
	const fine = checks.filter(({mark}) => mark === 'ok' || mark === 'absent');
	const others = checks.filter(check => !fine.includes(check)).flatMap(check => checkLines(check, columns));
	const rest: readonly Line[] = fine.length > 0 ? [[span('  '), span('✓', 'good'), span(` ${fine.length} more are fine`, 'dim')]] : [];
	const lines = [...others, ...rest];
	if (lines.length <= height) return lines;
	return [
		...lines.slice(0, Math.max(0, height - 1)),
		[span(`  … ${lines.length - Math.max(0, height - 1)} more rows: \`agent-room doctor\``, 'dim')],
	];
};

const labelOf = (action: string, label: string, ready: Ready): string => (action === 'open' && isBlocked(ready) ? 'check again' : label);

const offers = (ready: Ready, keymap: Keymap, isAscii: boolean, columns: number): readonly Line[] => {
	const rows = hintRows(keymap, 'start', new Set()).filter(({action}) => !(action === 'check' && isBlocked(ready)));
	const column = Math.max(...rows.map(({help}) => help.length)) + 8;
	const across = columns >= column * 2 ? 2 : 1;
	const cells = rows.map(({keys: [key = ''], action, help}): Line => {
		const text = action === 'open' && isBlocked(ready) ? 'check again' : help;
		return fill([span(`  ${keyLabel(key, isAscii).padEnd(4)}`, 'strong'), span(text)], column);
	});
	return Array.from({length: Math.ceil(cells.length / across)}, (_, row): Line => cells.slice(row * across, (row + 1) * across).flat());
};

const footer = (ready: Ready, keymap: Keymap, isAscii: boolean, columns: number): Line => {
	const mode: Line = [span(' START ', 'strong'), span('│ ', 'dim')];
	const hints = hintRows(keymap, 'start', new Set()).map(
		({keys: [key = ''], action, label}): Line => [span(keyLabel(key, isAscii), 'strong'), span(` ${labelOf(action, label, ready)}`)],
	);
	return [...mode, ...dropRight(hints, columns - lineWidth(mode), '  ')];
};

/** A row as terminal bytes. The command line shows this screen without Ink: start takes 40 ms instead of 100. */
const paint = (line: Line, palette: Palette): string =>
	line.map(({text, tone}) => (palette[tone] ? `\x1b[${palette[tone]}m${text}\x1b[0m` : text)).join('');

const framed = (title: Line, lines: readonly Line[], columns: number, rows: number): readonly Line[] => {
	const edge = {isHeavy: false, end: [], columns, tone: 'plain'} as const;
	const side = span(sideOf(false));
	const body = Array.from({length: Math.max(0, rows - 2)}, (_, index): Line => [side, ...fill(lines[index] ?? [], columns - 2), side]);
	return [edgeOf({...edge, place: 'top', start: title}), ...body, edgeOf({...edge, place: 'bottom', start: []})];
};

/** The screen before a repository's first room, each row as wide as the terminal; nothing was started yet. */
export const readyRows = (
	ready: Ready,
	{
		columns,
		rows,
		keymap,
		capabilities,
	}: {readonly columns: number; readonly rows: number; readonly keymap: Keymap; readonly capabilities: Capabilities},
): readonly string[] => {
	const palette: Palette = paletteOf(capabilities.theme, capabilities.isLight);
	const {isAscii} = capabilities;
	const row = (line: Line): string =>
		paint(isAscii ? fill(line, columns).map(part => ({...part, text: toAscii(part.text)})) : fill(line, columns), palette);
	const inner = columns - 2;
	const keys = rows >= 16 ? [[], ...offers(ready, keymap, isAscii, inner)] : [];
	const words = 'Nothing has started; nothing has cost money.';
	const told = [ready.note || ready.starts, words]
		.filter(Boolean)
		.flatMap((text, index): readonly Line[] =>
			wrap(text, inner - 4, rows >= 20 ? 3 : 1).map((part): Line => [span(`  ${part}`, index === 0 && ready.note ? 'strong' : 'plain')]),
		);
	const below = [[], ...told.slice(0, Math.max(1, rows - 9)), ...keys];
	const height = Math.max(1, rows - 4 - below.length - (rows >= 20 ? 2 : 0));
	const looks = checksIn(together(ready.checks), inner, height);
	const lines = rows >= 20 ? [[], ...looks, ...below] : [...looks, ...below];
	const title: Line = [span(isLooking(ready) ? 'Checking…' : isBlocked(ready) ? 'Not ready' : 'Ready', 'strong')];
	return [
		row([span(' agent-room', 'strong'), span(`  set up ${said(ready.repository)}`)]),
		...framed(title, lines, columns, rows - 2).map(row),
		row(footer(ready, keymap, isAscii, columns)),
	];
};
