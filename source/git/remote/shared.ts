import {isObjectId} from '../process/names.ts';
import {git} from '../process/run.ts';
import {readRef} from '../repository/refs.ts';
import {FETCH_ONE, PUSH_ONE, withRemoteLock} from './base.ts';
import {askRemote, type RemotePlace, remoteWords} from './remote.ts';

/** What was fetched from, or pushed to, the other rooms of the team: in this store it is there with all that it needs. */
const HERE = 'refs/agent-room/shared/';

/** A commit is called by its id on the remote: whoever reads the id in Redis knows where it lies, and nothing ever has to be moved there. */
const refOf = ({remote}: RemotePlace, commit: string): string => `${remote.shared}${commit}`;

/** Whether other rooms of the team can have this commit, as far as this one knows. */
export const isShared = ({clone}: Pick<RemotePlace, 'clone'>, commit: string): boolean => readRef(clone, `${HERE}${commit}`) === commit;

/** `reason` is one clean clause. */
export type Shared = {readonly kind: 'done'} | {readonly kind: 'refused'; readonly reason: string};

const note = async ({clone}: RemotePlace, commits: readonly string[]): Promise<void> => {
	await git(clone, ['update-ref', '--stdin'], {input: commits.map(commit => `update ${HERE}${commit} ${commit}\n`).join('')});
};

/**
 * Puts commits of the store where the other rooms of the team fetch from: below the team's own names of the remote, next to its branches.
 * Nothing that is there already is changed. Whether they may leave this machine is decided by whoever calls.
 */
export const pushShared = (place: RemotePlace, commits: readonly string[]): Promise<Shared> =>
	withRemoteLock(place, async () => {
		const left = commits.filter(commit => isObjectId(commit) && !isShared(place, commit));
		if (left.length === 0) return {kind: 'done'};
		const pushed = await askRemote(place, [
			...['push', ...PUSH_ONE, '--end-of-options', place.remote.name],
			...left.map(commit => `${commit}:${refOf(place, commit)}`),
		]);
		if (pushed.code !== 0) return {kind: 'refused', reason: remoteWords(pushed)};
		await note(place, left);
		return {kind: 'done'};
	});

/**
 * Brings a commit of another room's into the store, if it was shared under exactly its id. Every object is checked as it comes in.
 * `missing`: the remote does not have it under that name.
 */
export const fetchShared = (place: RemotePlace, commit: string): Promise<Shared | {readonly kind: 'missing'}> =>
	withRemoteLock(place, async () => {
		if (!isObjectId(commit)) return {kind: 'missing'};
		const incoming = `refs/agent-room/incoming/${commit}`;
		const fetched = await askRemote(place, [
			'fetch',
			...FETCH_ONE,
			'--end-of-options',
			place.remote.name,
			`+${refOf(place, commit)}:${incoming}`,
		]);
		if (fetched.code !== 0)
			return /couldn't find remote ref/.test(fetched.stderr) ? {kind: 'missing'} : {kind: 'refused', reason: remoteWords(fetched)};
		const isIt = readRef(place.clone, incoming) === commit;
		await git(place.clone, ['update-ref', '--stdin'], {input: `delete ${incoming}\n`});
		if (!isIt) return {kind: 'missing'};
		await note(place, [commit]);
		return {kind: 'done'};
	});

/** The commits that the team shares on the remote now. Undefined if it cannot be asked. */
export const listShared = async (place: RemotePlace): Promise<readonly string[] | undefined> => {
	const {remote} = place;
	const listed = await askRemote(place, ['ls-remote', '--refs', '--quiet', '--end-of-options', remote.name, `${remote.shared}*`]);
	if (listed.code !== 0) return undefined;
	return listed.stdout.split('\n').flatMap(line => {
		const [id = '', ref = ''] = line.split('\t');
		return isObjectId(id) && ref === refOf(place, id) ? [id] : [];
	});
};

/** Takes names of the team's off the remote, each only while it holds exactly that commit. */
export const forgetShared = (place: RemotePlace, commits: readonly string[]): Promise<Shared> =>
	withRemoteLock(place, async () => {
		const refs = commits.filter(isObjectId).map(commit => ({commit, ref: refOf(place, commit)}));
		if (refs.length === 0) return {kind: 'done'};
		const pushed = await askRemote(place, [
			...['push', ...PUSH_ONE],
			...refs.map(({ref, commit}) => `--force-with-lease=${ref}:${commit}`),
			...['--end-of-options', place.remote.name],
			...refs.map(({ref}) => `:${ref}`),
		]);
		await git(place.clone, ['update-ref', '--stdin'], {input: refs.map(({commit}) => `delete ${HERE}${commit}\n`).join('')});
		return pushed.code === 0 ? {kind: 'done'} : {kind: 'refused', reason: remoteWords(pushed)};
	});
