import {closeSync, existsSync, fstatSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync, writeSync} from 'node:fs';
import {join} from 'node:path';
import {type Beneath, openBeneath} from '../../os/beneath.ts';

/** Copies of untrusted object files, which their writer cannot change, next to the store's objects. */
export type Quarantine = {
	/** An object folder for git: the copies, and the store's objects. */
	readonly objects: string;
	/** Packs without an index. */
	readonly packs: readonly string[];
	/**
	 * Copies an object's own file; '' without one.
	 * @throws LinkRefused if it is a link, or a folder on the way is.
	 */
	bring(id: string): string;
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
		for (const name of ['info', 'pack']) mkdirSync(join(objects, name), {recursive: true, mode: 0o700});
		writeFileSync(join(objects, 'info', 'alternates'), `${join(store, 'objects')}\n`);
		const packs = !withPacks ? [] : from.list(`${OBJECTS}/pack`).filter(name => /^pack-[0-9a-f]{40,64}\.pack$/.test(name));
		const taken = packs.filter(name => copyInto(from, `${OBJECTS}/pack/${name}`, join(objects, 'pack', name)));
		return {objects, packs: taken.map(name => join(objects, 'pack', name)), bring, close};
	} catch (error) {
		close();
		throw error;
	}
};
