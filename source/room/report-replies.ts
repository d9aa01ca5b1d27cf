import type {Reply} from '../core/protocol.ts';

/** Done, and nothing more to say. */
export const ok: Reply = {ok: true, code: 'ok'};

/** A refusal as the socket carries it: its word, a sentence, and what to do next. */
export const refuse = (code: string, message: string, hint = ''): Reply => ({ok: false, code, message, hint});

/** The answer to a token that was superseded. */
export const STALE = refuse(
	'stale',
	'This task was taken over: your token is superseded.',
	'Stop working on it; what you committed stays on its branch.',
);
