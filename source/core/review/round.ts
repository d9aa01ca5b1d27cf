/** One remark of a reviewer; `file` '' and `line` 0 where it is about no place. */
export type ReviewComment = {
	readonly file: string;
	readonly line: number;
	readonly severity: 'must-fix' | 'nit';
	readonly text: string;
};

/** One round of review or audit as it is kept with its task; `at` is epoch ms of the server, `commit` what the reviewer saw. */
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

/** What a person said about a change, beside the rounds; `commit` is what was handed in when it was said, '' for nothing yet. */
export type Comment = ReviewComment & {readonly at: number; readonly commit: string};

/** So many rounds are kept, the last ones. */
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

/** Reads the rounds that are kept with a task, oldest first. Never throws: an outsider may have written there. */
export const readReviews = (text: string | undefined): readonly ReviewRound[] => {
	if (!text) return [];
	try {
		return listOf(JSON.parse(text)).slice(-ROUNDS_KEPT).map(roundOf);
	} catch {
		return [];
	}
};

/** Reads a person's remarks, one line of JSON each, oldest first. Never throws: an outsider may have written there. */
export const readComments = (text: string | undefined): readonly Comment[] =>
	(text ?? '').split('\n').flatMap(line => {
		try {
			const value: unknown = JSON.parse(line);
			const {at, commit} = fieldsOf(value);
			return [{...commentOf(value), at: wholeOf(at), commit: textOf(commit)}];
		} catch {
			return [];
		}
	});
