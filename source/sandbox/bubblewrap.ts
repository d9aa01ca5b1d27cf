import {inOrder, isWithin, type Mount, type Spec} from './spec.ts';

/** Absolute paths. `env`: GNU env, which can set signal handling; undefined if missing. */
export type Bubblewrap = {readonly bwrap: string; readonly env: string | undefined};

/**
 * Signals sent to everything in a pane. They would kill bubblewrap, and everything in it, before the program can react: so it ignores them,
 * and the program starts with defaults.
 */
const SIGNALS = 'INT,QUIT,TERM,HUP';

const KB = 1024;

const mountArguments = ({path, from = path, isWritable, link}: Mount): readonly string[] =>
	link !== undefined ? ['--symlink', link, path] : [isWritable ? '--bind' : '--ro-bind', from, path];

const tmpfs = (path: string, bytes: number, mode = '0755'): readonly string[] => [
	'--perms',
	mode,
	'--size',
	String(bytes),
	'--tmpfs',
	path,
];

/** Mounts besides the system folders. A path through a root link such as `/bin` is mounted at its target: the link exists inside too. */
const besides = ({system, mounts, hidden}: Spec): readonly Mount[] => {
	const follow = (path: string): string => {
		const [link, target] = system.links.find(([each]) => isWithin(path, each)) ?? [];
		return link === undefined || target === undefined ? path : `${target.startsWith('/') ? '' : '/'}${target}${path.slice(link.length)}`;
	};
	const isShown = ({path, from = path, isWritable = false, link}: Mount): boolean =>
		!isWritable &&
		(link !== undefined || follow(from) === path) &&
		system.folders.some(folder => isWithin(path, folder)) &&
		!hidden.some(folder => isWithin(path, folder) && system.folders.some(shown => isWithin(folder, shown)));
	return mounts.map(mount => ({from: mount.path, ...mount, path: follow(mount.path)})).filter(mount => !isShown(mount));
};

/**
 * Wrapper command that runs the rest in bubblewrap, in the session of the pane's terminal (for ctrl+c, resizes, job control) unless it is alone:
 * - own user, pid, ipc and host name; no capability, except for root the one that lets a CLI make its own sandbox;
 * - the system read-only without its secrets; own /proc, /dev, /tmp; otherwise only `mounts`; no other terminal;
 * - nothing outlives the program or the room: when the first process ends, all inside end.
 */
export const bubblewrapPrefix = ({bwrap, env}: Bubblewrap, spec: Spec): readonly string[] => {
	const {system, hidden, cwd, scratch, isOffline, isAlone} = spec;
	const covered = hidden.filter(folder => [...system.folders, '/tmp'].some(shown => isWithin(folder, shown)));
	return [
		...(env === undefined ? [] : [env, `--ignore-signal=${SIGNALS}`]),
		bwrap,
		...['--unshare-user', '--cap-drop', 'ALL'],
		// Root may only map root into a namespace with this, in its own namespace. Files it marks so are in folders that no one else can enter,
		// and no one runs them.
		...(system.isRoot ? ['--cap-add', 'CAP_SETFCAP'] : []),
		...['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try', '--die-with-parent'],
		...(isOffline ? ['--unshare-net'] : []),
		...(isAlone ? ['--new-session'] : []),
		...system.folders.flatMap(folder => ['--ro-bind', folder, folder]),
		...system.links.flatMap(([path, target]) => ['--symlink', target, path]),
		...system.secretFiles.flatMap(file => ['--ro-bind', '/dev/null', file]),
		...system.secretFolders.flatMap(folder => tmpfs(folder, 4 * KB)),
		...['--proc', '/proc'],
		...system.procCovers.flatMap(path => ['--ro-bind', path, path]),
		...['--dev', '/dev', ...tmpfs('/dev/shm', scratch, '1777'), '--remount-ro', '/dev'],
		...tmpfs('/tmp', scratch, '1777'),
		...tmpfs('/var/tmp', scratch, '1777'),
		...covered.filter(folder => !isWithin(folder, '/tmp')).flatMap(folder => tmpfs(folder, 64 * KB)),
		...inOrder(besides(spec)).flatMap(mountArguments),
		...['--remount-ro', '/', '--chdir', cwd, '--'],
		...(env === undefined ? [] : [env, `--default-signal=${SIGNALS}`]),
	];
};
