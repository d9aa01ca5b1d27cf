import {existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type Beneath, openBeneath} from '../../os/beneath.ts';

/** Untrusted object files, under names that their writer cannot change, next to the store's objects. */
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

const copyInto = (from: Beneath, path: string, target: string): boolean => {
	if (from.share(path, target)) return true;
	const content = from.read(path);
	if (content === undefined) return false;
	writeFileSync(target, content, {mode: 0o400, flag: 'wx'});
	return true;
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
	try {
		for (const name of ['info', 'pack']) mkdirSync(join(objects, name), {recursive: true, mode: 0o700});
		writeFileSync(join(objects, 'info', 'alternates'), `${join(store, 'objects')}\n`);
		for (const two of from.list(OBJECTS).filter(name => /^[0-9a-f]{2}$/.test(name))) {
			const missing = from
				.list(`${OBJECTS}/${two}`)
				.filter(name => /^(?:[0-9a-f]{38}|[0-9a-f]{62})$/.test(name) && !existsSync(join(store, 'objects', two, name)));
			if (missing.length > 0) mkdirSync(join(objects, two), {mode: 0o700});
			for (const name of missing) copyInto(from, `${OBJECTS}/${two}/${name}`, join(objects, two, name));
		}
		const packs = !withPacks ? [] : from.list(`${OBJECTS}/pack`).filter(name => /^pack-[0-9a-f]{40,64}\.pack$/.test(name));
		const taken = packs.filter(name => copyInto(from, `${OBJECTS}/pack/${name}`, join(objects, 'pack', name)));
		return {objects, packs: taken.map(name => join(objects, 'pack', name)), close};
	} catch (error) {
		close();
		throw error;
	} finally {
		from.close();
	}
};
