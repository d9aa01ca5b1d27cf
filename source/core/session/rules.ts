import * as z from 'zod';
import type {Inferred} from '../text/inferred.ts';
import type {Reading} from './reading.ts';

/** States that a rule may read from a screen. */
const RULE_STATES = ['working', 'needs-input', 'idle', 'rate-limited', 'logged-out', 'out-of-context'] as const;

/** A pattern is plain text with `*` for anything and `{seconds}` for a countdown: it is matched in one pass over a row. */
const pattern = z
	.string()
	.max(200, 'at most 200 characters')
	.refine(text => /[\p{L}\p{N}]{3}/u.test(text.replaceAll('{seconds}', ' ')), 'a text with at least three letters or digits in a row')
	.regex(/^[^\p{Cc}]*$/u, 'a text on one line')
	.refine(text => (text.match(/\*|\{seconds\}/g) ?? []).length <= 8, 'at most eight of `*` and `{seconds}`');

const version = z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.+-]{0,39}$/, 'a version such as `2.1.332`');
const event = z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,59}$/, 'the name of a hook event');

const screenRuleSchema = z.strictObject({
	shows: pattern,
	state: z.enum(RULE_STATES),
	reason: z.string().max(200).optional(),
});
export type ScreenRule = Inferred<typeof screenRuleSchema>;

/** What is known of an agent CLI's words beyond the program: newer versions, signs on its screen, hook events with new names. */
export const cliRulesSchema = z.strictObject({
	verified: z.array(version).max(100).default([]),
	screen: z.array(screenRuleSchema).max(100).default([]),
	/** New name of an event -> the name that it had. */
	hooks: z.record(event, event).default({}),
});
export type CliRules = z.output<typeof cliRulesSchema>;

export const NO_RULES: CliRules = {verified: [], screen: [], hooks: {}};

/** A harness's own rules before those of the user's file. */
export const joinRules = (own: CliRules = NO_RULES, file: CliRules = NO_RULES): CliRules => ({
	verified: [...own.verified, ...file.verified],
	screen: [...own.screen, ...file.screen],
	hooks: {...file.hooks, ...own.hooks},
});

/** The countdown in a row that fits, ms, 0 without one; undefined if it does not fit. Never looks at a character twice for one piece. */
export const matchRow = (shows: string, row: string): number | undefined => {
	let at = 0;
	let ms = 0;
	let isNumber = false;
	for (const piece of shows.split(/(\*|\{seconds\})/)) {
		if (piece === '' || piece === '*') continue;
		if (piece === '{seconds}') {
			isNumber = true;
			continue;
		}
		if (isNumber) {
			const [digits = ''] = /^\d{1,6}/.exec(row.slice(at, at + 6)) ?? [];
			if (digits === '' || !row.startsWith(piece, at + digits.length)) return undefined;
			ms = Number(digits) * 1000;
			at += digits.length + piece.length;
			isNumber = false;
			continue;
		}
		const found = row.indexOf(piece, at);
		if (found < 0) return undefined;
		at = found + piece.length;
	}
	if (!isNumber) return ms;
	const [digits = ''] = /^\d{1,6}/.exec(row.slice(at, at + 6)) ?? [];
	return digits === '' ? undefined : Number(digits) * 1000;
};

/** What the first rule that fits says of a screen, top row first; undefined if none fits. */
export const readByRules = (rules: readonly ScreenRule[], rows: readonly string[]): Reading | undefined => {
	for (const {shows, state, reason} of rules) {
		for (const row of rows) {
			const retryMs = matchRow(shows, row.slice(0, 1000));
			if (retryMs === undefined) continue;
			const text = reason ?? row.trim().slice(0, 200);
			return {
				source: 'screen',
				sign: `rule \`${shows}\``,
				state,
				...(state === 'working' || state === 'idle' ? {} : {reason: text}),
				...(state === 'rate-limited' && retryMs > 0 ? {retryMs} : {}),
				...(state === 'needs-input' ? {question: {kind: 'dialog' as const, text, detail: '', choices: []}} : {}),
			};
		}
	}
	return undefined;
};
