import type {Choice, Question, Reading} from '../../core/session/reading.ts';
import {INTERRUPTED} from '../../core/session/session.ts';
import {failed, retrying} from './errors.ts';

const FOOTER = /^(?:press )?(?:enter|esc)\b.*\b(?:confirm|continue|cancel|select|submit|skip|back)\b|^press enter to continue$/i;
/** A choice: `› 1. Yes, proceed (y)`. The mark shows the selected one. */
const CHOICE = /^([›>])?\s*(\d)\. (\S.*)$/;

const PERMISSION = /^(?:Would you like to |Do you want to |Allow )/;

type Numbered = {readonly digit: string; readonly label: string; readonly isSelected: boolean};

const meaning = (label: string, kind: Question['kind']): Choice['means'] => {
	if (kind !== 'permission') return 'other';
	if (/^no\b/i.test(label) || /^(?:cancel|deny|decline)\b/i.test(label)) return 'deny';
	if (/don.t ask again|for this session|always/i.test(label)) return 'always';
	return /^(?:yes|allow|approve)\b/i.test(label) ? 'allow' : 'other';
};

/** Choices with their wrapped lines and explanations; undefined if not numbered from 1. */
const choicesIn = (rows: readonly string[]): readonly Numbered[] | undefined => {
	const found: Numbered[] = [];
	for (const row of rows) {
		const [whole, mark, digit = '', label = ''] = CHOICE.exec(row) ?? [];
		if (whole !== undefined) found.push({digit, label, isSelected: mark !== undefined});
		else if (found.length > 0) {
			const last = found.at(-1);
			if (last) found[found.length - 1] = {...last, label: `${last.label} ${row}`};
		}
	}
	const isCounted = found.every(({digit}, index) => Number(digit) === index + 1);
	const isOneSelected = found.filter(({isSelected}) => isSelected).length === 1;
	return found.length > 0 && isCounted && isOneSelected ? found : undefined;
};

/**
 * Reads a dialog: heading, numbered choices with one selected, and the key row last. An open dialog fills the screen's foot, so agent
 * output cannot pass for one.
 */
const dialogIn = (rows: readonly string[]): Question | undefined => {
	const filled = rows.map(row => row.trim());
	const end = filled.findLastIndex(row => row !== '');
	if (end < 2 || !FOOTER.test(filled[end] ?? '')) return undefined;
	const first = filled.findLastIndex((row, index) => index < end && /^[›>]?\s*1\. \S/.test(row));
	if (first < 1) return undefined;
	const numbered = choicesIn(filled.slice(first, end).filter(row => row !== ''));
	if (!numbered) return undefined;
	const above = filled.slice(0, first);
	const heading = above.findLastIndex(
		row => PERMISSION.test(row) || /^(?:Folder access|Hooks need review|Meet |Update available)/.test(row),
	);
	const start = heading < 0 ? above.findLastIndex((row, index) => row !== '' && (filled[index - 1] ?? '') === '') : heading;
	const text = above[start] ?? '';
	if (text === '') return undefined;
	const kind = PERMISSION.test(text) ? 'permission' : 'dialog';
	return {
		kind,
		text,
		detail: above
			.slice(start + 1)
			.join('\n')
			.replace(/\n{2,}/g, '\n')
			.trim(),
		choices: numbered.map(({digit, label}) => ({label, means: meaning(label, kind), keys: digit})),
	};
};

const sign = (what: string): Pick<Reading, 'source' | 'sign'> => ({source: 'screen', sign: `screen ${what}`});

/** Activity row: `• Working (12s • esc to interrupt)`. */
const BUSY = /^[•◦·] (.+?) \((?:[\dhms ]+) • esc to interrupt\)/;
/** `Reconnecting... 1/5`, `Server is busy, reconnecting 1/5`, `Reconnecting... waiting for network`. */
const RETRYING = /^(?:Server is busy, r|R)econnecting(?:\.\.\.)? ?(.*)$/;
const AT_REST = /^ {2}.*\? for shortcuts\b/;
/** The input. A selected choice starts the same way. */
const INPUT = /^› (?!\d\. )/;

/** The last turn's failure: the text between the last `■` and the input. */
const errorIn = (rows: readonly string[]): Reading | undefined => {
	const start = rows.findLastIndex(row => row.startsWith('■ '));
	// Output below it belongs to a newer turn.
	if (start < 0 || rows.slice(start + 1).some(row => /^\S/.test(row) && /^[^\p{L}\p{N}(/"'.,;:-]/u.test(row))) return undefined;
	const message = rows.slice(start).join(' ').replace(/\s+/g, ' ').slice(2).trim();
	if (/^Conversation interrupted\b/.test(message))
		return {...sign('Conversation interrupted'), state: 'idle', reason: INTERRUPTED, cutOff: 'human'};
	return {...failed('', message), ...sign('■')};
};

/** The activity row above the input, with its indented continuation. */
const busyIn = (rows: readonly string[]): Reading | undefined => {
	const last = rows.findLastIndex(row => /^\S/.test(row));
	const [whole, doing = ''] = BUSY.exec(rows[last] ?? '') ?? [];
	if (whole === undefined) return undefined;
	const [, attempt] = RETRYING.exec(doing) ?? [];
	if (attempt === undefined) return {...sign('esc to interrupt'), state: 'working', ...(doing === 'Working' ? {} : {doing})};
	const why = rows
		.slice(last + 1)
		.join(' ')
		.replace(/\s+/g, ' ')
		.replace(/^ ?└ ?/, '')
		.trim();
	return {...retrying(why, attempt), ...sign(`${doing}: ${why}`.slice(0, 120))};
};

/** Reads the screen's rows, top first. Agent output is indented or bulleted, so it cannot imitate a sign. */
export const readScreen = (rows: readonly string[]): Reading | undefined => {
	const clean = rows.map(row => row.trimEnd());
	const end = clean.findLastIndex(row => row !== '');
	if (end < 0) return undefined;
	if (clean.some(row => /^ *Welcome to Codex\b/.test(row)) && clean.some(row => /^[›> ]+1\. Sign in with ChatGPT$/.test(row)))
		return {...sign('Sign in with ChatGPT'), state: 'logged-out', reason: 'it asks for a login'};
	const question = dialogIn(clean);
	if (question) return {...sign(question.text), state: 'needs-input', question};
	const input = clean.findLastIndex(row => INPUT.test(row));
	if (input < 0 || end - input > 5) return undefined;
	const above = clean.slice(0, input);
	const busy = busyIn(above);
	if (busy) return busy;
	if (!AT_REST.test(clean[end] ?? '')) return undefined;
	return errorIn(above) ?? {...sign('? for shortcuts'), state: 'idle'};
};
