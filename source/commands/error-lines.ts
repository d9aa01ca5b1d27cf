import {CommandError} from './command-error.ts';
import {EXIT} from './exit-code.ts';
import {plainJson, plainLine, plainLines} from './plain-text.ts';

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
		...(hint ? [plainLine(hint)] : []),
		...(withStack && error instanceof Error && error.stack ? [plainLines(error.stack)] : []),
	];
};
