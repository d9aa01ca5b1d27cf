import type {Choice, Question, Reading} from '../../core/session/reading.ts';
import {INTERRUPTED} from '../../core/session/session.ts';
import {firstLine} from '../shared/fields.ts';
import {retryOf, shownFailure} from './errors.ts';

const RULE = /^\s*─{20,}\s*$/;
const DASHES = /^\s*╌{10,}\s*$/;
const OPTION = /^\s*(❯)?\s*(\d)\. (\S.*)$/;
/** Last line of every dialog of Claude's. */
const KEYS = /^\s*(?:Esc to cancel|Enter to (?:select|confirm|continue))\b|·\s*Esc to (?:cancel|exit)\b/;

const meansOf = (label: string): Choice['means'] => {
	if (/^No\b/.test(label)) return 'deny';
	if (/^Yes, (?:and )?(?:don.t ask|switch|allow|always|during)/.test(label)) return 'always';
	return /^Yes\b/.test(label) ? 'allow' : 'other';
};

type Option = {readonly keys: string; readonly label: string; readonly row: number};

/** The last list numbered from 1 without gaps. A continuation line belongs to its option. */
const optionsOf = (rows: readonly string[]): readonly Option[] => {
	const found: Option[] = [];
	let hasCursor = false;
	for (const [row, text] of rows.entries()) {
		const [, cursor, key = '', label = ''] = OPTION.exec(text) ?? [];
		if (key === '') continue;
		if (key === '1') {
			found.length = 0;
			hasCursor = false;
		} else if (Number(key) !== found.length + 1) continue;
		hasCursor ||= cursor !== undefined;
		found.push({keys: key, label: label.trim(), row});
	}
	return hasCursor ? found : [];
};

const [UP, DOWN, ENTER] = ['\u001b[A', '\u001b[B', '\r'];

/** The lines right above the keys, one with the cursor. They have no digits, so the cursor is moved. */
const menuOf = (rows: readonly string[], keys: number): readonly Option[] => {
	const end = rows.slice(0, keys).findLastIndex(row => row.trim() !== '');
	const begin = rows.slice(0, end + 1).findLastIndex(row => row.trim() === '') + 1;
	const lines = rows.slice(begin, end + 1);
	const cursor = lines.findIndex(row => /^\s*❯ \S/.test(row));
	if (cursor < 0 || lines.length > 9 || !lines.every(row => /^\s*❯ \S|^\s{3,}\S/.test(row))) return [];
	return lines.map((row, at) => ({
		label: row.replace(/^\s*(?:❯ )?\s*/, '').trim(),
		keys: (at < cursor ? UP.repeat(cursor - at) : DOWN.repeat(at - cursor)) + ENTER,
		row: begin + at,
	}));
};

/** First-run setup: a human must do it, and it is no dialog of a known form. */
const ONBOARDING: Question = {
	kind: 'dialog',
	text: 'Claude Code is not set up here: answer in its pane, or run `claude` once in your own terminal',
	detail: '',
	choices: [],
};

/** Rows of a dialog without frames and without a tip, which extends to the command's frame. */
const plainRows = (rows: readonly string[]): readonly string[] => {
	let isTip = false;
	return rows.filter(row => {
		isTip = /^\s*Tip:/.test(row) || (isTip && !DASHES.test(row));
		return !isTip && !RULE.test(row) && !DASHES.test(row) && row.trim() !== '';
	});
};

/**
 * Reads a dialog at the foot of the screen: rule, title, subject, numbered choices with a cursor, and keys. All are required, so that a
 * list an agent prints does not match. Digits choose.
 */
