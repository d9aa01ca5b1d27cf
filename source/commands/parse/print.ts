import {formatEvent} from '../../core/event/words.ts';
import type {EventLine} from '../../core/protocol/output-schema.ts';
import {visible} from '../../core/text/visible.ts';
import {CommandError, EXIT} from './command.ts';

/** Control characters (C0, DEL, C1) of hostile text: none reaches a terminal. */
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/g;

/** A safe line: line breaks and tabs become blanks, other controls `�`, invisible characters their names, as for agents. */
export const plainLine = (text: string): string => visible(text.replace(/\r?\n|[\r\t\u2028\u2029]/g, ' ').replace(CONTROLS, '�'));

/** Safe lines; keeps only newlines and tabs. */
export const plainLines = (text: string): string =>
	visible(
		text.replace(/\r\n|[\u2028\u2029]/g, '\n').replace(CONTROLS, character => (character === '\n' || character === '\t' ? character : '�')),
	);

/** JSON on one line that cannot control a terminal: also escapes what JSON leaves raw. Invisible characters are named as for agents. */
export const plainJson = (value: unknown): string =>
	JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'string' ? visible(inner) : inner)).replace(
		CONTROLS,
		character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);

/** Rows as aligned columns, two blanks apart; the last is not padded. Cleans cells and cuts them to `widest`. */
export const tableText = (rows: readonly (readonly string[])[], widest = 60): readonly string[] => {
	const clean = rows.map(row =>
		row.map(cell => plainLine(cell)).map(cell => (cell.length > widest ? `${cell.slice(0, widest - 1)}…` : cell)),
	);
	const columns = Math.max(0, ...clean.map(row => row.length));
	const widths = Array.from({length: columns}, (_, column) => Math.max(0, ...clean.map(row => row[column]?.length ?? 0)));
	return clean.map(row =>
		row
			.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
			.join('  ')
			.trimEnd(),
	);
};

/** An event as a line with local time; '' if it says nothing to humans. */
export const eventText = (event: EventLine): string => {
	const told = formatEvent(event);
	return told && plainLine(`${new Date(event.at).toTimeString().slice(0, 8)}  ${told}`);
};

type Failure = {readonly code: string; readonly message: string; readonly hint: string; readonly exitCode: number};

/** Turns `something is wrong` into `Something is wrong.` A leading word in backticks stays. */
const sentence = (text: string): string => `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}${/[.!?:]$/.test(text) ? '' : '.'}`;

/**
 * Any failure as sentence, hint and exit code. Errors with `code` and `hint` (`GitRefused`, `RedisRefused`, `RoomRefused`) mean that
 * something is missing; those without a hint are bugs.
 */
export const failureOf = (error: unknown): Failure => {
	if (error instanceof CommandError) return error;
	if (!(error instanceof Error)) return {code: 'failed', message: String(error), hint: '', exitCode: EXIT.failed};
	if ('hint' in error && typeof error.hint === 'string') {
		const code = 'code' in error ? String(error.code) : 'not-ready';
		return {code, message: sentence(error.message), hint: error.hint, exitCode: EXIT.notReady};
	}
	return {code: 'failed', message: sentence(error.message), hint: '', exitCode: EXIT.failed};
};

/** stderr of a failure: sentence and hint, or `{"error":{"code","message","hint"}}`. A stack only on request. */
export const errorLines = (error: unknown, isJson: boolean, withStack: boolean): readonly string[] => {
	const {code, message, hint} = failureOf(error);
	if (isJson) return [plainJson({error: {code, message, hint}})];
	return [
		`agent-room: ${plainLine(message)}`,
		...(hint ? [plainLines(hint)] : []),
		...(withStack && error instanceof Error && error.stack ? [plainLines(error.stack)] : []),
	];
};
