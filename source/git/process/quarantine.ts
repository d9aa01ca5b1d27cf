import {
	closeSync,
	existsSync,
	fstatSync,
	mkdirSync,
	mkdtempSync,
	openSync,
	readdirSync,
	readSync,
	renameSync,
	rmSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import {join} from 'node:path';
import {type Beneath, openBeneath} from '../../os/beneath.ts';

/** Copies of untrusted object files, which their writer cannot change, next to the store's objects. */
export type Quarantine = {
	/** An object folder for git: the copies, and the store's objects. */
	readonly objects: string;
	/** Packs without an index. */
	readonly packs: readonly string[];
	/** Another one, empty, into which git takes what it has checked. */
	readonly taken: string;
	/**
	 * Copies an object's own file; '' without one.
	 * @throws LinkRefused if it is a link, or a folder on the way is.
	 */
	bring(id: string): string;
	/** Moves what git has taken into the store: these commits last, in this order, so that one that is there is complete. */
	release(commits: readonly string[]): void;
	close(): void;
};

/** Where a worktree's programs keep their objects. */
const OBJECTS = '.git/objects';
export const INCOMING = 'incoming-';
/** Copies are made in pieces of this size, bytes. */
const PIECE = 1024 * 1024;

/** A copy, not a link: its writer could still change a linked file between one reading and the next. */
const copyInto = (from: Beneath, path: string, target: string): boolean => {
	const handle = from.open(path);
	if (handle === undefined) return false;
	try {
		// It may grow for ever meanwhile.
		const {size} = fstatSync(handle);
		const piece = Buffer.allocUnsafe(Math.min(size, PIECE));
		const made = openSync(target, 'wx', 0o400);
		try {
			for (let at = 0, read = 1; at < size && read > 0; at += read) {
				read = readSync(handle, piece, 0, Math.min(piece.length, size - at), at);
				writeSync(made, piece, 0, read);
			}
		} finally {
			closeSync(made);
		}
		return true;
	} finally {
		closeSync(handle);
	}
};

/** An object folder that borrows from another one. */
const makeObjects = (folder: string, borrowed: string): string => {
	for (const name of ['info', 'pack']) mkdirSync(join(folder, name), {recursive: true, mode: 0o700});
	writeFileSync(join(folder, 'info', 'alternates'), `${borrowed}\n`);
	return folder;
};

/** Moves loose objects and packs; a pack is seen with its index. */
const moveObjects = (from: string, to: string, last: readonly string[]): void => {
	const move = (path: string): void => renameSync(join(from, path), join(to, path));
	const packs = readdirSync(join(from, 'pack'));
	for (const isIndex of [false, true]) for (const name of packs) if (name.endsWith('.idx') === isIndex) move(join('pack', name));
	const commits = new Set(last);
	for (const two of readdirSync(from).filter(name => /^[0-9a-f]{2}$/.test(name))) {
		mkdirSync(join(to, two), {recursive: true});
		for (const rest of readdirSync(join(from, two))) if (!commits.has(`${two}${rest}`)) move(join(two, rest));
	}
	for (const id of last.map(commit => join(commit.slice(0, 2), commit.slice(2)))) if (existsSync(join(from, id))) move(id);
};

/**
 * A place for objects of an untrusted `.git/objects`: only plain files named like objects, no alternates, links or indexes, and of those the ones that
 * are asked for. Contents are not trusted: the unpacker checks them.
 * @throws LinkRefused if a folder is a link.
 */
export const openQuarantine = (options: {store: string; worktree: string; withPacks: boolean}): Quarantine => {
	const {store, worktree, withPacks} = options;
	const folder = mkdtempSync(join(store, `${INCOMING}${process.pid}-`));
	const objects = join(folder, 'objects');
	const from = openBeneath(worktree);
	const close = (): void => {
		from.close();
		rmSync(folder, {recursive: true, force: true});
	};
	const bring = (id: string): string => {
		const [two, rest] = [id.slice(0, 2), id.slice(2)];
		const target = join(objects, two, rest);
		if (existsSync(target)) return target;
		mkdirSync(join(objects, two), {recursive: true, mode: 0o700});
		return copyInto(from, `${OBJECTS}/${two}/${rest}`, target) ? target : '';
	};
	try {
		const kept = join(store, 'objects');
		makeObjects(objects, kept);
		const taken = makeObjects(join(folder, 'taken'), kept);
		const packs = !withPacks ? [] : from.list(`${OBJECTS}/pack`).filter(name => /^pack-[0-9a-f]{40,64}\.pack$/.test(name));
		const copied = packs.filter(name => copyInto(from, `${OBJECTS}/pack/${name}`, join(objects, 'pack', name)));
		return {
			objects,
			packs: copied.map(name => join(objects, 'pack', name)),
			taken,
			bring,
			release: commits => moveObjects(taken, kept, commits),
			close,
		};
	} catch (error) {
		close();
		throw error;
	}
};
