import {isObjectId} from '../process/names.ts';
import {PUSH_ONE, withRemoteLock} from './base.ts';
import {askRemote, pushedTo, type RemotePlace, remoteWords} from './remote.ts';

/** `done`: the branch is at `to`. `foreign`: it holds a commit that is none of ours. `refused`: not moved, or unknown, in one clean clause. */
export type PushedBranch =
	| {readonly kind: 'done'}
	| {readonly kind: 'foreign'; readonly head: string}
	| {readonly kind: 'refused'; readonly reason: string};

/** The commit of a branch of the remote, '' for none; undefined if the remote cannot be asked. */
const headOf = async (place: RemotePlace, branch: string): Promise<string | undefined> => {
	const ref = `refs/heads/${branch}`;
	const listed = await askRemote(place, ['ls-remote', '--refs', '--quiet', '--end-of-options', pushedTo(place.remote), ref]);
	if (listed.code !== 0) return undefined;
	const line = listed.stdout.split('\n').find(entry => entry.endsWith(`\t${ref}`)) ?? '';
	const [id = ''] = line.split('\t');
	return isObjectId(id) ? id : '';
};

/**
 * Puts a branch of the remote to `to`, whatever it held of ours before; done already where a killed push had arrived. What somebody else pushed there
 * is never overwritten: the remote compares and swaps.
 */
export const pushBranch = (
	place: RemotePlace,
	{branch, to, isOurs}: {readonly branch: string; readonly to: string; readonly isOurs: (commit: string) => Promise<boolean>},
): Promise<PushedBranch> =>
	withRemoteLock(place, async () => {
		const name = pushedTo(place.remote);
		const head = await headOf(place, branch);
		if (head === undefined) return {kind: 'refused', reason: `\`${name}\` cannot be reached`};
		if (head === to) return {kind: 'done'};
		if (head !== '' && !(await isOurs(head))) return {kind: 'foreign', head};
		const ref = `refs/heads/${branch}`;
		const pushed = await askRemote(place, [
			...['push', ...PUSH_ONE, `--force-with-lease=${ref}:${head}`, '--end-of-options', name],
			`${to}:${ref}`,
		]);
		if (pushed.code === 0) return {kind: 'done'};
		return (await headOf(place, branch)) === to ? {kind: 'done'} : {kind: 'refused', reason: remoteWords(pushed)};
	});
