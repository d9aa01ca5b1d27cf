import {findOnPath} from '../find-program.ts';

/** All but the first three only where they are asked for: the room never needs them; `agent-room redis-cli`, its own tests and benchmarks do. */
export type Wanted = 'redis' | 'git' | 'bubblewrap' | 'redis-cli' | 'tmux' | 'ps' | 'valkey' | 'tcc';
/**
 * How the platform's package manager installs what is missing: whole commands, run in order, nothing passed through a shell. `isAllowed` is
 * false if they need root and there is no sudo; then they are for a human to run as root.
 */
export type Installer = {
	readonly name: string;
	readonly packages: readonly string[];
	readonly commands: readonly (readonly string[])[];
	readonly isAllowed: boolean;
};

type Manager = {
	readonly program: string;
	/** Several are parted by spaces; '' if the platform needs none. */
	readonly packages: Readonly<Record<Wanted, string>>;
	readonly commands: (packages: readonly string[]) => readonly (readonly string[])[];
	readonly needsRoot: boolean;
};

/**
 * apt asks nothing (`DEBIAN_FRONTEND`), and the package's own service is not started where that can be asked for: `RUNLEVEL=1` keeps
 * invoke-rc.d and `SYSTEMD_OFFLINE=1` keeps systemctl from starting it. The room neither needs nor touches such a service.
 */
const QUIET = ['env', 'DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1', 'SYSTEMD_OFFLINE=1'];

const MANAGERS: readonly Manager[] = [
	{
		program: 'apt-get',
		packages: {
			// The servers themselves lie in the packages of the tools.
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
	// Fedora and its kin carry Valkey in place of Redis since 41.
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
		// Of coreutils the `env`, which can set how signals are taken.
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

/** The package manager of this machine and its commands for what is wanted; undefined if none is known. Runs nothing. */
export const findInstaller = ({
	wanted = ['redis'],
	path = process.env.PATH ?? '',
	isRoot = process.getuid?.() === 0,
}: {
	readonly wanted?: readonly Wanted[];
	readonly path?: string;
	readonly isRoot?: boolean;
} = {}): Installer | undefined => {
	const manager = MANAGERS.find(({program}) => findOnPath(program, path) !== undefined);
	if (!manager) return undefined;
	const packages = [...new Set(wanted.flatMap(name => manager.packages[name].split(' ').filter(Boolean)))];
	const plain = {name: manager.program, packages, commands: manager.commands(packages)};
	if (!manager.needsRoot || isRoot) return {...plain, isAllowed: true};
	if (!findOnPath('sudo', path)) return {...plain, isAllowed: false};
	return {...plain, commands: plain.commands.map(command => ['sudo', ...command]), isAllowed: true};
};

export type Installed = {readonly ok: true} | {readonly ok: false; readonly command: readonly string[]; readonly code: number};

/**
 * Runs an installer's commands in order with `run`, which answers the exit code. A failing `apt-get update` is not the end: the lists may be good
 * enough (one broken source among many is common). Any other failing command ends it.
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
