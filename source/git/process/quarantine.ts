import {closeSync, existsSync, fstatSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync, writeSync} from 'node:fs';
import {join} from 'node:path';
import {type Beneath, openBeneath} from '../../os/beneath.ts';

/** Copies of untrusted object files, which their writer cannot change, next to the store's objects. */
export type Quarantine = {
	/** An object folder for git: these, and the store's. */
	readonly objects: string;
	/** Packs without an index. */
	readonly packs: readonly string[];
	close(): void;
};

/** Where a worktree's programs keep their objects. */
const OBJECTS = '.git/objects';
export const INCOMING = 'incoming-';

/** Copies are made in pieces of this size, bytes. */
const PIECE = 1024 * 1024;

/** A copy, not a link: its writer could still change a linked file between one reading and the next. */
const copyInto = (from: Beneath, path: string, target: string, piece: Buffer): boolean => {
	const handle = from.open(path);
	if (handle === undefined) return false;
	try {
		const made = openSync(target, 'wx', 0o400);
		try {
			// It may grow for ever meanwhile.
			const {size} = fstatSync(handle);
			for (let at = 0; at < size; ) {
				const read = readSync(handle, piece, 0, Math.min(PIECE, size - at), at);
				if (read === 0) break;
				writeSync(made, piece, 0, read);
				at += read;
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
 * Collects objects of an untrusted `.git/objects` that the store lacks. Only plain files named like objects count, no alternates, links or
 * indexes. Contents are not trusted: the unpacker checks them.
 * @throws LinkRefused if a folder is a link.
 */
export const openQuarantine = (options: {store: string; worktree: string; withPacks: boolean}): Quarantine => {
	const {store, worktree, withPacks} = options;
	const folder = mkdtempSync(join(store, `${INCOMING}${process.pid}-`));
	const objects = join(folder, 'objects');
	const close = (): void => rmSync(folder, {recursive: true, force: true});
	const from = openBeneath(worktree);
	const piece = Buffer.allocUnsafe(PIECE);
	try {
		for (const name of ['info', 'pack']) mkdirSync(join(objects, name), {recursive: true, mode: 0o700});
		writeFileSync(join(objects, 'info', 'alternates'), `${join(store, 'objects')}\n`);
		for (const two of from.list(OBJECTS).filter(name => /^[0-9a-f]{2}$/.test(name))) {
			const missing = from
				.list(`${OBJECTS}/${two}`)
				.filter(name => /^(?:[0-9a-f]{38}|[0-9a-f]{62})$/.test(name) && !existsSync(join(store, 'objects', two, name)));
			if (missing.length > 0) mkdirSync(join(objects, two), {mode: 0o700});
			for (const name of missing) copyInto(from, `${OBJECTS}/${two}/${name}`, join(objects, two, name), piece);
		}
		const packs = !withPacks ? [] : from.list(`${OBJECTS}/pack`).filter(name => /^pack-[0-9a-f]{40,64}\.pack$/.test(name));
		const taken = packs.filter(name => copyInto(from, `${OBJECTS}/pack/${name}`, join(objects, 'pack', name), piece));
		return {objects, packs: taken.map(name => join(objects, 'pack', name)), close};
	} catch (error) {
		close();
		throw error;
	} finally {
		from.close();
	}
};
