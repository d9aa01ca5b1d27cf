import type {ActionResult} from '../../core/protocol/action.ts';
import type {Reply} from '../../core/protocol/request.ts';
import {CommandError, EXIT, type Invocation, isSet} from '../parse/command.ts';
import {plainJson, plainLines} from '../parse/print.ts';

/** Words of refusals that exit with 3: something must be there, or decided, first. */
const NOT_READY: readonly string[] = ['not-ready', 'starting', 'redis-lost-data'];

/** A refused reply as an error with the matching exit code. */
export const refused = (reply: {readonly code: string; readonly message?: string; readonly hint?: string}): CommandError => {
	const exitCode =
		reply.code === 'bad-request' || reply.code === 'usage' ? EXIT.usage : NOT_READY.includes(reply.code) ? EXIT.notReady : EXIT.failed;
	return new CommandError(reply.code, reply.message || `The room refused: ${reply.code}.`, reply.hint ?? '', exitCode);
};

/** A reply's message, or text in its data. */
export const textOf = (reply: Reply): string => {
	if (typeof reply.data === 'string') return reply.data;
	if (typeof reply.data === 'object' && reply.data && 'text' in reply.data && typeof reply.data.text === 'string') return reply.data.text;
	return reply.message ?? '';
};

/** Prints a reply: its text, or all of it with --json. */
export const printReply = (invocation: Invocation, reply: Reply): number => {
	const text = textOf(reply);
	if (isSet(invocation, 'json')) invocation.print(plainJson({ok: true, text, ...(reply.data === undefined ? {} : {data: reply.data})}));
	else if (text) invocation.print(plainLines(text).replace(/\n+$/, ''));
	return EXIT.ok;
};

/** The ids that an action created. */
export const idsOf = (reply: Reply): readonly string[] => {
	const data: Partial<Extract<ActionResult, {ok: true}>> | undefined =
		typeof reply.data === 'object' && reply.data ? reply.data : undefined;
	return Array.isArray(data?.ids) ? data.ids.map(String) : [];
};
