import {existsSync, statfsSync} from 'node:fs';
import {GitPluginError, simpleGit} from 'simple-git';
import {oneLine} from './names.ts';
import {GitRefused} from './refused.ts';

/** How a git process ended. `code` is -1 where a signal ended it. */
export type GitResult = {
	readonly code: number;
	readonly stdout: string;
	readonly stderr: string;
	/** The same as `stdout`, as it came: for content that need not be text. */
	readonly bytes: Buffer;
};

export type GitOptions = {
	/** What it reads on its standard input: messages and lists travel here, never as arguments. */
	readonly input?: string;
	/** Further variables, only from `ALLOWED`. */
	readonly env?: Readonly<Partial<Record<(typeof ALLOWED)[number], string>>>;
	/** Exit codes that are answers and not failures. */
	readonly accept?: readonly number[];
};

const ALLOWED = [
	'GIT_AUTHOR_NAME',
	'GIT_AUTHOR_EMAIL',
	'GIT_COMMITTER_NAME',
	'GIT_COMMITTER_EMAIL',
	'GIT_INDEX_FILE',
	'GIT_DIR',
	'GIT_WORK_TREE',
	'GIT_TERMINAL_PROMPT',
	'GIT_OPTIONAL_LOCKS',
	'GIT_NO_REPLACE_OBJECTS',
] as const;

/**
 * Given to every git process. No hook and no fsmonitor of a repository runs, nothing is collected behind our back (a detached `gc`
 * would prune objects that another process has not referenced yet), nothing is signed, no submodule is entered.
 */
const FLAGS = [
	'core.hooksPath=/dev/null',
	'core.fsmonitor=false',
	'gc.auto=0',
	'maintenance.auto=false',
	'commit.gpgSign=false',
	'submodule.recurse=false',
	'protocol.version=2',
	'protocol.file.allow=always',
	'core.quotePath=false',
	'checkout.workers=2',
	'safe.bareRepository=all',
];

/** The same arguments for a git process that is started without this wrapper, for its streams. */
export const gitArguments = (args: readonly string[]): string[] => [...FLAGS.flatMap(flag => ['-c', flag]), ...args];

/** A longer silence of a git process means that it hangs. */
const SILENCE_MS = 600_000;

/** The environment of every git process: ours without any GIT_* and without editors, pagers and askers. */
export const gitEnvironment = (extra?: GitOptions['env']): Record<string, string> => {
	const kept = Object.entries(process.env).filter(
		(entry): entry is [string, string] => entry[1] !== undefined && !/^(?:git_.*|editor|visual|pager|ssh_askpass|prefix)$/i.test(entry[0]),
	);
	return {
		...Object.fromEntries(kept),
		LC_ALL: 'C',
		GIT_TERMINAL_PROMPT: '0',
		GIT_OPTIONAL_LOCKS: '0',
		GIT_NO_REPLACE_OBJECTS: '1',
		...extra,
	};
};

/** What runs git for this process: another one, where that is cheaper. */
export type GitRunner = (folder: string, args: readonly string[], options: GitOptions) => Promise<GitResult>;

let through: GitRunner | undefined;

/** From now on git runs through another process; undefined: by this one itself again. */
export const runGitThrough = (runner: GitRunner | undefined): void => {
	through = runner;
};

/**
 * Runs git in `folder` with an argument array; no shell is anywhere between. Resolves for exit 0 and the codes in `accept`.
 * @throws GitRefused `git-missing` without git, `no-folder`, `git-failed` (message: git's own words in one line) otherwise.
 */
export const git: (folder: string, args: readonly string[], options?: GitOptions) => Promise<GitResult> = (folder, args, options = {}) =>
	(through ?? runGitHere)(folder, args, options);

/** The same in this very process. */
export const runGitHere: GitRunner = async (folder, args, options) => {
	if (!existsSync(folder)) throw new GitRefused('no-folder', `\`${oneLine(folder)}\` does not exist`, 'Was it moved or unmounted?');
	let result: GitResult = {code: 0, stdout: '', stderr: '', bytes: Buffer.alloc(0)};
	const runner = simpleGit({
		baseDir: folder,
		config: FLAGS,
		unsafe: UNSAFE,
		allowEnvironment: ALLOWED,
		completion: {onClose: true, onExit: false},
		timeout: {block: SILENCE_MS},
		input: () => options.input,
		errors: (error, ended) => {
			const stderr = Buffer.concat(ended.stdErr).toString();
			const bytes = Buffer.concat(ended.stdOut);
			result = {code: ended.exitCode ?? -1, stdout: bytes.toString(), stderr, bytes};
			if (error instanceof GitPluginError) return error;
			const isAnswer = result.code === 0 || options.accept?.includes(result.code);
			return isAnswer ? undefined : Buffer.from(stderr || `ended with ${result.code}`);
		},
	}).env(gitEnvironment(options.env));
	// simple-git sleeps 50 ms after a command that printed nothing; an empty chunk tells it that the streams are being read.
	runner.outputHandler((_command, stdout) => queueMicrotask(() => stdout.emit('data', Buffer.alloc(0))));
	try {
		await runner.raw([...args]);
		return result;
	} catch (error) {
		throw asRefusal(error, args, result, folder);
	}
};

/** The answer of a command that prints one value, without its newline. */
export const gitLine = async (folder: string, args: readonly string[], options: GitOptions = {}): Promise<string> =>
	(await git(folder, args, options)).stdout.replace(/\r?\n$/, '');

/** The categories of simple-git's guard that this file itself uses, to switch the thing off (or to name our own bare clone). */
const UNSAFE = {
	allowUnsafeHooksPath: true,
	allowUnsafeFsMonitor: true,
	allowUnsafeProtocolOverride: true,
	allowUnsafeConfigPaths: true,
	allowUnsafeTemplateDir: true,
};

const asRefusal = (error: unknown, args: readonly string[], result: GitResult, folder: string): GitRefused => {
	const words = error instanceof Error ? error.message : String(error);
	if (/spawn git ENOENT/.test(words)) {
		return new GitRefused('git-missing', 'git was not found on the PATH', 'Install it: `agent-room setup`.');
	}
	const command = args.find(arg => !arg.startsWith('-')) ?? 'git';
	return new GitRefused('git-failed', `git ${command}: ${gitWords(result.stderr || words)}${spaceLeft(words, folder)}`);
};

/** Git often does not say why it could not write; how little space there is says it. '' where it did not fail to write. */
export const spaceLeft = (words: string, folder: string): string => {
	if (!/unable to (?:write|create)|cannot (?:write|create)|could not (?:write|create)|write error|No space left|fsync error/i.test(words))
		return '';
	try {
		const {bavail, bsize} = statfsSync(folder);
		return ` (the disk has ${((bavail * bsize) / 1_000_000).toFixed(1)} MB left)`;
	} catch {
		return '';
	}
};

/** What git said on its error stream, as one clean line without its prefixes and advice. */
export const gitWords = (stderr: string): string =>
	oneLine(
		stderr
			.split('\n')
			.filter(line => !/^(?:hint|warning):|^Aborting|^Please (?:commit|move)/.test(line))
			.map(line => line.replace(/^(?:fatal|error): /, ''))
			.join(' '),
		400,
	);
