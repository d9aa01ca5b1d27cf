import {dirname} from 'node:path/posix';

/**
 * A file or folder that is seen inside, at the same path as outside where `from` is not given; deeper ones lie over the others. `link`: nothing but a
 * link that leads there, where its folder is not seen with it anyway.
 */
export type Mount = {readonly path: string; readonly from?: string; readonly isWritable?: boolean; readonly link?: string};

/** What of this machine every sandbox shows. */
export type System = {
	readonly isRoot: boolean;
	/** Folders that are shown read-only. */
	readonly folders: readonly string[];
	/** Links at the root, such as `/bin` to `usr/bin`. */
	readonly links: ReadonlyArray<readonly [path: string, target: string]>;
	/** Files and folders in them that are not for everybody to read: their places are empty. */
	readonly secretFiles: readonly string[];
	readonly secretFolders: readonly string[];
	/** What only root may write in /proc, as far as it is there. */
	readonly procCovers: readonly string[];
};

/** One sandbox as data. All paths are absolute. */
export type Spec = {
	readonly system: System;
	readonly mounts: readonly Mount[];
	/** Folders of which nothing is seen but what `mounts` shows in them. */
	readonly hidden: readonly string[];
	readonly cwd: string;
	/** Bytes that /tmp may hold, and /dev/shm. */
	readonly scratch: number;
	/** Its own network, in which nothing but its own loopback is. */
	readonly isOffline: boolean;
};

export const isWithin = (path: string, folder: string): boolean =>
	path === folder || folder === '/' || path.startsWith(`${folder.replace(/\/$/, '')}/`);

const depth = (path: string): number => path.split('/').length;

/**
 * Mounts as they have to be made: outer ones first, for an outer one that comes later would lie over the inner. Of several at one path the
 * last counts; what an outer one shows already, just so, is left out.
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

/** Where a path of the inside lies outside, by the mounts that are elsewhere there. */
export const outsideOf =
	(mounts: readonly Mount[]) =>
	(path: string): string => {
		const innermost = inOrder(mounts).findLast(mount => isWithin(path, mount.path));
		return innermost?.from === undefined ? path : `${innermost.from}${path.slice(innermost.path.length)}`;
	};
