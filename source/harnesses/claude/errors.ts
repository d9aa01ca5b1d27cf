import type {Reading} from '../../core/session/reading.ts';
import {firstLine, lookUp} from '../shared/fields.ts';

type ErrorSign = Pick<Reading, 'state' | 'reason' | 'retryMs'>;

const ERRORS: Readonly<Record<string, 'rate-limited' | 'logged-out'>> = {
	rate_limit: 'rate-limited',
	overloaded: 'rate-limited',
	billing_error: 'rate-limited',
	authentication_failed: 'logged-out',
	oauth_org_not_allowed: 'logged-out',
};

const OUT_OF_CONTEXT =
	/\bprompt is too long\b|\bcontext limit reached\b|\bcompaction failed\b|\bexceeds? (?:the )?context (?:window|limit)\b/i;
const LIMITED =
	/\bYou've hit your\b|\((?:429|529)\)|\brate limit\b|\boverloaded\b|\b(?:usage|session|weekly|spend) limit\b|\bout of (?:extra usage|usage credits)\b|\bCredit balance is too low\b/i;
const LOGGED_OUT =
	/\bOAuth token revoked\b|\bPlease run \/login\b|\bNot logged in\b|\bInvalid API key\b|\bLogin expired\b|\bFailed to authenticate\b|\bFix external (?:API key|auth token)\b/i;

/** Classifies a turn that ended in an error, by the error's name and message. An unknown error only ends the turn. */
export const failureOf = (error: string, text: string): ErrorSign => {
	const reason = firstLine(text === '' ? error : text, 300);
	if (OUT_OF_CONTEXT.test(text)) return {state: 'out-of-context', reason};
	const named = lookUp(ERRORS, error);
	if (named) return {state: named, reason};
	if (LIMITED.test(text)) return {state: 'rate-limited', reason};
	if (LOGGED_OUT.test(text)) return {state: 'logged-out', reason};
	return {state: 'idle', reason};
};

/** Start of a failure message of Claude's own, with its mark: model output does not start like this by chance. */
const SHOWN =
	/^\s*[●⎿]\s+(API Error\b|You've hit your\b|Prompt is too long\b|Please run \/login\b|Not logged in\b|Login expired\b|Invalid API key\b|Credit balance is too low\b|OAuth token revoked\b|Context limit reached\b)/;

/** Returns the failure in the last lines above the input, or undefined. An unknown API error gives no state. */
export const shownFailure = (rows: readonly string[]): ErrorSign | undefined => {
	const at = rows.findLastIndex(row => SHOWN.test(row.replaceAll('’', "'")));
	if (at < 0) return undefined;
	const text = rows
		.slice(at)
		.map(row => row.trim())
		.join(' ')
		.replace(/^[●⎿]\s+/, '')
		.replaceAll('’', "'");
	const failure = failureOf('', text);
	return failure.state === 'idle' ? undefined : failure;
};
