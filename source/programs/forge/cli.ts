import {execFile} from 'node:child_process';
import type {ForgeFailure} from '../../core/forge/protocol.ts';
import {plainTextLine} from '../../core/text/quote.ts';
import {findOnPath} from '../../os/find-program.ts';

/** A forge that did not do as asked; the room is told its code and words. */
export class ForgeRefused extends Error {
	override readonly name = 'ForgeRefused';
	readonly code: ForgeFailure;
	constructor(code: ForgeFailure, message: string) {
		super(message);
		this.code = code;
	}
}

/** Longest run of a forge's own program, ms, and most that it may write, bytes. */
const LONGEST_MS = 45_000;
const MOST_BYTES = 64_000_000;

/** Said to those programs: no questions, no colours, no news about themselves. */
const QUIET = {
	...{GH_PROMPT_DISABLED: '1', GH_NO_UPDATE_NOTIFIER: '1', GH_NO_EXTENSION_UPDATE_NOTIFIER: '1', GH_PAGER: 'cat', PAGER: 'cat'},
	...{GLAB_CHECK_UPDATE: 'false', NO_PROMPT: '1', NO_COLOR: '1', CLICOLOR_FORCE: '', GH_FORCE_TTY: '', GH_DEBUG: '', DEBUG: ''},
};

export type Ran = {readonly code: number; readonly stdout: string; readonly stderr: string};
/** Runs the program with these arguments, no shell between, and `input` on its standard input. */
export type RunCli = (args: readonly string[], input?: string) => Promise<Ran>;

/**
 * The program that a forge is asked through, with its own login: none of ours is ever kept. Its arguments are a list, and it runs in a folder
 * whose files it does not read. @throws ForgeRefused `missing`, and `away` if it does not end.
 */
export const forgeCli = (name: string, environment: NodeJS.ProcessEnv): RunCli => {
	const program = findOnPath(name, environment.PATH ?? '');
	return (args, input = '') => {
		if (program === undefined) return Promise.reject(new ForgeRefused('missing', `\`${name}\` is not installed`));
		return new Promise((resolve, reject) => {
			const child = execFile(
				program,
				[...args],
				{cwd: '/', env: {...environment, ...QUIET}, timeout: LONGEST_MS, killSignal: 'SIGKILL', maxBuffer: MOST_BYTES},
				(error, stdout, stderr) => {
					if (error?.killed) reject(new ForgeRefused('away', `\`${name}\` did not answer in ${LONGEST_MS / 1000} s`));
					else resolve({code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout, stderr});
				},
			);
			child.stdin?.on('error', () => undefined);
			child.stdin?.end(input);
		});
	};
};

/** Reads what a program printed as JSON. @throws ForgeRefused `garbage` */
export const readJson = (name: string, {stdout}: Pick<Ran, 'stdout'>): unknown => {
	try {
		return JSON.parse(stdout);
	} catch {
		throw new ForgeRefused('garbage', `\`${name}\` did not answer with JSON: ${plainTextLine(stdout, 80) || 'nothing'}`);
	}
};

const firstLine = (text: string): string => plainTextLine(text.split('\n').find(line => line.trim() !== '') ?? '', 240);

/** The failure that a program's exit means, by the HTTP status that it names. */
export const refusalOf = (name: string, {code, stdout, stderr}: Ran, words = ''): ForgeRefused => {
	const status = Number(/\bHTTP (\d{3})\b|\b(\d{3}) \{/.exec(stderr)?.slice(1).find(Boolean) ?? 0);
	const said = words || firstLine(stderr) || firstLine(stdout) || `exit ${code}`;
	const all = `${stderr}\n${stdout.slice(0, 4000)}`;
	if (status === 429 || /rate limit|abuse detection|too many requests/i.test(all)) return new ForgeRefused('limit', said);
	if (code === 4 || status === 401 || /auth(?:entication)? (?:login|required)|not logged in|no (?:login|token)/i.test(stderr))
		return new ForgeRefused('login', `\`${name}\` is not logged in: ${said}`);
	if (status >= 500 || /error connecting|dial tcp|no such host|timeout|connection refused|could not resolve/i.test(stderr))
		return new ForgeRefused('away', said);
	return new ForgeRefused('refused', said);
};
