/**
 * An agent's command-line program as data. `{briefFile}`, `{worktree}`, `{branch}`, `{task}` and `{agent}` in arguments are replaced;
 * nothing is ever passed through a shell.
 */
export type Harness = {
	readonly name: string;
	/** Program and arguments. */
	readonly command: readonly string[];
	/** How the end of an attempt is known: the process ends, or the agent reports. */
	readonly finish: 'exit' | 'report';
};
