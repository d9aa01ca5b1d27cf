/** What is known of all tests on the base. Commits are '' where unknown. */
export type FullTests = {
	/** The newest commit of the base on which all tests passed. */
	readonly passed: string;
	/** The newest commit of the base on which they ran, passed or not, and when that was; epoch ms of the server. */
	readonly tested: string;
	readonly testedAt: number;
	/** The first commit known to fail since `passed`; '' while the base passes. Since when, and how the tests failed. */
	readonly failed: string;
	readonly failedAt: number;
	readonly why: string;
	/** The merge that did it, and its task, '' for a commit of somebody else. */
	readonly found: string;
	readonly task: string;
	/** Results of the search, oldest first: `+commit` passed, `-commit` failed. */
	readonly steps: string;
};

export const NO_FULL_TESTS: FullTests = {
	...{passed: '', tested: '', testedAt: 0, failed: '', failedAt: 0, why: ''},
	...{found: '', task: '', steps: ''},
};

/** Names in the orders of the team. */
export const FULL_FIELDS = {
	passed: 'fullPassed',
	tested: 'fullTested',
	failed: 'fullFailed',
	why: 'fullWhy',
	found: 'fullFound',
	task: 'fullTask',
	steps: 'fullSteps',
} as const;

/** Applies fields of the team's orders. */
export const foldFullTests = (before: FullTests, fields: Readonly<Record<string, string>>): FullTests => {
	const words = Object.entries(FULL_FIELDS).flatMap(([name, field]) =>
		fields[field] === undefined ? [] : [[name, fields[field]] as const],
	);
	const times = (['testedAt', 'failedAt'] as const).flatMap(name => {
		const value = fields[name === 'testedAt' ? 'fullTestedAt' : 'fullFailedAt'];
		return value === undefined ? [] : [[name, Number(value) || 0] as const];
	});
	return words.length + times.length === 0 ? before : {...before, ...Object.fromEntries([...words, ...times])};
};

/** What a result changes, as fields of the team's orders, with the event that says so. */
export type FullChange = {
	readonly type: 'base_tested' | 'base_failing' | 'test_flaky';
	readonly task: string;
	readonly text: string;
	readonly fields: Readonly<Record<string, string>>;
};
