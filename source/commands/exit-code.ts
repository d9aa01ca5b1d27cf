/** The exit codes that scripts may rely on. */
export const EXIT = {
	ok: 0,
	failed: 1,
	usage: 2,
	notReady: 3,
	/** `status --exit-code`: a person is needed. */
	needsPerson: 4,
	/** `status --exit-code`: the base branch is red. */
	baseRed: 5,
} as const;
