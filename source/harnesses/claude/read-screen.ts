import type {Reading} from '../../core/session.ts';
import {dialogOf} from './dialog.ts';
import {shownFailure} from './trouble.ts';

const RULE = /^\s*─{20,}/;
/** The line that says what it does, above the input: `✽ Simmering… (2s · ↓ 50 tokens)`. */
const SPINNER = /^\s*[·✢✳✶✻✽*∗] \p{L}[^…]{0,60}…/u;
const INTERRUPT = /\besc to interrupt\b/;
/** Below the input: what the mode is, and which keys there are. */
const FOOTER = /⏵⏵|⏸|\? for shortcuts|shift\+tab to cycle|\/effort|esc to interrupt|← for agents/;

const lastIndex = (rows: readonly string[], fits: (row: string) => boolean, before = rows.length): number => {
	for (let at = before - 1; at >= 0; at -= 1) if (fits(rows[at] ?? '')) return at;
	return -1;
};

const sign = (what: string): Pick<Reading, 'source' | 'sign'> => ({source: 'screen', sign: `screen ${what}`});

/** The input: a rule, lines that begin with `❯`, a rule, a footer. What an agent prints stands above it, never below. */
const inputOf = (rows: readonly string[]): {readonly above: readonly string[]; readonly footer: readonly string[]} | undefined => {
	const below = lastIndex(rows, row => RULE.test(row));
	const over = lastIndex(rows, row => RULE.test(row), below);
	if (over < 0 || !/^\s*[❯>!]/.test(rows[over + 1] ?? '')) return undefined;
	const footer = rows.slice(below + 1).filter(row => row.trim() !== '');
	if (footer.length === 0 || footer.length > 5 || !footer.some(row => FOOTER.test(row))) return undefined;
	return {above: rows.slice(0, over), footer};
};

/**
 * What the screen of Claude Code shows: a dialog, its input with work going on, its input alone, or a failure right above it. Signs are
 * looked for only in its own parts of the screen, below what agents print; a screen that has none of them says nothing.
 */
export const readScreen = (rows: readonly string[]): Reading | undefined => {
	const dialog = dialogOf(rows);
	if (dialog) return {...sign(`dialog ${dialog.text}`.slice(0, 120)), state: 'asks', question: dialog};
	const input = inputOf(rows);
	if (!input) return undefined;
	const near = input.above.filter(row => row.trim() !== '').slice(-5);
	if (input.footer.some(row => INTERRUPT.test(row))) return {...sign('esc to interrupt'), state: 'working'};
	if (near.some(row => SPINNER.test(row))) return {...sign('spinner'), state: 'working'};
	const failure = shownFailure(near);
	if (failure) return {...sign(`message ${failure.reason ?? ''}`.slice(0, 120)), ...failure};
	return {...sign('input without work'), state: 'idle'};
};
