import {randomUUID} from 'node:crypto';
import {
	closeSync,
	constants,
	fstatSync,
	lstatSync,
	lutimesSync,
	mkdirSync,
	openSync,
	readdirSync,
	readSync,
	renameSync,
	rmSync,
	type Stats,
	writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {codeOf} from './error-code.ts';
import {LinkRefused} from './link-refused.ts';
import {platform} from './platform.ts';

/**
 * Files of a folder that untrusted programs may change meanwhile. Names are paths from the folder (`refs/heads/x`), and no link is ever
 * followed: on Linux each folder on the way is held by a descriptor, on macOS the system refuses links.
 */
export type Beneath = {
	/** Undefined if missing. A link is reported as a link. */
	look(path: string): Stats | undefined;
	/**
	 * A plain file's content; undefined if missing.
	 * @throws LinkRefused for a link, a folder, a pipe, or more than `most` bytes.
	 */
	read(path: string, most?: number): Buffer | undefined;
	/**
	 * A read handle that the caller closes; undefined if missing.
	 * @throws LinkRefused.
	 */
	open(path: string): number | undefined;
	/**
	 * Names in a folder; none if it is missing.
	 * @throws LinkRefused.
	 */
	list(path: string): readonly string[];
	/** Writes a plain file atomically, with these times; creates folders and replaces what was there, even a link. */
	write(path: string, content: Buffer | string, times?: Pick<Stats, 'atime' | 'mtime'>): void;
	remove(path: string): void;
	/** Removes a pipe, and ends the wait of a program that opens it to read; anything else stays. */
	removePipe(path: string): void;
	close(): void;
};

/** Limit for files of an agent's git folder, bytes. */
const MOST = 256 * 1024 * 1024;
/** macOS: refuses links in the whole path. */
const NOFOLLOW_ANY = 0x2000_0000;
const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const PLAIN = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

const isByDescriptor = platform.beneath === 'descriptor';
const refusesLinks = platform.beneath === 'refused-links';

/** An open folder, and a path to its names that skips the folders above. */
type Held = {readonly handle: number; readonly at: string};

const stepsOf = (path: string): readonly string[] => {
	const steps = path.split('/').filter(step => step !== '');
	if (steps.some(step => step === '.' || step === '..' || step.includes('\0'))) throw new LinkRefused(path);
	return steps;
};

/**
 * Opens a folder for access to its own files only. It must be a folder, no link.
 * @throws LinkRefused for a link; the system's own error if it is missing.
 */
export const openBeneath = (folder: string): Beneath => {
	const openAt = (place: string, name: string): Held => {
		try {
			const handle = openSync(place, refusesLinks ? FOLDER | NOFOLLOW_ANY : FOLDER);
			return {handle, at: isByDescriptor ? `/proc/self/fd/${handle}` : place};
		} catch (error) {
			if (['ELOOP', 'ENOTDIR'].includes(codeOf(error))) throw new LinkRefused(name);
			throw error;
		}
	};
	const top = openAt(folder, folder);

	/** Runs `work` with the folder of a path's last step. */
	const inFolder = <T>(path: string, work: (folder: Held, last: string) => T, makes = false): T => {
		const steps = stepsOf(path);
		const last = steps.at(-1) ?? '.';
		const opened: Held[] = [];
		try {
			let at = top;
			for (const step of steps.slice(0, -1)) {
				const place = join(at.at, step);
				if (makes && !lstatSync(place, {throwIfNoEntry: false})) mkdirSync(place);
				at = openAt(place, path);
				opened.push(at);
			}
			return work(at, last);
		} finally {
			for (const {handle} of opened) closeSync(handle);
		}
	};
	/** The same for reading: undefined if a folder on the way is missing. */
	const find = <T>(path: string, work: (folder: Held, last: string) => T): T | undefined => {
		try {
			return inFolder(path, work);
		} catch (error) {
			if (codeOf(error) === 'ENOENT') return undefined;
			throw error;
		}
	};

	const openFile = (path: string, most: number): {readonly handle: number; readonly size: number} | undefined =>
		find(path, ({at}, last) => {
			let handle: number;
			try {
				handle = openSync(join(at, last), refusesLinks ? PLAIN | NOFOLLOW_ANY : PLAIN);
			} catch (error) {
				if (['ELOOP', 'ENXIO'].includes(codeOf(error))) throw new LinkRefused(path);
				throw error;
			}
			const stat = fstatSync(handle);
			if (stat.isFile() && stat.size <= most) return {handle, size: stat.size};
			closeSync(handle);
			throw new LinkRefused(path);
		});

	return {
		look: path => find(path, ({at}, last) => lstatSync(join(at, last), {throwIfNoEntry: false})),
		read: (path, most = MOST) => {
			const opened = openFile(path, most);
			if (!opened) return undefined;
			try {
				const bytes = Buffer.alloc(opened.size);
				return bytes.subarray(0, readSync(opened.handle, bytes, 0, bytes.length, 0));
			} finally {
				closeSync(opened.handle);
			}
		},
		open: path => openFile(path, Number.MAX_SAFE_INTEGER)?.handle,
		list: path =>
			find(path, ({at}, last) => {
				const folderHere = openAt(join(at, last), path);
				try {
					return readdirSync(folderHere.at);
				} finally {
					closeSync(folderHere.handle);
				}
			}) ?? [],
		write: (path, content, times) =>
			inFolder(
				path,
				({at}, last) => {
					const half = join(at, `.${randomUUID()}`);
					writeFileSync(half, content, {flag: 'wx'});
					try {
						if (times) lutimesSync(half, times.atime, times.mtime);
						renameSync(half, join(at, last));
					} catch (error) {
						rmSync(half, {force: true});
						throw error;
					}
				},
				true,
			),
		remove: path => void find(path, ({at}, last) => rmSync(join(at, last), {recursive: true, force: true})),
		removePipe: path =>
			void find(path, ({at}, last) => {
				const pipe = join(at, last);
				if (!lstatSync(pipe, {throwIfNoEntry: false})?.isFIFO()) return;
				// A reader that opens it between the two finds a writer, and then the end.
				const handle = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOFOLLOW);
				try {
					rmSync(pipe, {force: true});
				} finally {
					closeSync(handle);
				}
			}),
		close: () => closeSync(top.handle),
	};
};
