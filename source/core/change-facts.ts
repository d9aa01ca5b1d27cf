import type {Holding} from './held-merge.ts';
import type {Remark, ReviewRound} from './review-round.ts';
import type {Secret} from './secrets.ts';

/** What git says of a task's commit against the base, and what was said about it: all that a merge check needs beside the team's state. */
export type ChangeFacts = {
	/** Where the base stood when that was looked at, and the commit; '' where nothing is committed yet. */
	readonly base: string;
	readonly commit: string;
	readonly files: number;
	readonly added: number;
	readonly removed: number;
	/** Commits of the base that it does not have. */
	readonly behind: number;
	/** Files in which it does not merge with the base; undefined where git could not tell. */
	readonly conflicts: readonly string[] | undefined;
	/** Changed files, the first of them. */
	readonly paths: readonly string[];
	/** Those that none of the task's patterns covers; none where it has no patterns. */
	readonly outside: readonly string[];
	readonly dependencies: readonly string[];
	readonly migrations: readonly string[];
	/** The first of them. */
	readonly secrets: readonly Secret[];
	/** Files that were not searched for any: binary ones, and those beyond the first. */
	readonly unsearched: number;
	/** The last round of review, if there was one. */
	readonly lastRound: ReviewRound | undefined;
	/** What a person said, beside the rounds. */
	readonly remarks: readonly Remark[];
	/** False where the team hands in without reviews. */
	readonly isReviewed: boolean;
	/** Which of the checks hold a merge in this repository. */
	readonly holds: readonly Holding[];
};
