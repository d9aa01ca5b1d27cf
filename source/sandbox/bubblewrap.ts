import {inOrder, isWithin, type Mount, type Spec} from './spec.ts';

/** Where the programs lie, absolute. `env`: one of GNU, which can set how signals are taken; undefined if there is none. */
export type Bubblewrap = {readonly bwrap: string; readonly env: string | undefined};

/**
 * Signals that a terminal, a human or the room sends to everything in a pane. bubblewrap would die of them, and everything inside with it,
 * before the program has had a word: so it ignores them, and the program is started as if nobody had.
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

/**
 * The mounts that are needed next to the system's folders. A path through a link of the root, such as `/bin`, is meant where that leads:
 * the link is inside too.
 */
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
 * The beginning of a command that runs the rest of it in a sandbox (bubblewrap): - own user, pid, ipc and host name; no capability, but
 * where root is the user, the one that lets a CLI make a sandbox of its own; - the system read-only, without what is not for everybody; own
 * /proc, /dev, /tmp; nothing else but `mounts`; - nothing outlives the program or the room: with the first the last process of the inside
 * dies. It stays in the session of the pane's terminal, for ctrl+c, resizes and job control; no terminal but the pane's own is in reach.
 */
export const bubblewrapPrefix = ({bwrap, env}: Bubblewrap, spec: Spec): readonly string[] => {
	const {system, hidden, cwd, scratch, isOffline} = spec;
	const covered = hidden.filter(folder => [...system.folders, '/tmp'].some(shown => isWithin(folder, shown)));
	return [
		...(env === undefined ? [] : [env, `--ignore-signal=${SIGNALS}`]),
		bwrap,
		...['--unshare-user', '--cap-drop', 'ALL'],
		// A user who is root outside may only make a namespace in which root is root with this, in its own namespace; files that it marks
		// so are in folders that nobody else may enter, and are run by nobody.
		...(system.isRoot ? ['--cap-add', 'CAP_SETFCAP'] : []),
		...['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try', '--die-with-parent'],
		...(isOffline ? ['--unshare-net'] : []),
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
