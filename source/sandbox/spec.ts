import {dirname} from 'node:path/posix';

/**
 * A file or folder visible inside, at the same path unless `from` is given; deeper mounts cover outer ones. `link`: only a link to that
 * target, where its folder is not visible anyway.
 */
export type Mount = {readonly path: string; readonly from?: string; readonly isWritable?: boolean; readonly link?: string};

/** The parts of this machine that every sandbox shows. */
export type System = {
	readonly isRoot: boolean;
	readonly folders: readonly string[];
	/** Root links, such as `/bin` to `usr/bin`. */
	readonly links: ReadonlyArray<readonly [path: string, target: string]>;
	/** Files and folders in them that others may not read: shown empty. */
	readonly secretFiles: readonly string[];
	readonly secretFolders: readonly string[];
	/** Parts of /proc that only root may write, if they exist. */
	readonly procCovers: readonly string[];
};

/** One sandbox as data. All paths are absolute. */
export type Spec = {
	readonly system: System;
	readonly mounts: readonly Mount[];
	/** Folders of which only their `mounts` are visible. */
	readonly hidden: readonly string[];
	readonly cwd: string;
	/** Size of /tmp and /dev/shm, bytes. */
	readonly scratch: number;
	/** A network of its own with only its loopback. */
	readonly isOffline: boolean;
	/** In a session of its own, without the terminal of its pane: it can print there, but no one can be asked. */
	readonly isAlone?: boolean;
};

export const isWithin = (path: string, folder: string): boolean =>
	path === folder || folder === '/' || path.startsWith(`${folder.replace(/\/$/, '')}/`);

const depth = (path: string): number => path.split('/').length;

/**
 * Mounts in order: outer ones first, or they would cover the inner. The last one of a path counts; drops those that an outer mount already
 * shows.
 */
export const inOrder = (mounts: readonly Mount[]): readonly Mount[] => {
	const byPath = new Map(mounts.map(mount => [mount.path, mount]));
	const sorted = [...byPath.values()].toSorted((one, other) => depth(one.path) - depth(other.path) || (one.path < other.path ? -1 : 1));
	const isShown = ({path, from = path, isWritable = false, link}: Mount): boolean => {
		for (let folder = dirname(path); folder !== '/'; folder = dirname(folder)) {
			const outer = byPath.get(folder);
			if (!outer) continue;
			if (link !== undefined) return outer.link === undefined;
			return (outer.isWritable ?? false) === isWritable && `${outer.from ?? outer.path}${path.slice(folder.length)}` === from;
		}
		return false;
	};
	return sorted.filter(mount => !isShown(mount));
};

/** Maps a path inside to the path outside. */
export const outsideOf =
	(mounts: readonly Mount[]) =>
	(path: string): string => {
		const innermost = inOrder(mounts).findLast(mount => isWithin(path, mount.path));
		return innermost?.from === undefined ? path : `${innermost.from}${path.slice(innermost.path.length)}`;
	};
