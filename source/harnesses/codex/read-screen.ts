import type {Reading} from '../../core/session.ts';
import {dialogIn} from './read-dialog.ts';
import {INTERRUPTED} from './read-hook.ts';
import {failed} from './trouble.ts';

const sign = (what: string): Pick<Reading, 'source' | 'sign'> => ({source: 'screen', sign: `screen ${what}`});

/** `• Working (12s • esc to interrupt)`: the row of what it does. */
const BUSY = /^[•◦·] (.+?) \((?:[\dhms ]+) • esc to interrupt\)/;
/** The row below its input, where nothing runs. */
const AT_REST = /^ {2}.*\? for shortcuts\b/;
/** Its input; a selected choice of a dialog begins in the same way. */
const INPUT = /^› (?!\d\. )/;

/** What stands between the last `■` and the input: how the last turn failed. */
const troubleIn = (rows: readonly string[]): Reading | undefined => {
	const start = rows.findLastIndex(row => row.startsWith('■ '));
	// Whatever was said after it is a newer turn.
	if (start < 0 || rows.slice(start + 1).some(row => /^\S/.test(row) && /^[^\p{L}\p{N}(/"'.,;:-]/u.test(row))) return undefined;
	const message = rows.slice(start).join(' ').replace(/\s+/g, ' ').slice(2).trim();
	if (/^Conversation interrupted\b/.test(message)) return {...sign('Conversation interrupted'), state: 'idle', reason: INTERRUPTED};
	return {...failed('', message), ...sign('■')};
};

/** The row above the input that says what runs; what stands below it belongs to it and is indented. */
const busyIn = (rows: readonly string[]): Reading | undefined => {
	const last = rows.findLastIndex(row => /^\S/.test(row));
	const [whole, doing = ''] = BUSY.exec(rows[last] ?? '') ?? [];
	return whole === undefined ? undefined : {...sign('esc to interrupt'), state: 'working', ...(doing === 'Working' ? {} : {doing})};
};

/** Reads the rows of its screen, top first. What an agent writes is indented there or begins with a bullet, so that it cannot play a sign. */
export const readScreen = (rows: readonly string[]): Reading | undefined => {
	const clean = rows.map(row => row.trimEnd());
	const end = clean.findLastIndex(row => row !== '');
	if (end < 0) return undefined;
	if (clean.some(row => /^ *Welcome to Codex\b/.test(row)) && clean.some(row => /^[›> ]+1\. Sign in with ChatGPT$/.test(row)))
		return {...sign('Sign in with ChatGPT'), state: 'logged-out', reason: 'it asks for a login'};
	const question = dialogIn(clean);
	if (question) return {...sign(question.text), state: 'asks', question};
	const input = clean.findLastIndex(row => INPUT.test(row));
	if (input < 0 || end - input > 5) return undefined;
	const above = clean.slice(0, input);
	const busy = busyIn(above);
	if (busy) return busy;
	if (!AT_REST.test(clean[end] ?? '')) return undefined;
	return troubleIn(above) ?? {...sign('? for shortcuts'), state: 'idle'};
};
