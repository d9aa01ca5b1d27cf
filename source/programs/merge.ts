import {basename} from 'node:path';
import type {MergeGroup, Reply, Report} from '../core/protocol/request.ts';
import {type Guardian, openGuardian} from '../git/guardian/guardian.ts';
import type {Merging} from '../git/guardian/prefix.ts';
import {GitRefused} from '../git/process/refused.ts';
import {type Remote, remoteBase} from '../git/remote/remote.ts';
import {openRepository, type Repository} from '../git/repository/repository.ts';
import {RoomSilent} from '../socket/errors.ts';
import {callRoom, oneLine, shortCommit} from './call-room.ts';

/** Exit codes: the report was delivered (whatever it says), or the room did not get it and has to look for itself. */
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
		default:
			return {
				...{outcome: 'held', text: stopped.reason, tasks: [...stopped.tasks], files: stopped.files.slice(0, 100)},
				...(stopped.isRemote ? {isRemote: true} : {}),
			};
	}
};

/**
 * What the room's refusal means: a task that was taken over is not ours to report about any more. A room that cannot say (Redis is away) is
 * asked again later: only what it refuses by name is the task's own.
 */
const refused = (reply: Reply): Result | undefined =>
	reply.code === 'stale' || reply.code === 'gone'
		? undefined
		: {outcome: reply.code === 'refused' ? 'failed' : 'held', text: reply.message ?? `the room refused: ${reply.code}`};

/** What git refuses (a full disk, a busy repository) is waited for, and so is a room that does not answer: neither is the task's fault. */
const troubled = (error: unknown): Result => ({
	outcome: error instanceof GitRefused || error instanceof RoomSilent ? 'held' : 'failed',
	text: oneLine(error instanceof Error ? error.message : String(error), 500),
});

/** The room has looked at the repository already: what it says saves five processes of git for every merge. */
const repositoryOf = async ({
	AGENT_ROOM_REPOSITORY: root = '.',
	AGENT_ROOM_COMMON_DIR: commonDir = '',
}: NodeJS.ProcessEnv): Promise<Repository> =>
	commonDir === '' ? openRepository(root) : {root, commonDir, name: basename(root), identity: ''};

/** Where the base is pushed to; nothing where it is the user's own branch. */
const remoteOf = ({AGENT_ROOM_REMOTE: name = '', AGENT_ROOM_REMOTE_BRANCH: branch = ''}: NodeJS.ProcessEnv): {readonly remote?: Remote} =>
	name === '' ? {} : {remote: {name, branch, shared: ''}};

const SIGNS = {done: '✓', failed: '✗', unsafe: '✗', held: '‖', moved: '‖'} as const;

/**
 * The repository guardian's program: merges what has passed at the head of the merge queue. First it asks what may merge (the room checks
 * token, lock and reviews at the last moment, and gives what has passed behind it along), then git's one compare-and-swap over all of it,
 * which leaves alone what a merge that was cut short has brought to the base. Whatever comes out is reported; a kill at any point leaves a
 * base that the next run reads. Exit 0 when the report was delivered.
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
