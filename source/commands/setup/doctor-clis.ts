import {execFile} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {basename, dirname, join} from 'node:path';
import {promisify} from 'node:util';
import type {Config} from '../../core/config/config.ts';
import type {RulesFile} from '../../core/config/rules.ts';
import {CLIS} from '../../harnesses/clis.ts';
import type {Cli} from '../../harnesses/shared/cli.ts';
import {filesMeant} from '../../harnesses/shared/logins.ts';
import {findOnPath} from '../../os/find-program.ts';
import {findSandbox} from '../../sandbox/sandbox.ts';
import {packageRoot} from '../parse/command.ts';
import {plainLine} from '../parse/print.ts';
import {liveProbe} from './cli-probe.ts';
import {insideScratch} from './inside.ts';

/** A check's result. `bad` prevents the room from working, `warn` does not, `note` is unproved; `fix` is the exact command. */
export type Check = {
	readonly name: string;
	readonly result: 'ok' | 'note' | 'warn' | 'bad';
	readonly text: string;
	readonly fix: string;
	/** Missing and optional. */
	readonly isAbsent?: boolean;
};

export const check = (name: string, result: Check['result'], text: string, fix = ''): Check => ({name, result, text: plainLine(text), fix});

type Environment = Readonly<Record<string, string | undefined>>;

const textIn = (file: string): string => {
	try {
		return readFileSync(file, 'utf8');
	} catch {
		return '';
	}
};

/**
 * The version from the program's npm package, '' if it has none. Does not start the program: some write to the user's folders at each
 * start.
 */
export const packagedVersion = (program: string, {package: name}: Pick<Cli, 'package'>): string => {
	try {
		for (let folder = dirname(realpathSync(program)); folder !== dirname(folder); folder = dirname(folder)) {
			const file = join(folder, 'package.json');
			if (!existsSync(file)) continue;
			const told = JSON.parse(textIn(file));
			if (told.name === name && typeof told.version === 'string') return told.version.slice(0, 40);
		}
	} catch {
		// An unreadable package has no version.
	}
	return '';
};

/** The sign of a login, '' for none. Only checks that files exist, never reads a login. */
export const loginOf = ({loginSigns: login}: Pick<Cli, 'loginSigns'>, environment: Environment): string => {
	if (!login) return '';
	const variable = login.environment.find(each => environment[each]);
	if (variable) return `login by ${variable}`;
	const file = filesMeant(login.files, environment).find(each => existsSync(each));
	if (file) return `login in ${basename(dirname(file))}/${basename(file)}`;
	const {files = [], line} = login.settled ?? {};
	return line && filesMeant(files, environment).some(each => line.test(textIn(each))) ? 'a custom provider' : '';
};

/** A CLI that agents would use: from the PATH, or a harness of a trusted configuration. `given`: variables that its agents get. */
type Found = {
	readonly name: string;
	readonly cli: Cli;
	readonly program: readonly string[];
	readonly environment: Environment;
	readonly given: readonly string[];
	/** Versions that a rules file adds to the verified ones. */
	readonly verified: readonly string[];
};

/** A result for a CLI's line, and the fix, if any. `isNotice`: it may work, and nothing has shown that it does. */
type Finding = {readonly text: string; readonly fix?: string; readonly isNotice?: boolean};

/** By the numbers of a version. */
const byVersion = (one: string, other: string): number => one.localeCompare(other, 'en', {numeric: true});

/** What of a configuration says which CLIs there are, and what is known of them. */
export type CliSettings = Pick<Config, 'harnesses' | 'env'> & {readonly rules?: RulesFile | undefined};

/** Every CLI; harnesses only of the effective configuration, since their commands are started. */
export const findClis = (environment: Environment, {harnesses, env, rules}: CliSettings): readonly Found[] => {
	const onPath = Object.values(CLIS).flatMap(cli => {
		const program = findOnPath(cli.name, environment.PATH ?? '');
		return program
			? [
					{
						name: cli.name,
						cli,
						program: [program],
						environment,
						given: [...env, ...cli.loginEnvironment],
						verified: rules?.clis[cli.name]?.verified ?? [],
					},
				]
			: [];
	});
	const configured = Object.entries(harnesses).flatMap(([name, {cli: cliName, command, env: own = {}, rules: named}]) => {
		const cli = cliName && CLIS[cliName];
		const [program = '', ...args] = command ?? [];
		const file = program.startsWith('/') ? program : findOnPath(program, environment.PATH ?? '');
		if (!cli || !file) return [];
		const given = [...env, ...cli.loginEnvironment, ...Object.keys(own)];
		return [
			{
				name,
				cli,
				program: [file, ...args],
				environment: {...environment, ...own},
				given,
				verified: [...(named?.verified ?? []), ...(rules?.clis[cli.name]?.verified ?? [])],
			},
		];
	});
	return [...onPath, ...configured];
};

