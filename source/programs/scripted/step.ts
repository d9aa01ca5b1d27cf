/** A condition on where an agent stands; every field given must hold, a list means one of them. */
export type When = {
	readonly role?: string | readonly string[];
	readonly task?: string | readonly string[];
	readonly stage?: string | readonly string[];
	/** From 1. */
	readonly attempt?: number | readonly number[];
	/** Review rounds that asked for changes so far. */
	readonly round?: number | readonly number[];
	readonly briefHas?: string;
	/** About `git diff base...HEAD` of the worktree. */
	readonly diffHas?: string;
	readonly diffLacks?: string;
};

export type Edit = {
	readonly file: string;
	readonly write?: string;
	readonly append?: string;
	readonly replace?: {readonly from: string; readonly to: string};
};

export type Ask = {
	readonly question: string;
	/** What it is about, such as the command. */
	readonly detail?: string;
	readonly choices: readonly string[];
	/** Goes on with `otherwise` when nobody answered for so long; without it, it waits for ever. */
	readonly waitMs?: number;
	/** Number of the choice, from 1. */
	readonly otherwise?: number;
	/** Steps by the number of the choice, from 1. */
	readonly answers?: Readonly<Record<string, readonly Step[]>>;
};

/** One thing that the agent does: exactly one of these beside `when`. Times in ms. */
export type Step = {
	readonly when?: When;
	readonly say?: string;
	readonly think?: number;
	readonly edit?: Edit;
	readonly run?: readonly string[];
	readonly progress?: string;
	readonly ask?: Ask;
	/** Commits everything with this message. */
	readonly commit?: string;
	/** Merges the base branch into its own and keeps both sides of every conflict. */
	readonly mergeBase?: true;
	readonly readDiff?: true;
	/** Dies without a word: of the signal, or with the exit code. */
	readonly crash?: {readonly signal?: 'SIGKILL' | 'SIGSEGV' | 'SIGABRT' | 'SIGTERM'; readonly exit?: number};
	readonly rateLimit?: {readonly ms: number; readonly exit?: number};
	/** Does nothing any more; deaf, it does not even answer SIGTERM. */
	readonly hang?: {readonly isDeaf: boolean};
	/** Bytes of output at once. */
	readonly flood?: number;
	readonly done?: {readonly verdict?: 'approve' | 'changes'; readonly comments?: string; readonly text?: string};
	readonly exit?: number;
};

/** The first entry whose condition holds is what the agent does. */
export type Script = {readonly scripts: ReadonlyArray<{readonly when?: When; readonly steps: readonly Step[]}>};
