import {existsSync, statfsSync} from 'node:fs';
import {GitPluginError, simpleGit} from 'simple-git';
import {oneLine} from '../../core/text/quote.ts';
import {FLAGS, type GitVariables, gitEnvironment, NETWORK_FLAGS, networkEnvironment, PASSED} from './environment.ts';
import {type PackSource, sendPack} from './pack.ts';
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
	readonly env?: GitVariables;
	/** Exit codes that are answers and not failures. */
	readonly accept?: readonly number[];
	/** Reads a pack that another git makes of these revisions of its folder; exit code 1 when one of both refuses. */
	readonly packFrom?: PackSource;
	/** It talks to a remote: as the user, with the addresses and logins of this configuration file, which stay out of its arguments. */
	readonly network?: {readonly configFile: string};
};

/** A longer silence of a git process means that it hangs. */
const SILENCE_MS = 600_000;
/** The same of one that talks to a remote and tells its progress. */
const NETWORK_SILENCE_MS = 60_000;

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

/**
 * The same in this very process, and the one use of simple-git: it starts git without a shell, refuses what options and variables could make it run,
 * and ends one that is silent for too long. Its readers (`status`, `log`, `diffSummary`) are left: they take names for text without line breaks,
 * and each is a question of its own, where ours asks with `-z` for several things at once.
 */
export const runGitHere: GitRunner = async (folder, args, options) => {
	if (!existsSync(folder)) throw new GitRefused('no-folder', `\`${oneLine(folder)}\` does not exist`, 'Was it moved or unmounted?');
	let result: GitResult = {code: 0, stdout: '', stderr: '', bytes: Buffer.alloc(0)};
	if (options.packFrom) return {...result, code: (await sendPack(options.packFrom, folder, args)) ? 0 : 1};
	const {network} = options;
	const runner = simpleGit({
		baseDir: folder,
		// What comes later counts: no configuration of the user's turns a guard off.
		config: network ? [`include.path=${network.configFile}`, ...FLAGS, ...NETWORK_FLAGS] : FLAGS,
		unsafe: network ? {...UNSAFE, ...UNSAFE_NETWORK} : UNSAFE,
		allowEnvironment: PASSED,
		completion: {onClose: true, onExit: false},
		timeout: {block: network ? NETWORK_SILENCE_MS : SILENCE_MS},
		input: () => options.input,
		errors: (error, ended) => {
			const stderr = Buffer.concat(ended.stdErr).toString();
			const bytes = Buffer.concat(ended.stdOut);
			result = {code: ended.exitCode ?? -1, stdout: bytes.toString(), stderr, bytes};
			if (error instanceof GitPluginError) return error;
			const isAnswer = result.code === 0 || options.accept?.includes(result.code);
			return isAnswer ? undefined : Buffer.from(stderr || `ended with ${result.code}`);
		},
	}).env({...gitEnvironment(options.env), ...(network ? networkEnvironment() : {})});
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

/** And those of git that talks to a remote: the user's own configuration, and their own way to log in. */
const UNSAFE_NETWORK = {allowUnsafeInclude: true, allowUnsafeSshCommand: true, allowUnsafeAskPass: true};

const asRefusal = (error: unknown, args: readonly string[], result: GitResult, folder: string): GitRefused => {
	const words = error instanceof Error ? error.message : String(error);
	if (/spawn git ENOENT/.test(words)) {
		return new GitRefused('git-missing', 'git was not found on the PATH', 'Install it: `agent-room setup`.');
	}
	const command = args.find(arg => !arg.startsWith('-')) ?? 'git';
	return new GitRefused('git-failed', `git ${command}: ${gitWords(result.stderr || words)}${spaceLeft(words, folder)}`);
};

/** Git often does not say why it could not write; how little space there is says it. '' if it did not fail to write. */
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
