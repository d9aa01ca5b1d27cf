import * as z from 'zod';
import {plainText, plainTextLine} from '../text/quote.ts';
import {type ReviewComment, type ReviewRound, ROUNDS_KEPT} from './round.ts';

type Severity = ReviewComment['severity'];
type Verdict = ReviewRound['verdict'];

/** A reviewer's parsed report. */
export type Comments = {readonly text: string; readonly comments: readonly ReviewComment[]};

const MOST_COMMENTS = 200;
const LONGEST_COMMENT = 4000;
const LONGEST_TEXT = 8000;

const comment = (file: string, line: number, severity: Severity, text: string): ReviewComment => ({
	file: plainTextLine(file),
	line: Number.isSafeInteger(line) && line > 0 ? line : 0,
	severity,
	text: plainText(text, LONGEST_COMMENT),
});

const severityOf = (word: string): Severity => (/^nit/i.test(word) ? 'nit' : 'must-fix');

/** Limit for the part of a line that names its place; bounds the cost of hostile input. */
const HEAD_OF_LINE = 600;
/** `path:line: must-fix: text`, also with a column, without a line or place, or as a list item. */
const COMMENT =
	/^\s*(?:[-*]\s+)?(?:`?([^\s`][^`]*?)`?(?::(\d{1,9}))?(?::\d{1,9})?`?\s*:\s*)?\**(must[- ]?fix|nit(?:pick)?)\**\s*:\s*(.*)$/i;

const fromLines = (text: string): Comments => {
	const before: string[] = [];
	const comments: {file: string; line: number; severity: Severity; lines: string[]}[] = [];
	for (const line of text.split('\n')) {
		const [, file = '', number = '0', word = '', said = ''] = COMMENT.exec(line.slice(0, HEAD_OF_LINE)) ?? [];
		if (word) comments.push({file, line: Number(number), severity: severityOf(word), lines: [said + line.slice(HEAD_OF_LINE)]});
		else (comments.at(-1)?.lines ?? before).push(line);
	}
	return {
		text: plainText(before.join('\n'), LONGEST_TEXT),
		comments: comments.slice(0, MOST_COMMENTS).map(({file, line, severity, lines}) => comment(file, line, severity, lines.join('\n'))),
	};
};

const jsonComment = z.object({
	file: z.string().default(''),
	path: z.string().default(''),
	line: z.number().default(0),
	severity: z.string().default('must-fix'),
	text: z.string().default(''),
	message: z.string().default(''),
});
const jsonComments = z.union([
	z.array(jsonComment).transform(comments => ({text: '', comments})),
	z.object({text: z.string().default(''), comments: z.array(jsonComment).default([])}),
]);

const fromJson = (text: string): Comments | undefined => {
	if (!/^[[{]/.test(text)) return undefined;
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		return undefined;
	}
	const read = jsonComments.safeParse(value);
	if (!read.success) return undefined;
	return {
		text: plainText(read.data.text, LONGEST_TEXT),
		comments: read.data.comments
			.slice(0, MOST_COMMENTS)
			.map(({file, path, line, severity, text: said, message}) => comment(file || path, line, severityOf(severity), said || message)),
	};
};

/**
 * Reads a reviewer's report: lines `path:line: must-fix|nit: text` with continuation lines, or JSON (a list of `{file, line, severity,
 * text}`, or `{text, comments}`). Free text with `changes` becomes one must-fix without a place, so that the developer knows the reason.
 * Refuses nothing; what it cannot parse stays text.
 */
export const readComments = (given: string, verdict: Verdict): Comments => {
	const text = given.trim();
	const read = fromJson(text) ?? fromLines(text);
	if (verdict === 'approve' || read.comments.length > 0 || read.text === '') return read;
	return {text: '', comments: [comment('', 0, 'must-fix', read.text)]};
};

/** An approval with a must-fix counts as a request for changes. */
export const verdictOf = (given: Verdict, comments: readonly ReviewComment[]): Verdict =>
	comments.some(({severity}) => severity === 'must-fix') ? 'changes' : given;

/**
 * Returns the rounds plus one; drops the oldest beyond `ROUNDS_KEPT`. Numbers continue from the last. The writer holds the task's token or
 * decision, so there is no race.
 */
export const withRound = (rounds: readonly ReviewRound[], added: Omit<ReviewRound, 'round'>): string =>
	JSON.stringify([...rounds, {round: (rounds.at(-1)?.round ?? 0) + 1, ...added}].slice(-ROUNDS_KEPT));

const placeOf = ({file, line}: ReviewComment): string => (file === '' ? '' : `${file}${line > 0 ? `:${line}` : ''}: `);

/** Formats one comment: `src/a.ts:3: must-fix: text`. */
export const formatComment = (comment: ReviewComment): string => `${placeOf(comment)}${comment.severity}: ${comment.text}`;

/** Must-fix first, then in the reviewer's order. */
export const byUrgency = <C extends ReviewComment>(comments: readonly C[]): readonly C[] =>
	comments.toSorted((one, other) => Number(one.severity === 'nit') - Number(other.severity === 'nit'));

/** Formats a round for the next author. */
export const formatComments = ({text, comments}: Comments): string =>
	[text, ...byUrgency(comments).map(formatComment)].filter(Boolean).join('\n');

const count = (number: number, word: string): string => `${number} ${word}${number === 1 || word === 'must-fix' ? '' : 's'}`;

/** Counts by kind, such as `2 must-fix, 1 nit`; '' for none. */
export const countComments = (comments: readonly ReviewComment[]): string => {
	const mustFix = comments.filter(({severity}) => severity === 'must-fix').length;
	const nits = comments.length - mustFix;
	return [mustFix > 0 ? count(mustFix, 'must-fix') : '', nits > 0 ? count(nits, 'nit') : ''].filter(Boolean).join(', ');
};

/** Lines `from` to `to` (1 is the first; to < from: between them) of a file's old version that a later commit changed. */
export type Hunk = {readonly from: number; readonly to: number};

/** A fix is seldom exactly on the named line. */
const NEAR_LINES = 5;

/**
 * Says whether later commits may have fixed a comment: `changes` has the changed places of each file since the round's commit. Only a hint;
 * the reviewer decides.
 */
export const tellAnswer = ({file, line}: ReviewComment, changes: ReadonlyMap<string, readonly Hunk[]>): string => {
	if (file === '') return changes.size === 0 ? 'nothing has changed since' : '';
	const hunks = changes.get(file);
	if (!hunks) return 'not touched since';
	if (line === 0) return 'the file has changed since';
	const isNear = hunks.some(({from, to}) => line >= Math.min(from, to) - NEAR_LINES && line <= Math.max(from, to) + NEAR_LINES);
	return isNear ? 'changed there since' : 'the file has changed since, but not there';
};
