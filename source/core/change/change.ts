import type {Comment, ReviewRound} from '../review/round.ts';
import type {Secret, Unsearched} from './secrets.ts';

/** Size of a branch's or a merged task's change: files and text lines; a binary file counts as a file. */
export type ChangeCount = {readonly files: number; readonly added: number; readonly removed: number};

/** `+84 -12`. */
export const linesText = ({added, removed}: ChangeCount): string => `+${added} -${removed}`;

/** `+84 -12 · 3 files`. */
export const changeText = (count: ChangeCount): string => `${linesText(count)} · ${count.files} ${count.files === 1 ? 'file' : 'files'}`;

/** What a merge check needs besides the team's state: git's view of the task's commit against the base, and the comments. */
export type ChangeFacts = {
	/** Base commit and task commit that were compared; the task commit is '' while nothing is committed. */
	readonly base: string;
	readonly commit: string;
	readonly files: number;
	readonly added: number;
	readonly removed: number;
	/** Commits of the base that the task does not have. */
	readonly behind: number;
	/** Files that conflict with the base; undefined if git could not tell. */
	readonly conflicts: readonly string[] | undefined;
	/** The first changed files. */
	readonly paths: readonly string[];
	/** Changed files outside the task's patterns; [] for a task without patterns. */
	readonly outside: readonly string[];
	readonly dependencies: readonly string[];
	readonly migrations: readonly string[];
	/** Files to which it adds conflict markers. */
	readonly marked: readonly string[];
	readonly secrets: readonly Secret[];
	readonly unsearched: readonly Unsearched[];
	/** Changes to what `setup` and `test` run, one clause each: `package.json (scripts.test), which `test` runs`. */
	readonly runs: readonly string[];
	/** Changed CI files, if merges go to a remote: its forge runs them with its secrets. */
	readonly pipelines: readonly string[];
	/** Changed config files; they take effect once you trust them. */
	readonly configures: readonly string[];
	readonly lastRound: ReviewRound | undefined;
	/** Comments by humans, outside the review rounds. */
	readonly comments: readonly Comment[];
	/** False if the team submits without reviews. */
	readonly isReviewed: boolean;
	/** Checks that require approval in this repository. */
	readonly holds: readonly Holding[];
};

/** Two tasks whose committed branches would conflict; the second id is '' for the base branch. `since` is server time, epoch ms. */
export type PredictedConflict = {readonly tasks: readonly [string, string]; readonly files: readonly string[]; readonly since: number};

export const RISKS = ['LOW', 'MEDIUM', 'HIGH'] as const;
export type Risk = {readonly level: (typeof RISKS)[number]; readonly text: string};

/** Manifests and lock files of the common package managers. */
const DEPENDENCIES = new Set([
	...['package.json', 'package-lock.json', 'npm-shrinkwrap.json', 'yarn.lock', 'pnpm-lock.yaml', 'bun.lock', 'bun.lockb', 'deno.lock'],
	...['pyproject.toml', 'poetry.lock', 'uv.lock', 'pipfile', 'pipfile.lock', 'setup.py', 'go.mod', 'go.sum', 'cargo.toml', 'cargo.lock'],
	...['gemfile', 'gemfile.lock', 'composer.json', 'composer.lock', 'pom.xml', 'build.gradle', 'build.gradle.kts', 'mix.exs', 'mix.lock'],
	...['package.swift', 'pubspec.yaml', 'pubspec.lock', 'flake.lock'],
]);

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1).toLowerCase();

/** Whether a path declares dependencies. */
export const isDependencies = (path: string): boolean =>
	DEPENDENCIES.has(nameOf(path)) || /^requirements[\w.-]*\.txt$|\.(?:csproj|gemspec)$/.test(nameOf(path));

/** Whether a path migrates existing data, which reverting a commit cannot undo. */
export const isMigration = (path: string): boolean =>
	/(?:^|\/)(?:migrations?|migrate)\//i.test(path) || /\.sql$|^schema\.(?:prisma|rb)$/.test(nameOf(path));

/** Whether a forge takes a path as instructions for its CI, which runs with the secrets of the repository. */
export const isPipeline = (path: string): boolean =>
	/^(?:\.github\/(?:workflows|actions)|\.forgejo|\.gitea|\.gitlab|\.circleci|\.woodpecker)\/./i.test(path) ||
	/^(?:\.gitlab-ci|\.woodpecker|azure-pipelines|bitbucket-pipelines)\.ya?ml$|^(?:Jenkinsfile|\.travis\.yml)$/i.test(path);

const LARGE = {lines: 200, files: 15};
const HUGE = {lines: 1000, files: 50};

/** Returns a change's risk level and its reasons, from size and touched paths. */
export const riskOf = ({files, added, removed, dependencies, migrations, outside, marked, secrets}: ChangeFacts): Risk => {
	const lines = added + removed;
	const isHigh = marked.length > 0 || migrations.length > 0 || secrets.length > 0 || lines > HUGE.lines || files > HUGE.files;
	const isMedium = dependencies.length > 0 || outside.length > 0 || lines > LARGE.lines || files > LARGE.files;
	return {
		level: isHigh ? 'HIGH' : isMedium ? 'MEDIUM' : 'LOW',
		text: [
			...(marked.length > 0 ? [`conflict markers (${marked[0]})`] : []),
			`+${added} -${removed}`,
			migrations.length > 0 ? `migrations (${migrations[0]})` : 'no migrations',
			dependencies.length > 0 ? `dependencies (${dependencies[0]})` : 'no dependencies',
		].join(', '),
	};
};

/** Checks that a repository may require approval for. */
export const HOLDING = ['secrets', 'commands', 'scope', 'locks'] as const;
export type Holding = (typeof HOLDING)[number];
