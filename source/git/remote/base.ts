import {oneLine} from '../../core/text/quote.ts';
import {withRepositoryLock} from '../lock/lock-file.ts';
import {git} from '../process/run.ts';
import {readRef, writeRef} from '../repository/refs.ts';
import {askRemote, type RemotePlace, remoteBase, remoteWords} from './remote.ts';

/** Where the remote's base stood when a fetch or a push of ours last saw it: a name in the store, in a folder of its own. */
export const REMOTE_REF = 'refs/agent-room/remote/now';
/** What a fetch brings, before it is known to be of this repository. */
const INCOMING_REF = 'refs/agent-room/incoming/now';

/** Where the remote's base stands, as far as this room knows; '' before the first fetch. */
export const readRemoteBase = ({clone}: Pick<RemotePlace, 'clone'>): string => readRef(clone, REMOTE_REF);

/**
 * `at`: where the remote's base stands now, with all that it needs in the store. `away`: it could not be asked; `missing`: it has no such branch;
 * `foreign`: it holds another repository. `reason` is one clean clause.
 */
export type Fetched =
	| {readonly kind: 'at'; readonly head: string}
	| {readonly kind: 'away' | 'missing' | 'foreign'; readonly reason: string};

/**
 * Fetches and pushes of one room come one after the other, whichever process does them: what a fetch saw before a push is never written after it, which
 * would look as if somebody had taken the base back.
 */
export const withRemoteLock = <T>({clone}: Pick<RemotePlace, 'clone'>, work: () => Promise<T>): Promise<T> =>
	withRepositoryLock(clone, work);

/** A named branch and nothing else, whatever the user's own configuration fetches besides. */
export const FETCH_ONE = [
	'--quiet',
	'--no-tags',
	'--no-write-fetch-head',
	'--no-recurse-submodules',
	'--no-auto-maintenance',
	'--no-prune',
	'--refmap=',
];

const sharesHistory = async (clone: string, one: string, other: string): Promise<boolean> =>
	(await git(clone, ['merge-base', '--end-of-options', one, other], {accept: [1]})).code === 0;

/** Looks where the remote's base stands; under the remote's lock. `known` is a commit of this repository. */
export const fetchBase = async (place: RemotePlace, known: string): Promise<Fetched> => {
	const {clone, remote} = place;
	const wanted = `+refs/heads/${remote.branch}:${INCOMING_REF}`;
	const fetched = await askRemote(place, ['fetch', ...FETCH_ONE, '--end-of-options', remote.name, wanted]);
	const name = `\`${oneLine(remote.name)}\``;
	if (fetched.code !== 0) {
		if (/couldn't find remote ref/.test(fetched.stderr))
			return {kind: 'missing', reason: `${name} has no branch \`${oneLine(remote.branch)}\``};
		return {kind: 'away', reason: `${name} cannot be reached: ${remoteWords(fetched)}`};
	}
	const head = readRef(clone, INCOMING_REF);
	if (head === '') return {kind: 'away', reason: `${name} did not say where \`${oneLine(remote.branch)}\` is`};
	if (known !== '' && head !== known && !(await sharesHistory(clone, head, known)))
		return {kind: 'foreign', reason: `${name} holds another repository: its \`${oneLine(remote.branch)}\` shares no commit with yours`};
	if (head !== readRemoteBase(place)) writeRef(clone, REMOTE_REF, head);
	return {kind: 'at', head};
};

/** `done`: the remote's base stands at `to`. `refused`: it did not move by this, or it is not known whether it did, in one clean clause. */
export type Pushed = {readonly kind: 'done'} | {readonly kind: 'refused'; readonly reason: string};

/** Exactly that one branch: no hook of the user's, no tags, no signature, no submodules. */
export const PUSH_ONE = ['--porcelain', '--progress', '--no-verify', '--no-follow-tags', '--no-signed', '--recurse-submodules=no'];

/**
 * Moves the remote's base from exactly `from` to `to`, or leaves it: git's own compare-and-swap, decided by the remote. Under the remote's lock. After a kill,
 * or a connection that was cut, only the next fetch knows which of both it was.
 */
export const pushBase = async (place: RemotePlace, {from, to}: {readonly from: string; readonly to: string}): Promise<Pushed> => {
	const {clone, remote} = place;
	const ref = `refs/heads/${remote.branch}`;
	const pushed = await askRemote(place, [
		'push',
		...PUSH_ONE,
		`--force-with-lease=${ref}:${from}`,
		'--end-of-options',
		remote.name,
		`${to}:${ref}`,
	]);
	if (pushed.code !== 0) return {kind: 'refused', reason: `${remoteBase(remote)} was not moved: ${remoteWords(pushed)}`};
	writeRef(clone, REMOTE_REF, to);
	return {kind: 'done'};
};
