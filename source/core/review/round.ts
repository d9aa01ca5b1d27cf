/** A reviewer's comment; `file` '' and `line` 0 if it has no place. */
export type ReviewComment = {
	readonly file: string;
	readonly line: number;
	readonly severity: 'must-fix' | 'nit';
	readonly text: string;
};

/** A stored round of review or audit; `at` is epoch ms of the server, `commit` the reviewed one. */
export type ReviewRound = {
	/** From 1. */
	readonly round: number;
	readonly at: number;
	readonly stage: 'review' | 'audit';
	/** An agent, or `person`. */
	readonly reviewer: string;
	readonly commit: string;
	readonly verdict: 'approve' | 'changes';
	readonly text: string;
	readonly comments: readonly ReviewComment[];
};

/** A human's comment outside the rounds; `commit` is what was submitted then, '' for nothing yet. */
export type Comment = ReviewComment & {readonly at: number; readonly commit: string};

/** Older rounds are dropped. */
export const ROUNDS_KEPT = 20;

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? {...value} : {});
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const wholeOf = (value: unknown): number => (typeof value === 'number' && Number.isSafeInteger(value) ? Math.max(0, value) : 0);
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const commentOf = (value: unknown): ReviewComment => {
	const {file, line, severity, text} = fieldsOf(value);
	return {file: textOf(file), line: wholeOf(line), severity: severity === 'nit' ? 'nit' : 'must-fix', text: textOf(text)};
};

const roundOf = (value: unknown): ReviewRound => {
	const {round, at, stage, reviewer, commit, verdict, text, comments} = fieldsOf(value);
	return {
		round: wholeOf(round),
		at: wholeOf(at),
		stage: stage === 'audit' ? 'audit' : 'review',
		reviewer: textOf(reviewer),
		commit: textOf(commit),
		verdict: verdict === 'approve' ? 'approve' : 'changes',
		text: textOf(text),
		comments: listOf(comments).map(commentOf),
	};
};

/** Reads a task's rounds, oldest first. Never throws: external workers write here too. */
export const readReviews = (text: string | undefined): readonly ReviewRound[] => {
	if (!text) return [];
	try {
		return listOf(JSON.parse(text)).slice(-ROUNDS_KEPT).map(roundOf);
	} catch {
		return [];
	}
};

/** Reads human comments, one line of JSON each, oldest first. Never throws: external workers write here too. */
export const readComments = (text: string | undefined): readonly Comment[] =>
	(text ?? '').split('\n').flatMap(line => {
		// An error costs more than the rest of a claim's answer, and most tasks have no comment.
		if (line === '') return [];
		try {
			const value: unknown = JSON.parse(line);
			const {at, commit} = fieldsOf(value);
			return [{...commentOf(value), at: wholeOf(at), commit: textOf(commit)}];
		} catch {
			return [];
		}
	});
