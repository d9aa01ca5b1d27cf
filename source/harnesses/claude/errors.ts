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

/** The activity line of a request that is asked again: `✻ 429 Too many requests · retrying in 25s · attempt 3/10`. */
const RETRYING = /^[·✢✳✶✻✽*∗] (.+?) · retrying in (\d+)s · attempt (\d+)\/(\d+)/u;
/** Failures by the words or the status that Claude shows; the first match counts. */
const RETRIED: ReadonlyArray<{readonly state: 'rate-limited' | 'logged-out'; readonly words: RegExp; readonly told: string}> = [
	{state: 'rate-limited', words: /^(?:529|503)\b|\boverloaded\b/i, told: 'overloaded'},
	{state: 'rate-limited', words: /^429\b|\brate limit/i, told: 'rate-limited'},
	{state: 'logged-out', words: /^40[13]\b|\b(?:authentication|API key|not logged in)\b/i, told: 'logged out'},
];

/** Reads what Claude waits for in the lines above its input; undefined if it does not retry. Its first attempts do not name the failure. */
export const retryOf = (rows: readonly string[]): Omit<Reading, 'source'> | undefined => {
	const at = rows.findLastIndex(row => /^[·✢✳✶✻✽*∗] /u.test(row));
	const line = rows
		.slice(Math.max(0, at))
		.map(row => row.trimEnd())
		.join(' ')
		.replace(/\s+/g, ' ');
	const [, why = '', seconds = '', attempt = '', most = ''] = (at < 0 ? undefined : RETRYING.exec(line)) ?? [];
	if (why === '') return undefined;
	const known = RETRIED.find(({words}) => words.test(why));
	return {
		sign: `screen retrying, attempt ${attempt}/${most}: ${firstLine(why, 60)}`,
		state: known?.state ?? 'retrying',
		isRetrying: true,
		reason: `${known ? `${known.told}: ` : ''}${firstLine(why, 160)}, attempt ${attempt} of ${most}`,
		retryMs: Number(seconds) * 1000,
	};
};