const dialogOf = (rows: readonly string[]): Question | undefined => {
	const filled = rows.findLastIndex(row => row.trim() !== '');
	const foot = rows.slice(Math.max(0, filled - 2), filled + 1);
	if (rows.some(row => /^\s*Welcome to Claude Code\b/.test(row)) && rows.some(row => /^\s*Let's get started\.\s*$/.test(row)))
		return ONBOARDING;
	const numbered = optionsOf(rows);
	const hasKeys = foot.some(row => KEYS.test(row));
	const options =
		numbered.length > 1
			? numbered
			: hasKeys
				? menuOf(
						rows,
						rows.findLastIndex(row => KEYS.test(row)),
					)
				: [];
	const [first] = options;
	const last = options.at(-1);
	if (options.length < 2 || !first || !last || filled - last.row > 6) return undefined;
	const begin = rows.slice(0, first.row).findLastIndex(row => RULE.test(row));
	const about = plainRows(rows.slice(begin + 1, first.row)).map(row => row.replace(/^ /, '').trimEnd());
	if (begin < 0 || about.length === 0) return undefined;
	// The fetch dialog has no key line: its question must be right above the choices, and these at the foot.
	if (!hasKeys && (!about.at(-1)?.trimEnd().endsWith('?') || filled - last.row > 1)) return undefined;
	const title = firstLine(about[0] ?? '');
	const isPermission =
		options === numbered && options.some(({label}) => /^Yes\b/.test(label)) && options.some(({label}) => /^No\b/.test(label));
	const asked = about.findLast(row => row.trimEnd().endsWith('?')) ?? (title.endsWith(':') ? about[1] : undefined);
	const ask = firstLine(asked ?? '');
	const choices = options.slice(0, 9).map(({keys: typed, label}): Choice => ({label, means: meansOf(label), keys: typed}));
	return {
		kind: isPermission ? 'permission' : 'dialog',
		text: [title, ask === title ? '' : ask].filter(part => part !== '').join(title.endsWith(':') ? ' ' : ': '),
		detail: about
			.slice(about[0] === title ? 1 : 0)
			.filter(row => row.trim() !== ask)
			.join('\n'),
		choices,
	};
};

const EDGE = /^\s*─{20,}/;
/** The activity line above the input: `✽ Simmering… (2s · ↓ 50 tokens)`. */
const SPINNER = /^\s*[·✢✳✶✻✽*∗] \p{L}[^…]{0,60}…/u;
const INTERRUPT = /\besc to interrupt\b/;
/** The mode and the keys below the input. */
const FOOTER = /⏵⏵|⏸|\? for shortcuts|shift\+tab to cycle|\/effort|esc to interrupt|← for agents/;

const lastIndex = (rows: readonly string[], fits: (row: string) => boolean, before = rows.length): number => {
	for (let at = before - 1; at >= 0; at -= 1) if (fits(rows[at] ?? '')) return at;
	return -1;
};

const sign = (what: string): Pick<Reading, 'source' | 'sign'> => ({source: 'screen', sign: `screen ${what}`});

/** The input: a rule, lines that start with `❯`, a rule, a footer. Agent output is above it, never below. */
const inputOf = (rows: readonly string[]): {readonly above: readonly string[]; readonly footer: readonly string[]} | undefined => {
	const below = lastIndex(rows, row => EDGE.test(row));
	const over = lastIndex(rows, row => EDGE.test(row), below);
	if (over < 0 || !/^\s*[❯>!]/.test(rows[over + 1] ?? '')) return undefined;
	const footer = rows.slice(below + 1).filter(row => row.trim() !== '');
	if (footer.length === 0 || footer.length > 5 || !footer.some(row => FOOTER.test(row))) return undefined;
	return {above: rows.slice(0, over), footer};
};

/**
 * Reads Claude's screen: a dialog, the input with or without activity, or a failure right above it. Only looks below agent output;
 * undefined if no sign is found.
 */
export const readScreen = (rows: readonly string[]): Reading | undefined => {
	const dialog = dialogOf(rows);
	if (dialog) return {...sign(`dialog ${dialog.text}`.slice(0, 120)), state: 'needs-input', question: dialog};
	const input = inputOf(rows);
	if (!input) return undefined;
	const near = input.above.filter(row => row.trim() !== '').slice(-5);
	const retry = retryOf(near);
	if (retry) return {source: 'screen', ...retry};
	if (input.footer.some(row => INTERRUPT.test(row))) return {...sign('esc to interrupt'), state: 'working'};
	if (near.some(row => SPINNER.test(row))) return {...sign('spinner'), state: 'working'};
	const failure = shownFailure(near);
	if (failure) return {...sign(`message ${failure.reason ?? ''}`.slice(0, 120)), ...failure};
	if (/^\s*⎿\s+Interrupted\b/.test(near.at(-1) ?? '')) return {...sign('Interrupted'), state: 'idle', reason: INTERRUPTED, cutOff: 'human'};
	return {...sign('input without work'), state: 'idle'};
};
