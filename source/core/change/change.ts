import type {Comment, ReviewRound} from '../review/round.ts';
import type {Secret, Unsearched} from './secrets.ts';

/** What a branch, or a landed task, changes: files, and lines that were added and removed (of text; a binary file counts as a file). */
export type ChangeCount = {readonly files: number; readonly added: number; readonly removed: number};

/** `+84 -12`. */
export const linesText = ({added, removed}: ChangeCount): string => `+${added} -${removed}`;

/** `+84 -12 · 3 files`. */
export const changeText = (count: ChangeCount): string => `${linesText(count)} · ${count.files} ${count.files === 1 ? 'file' : 'files'}`;

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
	/** Files that could not be searched for any, the first of them. */
	readonly unsearched: readonly Unsearched[];
	/** What it changes of what `setup` and `test` run, one clause each: `package.json (scripts.test), which `test` runs`. */
	readonly runs: readonly string[];
	/** Files of the repository's configuration that it changes: they count once a person trusts them. */
	readonly configures: readonly string[];
	/** The last round of review, if there was one. */
	readonly lastRound: ReviewRound | undefined;
	/** What a person said, beside the rounds. */
	readonly comments: readonly Comment[];
	/** False where the team hands in without reviews. */
	readonly isReviewed: boolean;
	/** Which of the checks hold a merge in this repository. */
	readonly holds: readonly Holding[];
};

/**
 * Two tasks whose branches, as they are committed now, would not merge with one another; the second id is '' for the base branch. `since`
 * is server time, epoch ms.
 */
export type PredictedConflict = {readonly tasks: readonly [string, string]; readonly files: readonly string[]; readonly since: number};

export const RISKS = ['LOW', 'MEDIUM', 'HIGH'] as const;
export type Risk = {readonly level: (typeof RISKS)[number]; readonly text: string};

/** Files that say what a project is made of, in the package managers that are used most. */
const DEPENDENCIES = new Set([
	...['package.json', 'package-lock.json', 'npm-shrinkwrap.json', 'yarn.lock', 'pnpm-lock.yaml', 'bun.lock', 'bun.lockb', 'deno.lock'],
	...['pyproject.toml', 'poetry.lock', 'uv.lock', 'pipfile', 'pipfile.lock', 'setup.py', 'go.mod', 'go.sum', 'cargo.toml', 'cargo.lock'],
	...['gemfile', 'gemfile.lock', 'composer.json', 'composer.lock', 'pom.xml', 'build.gradle', 'build.gradle.kts', 'mix.exs', 'mix.lock'],
	...['package.swift', 'pubspec.yaml', 'pubspec.lock', 'flake.lock'],
]);

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1).toLowerCase();

/** Whether a path says which other packages are used. */
export const isDependencies = (path: string): boolean =>
	DEPENDENCIES.has(nameOf(path)) || /^requirements[\w.-]*\.txt$|\.(?:csproj|gemspec)$/.test(nameOf(path));

/** Whether a path changes data that is there already: what cannot be taken back by reverting a commit. */
export const isMigration = (path: string): boolean =>
	/(?:^|\/)(?:migrations?|migrate)\//i.test(path) || /\.sql$|^schema\.(?:prisma|rb)$/.test(nameOf(path));

const LARGE = {lines: 200, files: 15};
const HUGE = {lines: 1000, files: 50};

/** How carefully a change should be looked at, from its size and from what it touches: one word, and why. */
export const riskOf = ({files, added, removed, dependencies, migrations, outside, secrets}: ChangeFacts): Risk => {
	const lines = added + removed;
	const isHigh = migrations.length > 0 || secrets.length > 0 || lines > HUGE.lines || files > HUGE.files;
	const isMedium = dependencies.length > 0 || outside.length > 0 || lines > LARGE.lines || files > LARGE.files;
	return {
		level: isHigh ? 'HIGH' : isMedium ? 'MEDIUM' : 'LOW',
		text: [
			`+${added} -${removed}`,
			migrations.length > 0 ? `migrations (${migrations[0]})` : 'no migrations',
			dependencies.length > 0 ? `dependencies (${dependencies[0]})` : 'no dependencies',
		].join(', '),
	};
};

/** Checks of a merge that a repository may let hold it: such a candidate lands by a person's word alone. */
export const HOLDING = ['secrets', 'commands', 'scope'] as const;
export type Holding = (typeof HOLDING)[number];
