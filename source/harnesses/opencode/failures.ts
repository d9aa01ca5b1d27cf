import type {Reading} from '../../core/session.ts';
import {countField, firstLine, textField} from '../fields.ts';

type Failure = Pick<Reading, 'state' | 'reason'>;

const LIMIT = /rate.?limit|too many requests|quota|overloaded|usage limit|exhausted|429/i;

/** Is a request that is tried again held back by a limit? Else by a server that fails. */
export const isLimit = (message: string): boolean => LIMIT.test(message);

/** What ended a turn, by the name of the error and the status of the service. A turn that was interrupted is over and no more. */
export const failureOf = (error: unknown): Failure => {
	const name = textField(error, 'name') ?? '';
	const message = textField(error, 'message') ?? textField(error, 'data', 'message') ?? '';
	const status = countField(error, 'status') ?? countField(error, 'data', 'statusCode');
	if (name === 'MessageAbortedError') return {state: 'idle'};
	const reason = firstLine(message || name);
	if (name === 'ContextOverflowError') return {state: 'out-of-context', reason};
	if (name === 'ProviderAuthError' || status === 401 || status === 403) return {state: 'logged-out', reason};
	if (status === 429 || isLimit(message)) return {state: 'rate-limited', reason};
	return {state: 'idle', reason};
};
