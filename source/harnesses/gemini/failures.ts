import type {Reading} from '../../core/session.ts';
import {firstLine} from '../fields.ts';

type Failure = Pick<Reading, 'state' | 'reason' | 'retryMs'>;

/** What the words of a failed request mean, as they were seen; the first that fits. */
const FAILURES: ReadonlyArray<{readonly state: NonNullable<Reading['state']>; readonly words: RegExp}> = [
	{
		state: 'rate-limited',
		words: /exhausted your (?:daily quota|capacity)|quota|rate.?limit|RESOURCE_EXHAUSTED|"code":429\b|too many requests/i,
	},
	{
		state: 'logged-out',
		words: /"code":40[13]\b|UNAUTHENTICATED|API_KEY_INVALID|API key (?:not valid|expired)|invalid authentication|re-?authenticate/i,
	},
	{state: 'out-of-context', words: /exceeds the maximum number of tokens|context window|input token count/i},
];

/** What a request failed of. A failure without known words ends the turn and no more: the agent is idle, and why is told. */
export const failureOf = (message: string): Failure => {
	const reason = firstLine(withoutBrackets(message));
	const retry = /(?:retry|reset)(?:Delay)?[^0-9]{0,20}(\d+(?:\.\d+)?)s\b/i.exec(message)?.[1];
	const known = FAILURES.find(({words}) => words.test(message));
	if (!known) return {state: 'idle', reason};
	return {state: known.state, reason, ...(known.state === 'rate-limited' && retry ? {retryMs: Math.ceil(Number(retry) * 1000)} : {})};
};

/** `[API Error: …]`, and the JSON of the service in it, down to the sentence. */
const withoutBrackets = (message: string): string =>
	/"message":"((?:[^"\\]|\\.)*)"/.exec(message)?.[1] ?? message.replace(/^\[API Error: /, '').replace(/\]$/m, '');
