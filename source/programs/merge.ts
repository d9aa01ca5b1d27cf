import {basename} from 'node:path';
import type {MergeGroup, Reply, Report} from '../core/protocol/request.ts';
import {type Guardian, openGuardian} from '../git/guardian/guardian.ts';
import type {Merging} from '../git/guardian/prefix.ts';
import {GitRefused} from '../git/process/refused.ts';
import {type Remote, remoteBase} from '../git/remote/remote.ts';
import {openRepository, type Repository} from '../git/repository/repository.ts';
import {RoomSilent} from '../socket/errors.ts';
import {callRoom, oneLine, shortCommit} from './call-room.ts';

/** Exit codes: the report arrived (whatever it says), or it did not and the room must check for itself. */
const DELIVERED = 0;
const NOT_DELIVERED = 75;

const ROOM_TIMEOUT_MS = 15_000;

type Result = Omit<Extract<Report, {kind: 'result'}>, 'kind'>;

const asResult = ({merged, stopped}: Merging, base: string): Result => {
	if (!stopped) return {outcome: 'done', text: `on ${base}: ${merged.map(({task}) => oneLine(task, 60)).join(', ')}`};
	switch (stopped.kind) {
		case 'moved':
			return {outcome: 'moved', text: `${base} moved to ${shortCommit(stopped.head)}: a new candidate is built and tested`};
		case 'unsafe':
			return {outcome: 'unsafe', text: stopped.reason, tasks: [stopped.task]};
		case 'untested':
			return {
				outcome: 'moved',
				text: `the tests of ${oneLine(stopped.task, 60)} were those of a batch that is gone: it is built and tested again`,
			};
		default:
			return {
				...{outcome: 'held', text: stopped.reason, tasks: [...stopped.tasks], files: stopped.files.slice(0, 100)},
				...(stopped.isRemote ? {isRemote: true} : {}),
			};
	}
};

/**
 * Meaning of the room's refusal: a reassigned task is no longer ours to report on. A room that cannot decide (Redis disconnected) is asked
 * again; only a named refusal concerns the task.
 */
const refused = (reply: Reply): Result | undefined =>
	reply.code === 'stale' || reply.code === 'gone'
		? undefined
		: {outcome: reply.code === 'refused' ? 'failed' : 'held', text: reply.message ?? `the room refused: ${reply.code}`};

/** Git errors (disk full, repository busy) and a silent room are retried: neither is the task's fault. */
const troubled = (error: unknown): Result => ({
	outcome: error instanceof GitRefused || error instanceof RoomSilent ? 'held' : 'failed',
	text: oneLine(error instanceof Error ? error.message : String(error), 500),
});

/** The room has already inspected the repository: reusing that saves five git processes a merge. */
const repositoryOf = async ({
	AGENT_ROOM_REPOSITORY: root = '.',
	AGENT_ROOM_COMMON_DIR: commonDir = '',
}: NodeJS.ProcessEnv): Promise<Repository> => (commonDir === '' ? openRepository(root) : {root, commonDir, name: basename(root)});

/** Where to push the base branch; nothing if it is only local. */
const remoteOf = ({AGENT_ROOM_REMOTE: name = '', AGENT_ROOM_REMOTE_BRANCH: branch = ''}: NodeJS.ProcessEnv): {readonly remote?: Remote} =>
	name === '' ? {} : {remote: {name, branch, shared: ''}};

const SIGNS = {done: '✓', failed: '✗', unsafe: '✗', held: '‖', moved: '‖'} as const;

/**
 * The Merger's program: asks the room what may merge (which checks token, lock and reviews last, and adds passed entries behind it), then
 * moves the base by one git compare-and-swap, keeping what an interrupted merge already brought there.
 * Reports the outcome; after a kill at any point the next run reads the base. Exits with 0 once the report arrived.
 */
export const runMerge = async ({
	environment,
	write,
}: {
	readonly environment: NodeJS.ProcessEnv;
	readonly write: (text: string) => void;
}): Promise<number> => {
	const task = environment.AGENT_ROOM_TASK ?? '';
	const base = environment.AGENT_ROOM_BASE ?? '';
	const candidate = environment.AGENT_ROOM_CANDIDATE ?? '';
	const {remote} = remoteOf(environment);
	const name = remote ? remoteBase(remote) : oneLine(base);
	const say = (text: string): void => write(`${text}\n`);
	const call = (report: Report): Promise<Reply> => callRoom(environment, report, AbortSignal.timeout(ROOM_TIMEOUT_MS));

	const merge = async (guardian: Guardian): Promise<Result | undefined> => {
		say('Asking the room: is this merge candidate tested and reviewed, and do we hold the merge lock?');
		const reply = await call({kind: 'start-merge', commit: candidate});
		if (!reply.ok) return refused(reply);
		const {from, entries} = reply.data as MergeGroup;
		const last = entries.at(-1)?.candidate ?? candidate;
		const more = entries.length > 1 ? `, ${entries.length} tasks in one step` : '';
		say(`Yes. ${remote ? 'Pushing' : 'Moving'} ${name} from ${shortCommit(from)} to ${shortCommit(last)}${more}.`);
		return asResult(await guardian.mergeCandidate({entries, expectedBase: from}), name);
	};

	say(`Merging ${oneLine(task, 60)} (${shortCommit(oneLine(candidate))}) on ${name}`);
	try {
		const repository = await repositoryOf(environment);
		const guardian = await openGuardian({repository, folder: environment.AGENT_ROOM_CLONE ?? '', base, ...(remote ? {remote} : {})});
		const result = await merge(guardian).catch(troubled);
		if (!result) {
			say('✗ This task was reassigned: nothing was merged.');
			return DELIVERED;
		}
		say(`${SIGNS[result.outcome]} ${oneLine(result.text, 500)}`);
		const reply = await call({kind: 'result', ...result});
		if (!reply.ok) say(`(the room did not accept the result: ${oneLine(reply.message ?? reply.code)})`);
		return DELIVERED;
	} catch (error) {
		say(`✗ ${oneLine(error instanceof Error ? error.message : String(error), 500)}`);
		return NOT_DELIVERED;
	}
};
