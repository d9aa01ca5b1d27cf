import {homedir} from 'node:os';
import {dirname, isAbsolute, join} from 'node:path';
import type {NetworkChoice} from '../../core/agent/sandbox.ts';
import {CLIS} from '../../harnesses/clis.ts';
import {cloudHomes, NAMING_FILES} from '../../harnesses/shared/home.ts';
import {namedHosts} from '../../harnesses/shared/hosts.ts';
import {findProgram} from '../../os/find-program.ts';
import {privateHome} from '../../sandbox/home.ts';
import {holdTo} from '../../sandbox/limits.ts';
import {namedMounts, pathMounts, programMounts, withReal} from '../../sandbox/programs.ts';
import {type ProxyOptions, startProxy} from '../../sandbox/proxy.ts';
import {chosenSandbox, endWithin, prefixOf, problemOf, SCRATCH} from '../../sandbox/sandbox.ts';
import {type Mount, outsideOf, type Spec} from '../../sandbox/spec.ts';
import {readSystem} from '../../sandbox/system.ts';
import {proxySocketFor} from '../../socket/path.ts';
import type {Inmate, RoomPaths, Surrounded} from '../parts/sandboxing.ts';

type Environment = Readonly<Record<string, string>>;

/** Keys, agents and buses of the user's session: none is inside, and programs must not look for them. */
const OUTSIDE = ['SSH_AUTH_SOCK', 'SSH_AGENT_PID', 'TMPDIR', 'DBUS_SESSION_BUS_ADDRESS', 'XDG_RUNTIME_DIR'];

/** The first process of a pid namespace is bubblewrap's own reaper. */
const INNER_PID = 2;

export const NOT_SURROUNDED = (environment: Environment): Surrounded => ({
	isSandboxed: false,
	prefix: [],
	environment,
	home: '',
	outside: path => path,
	innerPid: undefined,
	enter: async () => {},
	leave: async () => {},
	ended: end => end,
	exceeded: () => '',
	problem: async () => '',
});

const expand = (paths: readonly string[], home: string): readonly string[] =>
	paths.map(path => (path === '~' || path.startsWith('~/') ? join(home, path.slice(1)) : path));

const existing = (paths: readonly string[], isWritable: boolean): readonly Mount[] =>
	paths.filter(path => isAbsolute(path)).flatMap(path => withReal(path, isWritable));

/** The user's own home, whatever an agent's environment says. */
const personsHome = ({inherited}: RoomPaths): string => inherited.HOME || homedir();

const homesFolder = (stateFolder: string): string => join(stateFolder, 'homes');
export const homeFolder = (stateFolder: string, name: string): string => join(homesFolder(stateFolder), name);

const fileOf = ({command, cwd, environment}: Inmate): string =>
	findProgram(command[0] ?? '', cwd, environment.PATH ?? '/usr/local/bin:/usr/bin:/bin');

const networkOf = ({config}: RoomPaths, {network}: Inmate): NetworkChoice => network ?? config.network;

/** The CLI itself: a command that wraps it starts it from the PATH. '' if there is none. */
const cliFile = ({cli, cwd, environment}: Inmate): string => {
	try {
		return cli === undefined ? '' : findProgram(cli, cwd, environment.PATH ?? '');
	} catch {
		return '';
	}
};

const specOf = (paths: RoomPaths, inmate: Inmate, further: readonly Mount[]): Spec => {
	const {stateFolder, repository, node, binFile, forwardFile, config, identity} = paths;
	const {environment, cwd} = inmate;
	const person = personsHome(paths);
	const home = environment.HOME && isAbsolute(environment.HOME) ? environment.HOME : person;
	const keepOut = [person, home, stateFolder, repository, '/tmp', '/run', '/var', '/proc', '/dev'];
	const packageRoot = dirname(dirname(binFile));
	const named = NAMING_FILES.flatMap(name => environment[name] ?? []);
	return {
		system: readSystem(),
		mounts: [
			...(inmate.home === ''
				? []
				: privateHome({
						folder: homeFolder(stateFolder, inmate.home),
						home,
						environment,
						uses: [
							...((inmate.cli === undefined ? undefined : CLIS[inmate.cli])?.home ?? []),
							...(inmate.copies ?? []),
							...cloudHomes(environment),
						],
						files: {'.gitconfig': identity},
					})),
			...pathMounts(environment.PATH ?? '', keepOut),
			...existing(
				['bin', 'dist', 'package.json', join('source', 'guide')].map(name => join(packageRoot, name)),
				false,
			),
			...programMounts(node, keepOut),
			...programMounts(fileOf(inmate), keepOut),
			...programMounts(cliFile(inmate), keepOut),
			...namedMounts(inmate.command, keepOut),
			...existing([...named, ...inmate.readable, ...expand(config.readable, person)], false),
			...existing([...inmate.writable, ...expand(config.writable, person)], true),
			...existing(inmate.readOnly ?? [], false),
			...(further.length === 0 ? [] : existing([forwardFile], false)),
			...further,
		],
		hidden: [person, stateFolder, repository],
		cwd,
		scratch: config.limits.disk ?? SCRATCH,
		isOffline: networkOf(paths, inmate) !== 'on',
		...(inmate.isAlone ? {isAlone: true} : {}),
	};
};

