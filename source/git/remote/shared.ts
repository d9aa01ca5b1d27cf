import {isObjectId} from '../process/names.ts';
import {git, gitLine} from '../process/run.ts';
import {readRef} from '../repository/refs.ts';
import {FETCH_ONE, type Fetched, fetchBase, PUSH_ONE, withRemoteLock} from './base.ts';
import {askRemote, pushedTo, type RemotePlace, remoteWords} from './remote.ts';

/** Commits exchanged with the team's other rooms: complete in this store. */
const HERE = 'refs/agent-room/shared/';

/** Named by its id on the remote: the id in Redis says where it is, and the ref never moves. */
const refOf = ({remote}: RemotePlace, commit: string): string => `${remote.shared}${commit}`;

/** Whether other rooms of the team can fetch this commit, as far as known. */
export const isShared = ({clone}: Pick<RemotePlace, 'clone'>, commit: string): boolean => readRef(clone, `${HERE}${commit}`) === commit;

/** `reason` is one clean clause. */
export type Shared = {readonly kind: 'done'} | {readonly kind: 'refused'; readonly reason: string};

const note = async ({clone}: RemotePlace, commits: readonly string[]): Promise<void> => {
	await git(clone, ['update-ref', '--stdin'], {input: commits.map(commit => `update ${HERE}${commit} ${commit}\n`).join('')});
};

/**
 * Pushes commits of the store under the team's ref names, outside of branches. Changes nothing that exists. The caller decides whether they
 * may leave this machine.
 */
export const pushShared = (place: RemotePlace, commits: readonly string[]): Promise<Shared> =>
	withRemoteLock(place, async () => {
		const left = commits.filter(commit => isObjectId(commit) && !isShared(place, commit));
		if (left.length === 0) return {kind: 'done'};
		const pushed = await askRemote(place, [
			...['push', ...PUSH_ONE, '--end-of-options', pushedTo(place.remote)],
			...left.map(commit => `${commit}:${refOf(place, commit)}`),
		]);
		if (pushed.code !== 0) return {kind: 'refused', reason: remoteWords(pushed)};
		await note(place, left);
		return {kind: 'done'};
	});

const incomingOf = (commit: string): string => `refs/agent-room/incoming/${commit}`;

const toIncoming = (place: RemotePlace, commit: string): string => `+${refOf(place, commit)}:${incomingOf(commit)}`;

/** Notes commits that have come under their own ids, and believes no other. */
const takeIncoming = async (place: RemotePlace, commits: readonly string[]): Promise<readonly string[]> => {
	const come = commits.filter(commit => readRef(place.clone, incomingOf(commit)) !== '');
	if (come.length === 0) return [];
	const right = come.filter(commit => readRef(place.clone, incomingOf(commit)) === commit);
	await git(place.clone, ['update-ref', '--stdin'], {input: come.map(commit => `delete ${incomingOf(commit)}\n`).join('')});
	if (right.length > 0) await note(place, right);
	return right;
};

/** Fetches another room's commit, if it was shared under exactly its id. Checks every object. `missing`: the remote does not have it. */
export const fetchShared = (place: RemotePlace, commit: string): Promise<Shared | {readonly kind: 'missing'}> =>
	withRemoteLock(place, async () => {
		if (!isObjectId(commit)) return {kind: 'missing'};
		const fetched = await askRemote(place, ['fetch', ...FETCH_ONE, '--end-of-options', pushedTo(place.remote), toIncoming(place, commit)]);
		if (fetched.code !== 0)
			return /couldn't find remote ref/.test(fetched.stderr) ? {kind: 'missing'} : {kind: 'refused', reason: remoteWords(fetched)};
		return (await takeIncoming(place, [commit])).length === 0 ? {kind: 'missing'} : {kind: 'done'};
	});

/** Fetches several in one request. Whatever does not come that way is asked for by itself: one that is missing lets all of a request fail. */
export const fetchSharedTogether = (place: RemotePlace, commits: readonly string[]): Promise<void> =>
	withRemoteLock(place, async () => {
		const wanted = commits.filter(isObjectId);
		await askRemote(place, [
			...['fetch', ...FETCH_ONE, '--end-of-options', pushedTo(place.remote)],
			...wanted.map(commit => toIncoming(place, commit)),
		]);
		await takeIncoming(place, wanted);
	});

