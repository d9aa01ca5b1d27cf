import type {Reading} from '../../core/session.ts';
import {firstLine, lookUp} from '../fields.ts';

type Trouble = Pick<Reading, 'state' | 'reason' | 'retryMs'>;

/** Claude's own names of what ended a turn. */
const ERRORS: Readonly<Record<string, 'rate-limited' | 'logged-out'>> = {
	rate_limit: 'rate-limited',
	overloaded: 'rate-limited',
	billing_error: 'rate-limited',
	authentication_failed: 'logged-out',
	oauth_org_not_allowed: 'logged-out',
};

const OUT_OF_CONTEXT = /\bprompt is too long\b|\bcompaction failed\b|\bexceeds? (?:the )?context (?:window|limit)\b/i;
const LIMITED =
	/\bYou've hit your\b|\b(?:usage|session|weekly|spend) limit\b|\bout of (?:extra usage|usage credits)\b|\bCredit balance is too low\b/i;
const LOGGED_OUT =
	/\bPlease run \/login\b|\bNot logged in\b|\bInvalid API key\b|\bLogin expired\b|\bFailed to authenticate\b|\bFix external (?:API key|auth token)\b/i;

/** What a turn that ended in an error means, by the error's name and its words. What is none of these ends the turn, and no more. */
export const failureOf = (error: string, text: string): Trouble => {
	const reason = firstLine(text === '' ? error : text, 300);
	if (OUT_OF_CONTEXT.test(text)) return {state: 'out-of-context', reason};
	const named = lookUp(ERRORS, error);
	if (named) return {state: named, reason};
	if (LIMITED.test(text)) return {state: 'rate-limited', reason};
	if (LOGGED_OUT.test(text)) return {state: 'logged-out', reason};
	return {state: 'idle', reason};
};