/** The message for a sandbox that ran before and no longer does. */
export const brokenSandbox = (problem: string): string => `the sandbox no longer works: ${problem}`;

/** The port on a sandbox's loopback for its way to the network: nothing else is there. */
const PORT = 3128;

/** Starts the inner end of the way to the network, waits until it listens, and becomes the command. */
const FORWARD = [
	'[ "$("$1" "$2" "$3" "$4" 2>/dev/null &)" = ready ] || { echo "The sandbox proxy did not start." >&2; exit 126; }',
	'shift 4',
	'exec "$@"',
].join('\n');

type WayOut = {
	readonly prefix: readonly string[];
	readonly environment: Environment;
	readonly mounts: readonly Mount[];
	readonly options: ProxyOptions;
};

/** What a sandbox needs whose network is the room's proxy. */
const wayOutOf = (paths: RoomPaths, inmate: Inmate): WayOut | undefined => {
	if (networkOf(paths, inmate) !== 'models') return undefined;
	const {config, inherited, node, forwardFile, stateFolder} = paths;
	const {agent, task, cli, environment} = inmate;
	const path = proxySocketFor(stateFolder, inmate.name);
	const named = cli === undefined ? [] : namedHosts(environment);
	const proxy = `http://127.0.0.1:${PORT}`;
	const apart = ['localhost', '127.0.0.1', '::1']
		.filter(host => !named.some(each => each === host || each.startsWith(`${host}:`)))
		.join(',');
	return {
		prefix: ['/bin/sh', '-c', FORWARD, 'sh', node, forwardFile, path, String(PORT)],
		environment: {
			...Object.fromEntries(
				['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'].map(name => [name, proxy]),
			),
			...{NO_PROXY: apart, no_proxy: apart, NODE_USE_ENV_PROXY: '1'},
		},
		mounts: [{path}],
		options: {
			path,
			allowed: [...((cli === undefined ? undefined : CLIS[cli])?.hosts ?? []), ...named, ...config.hosts],
			upstream: inherited.HTTPS_PROXY || inherited.https_proxy || inherited.HTTP_PROXY || inherited.http_proxy || '',
			onRefused: host => paths.onRefused({agent, task}, host),
		},
	};
};

/**
 * Sandboxes a program. Guarantee: nothing starts without a requested sandbox. Throws `ProcessRefused` if there is no such program, and an Error with
 * a sentence if the requested sandbox is not available.
 */
export const surround = (paths: RoomPaths, inmate: Inmate): Surrounded => {
	const {found, config, inherited, stateFolder, health, groups} = paths;
	const sandbox = chosenSandbox(inmate.sandbox ?? config.sandbox, found, inherited);
	const held = holdTo(config.limits, groups, {stateFolder, name: inmate.name});
	const {exceeded} = held;
	const problem = async (): Promise<string> => {
		const words = await problemOf(sandbox);
		health.isBroken = words !== '';
		return words;
	};
	const check = async (): Promise<void> => {
		const words = health.isBroken ? await problem() : '';
		if (words !== '') throw new Error(brokenSandbox(words));
	};
	const plain = {...NOT_SURROUNDED(inmate.environment), prefix: held.prefix, exceeded, leave: held.close};
	if (sandbox.kind === 'none') return plain;
	if (sandbox.kind === 'prefix') {
		const command = sandbox.command.map(word => word.replaceAll('{worktree}', inmate.cwd));
		return {...plain, isSandboxed: true, prefix: [...held.prefix, ...command], enter: check, problem};
	}
	const way = wayOutOf(paths, inmate);
	const spec = specOf(paths, inmate, way?.mounts ?? []);
	let proxy: {close(): void} | undefined;
	return {
		isSandboxed: true,
		prefix: [...held.prefix, ...prefixOf(sandbox, spec), ...(way?.prefix ?? [])],
		environment: {
			...Object.fromEntries(Object.entries(inmate.environment).filter(([name]) => !OUTSIDE.includes(name))),
			...way?.environment,
		},
		home: inmate.home === '' ? '' : homeFolder(stateFolder, inmate.home),
		outside: outsideOf(spec.mounts),
		innerPid: sandbox.kind === 'bubblewrap' ? INNER_PID : undefined,
		enter: async () => {
			await check();
			if (way) proxy = await startProxy(way.options);
		},
		leave: async () => {
			proxy?.close();
			await held.close();
		},
		ended: end => endWithin(sandbox, end),
		exceeded,
		problem,
	};
};
