import {execFile} from 'node:child_process';
import {constants} from 'node:os';
import {isAbsolute} from 'node:path';
import process from 'node:process';
import type {SandboxChoice} from '../core/agent/sandbox.ts';
import {findOnPath, isExecutable} from '../os/find-program.ts';
import {platform} from '../os/platform.ts';
import {type Bubblewrap, bubblewrapPrefix} from './bubblewrap.ts';
import {seatbeltPrefix} from './seatbelt.ts';
import type {Spec} from './spec.ts';
import {readSystem} from './system.ts';

/** The sandbox of this machine. `none`: `why` says the reason, '' if the user chose it. */
export type Sandbox =
	| ({readonly kind: 'bubblewrap'} & Bubblewrap)
	| {readonly kind: 'seatbelt'}
	| {readonly kind: 'prefix'; readonly command: readonly string[]}
	| {readonly kind: 'none'; readonly why: string};

type Environment = Readonly<Record<string, string | undefined>>;

/** Default size of /tmp in a sandbox, bytes. */
export const SCRATCH = 4e9;

/** Wrapper command that runs the rest in this sandbox; [] for none. */
export const prefixOf = (sandbox: Sandbox, spec: Spec): readonly string[] => {
	if (sandbox.kind === 'bubblewrap') return bubblewrapPrefix(sandbox, spec);
	if (sandbox.kind === 'seatbelt') return seatbeltPrefix(spec);
	return sandbox.kind === 'prefix' ? sandbox.command : [];
};

type Ended = {readonly code: number; readonly text: string};

/** Runs a command without input, at most 10 s. */
const run = ([program = '', ...args]: readonly string[]): Promise<Ended> =>
	new Promise(resolve => {
		execFile(program, args, {timeout: 10_000, env: {PATH: '/usr/local/bin:/usr/bin:/bin'}}, (error, stdout, stderr) => {
			const code = error ? (typeof error.code === 'number' ? error.code : 127) : 0;
			resolve({code, text: `${stderr}${stdout}`.trim() || (error && code === 127 ? error.message : '')});
		}).stdin?.end();
	});

const EMPTY = (): Spec => ({system: readSystem(), mounts: [], hidden: [], cwd: '/', scratch: 1e6, isOffline: false});

/** Why a sandbox does not work here; '' if it does. */
export const problemOf = async (sandbox: Sandbox, spec: Spec = EMPTY()): Promise<string> => {
	if (sandbox.kind === 'none') return sandbox.why;
	const {code, text} = await run([...prefixOf(sandbox, spec), 'true']);
	if (code === 0) return '';
	const line = text.split('\n').findLast(each => each.trim() !== '') ?? `ended with ${code}`;
	return /uid map|namespace|Operation not permitted/i.test(line) ? `user namespaces are not allowed here (\`${line}\`)` : `\`${line}\``;
};

const there = (file: string): string | undefined => (isExecutable(file) ? file : undefined);

/** Finds and tries this machine's sandbox; takes a few milliseconds. */
export const findSandbox = async (environment: Environment): Promise<Sandbox> => {
	const path = environment.PATH ?? '';
	if (platform.sandbox === 'seatbelt') return {kind: 'seatbelt'};
	if (platform.sandbox === 'none') return {kind: 'none', why: `not available on ${process.platform}`};
	const bwrap = findOnPath('bwrap', path) ?? there('/usr/bin/bwrap');
	if (bwrap === undefined) return {kind: 'none', why: 'bubblewrap is not installed'};
	const tried: string[] = [];
	for (const env of [there('/usr/bin/env'), undefined]) {
		const sandbox = {kind: 'bubblewrap', bwrap, env} as const;
		const problem = await problemOf(sandbox);
		if (problem === '') return sandbox;
		tried.push(problem);
	}
	return {kind: 'none', why: tried.at(-1) ?? ''};
};

/** Resolves the configured choice. Throws an Error for `on` if there is no sandbox. */
export const chosenSandbox = (choice: SandboxChoice, found: Sandbox, environment: Environment): Sandbox => {
	if (choice === 'off') return {kind: 'none', why: ''};
	if (Array.isArray(choice)) {
		const [program = '', ...args] = choice;
		const file = isAbsolute(program) ? there(program) : findOnPath(program, environment.PATH ?? '');
		if (file === undefined) throw new Error(`The program \`${program}\` of \`sandbox\` was not found`);
		return {kind: 'prefix', command: [file, ...args]};
	}
	if (choice === 'on' && found.kind === 'none') throw new Error(`\`sandbox: on\` cannot work here: ${found.why}`);
	return found;
};

const DEADLY = [
	'SIGHUP',
	'SIGINT',
	'SIGQUIT',
	'SIGILL',
	'SIGTRAP',
	'SIGABRT',
	'SIGBUS',
	'SIGFPE',
	'SIGKILL',
	'SIGSEGV',
	'SIGPIPE',
	'SIGTERM',
	'SIGXFSZ',
	'SIGSYS',
] as const;

/**
 * How a sandboxed program ended. bubblewrap exits like a shell, with 128 + n after signal n; a program that exits with such a code itself
 * looks the same.
 */
export const endWithin = <T extends {readonly exitCode: number; readonly signal: string}>({kind}: Sandbox, end: T): T => {
	const signal =
		end.signal === '' && kind === 'bubblewrap' ? DEADLY.find(name => constants.signals[name] + 128 === end.exitCode) : undefined;
	return signal === undefined ? end : {...end, signal};
};
