import {existsSync, readdirSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {oneLine} from '../../core/text/quote.ts';
import {clearStaleLock} from '../lock/stale-lock.ts';
import {isObjectId} from '../process/names.ts';
import {IMPORTED} from '../process/objects.ts';
import {GitRefused} from '../process/refused.ts';
import {git} from '../process/run.ts';
import {type Bounds, MOST_BYTES} from '../process/weigh.ts';
import {fetchBase, readRemoteBase, withRemoteLock} from '../remote/base.ts';
import {pushedTo} from '../remote/remote.ts';
import {fetchShared, fetchSharedTogether} from '../remote/shared.ts';
import {readRef, writeRef} from '../repository/refs.ts';
import {hasRemote, type RemoteStore, readBase, type Store, sendObjects} from './store.ts';

/** A commit under this name is complete in the store. */
const importedRef = (commit: string): string => `${IMPORTED}/${commit}`;

/** The last known base: worktrees see it through a link into this folder, which has nothing else. */
export const BASE_REF = 'refs/agent-room/base/now';

const isImported = ({clone}: Store, commit: string): boolean => readRef(clone, importedRef(commit)) === commit;

/** Beyond so many names, old ones are dropped. */
const MANY_NAMES = 500;
const DAY_MS = 86_400_000;

/** Drops old names so that they do not pile up; objects stay, and what is needed again is still there. */
export const forgetOldImports = async ({clone}: Pick<Store, 'clone'>): Promise<void> => {
	const folder = join(clone, importedRef(''));
	const names = existsSync(folder) ? readdirSync(folder).filter(isObjectId) : [];
	if (names.length < MANY_NAMES) return;
	const isOld = (name: string): boolean =>
		Date.now() - (statSync(join(folder, name), {throwIfNoEntry: false})?.mtimeMs ?? Date.now()) > DAY_MS;
	const old = names.filter(isOld);
	if (old.length > 0) await git(clone, ['update-ref', '--stdin'], {input: old.map(name => `delete ${importedRef(name)}\n`).join('')});
};

/** Marks commits as complete in the store. */
export const markImported = ({clone}: Pick<Store, 'clone'>, commits: readonly string[]): void => {
	for (const commit of commits) writeRef(clone, importedRef(commit), commit);
};

const requireIds = (commits: readonly string[]): void => {
	for (const commit of commits) if (!isObjectId(commit)) throw new GitRefused('no-commit', `\`${oneLine(commit)}\` is not a commit id`);
};

/** Objects are written after those they reference, so an existing one is complete. */
const isLoose = ({clone}: Store, id: string): boolean => hasFile(join(clone, 'objects'), id);

const hasFile = (objects: string, id: string): boolean => existsSync(join(objects, id.slice(0, 2), id.slice(2)));

/** Commits that the store lacks. */
const missingOf = async (store: Store, commits: readonly string[]): Promise<readonly string[]> => {
	const unmarked = [...new Set(commits)].filter(commit => !isImported(store, commit) && !isLoose(store, commit));
	if (unmarked.length === 0) return [];
	const {stdout} = await git(store.clone, ['cat-file', '--batch-check=%(objecttype)'], {input: unmarked.map(id => `${id}\n`).join('')});
	const types = stdout.split('\n');
	return unmarked.filter((_, at) => types[at] !== 'commit');
};

/** Whether the store has a commit, complete. */
export const hasCommit = async (store: Store, commit: string): Promise<boolean> =>
	isObjectId(commit) && (await missingOf(store, [commit])).length === 0;

/**
 * Imports commits of the repository by id, complete. Runs nothing of the repository and checks every object. Also imports the base's head,
 * so that its history need not travel again.
 */
export const importCommits = async (store: Store, commits: readonly string[]): Promise<void> => {
	const {clone, repository, base} = store;
	requireIds(commits);
	const missing = await missingOf(store, commits);
	if (missing.length === 0) return;
	const elsewhere = await bringShared(store, missing);
	if (elsewhere.length > 0)
		return importCommits(
			store,
			commits.filter(commit => !elsewhere.includes(commit)),
		);
	const head = readRef(repository.commonDir, `refs/heads/${base}`);
	const isHeadKnown = head !== '' && isImported(store, head);
	// The store started as a copy of the base, still in the repository unless rewritten: then the fetch below handles it.
	const known = isHeadKnown ? head : readRef(clone, BASE_REF) || readRef(clone, `refs/heads/${base}`);
	const wanted = isHeadKnown || head === '' ? missing : [...new Set([...missing, head])];
	if (known !== '' && (await sendObjects(repository.commonDir, clone, {wanted, known: [known]}))) return markImported(store, wanted);
	for (const commit of missing) await clearStaleLock(join(clone, `${importedRef(commit)}.lock`));
	try {
		await git(clone, [...FETCH, '--end-of-options', repository.commonDir, ...missing.map(commit => `+${commit}:${importedRef(commit)}`)]);
	} catch (error) {
		for (const commit of missing) {
			const {code} = await git(repository.root, ['cat-file', '-e', `${commit}^{commit}`], {accept: [1, 128]});
			if (code !== 0) throw lost(commit);
		}
		throw error;
	}
};

/** The commit may have just been pushed: then the remote's base has it. */
const isOnRemoteBase = async (store: RemoteStore, commit: string): Promise<boolean> => {
	const fetched = await withRemoteLock(store, () => fetchBase(store, readRemoteBase(store)));
	return fetched.kind === 'at' && (await missingOf(store, [commit])).length === 0;
};

/**
 * Fetches commits that the user's repository lacks and another room of the team shared.
 * @throws GitRefused `remote-away`, `not-shared`: another room has it, and this one cannot get it.
 */
const bringShared = async (store: Store, missing: readonly string[]): Promise<readonly string[]> => {
	if (!hasRemote(store) || store.remote.shared === '') return [];
	const {stdout} = await git(store.repository.root, ['cat-file', '--batch-check=%(objecttype)'], {
		input: missing.map(id => `${id}\n`).join(''),
	});
	const types = stdout.split('\n');
	const elsewhere = missing.filter((_, at) => types[at] !== 'commit');
	if (elsewhere.length > 1) await fetchSharedTogether(store, elsewhere);
	for (const commit of elsewhere) {
		if ((await missingOf(store, [commit])).length === 0) continue;
		const short = `\`${commit.slice(0, 12)}\``;
		const fetched = await fetchShared(store, commit);
		if (fetched.kind === 'refused') throw new GitRefused('remote-away', `commit ${short} cannot be fetched: ${fetched.reason}`);
		if (fetched.kind === 'done' || (await isOnRemoteBase(store, commit))) continue;
		throw new GitRefused(
			'not-shared',
			`commit ${short} is not on \`${oneLine(pushedTo(store.remote))}\``,
			'The machine that made it has kept it, or has not pushed it yet.',
		);
	}
	markImported(store, elsewhere);
	return elsewhere;
};

/** Its branch was deleted or reset, and its objects were collected. */
const lost = (commit: string): GitRefused =>
	new GitRefused(
		'lost-commit',
		`commit \`${commit.slice(0, 12)}\` is no longer in the repository`,
		'Its branch may have been deleted and garbage-collected.',
	);

/**
 * Imports commits of untrusted programs from a worktree: recomputes every object, and refuses dangling references. Ignores the worktree's
 * own git settings (configuration, alternates, replacements, pack indexes). Guarantee: no commit comes in that would be larger than the bounds allow
 * when it is checked out, however small its objects are; nothing is in the store before each new one has been weighed.
 * @throws GitRefused `lost-commit` if one of them, or something it needs, is missing or damaged; `too-large`.
 */
export const takeCommits = async (store: Store, worktree: string, commits: readonly string[]): Promise<void> => {
	requireIds(commits);
	const unknown = [...new Set(commits)].filter(commit => !isImported(store, commit) && !isLoose(store, commit));
	// A commit that has a file of its own there was just made: git need not be asked whether the store has it.
	const isNew = unknown.every(commit => hasFile(join(worktree, '.git', 'objects'), commit));
	const missing = isNew ? unknown : await missingOf(store, unknown);
	if (missing.length === 0) return;
	const {base, mostBytes} = boundsOf(store);
	const known = [base].filter(Boolean);
	for (const isPacked of [false, true]) {
		const stranger = {worktree, isPacked, wanted: missing, base, mostBytes};
		const isSent = await sendObjects(store.clone, store.clone, {wanted: missing, known, stranger});
		if (isSent && (await missingOf(store, missing)).length === 0) return markImported(store, missing);
	}
	const [first = ''] = await missingOf(store, missing);
	throw new GitRefused('lost-commit', `commit \`${first.slice(0, 12)}\` of \`${oneLine(worktree)}\` cannot be read completely`);
};

/** Beside what an agent's work is weighed, and up to how many bytes of files. */
export const boundsOf = ({clone, mostBytes = MOST_BYTES}: Store): Bounds => ({store: clone, base: readRef(clone, BASE_REF), mostBytes});

const bringing = new Map<string, Promise<void>>();

/**
 * The base's current commit, which is then in the store for comparisons.
 * @throws GitRefused `no-base`.
 */
export const baseHead = async (store: Store): Promise<string> => {
	const head = await readBase(store);
	if (readRef(store.clone, BASE_REF) === head) return head;
	const key = `${store.clone} ${head}`;
	const work =
		bringing.get(key) ??
		importCommits(store, [head])
			.then(() => writeRef(store.clone, BASE_REF, head))
			.finally(() => bringing.delete(key));
	bringing.set(key, work);
	await work;
	return head;
};

/** Only objects: no tags, FETCH_HEAD, submodules or gc. */
export const FETCH = [
	'fetch',
	'--quiet',
	'--no-tags',
	'--no-write-fetch-head',
	'--no-recurse-submodules',
	'--no-auto-maintenance',
] as const;
