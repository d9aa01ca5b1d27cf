import {findOnPath} from '../find-program.ts';
import {platform} from '../platform.ts';

/** The room needs only the first three; the others are for `agent-room redis-cli`, tests and benchmarks. */
export type Wanted = 'redis' | 'git' | 'bubblewrap' | 'redis-cli' | 'tmux' | 'ps' | 'valkey' | 'tcc';
/**
 * How to install missing packages: whole commands, in order, without a shell. `isAllowed` is false if root is needed and there is no sudo:
 * a human must run them as root.
 */
export type Installer = {
	readonly name: string;
	readonly packages: readonly string[];
	readonly commands: readonly (readonly string[])[];
	readonly isAllowed: boolean;
};

type Manager = {
	readonly program: string;
	/** Separated by spaces; '' if not needed on this platform. */
	readonly packages: Readonly<Record<Wanted, string>>;
	readonly commands: (packages: readonly string[]) => readonly (readonly string[])[];
	readonly needsRoot: boolean;
};

/**
 * Makes apt ask nothing (`DEBIAN_FRONTEND`) and not start the package's service: `RUNLEVEL=1` stops invoke-rc.d, `SYSTEMD_OFFLINE=1`
 * systemctl. The room does not use that service.
 */
const QUIET = ['env', 'DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1', 'SYSTEMD_OFFLINE=1'];

const MANAGERS: readonly Manager[] = [
	{
		program: 'apt-get',
		packages: {
			// The server binaries are in the tools packages.
			redis: 'redis-server redis-tools',
			git: 'git',
			bubblewrap: 'bubblewrap',
			'redis-cli': 'redis-tools',
			tmux: 'tmux',
			ps: 'procps',
			valkey: 'valkey-server valkey-tools',
			tcc: 'tcc',
		},
		commands: packages => [
			[...QUIET, 'apt-get', 'update', '-q'],
			[...QUIET, 'apt-get', 'install', '-q', '-y', '--no-install-recommends', ...packages],
		],
		needsRoot: true,
	},
	// Fedora ships Valkey instead of Redis since 41.
	{
		program: 'dnf',
		packages: {
			redis: 'valkey',
			git: 'git',
			bubblewrap: 'bubblewrap',
			'redis-cli': 'valkey',
			tmux: 'tmux',
			ps: 'procps-ng',
			valkey: 'valkey',
			tcc: 'tcc',
		},
		commands: packages => [['dnf', 'install', '-y', ...packages]],
		needsRoot: true,
	},
	{
		program: 'apk',
		// coreutils has the `env` that can set signal handling.
		packages: {
			redis: 'redis',
			git: 'git',
			bubblewrap: 'bubblewrap coreutils',
			'redis-cli': 'redis',
			tmux: 'tmux',
			ps: 'procps',
			valkey: 'valkey',
			tcc: 'tcc',
		},
		commands: packages => [['apk', 'add', '--no-cache', ...packages]],
		needsRoot: true,
	},
	{
		program: 'pacman',
		packages: {
			redis: 'valkey',
			git: 'git',
			bubblewrap: 'bubblewrap',
			'redis-cli': 'valkey',
			tmux: 'tmux',
			ps: 'procps-ng',
			valkey: 'valkey',
			tcc: 'tcc',
		},
		commands: packages => [['pacman', '-Sy', '--noconfirm', '--needed', ...packages]],
		needsRoot: true,
	},
	{
		program: 'brew',
		// macOS has its own sandbox.
		packages: {redis: 'redis', git: 'git', bubblewrap: '', 'redis-cli': 'redis', tmux: 'tmux', ps: 'procps', valkey: 'valkey', tcc: 'tcc'},
		commands: packages => [['brew', 'install', ...packages]],
		needsRoot: false,
	},
];

/** The machine's package manager and its commands for what is wanted; undefined if unknown. Runs nothing. */
export const findInstaller = ({
	wanted = ['redis'],
	path = process.env.PATH ?? '',
	among = platform.packageManagers,
	isRoot = process.getuid?.() === 0,
}: {
	readonly wanted?: readonly Wanted[];
	readonly path?: string;
	readonly among?: readonly string[];
	readonly isRoot?: boolean;
} = {}): Installer | undefined => {
	const manager = MANAGERS.find(({program}) => among.includes(program) && findOnPath(program, path) !== undefined);
	if (!manager) return undefined;
	const packages = [...new Set(wanted.flatMap(name => manager.packages[name].split(' ').filter(Boolean)))];
	const plain = {name: manager.program, packages, commands: manager.commands(packages)};
	if (!manager.needsRoot || isRoot) return {...plain, isAllowed: true};
	if (!findOnPath('sudo', path)) return {...plain, isAllowed: false};
	return {...plain, commands: plain.commands.map(command => ['sudo', ...command]), isAllowed: true};
};

export type Installed = {readonly ok: true} | {readonly ok: false; readonly command: readonly string[]; readonly code: number};

/**
 * Runs an installer's commands in order; `run` returns the exit code. A failing `apt-get update` is ignored (one broken source is common);
 * any other failure stops.
 */
export const installServer = async ({
	installer,
	run,
}: {
	readonly installer: Installer;
	readonly run: (command: readonly string[]) => Promise<number>;
}): Promise<Installed> => {
	for (const [index, command] of installer.commands.entries()) {
		const code = await run(command);
		const isLast = index === installer.commands.length - 1;
		if (code !== 0 && isLast) return {ok: false, command, code};
	}
	return {ok: true};
};
