import {oneLine} from '../../core/text/quote.ts';
import {withRepositoryLock} from '../lock/lock-file.ts';
import {git} from '../process/run.ts';
import {readRef, writeRef} from '../repository/refs.ts';
import {askRemote, type RemotePlace, remoteBase, remoteWords} from './remote.ts';

/** The remote's base as of our last fetch or push, in its own folder. */
export const REMOTE_REF = 'refs/agent-room/remote/now';
/** A fetched base that is not yet known to be of this repository. */
const INCOMING_REF = 'refs/agent-room/incoming/now';

/** The known commit of the remote's base; '' before the first fetch. */
export const readRemoteBase = ({clone}: Pick<RemotePlace, 'clone'>): string => readRef(clone, REMOTE_REF);

/**
 * `at`: the remote's current base, complete in the store. `away`: unreachable; `missing`: no such branch; `foreign`: another repository.
 * `reason` is one clean clause.
 */
export type Fetched =
	| {readonly kind: 'at'; readonly head: string}
	| {readonly kind: 'away' | 'missing' | 'foreign'; readonly reason: string};

/**
 * Serialises a room's fetches and pushes across processes: a fetch from before a push must not be written after it, which would look like a
 * reverted base.
 */
export const withRemoteLock = <T>({clone}: Pick<RemotePlace, 'clone'>, work: () => Promise<T>): Promise<T> =>
	withRepositoryLock(clone, work);

/** Only the named branch, whatever the user's configuration fetches. */
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

/** Fetches the remote's base, and `also` these refs; under the remote's lock. `known` is a commit of this repository. */
export const fetchBase = async (place: RemotePlace, known: string, also: readonly string[] = []): Promise<Fetched> => {
	const {clone, remote} = place;
	const wanted = `+refs/heads/${remote.branch}:${INCOMING_REF}`;
	const fetched = await askRemote(place, ['fetch', ...FETCH_ONE, '--end-of-options', remote.name, wanted, ...also]);
	const name = `\`${oneLine(remote.name)}\``;
	if (fetched.code !== 0) {
		const isMissing = /couldn't find remote ref/.test(fetched.stderr);
		if (isMissing && also.length > 0) return fetchBase(place, known);
		if (isMissing) return {kind: 'missing', reason: `${name} has no branch \`${oneLine(remote.branch)}\``};
		return {kind: 'away', reason: `${name} cannot be reached: ${remoteWords(fetched)}`};
	}
	const head = readRef(clone, INCOMING_REF);
	if (head === '') return {kind: 'away', reason: `${name} did not say where \`${oneLine(remote.branch)}\` is`};
	if (known !== '' && head !== known && !(await sharesHistory(clone, head, known)))
		return {kind: 'foreign', reason: `${name} holds another repository: its \`${oneLine(remote.branch)}\` shares no commit with yours`};
	if (head !== readRemoteBase(place)) writeRef(clone, REMOTE_REF, head);
	return {kind: 'at', head};
};

/** `done`: the remote's base is at `to`. `refused`: not moved, or unknown, in one clean clause. */
export type Pushed = {readonly kind: 'done'} | {readonly kind: 'refused'; readonly reason: string};

/** Only that branch: no hooks, tags, signature or submodules. */
export const PUSH_ONE = ['--porcelain', '--progress', '--no-verify', '--no-follow-tags', '--no-signed', '--recurse-submodules=no'];

/**
 * Moves the remote's base from exactly `from` to `to`, or not at all: the remote's compare-and-swap. Under the remote's lock. After a kill
 * or a lost connection only the next fetch knows the outcome.
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
