import {homedir} from 'node:os';
import {dirname, isAbsolute, join} from 'node:path';
import {cloudHomes, HOMES, NAMING_FILES} from '../../harnesses/shared/home.ts';
import {findProgram} from '../../os/find-program.ts';
import {privateHome} from '../../sandbox/home.ts';
import {namedMounts, pathMounts, programMounts, withReal} from '../../sandbox/programs.ts';
import {chosenSandbox, prefixOf, problemOf, SCRATCH} from '../../sandbox/sandbox.ts';
import {type Mount, outsideOf, type Spec} from '../../sandbox/spec.ts';
import {readSystem} from '../../sandbox/system.ts';
import type {Inmate, Surrounded, Surroundings} from '../parts/sandboxing.ts';

type Environment = Readonly<Record<string, string>>;

/** Keys, agents and buses of the person's session: none of them is inside, and a program is not to look for them. */
const OUTSIDE = ['SSH_AUTH_SOCK', 'SSH_AGENT_PID', 'TMPDIR', 'DBUS_SESSION_BUS_ADDRESS', 'XDG_RUNTIME_DIR'];

/** The first process of a pid namespace is the one that bubblewrap reaps with. */
const INNER_PID = 2;

export const NOT_SURROUNDED = (environment: Environment): Surrounded => ({
	isSandboxed: false,
	prefix: [],
	environment,
	home: '',
	outside: path => path,
	innerPid: undefined,
	problem: async () => '',
});

const expand = (paths: readonly string[], home: string): readonly string[] =>
	paths.map(path => (path === '~' || path.startsWith('~/') ? join(home, path.slice(1)) : path));

const existing = (paths: readonly string[], isWritable: boolean): readonly Mount[] =>
	paths.filter(path => isAbsolute(path)).flatMap(path => withReal(path, isWritable));

/** The person's own home, whatever an agent's environment calls so. */
const personsHome = ({inherited}: Surroundings): string => inherited.HOME || homedir();

const homesFolder = (stateFolder: string): string => join(stateFolder, 'homes');
export const homeFolder = (stateFolder: string, name: string): string => join(homesFolder(stateFolder), name);

const fileOf = ({command, cwd, environment}: Inmate): string =>
	findProgram(command[0] ?? '', cwd, environment.PATH ?? '/usr/local/bin:/usr/bin:/bin');

const specOf = (surroundings: Surroundings, inmate: Inmate): Spec => {
	const {stateFolder, repository, node, binFile, config, identity} = surroundings;
	const {environment, cwd} = inmate;
	const person = personsHome(surroundings);
	const home = environment.HOME && isAbsolute(environment.HOME) ? environment.HOME : person;
	const keepOut = [person, home, stateFolder, repository, '/tmp', '/run', '/var', '/proc', '/dev'];
	const packageRoot = dirname(dirname(binFile));
	const named = NAMING_FILES.flatMap(name => environment[name] ?? []);
	return {
		system: readSystem(),
		mounts: [
			...privateHome({
				folder: homeFolder(stateFolder, inmate.home),
				home,
				environment,
				uses: [...(inmate.cli === undefined ? [] : HOMES[inmate.cli]), ...cloudHomes(environment)],
				files: {'.gitconfig': identity},
			}),
			...pathMounts(environment.PATH ?? '', keepOut),
			...existing(
				['bin', 'dist', 'package.json'].map(name => join(packageRoot, name)),
				false,
			),
			...programMounts(node, keepOut),
			...programMounts(fileOf(inmate), keepOut),
			...namedMounts(inmate.command, keepOut),
			...existing([...named, ...inmate.readable, ...expand(config.readable, person)], false),
			...existing([...inmate.writable, ...expand(config.writable, person)], true),
		],
		hidden: [person, stateFolder, repository],
		cwd,
		scratch: config.limits.disk ?? SCRATCH,
		isOffline: (inmate.network ?? config.network) === 'off',
	};
};

/** What a sandbox that ran before and does not any more is called, everywhere. */
export const brokenSandbox = (problem: string): string => `the sandbox does not work any more: ${problem}`;

/** Refuses a start while the sandbox does not run. Throws an Error with a sentence. */
export const checkSandbox = async ({trouble}: Surroundings, {problem}: Surrounded): Promise<void> => {
	if (!trouble.isBroken) return;
	const found = await problem();
	if (found !== '') throw new Error(brokenSandbox(found));
};

/**
 * Surrounds a program. Throws `ProcessRefused` where there is no such program, and an Error with a sentence where the sandbox that was asked for
 * cannot be had: nothing is ever started without it instead.
 */
export const surround = (surroundings: Surroundings, inmate: Inmate): Surrounded => {
	const {found, config, inherited} = surroundings;
	const sandbox = chosenSandbox(inmate.sandbox ?? config.sandbox, found, inherited);
	if (sandbox.kind === 'none') return NOT_SURROUNDED(inmate.environment);
	const problem = async (): Promise<string> => {
		const found = await problemOf(sandbox);
		surroundings.trouble.isBroken = found !== '';
		return found;
	};
	if (sandbox.kind === 'prefix') {
		const command = sandbox.command.map(word => word.replaceAll('{worktree}', inmate.cwd));
		return {...NOT_SURROUNDED(inmate.environment), isSandboxed: true, prefix: command, problem};
	}
	const spec = specOf(surroundings, inmate);
	const prefix = prefixOf(sandbox, spec);
	return {
		isSandboxed: true,
		prefix,
		environment: Object.fromEntries(Object.entries(inmate.environment).filter(([name]) => !OUTSIDE.includes(name))),
		home: homeFolder(surroundings.stateFolder, inmate.home),
		outside: outsideOf(spec.mounts),
		innerPid: sandbox.kind === 'bubblewrap' ? INNER_PID : undefined,
		problem,
	};
};
