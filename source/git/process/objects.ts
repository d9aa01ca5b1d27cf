import {hash} from 'node:crypto';
import {closeSync, existsSync, fstatSync, openSync, readFileSync, readSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {constants, inflateSync} from 'node:zlib';
import {codeOf} from '../../os/error-code.ts';
import {openCatFile} from './cat-file.ts';
import type {Quarantine} from './quarantine.ts';

/**
 * Objects of a store, and of a stranger. What is told of an object is true of what git will take under its name: of a stranger's files a copy is
 * made, and it is read only if its content makes its name, and removed otherwise. Every object of a stranger that was asked for is then in the
 * quarantine. Undefined: missing or damaged.
 */
export type Objects = {
	/** The text of a commit that only the stranger has; '' if it is no commit, or too large. Undefined if the store has it, or it is missing. */
	newCommit(id: string): Promise<string | undefined>;
	/** A tree as git writes it; its size if that is above `LARGEST_READ`. */
	tree(id: string): Promise<Buffer | number | undefined>;
	/** The same of the store alone. */
	baseTree(id: string): Promise<Buffer | number | undefined>;
	blobSize(id: string): Promise<number | undefined>;
	/** The tree of a commit of the store. */
	rootOf(commit: string): Promise<string | undefined>;
	close(): void;
};

/** A commit whose id is the name of a file here is complete in the store. */
export const IMPORTED = 'refs/agent-room/imported';

/** Larger trees and commits are not read, bytes: a tree of a million files has about 40 MB. */
const LARGEST_READ = 64 * 1024 * 1024;
/** Of a file only so much is read to learn the kind and size of its object, bytes. Most objects are whole in it. */
const FIRST = 4096;
/** A stranger's blob above this size is not read: git is asked whether it has one of that name, bytes. */
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

/**
 * The object in a file of its own; undefined without one. Content only of trees and commits that may be read.
 * @throws Error if it is damaged, or, where that is checked, another than its name says.
 */
const readLoose = (file: string, id: string, isChecked: boolean): Loose | undefined => {
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
	if (isBlob ? !isChecked || size > SMALL : size > LARGEST_READ) return {kind, size, content: undefined};
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

export const openObjects = (options: {
	readonly store: string;
	/** Undefined: only the store's. */
	readonly quarantine?: Quarantine;
	readonly environment: Readonly<Record<string, string>>;
}): Objects => {
	const {store, quarantine, environment} = options;
	const hasPacks = quarantine !== undefined && quarantine.packs.length > 0;
	const kept = openCatFile(store, environment);
	const packed = openCatFile(store, {...environment, ...(quarantine ? {GIT_OBJECT_DIRECTORY: quarantine.objects} : {})});

	const ofStranger = (id: string): Loose | undefined => {
		const file = quarantine?.bring(id) ?? '';
		if (file === '') return undefined;
		try {
			return readLoose(file, id, true);
		} catch {
			rmSync(file, {force: true});
			return undefined;
		}
	};
	const ofStore = (id: string): Loose | undefined => {
		try {
			return readLoose(join(store, 'objects', id.slice(0, 2), id.slice(2)), id, false);
		} catch {
			return undefined;
		}
	};
	/** As git has it: in the store, or in a stranger's pack, which git has indexed. Git believes a pack rather than a file. */
	const infoOf = async (id: string) => {
		const info = await kept.info(id);
		return info ? {...info, from: kept} : hasPacks ? await packed.info(id).then(found => found && {...found, from: packed}) : undefined;
	};
	const treeIn = ({kind, size, content}: Loose): Buffer | number | undefined => (kind === 'tree' ? (content ?? size) : undefined);
	const fromGit = async (id: string): Promise<Buffer | number | undefined> => {
		const info = await infoOf(id);
		if (info?.kind !== 'tree') return undefined;
		if (info.size > LARGEST_READ) return info.size;
		const content = await info.from.content(id);
		return content && info.from === kept ? keepTree(id, content) : content;
	};

	return {
		newCommit: async id => {
			if (existsSync(join(store, IMPORTED, id)) || ofStore(id)) return undefined;
			const own = ofStranger(id);
			if (own) return own.kind === 'commit' ? (own.content?.toString('latin1') ?? '') : '';
			const info = hasPacks ? await infoOf(id) : undefined;
			if (info?.from !== packed) return undefined;
			return info.kind === 'commit' && info.size <= LARGEST_READ ? ((await packed.content(id))?.toString('latin1') ?? '') : '';
		},
		tree: async id => {
			const loose = ofStore(id) ?? ofStranger(id);
			return loose ? treeIn(loose) : fromGit(id);
		},
		baseTree: async id => {
			const last = lastTrees.get(id);
			if (last) return last;
			const loose = ofStore(id);
			const found = loose && treeIn(loose);
			return found instanceof Buffer ? keepTree(id, found) : (found ?? fromGit(id));
		},
		blobSize: async id => {
			const loose = ofStore(id) ?? ofStranger(id);
			const blob = loose && loose.size <= SMALL ? loose : ((await infoOf(id)) ?? loose);
			return blob?.kind === 'blob' ? blob.size : undefined;
		},
		rootOf: async commit => {
			const last = lastRoots.get(commit);
			if (last !== undefined) return last;
			const loose = rootIn(ofStore(commit)?.content?.toString('latin1') ?? '');
			const root = loose || (await kept.info(`${commit}^{tree}`))?.id;
			return root === undefined ? undefined : keepRoot(commit, root);
		},
		close: () => {
			kept.close();
			packed.close();
		},
	};
};
