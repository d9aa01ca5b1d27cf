import {chmodSync, existsSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {makeWhole, removeHalves} from '../../os/make-whole.ts';
import type {PackSource} from '../process/pack.ts';
import {INCOMING} from '../process/quarantine.ts';
import {GitRefused} from '../process/refused.ts';
import {git} from '../process/run.ts';
import {readRemoteBase} from '../remote/base.ts';
import {type Remote, remoteBase} from '../remote/remote.ts';
import {type Repository, readBranch} from '../repository/repository.ts';
import {addSettings} from '../repository/settings.ts';

/**
 * The room's objects: a bare clone (`clone`) of the user's repository for one base branch. Has the base, imported work of agents, and
 * candidates. Attempts and test trees borrow from it: it never collects, so a user's `gc` breaks nothing.
 */
export type Store = {
	readonly repository: Repository;
	readonly clone: string;
	readonly base: string;
	/**
	 * If set, merges are pushed: the base is that remote branch, and the user's own only follows it. Undefined: the base is the user's
	 * branch.
	 */
	readonly remote?: Remote;
	/** Bytes of files that an agent's work may have beyond the base; a bound of ours if undefined. */
	readonly mostBytes?: number | undefined;
};

/** A store whose base is a remote's. */
export type RemoteStore = Store & {readonly remote: Remote};
export const hasRemote = (store: Store): store is RemoteStore => store.remote !== undefined;

/** Where commits of the base are read. */
export const baseFolder = ({remote, clone, repository}: Store): string => (remote ? clone : repository.root);

/**
 * The base's commit, as far as this machine knows.
 * @throws GitRefused `no-base`.
 */
export const readBase = async (store: Store): Promise<string> => {
	if (!hasRemote(store)) return readBranch(store.repository, store.base);
	const head = readRemoteBase(store);
	if (head === '')
		throw new GitRefused('no-base', `\`${remoteBase(store.remote)}\` was never fetched`, 'Check the remote with `git fetch`.');
	return head;
};

/**
 * `sha1` or `sha256`: of a clone that this room has made, read without a git process.
 * @throws GitRefused `no-folder` where it is gone.
 */
export const objectFormat = (clone: string): string => {
	const file = join(clone, 'config');
	if (!existsSync(file)) throw new GitRefused('no-folder', `\`${clone}\` is not a git store`, 'Was it moved or removed?');
	return /^\s*objectformat\s*=\s*(\w+)\s*$/im.exec(readFileSync(file, 'utf8'))?.[1]?.toLowerCase() ?? 'sha1';
};

/** The store as a repository, for readers of objects. */
export const asRepository = ({repository, clone}: Store): Repository => ({...repository, root: clone, commonDir: clone});

/**
 * Copies the objects of `wanted` between repositories by one small pack; checks each object: content, form and references. Omits what
 * `known` reaches: both sides have it. Two processes instead of a fetch's six.
 * @returns false if either refuses (such as a missing commit): then a fetch may succeed, or explain.
 */
export const sendObjects = async (
	from: string,
	to: string,
	{wanted, known, stranger}: {wanted: readonly string[]; known: readonly string[]; stranger?: NonNullable<PackSource['stranger']>},
): Promise<boolean> => {
	const revisions = [...wanted, ...known.map(commit => `^${commit}`)];
	const packFrom = {folder: from, revisions, ...(stranger ? {stranger} : {})};
	const {code} = await git(to, ['unpack-objects', '-q', '--strict'], {packFrom, accept: [1]});
	return code === 0;
};

/** Bare, runs nothing, checks every incoming object, discards none, follows no renamed folders. */
const SETTINGS = [
	['core.hooksPath', '/dev/null'],
	['core.fsmonitor', 'false'],
	['transfer.fsckObjects', 'true'],
	['gc.auto', '0'],
	['maintenance.auto', 'false'],
	['merge.directoryRenames', 'false'],
] as const;

/**
 * Makes the bare clone unless it exists. Links objects instead of copying, if possible; copies no hook template, remote or config. Appears
 * under its name only when complete.
 */
export const openStore = async (repository: Repository, clone: string, base: string, remote?: Remote): Promise<Store> => {
	const store: Store = {repository, clone, base, ...(remote ? {remote} : {})};
	await makeWhole(
		clone,
		() => isStore(clone),
		async half => {
			// A local clone by its path. `--local` would refuse another file system than the repository's, where git copies what it cannot link.
			const copy = ['clone', '--quiet', '--bare', '--no-tags', '--template=', '--', repository.commonDir, half];
			// Refs must be files, whatever the user's settings.
			await git(dirname(clone), ['-c', 'init.defaultRefFormat=files', ...copy]);
			forgetOrigin(half);
			addSettings(half, SETTINGS);
			await ownObjects(half);
			chmodSync(half, 0o700);
			chmodSync(join(half, 'config'), 0o600);
		},
	);
	return store;
};

/** A bare clone has of its origin, whatever the user calls it, only this section of its configuration. */
const forgetOrigin = (half: string): void => {
	const file = join(half, 'config');
	writeFileSync(file, readFileSync(file, 'utf8').replace(/^\[remote "[^"\n]*"\]\n(?:\t.*\n)*/m, ''));
};

/** Whether the store is there. */
export const isStore = (clone: string): boolean => ['config', 'HEAD', 'objects'].every(name => existsSync(join(clone, name)));

/** Copies objects that the repository itself borrows (`clone --shared`): their owner may collect them. */
const ownObjects = async (half: string): Promise<void> => {
	const alternates = join(half, 'objects', 'info', 'alternates');
	if (!existsSync(alternates)) return;
	await git(half, ['repack', '-a', '-d', '-q']);
	rmSync(alternates);
};

/** Removes unfinished imports of dead processes. */
export const sweepStore = ({clone}: Store): void => removeHalves(clone, INCOMING);
