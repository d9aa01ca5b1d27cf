import type {Reply, Report} from '../core/protocol.ts';
import {type Guardian, openGuardian} from '../git/guardian.ts';
import type {Landing} from '../git/landing.ts';
import {GitRefused} from '../git/refused.ts';
import {openRepository} from '../git/repository.ts';
import {callRoom} from './call-room.ts';
import {oneLine, shortCommit} from './format.ts';

/** Exit codes: the report was delivered (whatever it says), or the room did not get it and has to look for itself. */
const DELIVERED = 0;
const NOT_DELIVERED = 75;

const ROOM_TIMEOUT_MS = 15_000;

type Result = Omit<Extract<Report, {kind: 'result'}>, 'kind'>;

const asResult = ({landed: [landed], stopped}: Landing, base: string, candidate: string): Result => {
	if (landed)
		return {outcome: 'done', text: landed.commit === candidate ? `landed on ${base}` : `was on ${base} already`, commit: landed.commit};
	switch (stopped?.kind) {
		case 'moved':
			return {outcome: 'stale-candidate', text: `${base} moved to ${shortCommit(stopped.head)}: a new candidate is built and tested`};
		case 'unsafe':
			return {outcome: 'failed', text: stopped.reason};
		default:
			return {outcome: 'held', text: stopped?.reason ?? 'git did not move it'};
	}
};

/** What the room's refusal means: a task that was taken over is not ours to report about any more. */
const refused = (reply: Reply): Result | undefined =>
	reply.code === 'stale' || reply.code === 'gone'
		? undefined
		: {outcome: reply.code === 'held' ? 'held' : 'failed', text: reply.message ?? `the room refused: ${reply.code}`};

/** What git refuses (a full disk, a busy repository) is waited for; it is not the task's fault. */
const troubled = (error: unknown): Result => ({
	outcome: error instanceof GitRefused ? 'held' : 'failed',
	text: oneLine(error instanceof Error ? error.message : String(error), 500),
});

/**
 * The repository guardian's program: lands one tested candidate. In this order: is the task on the base already (a landing that was cut
 * short is only reported), may it land (the room checks token, lock and review at the last moment), then git's compare-and-swap. Whatever
 * comes out is reported; a kill at any point leaves a base that the next run reads. Exit 0 when the report was delivered.
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
	const say = (text: string): void => write(`${text}\n`);
	const call = (report: Report): Promise<Reply> => callRoom(environment, report, AbortSignal.timeout(ROOM_TIMEOUT_MS));

	const merge = async (guardian: Guardian): Promise<Result | undefined> => {
		const landed = await guardian.landedCommit(task);
		if (landed) return {outcome: 'done', text: `was on ${base} already`, commit: landed};
		say('Asking the room: is this candidate tested and reviewed, and the merge lock ours?');
		const reply = await call({kind: 'may-land', commit: candidate});
		if (!reply.ok) return refused(reply);
		say(`Yes. Moving ${oneLine(base)} from ${shortCommit(environment.AGENT_ROOM_CANDIDATE_BASE ?? '')} to ${shortCommit(candidate)}.`);
		const expectedBase = environment.AGENT_ROOM_CANDIDATE_BASE ?? '';
		return asResult(await guardian.land({cars: [{candidate, task}], expectedBase}), base, candidate);
	};

	say(`Landing ${oneLine(task, 60)} (${shortCommit(oneLine(candidate))}) on ${oneLine(base)}`);
	try {
		const repository = await openRepository(environment.AGENT_ROOM_REPOSITORY ?? '.');
		const guardian = await openGuardian({repository, folder: environment.AGENT_ROOM_CLONE ?? '', base});
		const result = await merge(guardian).catch(troubled);
		if (!result) {
			say('✗ This task was taken over: nothing was moved.');
			return DELIVERED;
		}
		say(`${result.outcome === 'done' ? '✓' : result.outcome === 'failed' ? '✗' : '‖'} ${oneLine(result.text)}`);
		const reply = await call({kind: 'result', ...result});
		if (!reply.ok) say(`(the room did not take the result: ${oneLine(reply.message ?? reply.code)})`);
		return DELIVERED;
	} catch (error) {
		say(`✗ ${oneLine(error instanceof Error ? error.message : String(error), 500)}`);
		return NOT_DELIVERED;
	}
};
