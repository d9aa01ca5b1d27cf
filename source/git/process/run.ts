import {existsSync, statfsSync} from 'node:fs';
import {GitPluginError, simpleGit} from 'simple-git';
import {oneLine} from '../../core/text/quote.ts';
import type {Marker} from '../../os/process-table.ts';
import {FLAGS, type GitVariables, gitEnvironment, marked, NETWORK_FLAGS, networkEnvironment, PASSED} from './environment.ts';
import {type PackSource, sendPack} from './pack.ts';
import {withoutPipes} from './pipes.ts';
import {GitRefused} from './refused.ts';
import {type Bounds, weighTree} from './weigh.ts';
import {currentGitWork, untilGitMayRun} from './work.ts';

/** A finished git process. `code` is -1 after a signal. */
export type GitResult = {
	readonly code: number;
	readonly stdout: string;
	readonly stderr: string;
	/** `stdout` as bytes, for content that is not text. */
	readonly bytes: Buffer;
};

export type GitOptions = {
	/** Standard input: messages and lists are never arguments. */
	readonly input?: string;
	/** More variables, only from `ALLOWED`. */
	readonly env?: GitVariables;
	/** Exit codes that are answers, not failures. */
	readonly accept?: readonly number[];
	/** Reads a pack by another git of these revisions of its folder; exit code 1 if either refuses. */
	readonly packFrom?: PackSource;
	/** Talks to a remote as the user, with addresses and logins of this config file, which stay out of the arguments. */
	readonly network?: {readonly configFile: string};
	/** Refuses the tree whose id it prints if that is beyond the bounds. */
	readonly weighs?: Bounds;
	/** One more variable, by which the process is found; set here for the work it belongs to. */
	readonly marker?: Marker;
};

/** A longer silence means that git hangs. */
const SILENCE_MS = 600_000;
/** The same for one that reports its remote progress. */
const NETWORK_SILENCE_MS = 60_000;

/** Runs git for this process, such as another process, where that is cheaper. */
export type GitRunner = (folder: string, args: readonly string[], options: GitOptions) => Promise<GitResult>;

let through: GitRunner | undefined;

/** Routes git through another process; undefined: back to this one. With `instead`, only where git still goes through that. */
export const runGitThrough = (runner: GitRunner | undefined, instead = through): void => {
	if (through === instead) through = runner;
};

/**
 * Runs git in `folder` with an argument array, without a shell. Resolves for exit 0 and codes in `accept`.
 * @throws GitRefused `git-missing` without git, `no-folder`, `ended` if the work it belongs to was, `git-failed` (message: git's words in one
 * line) otherwise.
 */
export const git = async (folder: string, args: readonly string[], options: GitOptions = {}): Promise<GitResult> => {
	const work = currentGitWork();
	if (work) await untilGitMayRun(work);
	const run = (): Promise<GitResult> => (through ?? runGitHere)(folder, args, work ? {...options, marker: work.marker} : options);
	const files = options.env?.GIT_WORK_TREE;
	return files === undefined ? run() : withoutPipes(files, run);
};

/**
 * The same in this process, by the only use of simple-git: it uses no shell, refuses unsafe options and variables, and ends a silent git.
 * Its readers (`status`, `log`, `diffSummary`) are unused: they break on names with line breaks and need a process per question.
 */
export const runGitHere: GitRunner = async (folder, args, options) => {
	if (!existsSync(folder)) throw new GitRefused('no-folder', `\`${oneLine(folder)}\` does not exist`, 'Was it moved or unmounted?');
	let result: GitResult = {code: 0, stdout: '', stderr: '', bytes: Buffer.alloc(0)};
	if (options.packFrom) return {...result, code: (await sendPack(options.packFrom, folder, args, options.marker)) ? 0 : 1};
	const {network, marker} = options;
	const runner = simpleGit({
		baseDir: folder,
		// Later settings win: the user's configuration cannot turn a guard off.
		config: network ? [`include.path=${network.configFile}`, ...FLAGS, ...NETWORK_FLAGS] : FLAGS,
		unsafe: network ? {...UNSAFE, ...UNSAFE_NETWORK} : UNSAFE,
		allowEnvironment: PASSED,
		completion: {onClose: true, onExit: false},
		timeout: {block: network ? NETWORK_SILENCE_MS : SILENCE_MS},
		// It takes an empty text for none, and leaves a git that reads it waiting.
		input: () => (options.input === '' ? Buffer.alloc(0) : options.input),
		errors: (error, ended) => {
			const stderr = Buffer.concat(ended.stdErr).toString();
			const bytes = Buffer.concat(ended.stdOut);
			result = {code: ended.exitCode ?? -1, stdout: bytes.toString(), stderr, bytes};
			if (error instanceof GitPluginError) return error;
			const isAnswer = result.code === 0 || options.accept?.includes(result.code);
			return isAnswer ? undefined : Buffer.from(stderr || `ended with ${result.code}`);
		},
	}).env({...gitEnvironment(options.env), ...(network ? networkEnvironment() : {}), ...marked(marker)});
	// simple-git sleeps 50 ms after a silent command; an empty chunk shows that the streams are read.
	runner.outputHandler((_command, stdout) => queueMicrotask(() => stdout.emit('data', Buffer.alloc(0))));
	try {
		await runner.raw([...args]);
	} catch (error) {
		throw asRefusal(error, args, result, folder);
	}
	if (options.weighs) await weighTree(result.stdout.trim(), options.weighs, marked(marker));
	return result;
};

/** The output of a command that prints one value, without its newline. */
export const gitLine = async (folder: string, args: readonly string[], options: GitOptions = {}): Promise<string> =>
	(await git(folder, args, options)).stdout.replace(/\r?\n$/, '');

/** simple-git's guards that this file needs, to switch features off (or to name our bare clone). */
const UNSAFE = {
	allowUnsafeHooksPath: true,
	allowUnsafeFsMonitor: true,
	allowUnsafeProtocolOverride: true,
	allowUnsafeConfigPaths: true,
	allowUnsafeTemplateDir: true,
};

/** And those for remotes: the user's configuration and login. */
const UNSAFE_NETWORK = {allowUnsafeInclude: true, allowUnsafeSshCommand: true, allowUnsafeAskPass: true};

const asRefusal = (error: unknown, args: readonly string[], result: GitResult, folder: string): GitRefused => {
	const words = error instanceof Error ? error.message : String(error);
	if (/spawn git ENOENT/.test(words)) {
		return new GitRefused('git-missing', 'git was not found on the PATH', 'Install it: `agent-room setup`.');
	}
	// Settings come before the command, each behind its `-c`.
	const command = args.find((arg, at) => !arg.startsWith('-') && args[at - 1] !== '-c') ?? 'git';
	return new GitRefused('git-failed', `git ${command}: ${gitWords(result.stderr || words)}${spaceLeft(words, folder)}`);
};

/** Git often hides why it could not write; free space explains it. '' for other failures. */
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

/** Git's error output as one clean line, without prefixes and advice. */
export const gitWords = (stderr: string): string =>
	oneLine(
		stderr
			.split('\n')
			.filter(line => !/^(?:hint|warning):|^Aborting|^Please (?:commit|move)/.test(line))
			.map(line => line.replace(/^(?:fatal|error): /, ''))
			.join(' '),
		400,
	);