/** Runs it in an empty scratch home: some write to their home at each start. */
const inScratch = async ({program, environment}: Found, args: readonly string[]): Promise<string | undefined> => {
	const [file = '', ...own] = program;
	const home = mkdtempSync(join(tmpdir(), 'agent-room-doctor-'));
	try {
		mkdirSync(join(home, '.codex'));
		const env = {PATH: environment.PATH ?? '', HOME: home, CODEX_HOME: join(home, '.codex')};
		const command = [file, ...own, ...args];
		const surrounded = await insideScratch(home, {command, cwd: home, environment: env});
		const [program = file, ...rest] = [...surrounded.prefix, ...command];
		return (await promisify(execFile)(program, rest, {cwd: home, timeout: 10_000, env: {...surrounded.environment}})).stdout;
	} catch {
		return undefined;
	} finally {
		rmSync(home, {recursive: true, force: true, maxRetries: 5, retryDelay: 50});
	}
};

const versionOf = async (found: Found, isQuick: boolean): Promise<Finding> => {
	const {cli, program} = found;
	const packaged = packagedVersion(program[0] ?? '', cli);
	const told = packaged !== '' || isQuick ? packaged : /\d+\.\d+\.\d+/.exec((await inScratch(found, ['--version'])) ?? '')?.[0];
	const version = told || 'version unknown';
	if (cli.verified === '') return {text: `${version}, not verified`};
	const verified = [cli.verified, ...found.verified];
	if (verified.includes(version)) return {text: `${version}, verified`};
	const last = verified.toSorted(byVersion).at(-1) ?? cli.verified;
	const isNewer = told !== undefined && told !== '' && byVersion(told, last) > 0;
	return {text: `${version}, ${isNewer ? 'newer than verified' : 'verified with'} ${last}`, isNotice: true};
};

/** A variable that its settings need and its agents would not have, with the line to add. */
const missingFinding = ({cli, environment, given}: Found): Finding | undefined => {
	const files = filesMeant(cli.loginSigns?.settled?.files ?? [], environment).filter(file => existsSync(file));
	const needed = files.slice(0, 1).flatMap(file => cli.neededVariables?.(textIn(file)) ?? []);
	const missing = needed.find(name => !environment[name] || !given.includes(name));
	if (missing === undefined) return undefined;
	return environment[missing]
		? {text: `not set up: its provider needs \`${missing}\`, which agents do not get`, fix: `add \`env: [${missing}]\` to agent-room.yaml`}
		: {
				text: `not set up: its provider needs \`${missing}\`, which is not set`,
				fix: `export ${missing}=... and \`env: [${missing}]\` in agent-room.yaml`,
			};
};

const loginFinding = ({cli, environment}: Found): Finding => {
	const login = loginOf(cli, environment);
	return login === '' ? {text: 'no login found', fix: cli.login} : {text: login};
};

/** A fix is only certain for a CLI of which exactly one version is known to work. */
const hooksFinding = async ({cli, program, environment}: Found): Promise<Finding> => {
	if (!cli.probe) return {text: 'hooks not tried'};
	const hook = [process.execPath, join(packageRoot(), 'dist', 'hook.js')];
	const end = await liveProbe({cli, program, hook, environment});
	if ('event' in end) return {text: `hooks work (${(end.ms / 1000).toFixed(1)} s)`};
	return {text: `its hooks do not reach the room: ${end.reason}`, fix: `npm install --global ${cli.package}@${cli.verified}`};
};

const sandboxFinding = async (found: Found): Promise<Finding | undefined> => {
	const {sandbox} = found.cli.probe ?? {};
	// Inside the room's sandbox its own is off.
	if (!sandbox || (await findSandbox(found.environment)).kind !== 'none') return undefined;
	return (await inScratch(found, sandbox)) === undefined
		? {text: 'its sandbox does not run here, so its commands will fail', fix: 'sudo apt-get install bubblewrap'}
		: {text: 'its sandbox runs'};
};

const look = async (found: Found, isQuick: boolean): Promise<Check> => {
	const version = versionOf(found, isQuick);
	const live = isQuick ? [] : await Promise.all([hooksFinding(found), sandboxFinding(found)]);
	const findings = [await version, loginFinding(found), missingFinding(found), ...live].filter(finding => finding !== undefined);
	const fixes = findings.flatMap(({fix}) => fix ?? []);
	const isNotice = findings.some(finding => finding.isNotice);
	return check(
		found.name,
		fixes.length > 0 ? 'warn' : isNotice ? 'note' : 'ok',
		findings.map(({text}) => text).join('; '),
		fixes.join('; '),
	);
};

const notFound = (cli: Cli): Check => ({
	...check(cli.name, 'ok', `not installed (npm install --global ${cli.package})`),
	isAbsent: true,
});

/**
 * A line for each agent CLI: version, login and, unless quick, whether its hooks arrive, by starting it. In parallel. Missing CLIs are
 * listed if they were ever verified.
 */
export const checkClis = async (environment: Environment, config: CliSettings, isQuick: boolean): Promise<readonly Check[]> => {
	const found = findClis(environment, config);
	const absent = Object.values(CLIS).filter(cli => cli.verified !== '' && !found.some(each => each.cli.name === cli.name));
	return [...(await Promise.all(found.map(each => look(each, isQuick)))), ...absent.map(notFound)];
};
