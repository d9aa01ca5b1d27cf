import {chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {startTimeOf} from '../../os/process-identity.ts';
import type {PackSource} from '../process/pack.ts';
import {INCOMING} from '../process/quarantine.ts';
import {GitRefused} from '../process/refused.ts';
import {git} from '../process/run.ts';
import {readRemoteBase} from '../remote/base.ts';
import {type Remote, remoteBase} from '../remote/remote.ts';
import {type Repository, readBranch} from '../repository/repository.ts';

/**
 * The room's own objects: a bare clone (`clone`) of a human's repository for one base branch. It holds the base, what agents have made as
 * far as it was taken over, and candidates. Attempts and test trees borrow from it: nothing is ever collected in it, so a human's `gc`
 * takes nothing from anybody.
 */
export type Store = {
	readonly repository: Repository;
	readonly clone: string;
	readonly base: string;
	/**
	 * Where merges are pushed to: then the base is that branch of the remote, and the user's own only follows it. Undefined: the base is the
	 * user's branch.
	 */
	readonly remote?: Remote;
};

/** A store whose base is a remote's. */
export type RemoteStore = Store & {readonly remote: Remote};
export const hasRemote = (store: Store): store is RemoteStore => store.remote !== undefined;

/** Where commits of the base are read. */
export const baseFolder = ({remote, clone, repository}: Store): string => (remote ? clone : repository.root);

/**
 * The commit that the base points to, as far as this machine knows.
 * @throws GitRefused `no-base`.
 */
export const readBase = async (store: Store): Promise<string> => {
	if (!hasRemote(store)) return readBranch(store.repository, store.base);
	const head = readRemoteBase(store);
	if (head === '')
		throw new GitRefused(
			'no-base',
			`\`${remoteBase(store.remote)}\` was never fetched`,
			'Can the remote be reached? `git fetch` says why not.',
		);
	return head;
};

/** The store as a repository: for whoever only reads objects. */
export const asRepository = ({repository, clone}: Store): Repository => ({...repository, root: clone, commonDir: clone});

/**
 * Copies the objects of `wanted` from one repository into another, by one small pack that is checked object by object as it comes in: its
 * content, its form, and that everything it points to is there. What the revisions `known` reach stays at home: both sides hold them whole.
 * It does in two processes what a fetch does in six.
 * @returns false if one of them refuses (a commit that either side does not have, say): then a fetch may still do, or says why not.
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

/** Its whole say: bare, runs nothing, checks every object that comes in, throws none away, follows no renamed folders. */
const SETTINGS = [
	['core.hooksPath', '/dev/null'],
	['core.fsmonitor', 'false'],
	['transfer.fsckObjects', 'true'],
	['gc.auto', '0'],
	['maintenance.auto', 'false'],
	['merge.directoryRenames', 'false'],
] as const;

/**
 * Makes the bare clone unless it exists. Objects are linked, not copied, where the file system can; no hook template, no
 * remote and nothing of the repository's config comes along. It appears under its name only when complete.
 */
export const openStore = async (repository: Repository, clone: string, base: string, remote?: Remote): Promise<Store> => {
	const store: Store = {repository, clone, base, ...(remote ? {remote} : {})};
	if (existsSync(join(clone, 'config'))) return store;
	mkdirSync(dirname(clone), {recursive: true, mode: 0o700});
	removeHalves(dirname(clone), `${basename(clone)}.half-`);
	const half = mkdtempSync(`${clone}.half-${process.pid}-`);
	const copy = ['clone', '--quiet', '--bare', '--no-tags', '--template=', '--local', '--', repository.commonDir, half];
	// Its refs are read as files, whatever a human prefers.
	await git(dirname(clone), ['-c', 'init.defaultRefFormat=files', ...copy]);
	await git(half, ['remote', 'remove', 'origin']);
	for (const [key, value] of SETTINGS) await git(half, ['config', '--local', key, value]);
	await ownObjects(half);
	chmodSync(half, 0o700);
	chmodSync(join(half, 'config'), 0o600);
	try {
		renameSync(half, clone);
	} catch (error) {
		// Another opener was first; its clone is as good.
		rmSync(half, {recursive: true, force: true});
		if (!existsSync(join(clone, 'config'))) throw error;
	}
	return store;
};

/** A repository that itself borrows objects (`clone --shared`) lends them on: they may be collected where they lie, so they are taken over. */
const ownObjects = async (half: string): Promise<void> => {
	const alternates = join(half, 'objects', 'info', 'alternates');
	if (!existsSync(alternates)) return;
	await git(half, ['repack', '-a', '-d', '-q']);
	rmSync(alternates);
};

/** What processes left half-way that were killed: folders by the pid of their maker. */
export const removeHalves = (folder: string, prefix: string): void => {
	for (const name of readdirSync(folder)) {
		const pid = Number(name.slice(prefix.length).split('-')[0]);
		if (name.startsWith(prefix) && startTimeOf(pid) === '') rmSync(join(folder, name), {recursive: true, force: true});
	}
};

/** Removes what was taken over half-way by processes that are gone. */
export const sweepStore = ({clone}: Store): void => removeHalves(clone, INCOMING);
