import type {Logged} from '../shared/cli.ts';
import {retrying} from './errors.ts';

/** Codex's log, in a folder of its own below that of the session. */
export const LOG_FOLDER = 'codex-log';
export const REQUEST_LOG = `${LOG_FOLDER}/codex-tui.log`;

/** Has Codex log each answer of its model at once. It repeats a failed request five times, for 3 s, before it shows anything. */
export const LOG_FILTER = 'warn,codex_http_client::client=debug';

const NOTHING: Logged = {at: 0, readings: []};

/** `2026-12-02T16:01:10.039799Z DEBUG codex_http_client::client: Request completed method=POST url=https://…/responses status=529 …` */
const REQUEST =
	/^(\d{4}-[0-9T:.-]{10,25}Z) +DEBUG codex_http_client::client: Request (completed|failed) method=POST url=\S{1,2000}\/responses(?:[/?]\S{0,200})? (.{0,500})/;

const WORKING = {source: 'stream', sign: 'log of requests', state: 'working'} as const;

/** What went wrong; '' if nothing did, or if Codex gives up at once and says so itself (429, 401). */
const failureOf = (outcome: string, told: string): string => {
	if (outcome === 'failed') return told.includes('is_connect=true') ? 'no network' : 'the connection was lost';
	const [, status = ''] = /^status=(5\d\d)\b/.exec(told) ?? [];
	return status === '' ? '' : `unexpected status ${status}`;
};

/** Reads a session's log of requests: a failed one at once, and the first that succeeds after it. */
export const createRequestReader = (): ((line: string) => Logged) => {
	let isFailing = false;
	return line => {
		const [, time = '', outcome = '', told = ''] = REQUEST.exec(line.slice(0, 4000)) ?? [];
		if (time === '') return NOTHING;
		const at = Date.parse(time) || 0;
		const failure = failureOf(outcome, told);
		if (failure !== '') {
			isFailing = true;
			return {at, readings: [{...WORKING, ...retrying(failure, '')}]};
		}
		const wasFailing = isFailing;
		isFailing = false;
		return wasFailing && told.startsWith('status=2') ? {at, readings: [WORKING]} : NOTHING;
	};
};
