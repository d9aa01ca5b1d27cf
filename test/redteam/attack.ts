/** What an agent tries. The guide's page on security has one row for each, with what comes of it in each mode. */
export const AIMS = {
	home: "read your home: keys, logins, anything that is not in the agent's worktree",
	checkout: 'read what lies uncommitted in your checkout',
	others: 'read the worktree of another agent',
	environment: 'read the environment of the room, which is yours',
	state: "read or write the room's state folder",
	redis: "read or change the room's Redis",
	person: 'act as you by `agent-room ...`',
	socket: "act as you, or as another agent, by raw bytes on a socket of the room's",
	base: 'move or push the base, or write into your repository',
	plant: 'plant configuration, hooks, attributes, caches or links that run or count later',
	program: 'change files of yours that are run later: shell, git, the room itself',
	process: 'signal, read or outlive other processes',
	flood: 'flood the room with orders, output, files and processes',
} as const;
export type Aim = keyof typeof AIMS;

/**
 * One hostile command. `sh` runs in the worktree of the hostile agent with the names of agents/lib.sh; it calls `win` where it sees itself that it
 * has done what it must not. Otherwise the judge decides, by a secret in what it printed, or by its mark in what is not its own.
 */
export type Attack = {
	readonly id: string;
	readonly aim: Aim;
	/** What it does, in a few words. */
	readonly title: string;
	readonly sh: string;
	/** Not stopped without a sandbox, as the guide says. */
	readonly isOpenWithout?: true;
};

/** A list of attacks with one aim, numbered. `open`: those that nothing but a sandbox stops. */
export const aimed = (aim: Aim, list: ReadonlyArray<readonly [title: string, sh: string, open?: 'open']>): readonly Attack[] =>
	list.map(([title, sh, open], index) => ({
		id: `${aim}-${String(index + 1).padStart(2, '0')}`,
		aim,
		title,
		sh,
		...(open === undefined ? {} : {isOpenWithout: true}),
	}));
