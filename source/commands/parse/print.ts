import {formatEvent} from '../../core/event/words.ts';
import type {EventLine} from '../../core/protocol/output-schema.ts';
import {visible} from '../../core/text/visible.ts';
import {CommandError, EXIT} from './command.ts';

/** Control characters (C0, DEL, C1). Text of agents, tasks and branches is hostile: none of these reaches a terminal through a command. */
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/g;

/** One line that is safe to print: line breaks and tabs become blanks, other controls `�`, and what cannot be seen is named as agents get it. */
export const plainLine = (text: string): string => visible(text.replace(/\r?\n|[\r\t\u2028\u2029]/g, ' ').replace(CONTROLS, '�'));

/** Several lines that are safe to print; only newlines and tabs are kept. */
export const plainLines = (text: string): string =>
	visible(
		text.replace(/\r\n|[\u2028\u2029]/g, '\n').replace(CONTROLS, character => (character === '\n' || character === '\t' ? character : '�')),
	);

/**
 * JSON on one line whose text cannot drive a terminal: what JSON itself leaves raw is escaped too. Its texts hold the characters that a
 * human sees and an agent gets, so what cannot be seen is named in them as well.
 */
export const plainJson = (value: unknown): string =>
	JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'string' ? visible(inner) : inner)).replace(
		CONTROLS,
		character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);

/** Rows as columns of equal width, two blanks apart; the last column is not padded. Cells are cleaned and cut to `widest`. */
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

/** One event as a line for people: local time and what happened; '' for one that tells them nothing. */
export const eventText = (event: EventLine): string => {
	const told = formatEvent(event);
	return told && plainLine(`${new Date(event.at).toTimeString().slice(0, 8)}  ${told}`);
};

type Failure = {readonly code: string; readonly message: string; readonly hint: string; readonly exitCode: number};

/** `something is wrong` as `Something is wrong.` A first word in backticks stays as it is. */
const sentence = (text: string): string => `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}${/[.!?:]$/.test(text) ? '' : '.'}`;

/**
 * Any failure as a sentence, a hint and an exit code. The lower floors refuse with a `code` and a `hint` of their own (`GitRefused`,
 * `RedisRefused`, `RoomRefused`): something is not ready there. What has no hint is a fault.
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

/** What stderr says about a failure: a sentence and a hint, or `{"error":{"code","message","hint"}}`. A stack only where asked for. */
export const errorLines = (error: unknown, isJson: boolean, withStack: boolean): readonly string[] => {
	const {code, message, hint} = failureOf(error);
	if (isJson) return [plainJson({error: {code, message, hint}})];
	return [
		`agent-room: ${plainLine(message)}`,
		...(hint ? [plainLines(hint)] : []),
		...(withStack && error instanceof Error && error.stack ? [plainLines(error.stack)] : []),
	];
};
