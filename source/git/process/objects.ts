import {createHash, hash} from 'node:crypto';
import {closeSync, createReadStream, fstatSync, openSync, readFileSync, readSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {pipeline} from 'node:stream/promises';
import {constants, createInflate, inflateSync} from 'node:zlib';
import {codeOf} from '../../os/error-code.ts';
import {openCatFile} from './cat-file.ts';

/**
 * Objects of a store, and copies of a stranger's beside them. What is told of an object is true of what git will take under its name: a stranger's
 * file is read only if its content makes its name, and is removed otherwise. Undefined: missing or damaged.
 */
export type Objects = {
	/** The text of a commit that a stranger brings; '' if it is none, or too large. Undefined if the store has it, or nobody. */
	newCommit(id: string): Promise<string | undefined>;
	/** A tree as git writes it; its size if that is above `LARGEST_READ`. */
	tree(id: string): Promise<Buffer | number | undefined>;
	/** The size of a blob. One above `most` is told as its file says. */
	blobSize(id: string, most: number): Promise<number | undefined>;
	/** The tree of a commit of the store. */
	rootOf(commit: string): Promise<string | undefined>;
	close(): void;
};

/** Larger trees and commits are not read, bytes: a tree of a million files has about 40 MB. */
const LARGEST_READ = 64 * 1024 * 1024;
/** Of a file only so much is read to learn the kind and size of its object, bytes. Most objects are whole in it. */
const FIRST = 4096;
/** Blobs up to this size are checked in memory, larger ones by a stream. */
const SMALL = 1024 * 1024;

type Loose = {readonly kind: string; readonly size: number; readonly content: Buffer | undefined};

const algorithmOf = (id: string): 'sha1' | 'sha256' => (id.length === 64 ? 'sha256' : 'sha1');

const readFirst = (file: string): {readonly begin: Buffer; readonly isWhole: boolean} => {
	const handle = openSync(file, 'r');
	try {
		const bytes = Buffer.alloc(FIRST);
		const read = readSync(handle, bytes, 0, FIRST, 0);
		const begin = inflateSync(bytes.subarray(0, read), {finishFlush: constants.Z_SYNC_FLUSH});
		return {begin, isWhole: read === fstatSync(handle).size};
	} finally {
		closeSync(handle);
	}
};

/** Whether a large object of `length` bytes with its header makes its name. */
const makesName = async (file: string, id: string, length: number): Promise<boolean> => {
	const made = createHash(algorithmOf(id));
	let read = 0;
	await pipeline(createReadStream(file), createInflate(), async (chunks: AsyncIterable<Buffer>) => {
		for await (const chunk of chunks) {
			read += chunk.length;
			if (read > length) break;
			made.update(chunk);
		}
	});
	return read === length && made.digest('hex') === id;
};

/**
 * The object in a file of its own; undefined without one. Content only of trees and commits that may be read. `most`: larger blobs are not checked.
 * @throws Error if it is damaged, or another than its name says.
 */
const readLoose = async (
	objects: string,
	id: string,
	{isChecked, most}: {isChecked: boolean; most: number},
): Promise<Loose | undefined> => {
	const file = join(objects, id.slice(0, 2), id.slice(2));
	let first: ReturnType<typeof readFirst>;
	try {
		first = readFirst(file);
	} catch (error) {
		if (codeOf(error) === 'ENOENT') return undefined;
		throw error;
	}
	const {begin, isWhole} = first;
	const [header = '', kind = '', digits = ''] = /^(blob|tree|commit|tag) (\d{1,15})\0/.exec(begin.toString('latin1', 0, 32)) ?? [];
	const [size, length] = [Number(digits), header.length + Number(digits)];
	const damaged = (): Error => new Error(`${id} is damaged`);
	if (header === '') throw damaged();
	const isBlob = kind === 'blob';
	if (isBlob ? !isChecked || size > most : size > LARGEST_READ) return {kind, size, content: undefined};
	if (isBlob && size > SMALL) {
		if (!(await makesName(file, id, length))) throw damaged();
		return {kind, size, content: undefined};
	}
	const whole = isWhole ? begin : inflateSync(readFileSync(file), {maxOutputLength: length + 1});
	if (whole.length !== length || (isChecked && hash(algorithmOf(id), whole, 'hex') !== id)) throw damaged();
	return {kind, size, content: isBlob ? undefined : whole.subarray(header.length)};
};

/** Trees of stores that were read last, and the trees of their commits: the base's are asked for again and again. */
const lastTrees = new Map<string, Buffer>();
const lastRoots = new Map<string, string>();
const MOST_TREES = 4096;
const MOST_TREE_BYTES = 8 * 1024 * 1024;
let treeBytes = 0;

const keepTree = (id: string, content: Buffer): Buffer => {
	if (content.length > MOST_TREE_BYTES / 8) return content;
	// A copy: the content may be a part of something larger.
	lastTrees.set(id, Buffer.from(content));
	treeBytes += content.length;
	for (const [old, {length}] of lastTrees) {
		if (lastTrees.size <= MOST_TREES && treeBytes <= MOST_TREE_BYTES) break;
		lastTrees.delete(old);
		treeBytes -= length;
	}
	return content;
};

const keepRoot = (commit: string, tree: string): string => {
	if (lastRoots.size >= MOST_TREES) lastRoots.clear();
	lastRoots.set(commit, tree);
	return tree;
};

/** A root tree by a commit's text. */
export const rootIn = (commit: string): string => /^tree ([0-9a-f]{40,64})\n/.exec(commit)?.[1] ?? '';

/** `strangers`: an object folder with copies of what a stranger wrote, which borrows from the store's. Git has indexed its packs, if it has any. */
export const openObjects = (options: {
	readonly store: string;
	readonly strangers: string;
	readonly hasPacks: boolean;
	readonly environment: Readonly<Record<string, string>>;
}): Objects => {
	const {store, strangers, hasPacks, environment} = options;
	const kept = openCatFile(store, environment);
	const packed = openCatFile(store, {...environment, GIT_OBJECT_DIRECTORY: strangers});

	/** A stranger's file; removed if it is not what its name says, so that no git uses it. */
	const looseOfStranger = async (id: string, most = 0): Promise<Loose | undefined> => {
		try {
			return await readLoose(strangers, id, {isChecked: true, most});
		} catch {
			rmSync(join(strangers, id.slice(0, 2), id.slice(2)), {force: true});
			return undefined;
		}
	};
	const looseOfStore = (id: string): Promise<Loose | undefined> =>
		readLoose(join(store, 'objects'), id, {isChecked: false, most: 0}).catch(() => undefined);
	/** As git has it: in the store, or in a stranger's pack, which git has indexed. */
	const infoOf = async (id: string) => {
		const info = await kept.info(id);
		return info ? {...info, from: kept} : hasPacks ? await packed.info(id).then(found => found && {...found, from: packed}) : undefined;
	};
	const treeIn = ({kind, size, content}: Loose): Buffer | number | undefined => (kind === 'tree' ? (content ?? size) : undefined);

	return {
		newCommit: async id => {
			const loose = await looseOfStranger(id);
			if (loose) return loose.kind === 'commit' ? (loose.content?.toString('latin1') ?? '') : '';
			if (!hasPacks || (await looseOfStore(id))) return undefined;
			const info = await infoOf(id);
			if (info?.from !== packed) return undefined;
			return info.kind === 'commit' && info.size <= LARGEST_READ ? ((await packed.content(id))?.toString('latin1') ?? '') : '';
		},
		tree: async id => {
			const last = lastTrees.get(id);
			if (last) return last;
			const own = await looseOfStranger(id);
			if (own) return treeIn(own);
			const loose = await looseOfStore(id);
			const found = loose && treeIn(loose);
			if (found !== undefined) return typeof found === 'number' ? found : keepTree(id, found);
			const info = await infoOf(id);
			if (info?.kind !== 'tree') return undefined;
			if (info.size > LARGEST_READ) return info.size;
			const content = await info.from.content(id);
			return content && info.from === kept ? keepTree(id, content) : content;
		},
		blobSize: async (id, most) => {
			const loose = (await looseOfStranger(id, most)) ?? (await looseOfStore(id)) ?? (await infoOf(id));
			return loose?.kind === 'blob' ? loose.size : undefined;
		},
		rootOf: async commit => {
			const last = lastRoots.get(commit);
			if (last !== undefined) return last;
			const loose = rootIn((await looseOfStore(commit))?.content?.toString('latin1') ?? '');
			const root = loose || (await kept.info(`${commit}^{tree}`))?.id;
			return root === undefined ? undefined : keepRoot(commit, root);
		},
		close: () => {
			kept.close();
			packed.close();
		},
	};
};
