import type {CliName, Mode, Permissions} from '../harnesses/cli.ts';

/** Which program an agent is, and what it may do. */
export type HarnessFacts = {readonly cli: CliName; readonly mode: Mode; readonly permissions: Permissions};

const TOOLS =
	'Where you have the tools of the MCP server of the room (`progress`, `ask`, `done`, `plan` and others), they do the same as these commands: use them instead, above all `ask`, which waits for a person longer than a command may run.';
const WAITING = 'What you are not allowed to do by yourself waits for a person, perhaps for hours: do it another way where there is one.';
const DENIED = 'What you are not allowed to do is refused, and nobody can be asked: do it another way, or give the task back.';

/** What was seen of each program, where it matters to whoever works in it; all of it holds for rights that are not `full`. */
const SEEN: Readonly<Partial<Record<CliName, readonly string[]>>> = {
	claude: [
		'Plain commands run at once. One with a variable (`$NAME`), one that writes outside of the worktree, and a `sleep` by itself do not: write values out, and wait in a loop.',
	],
	codex: [
		'A commit may print `Unable to create …packed-refs.lock: Read-only file system`. It has succeeded all the same.',
		'What you write down for yourself goes below `$TMPDIR`.',
	],
	gemini: ['Commands with `$(…)` or backticks are refused: write values out, and give several `-m` to `git commit` for a longer message.'],
};

/** Sentences for an agent's brief about the program that it is, after the commands that it has. */
export const harnessNotes = ({cli, mode, permissions}: HarnessFacts): readonly string[] => [
	TOOLS,
	...(permissions === 'full' ? [] : [mode === 'headless' ? DENIED : WAITING, ...(SEEN[cli] ?? [])]),
];