/**
 * The remote's base, and in the same request commits that other rooms shared; `got`: those that came. What did not come is asked for by itself. Under the
 * remote's lock.
 */
export const fetchBaseWith = async (
	place: RemotePlace,
	known: string,
	commits: readonly string[],
): Promise<{readonly fetched: Fetched; readonly got: readonly string[]}> => {
	const wanted = commits.filter(isObjectId);
	const refs = wanted.map(commit => toIncoming(place, commit));
	const {name} = place.remote;
	const from = pushedTo(place.remote);
	// What another remote holds is asked for there; what does not come is asked for by itself.
	const isApart = from !== name;
	const fetched = await fetchBase(place, known, isApart ? [] : refs);
	if (isApart && refs.length > 0) await askRemote(place, ['fetch', ...FETCH_ONE, '--end-of-options', from, ...refs]);
	return {fetched, got: await takeIncoming(place, wanted)};
};

/** The commits that the team shares on the remote. Undefined if unreachable. */
export const listShared = async (place: RemotePlace): Promise<readonly string[] | undefined> => {
	const {remote} = place;
	const listed = await askRemote(place, ['ls-remote', '--refs', '--quiet', '--end-of-options', pushedTo(remote), `${remote.shared}*`]);
	if (listed.code !== 0) return undefined;
	return listed.stdout.split('\n').flatMap(line => {
		const [id = '', ref = ''] = line.split('\t');
		return isObjectId(id) && ref === refOf(place, id) ? [id] : [];
	});
};

/** Deletes team refs on the remote, each only while it has exactly that commit. */
export const forgetShared = (place: RemotePlace, commits: readonly string[]): Promise<Shared> =>
	withRemoteLock(place, async () => {
		const refs = commits.filter(isObjectId).map(commit => ({commit, ref: refOf(place, commit)}));
		if (refs.length === 0) return {kind: 'done'};
		const pushed = await askRemote(place, [
			...['push', ...PUSH_ONE],
			...refs.map(({ref, commit}) => `--force-with-lease=${ref}:${commit}`),
			...['--end-of-options', pushedTo(place.remote)],
			...refs.map(({ref}) => `:${ref}`),
		]);
		await git(place.clone, ['update-ref', '--stdin'], {input: refs.map(({commit}) => `delete ${HERE}${commit}\n`).join('')});
		return pushed.code === 0 ? {kind: 'done'} : {kind: 'refused', reason: remoteWords(pushed)};
	});

/** The name of a team's mark on its remote: no commit's id, so it is never taken for one that is shared. */
const markOf = ({remote}: RemotePlace, id: string): string => `${remote.shared}team-${id}`;

/** Whether the remote has the mark of the team `id`. Undefined if unreachable. */
export const hasMark = async (place: RemotePlace, id: string): Promise<boolean | undefined> => {
	const listed = await askRemote(place, ['ls-remote', '--refs', '--quiet', '--end-of-options', pushedTo(place.remote), markOf(place, id)]);
	return listed.code === 0 ? listed.stdout.trim() !== '' : undefined;
};

/** Pushes the mark of the team `id`, the same commit from every clone. Asks for the right to push also where it is there already. */
export const pushMark = (place: RemotePlace, id: string): Promise<Shared> =>
	withRemoteLock(place, async () => {
		// Written out, so that it has the same id wherever it is made.
		const text = `The remote of the team ${id}`;
		const blob = await gitLine(place.clone, ['hash-object', '-w', '--stdin'], {input: `${text}\n`});
		const tree = await gitLine(place.clone, ['mktree'], {input: `100644 blob ${blob}\tteam\n`});
		const who = 'agent-room <agent-room@localhost> 0 +0000';
		const input = `tree ${tree}\nauthor ${who}\ncommitter ${who}\n\n${text}\n`;
		const commit = await gitLine(place.clone, ['hash-object', '-t', 'commit', '-w', '--stdin'], {input});
		const pushed = await askRemote(place, [
			...['push', ...PUSH_ONE, '--end-of-options', pushedTo(place.remote)],
			`${commit}:${markOf(place, id)}`,
		]);
		return pushed.code === 0 ? {kind: 'done'} : {kind: 'refused', reason: remoteWords(pushed)};
	});
