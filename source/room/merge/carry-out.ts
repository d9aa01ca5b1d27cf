import {agentName} from '../../core/agent/agent.ts';
import {isTested, passedPrefix, type QueueEntry} from '../../core/queue/merge-queue.ts';
import type {Task} from '../../core/task/task.ts';
import {oneLine} from '../../core/text/quote.ts';
import type {QueueEntry as MergeEntry, Merging} from '../../git/guardian/prefix.ts';
import {GitRefused} from '../../git/process/refused.ts';
import {remoteBase} from '../../git/remote/remote.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import type {OwnTask} from '../attempt/own-attempt.ts';
import type {Attempt, MergeResult} from '../parts/attempt.ts';
import {freshMergeQueue, hasCandidate} from '../parts/merge-queue.ts';
import type {Room} from '../parts/parts.ts';
import {isBaseJudged, judgeBase} from './base.ts';
import {isReviewed} from './merge.ts';

/** Lease of the guardian's merge lock, longer than any merge takes, ms. */
const MERGE_LOCK_MS = 60_000;
/** Maximum of entries in one merge. */
const MOST_JOINED = 100;

/**
 * Passed entries behind the head join its merge: each is leased in Redis under the head's token, if it is still there with exactly that candidate.
 * The first that is not ends the group.
 */
const board = async (
	room: Pick<Room, 'facts' | 'link' | 'lead' | 'merges'>,
	attempt: Attempt,
	behind: readonly QueueEntry[],
): Promise<readonly MergeEntry[]> => {
	// The last candidate of a batch contains those before it.
	const isHere = ({candidate, testedCommit}: Task): boolean => hasCandidate(room, candidate) || hasCandidate(room, testedCommit);
	const end = behind.findIndex(({task}) => !isReviewed(task) || !isHere(task));
	const wanted = (end === -1 ? behind : behind.slice(0, end))
		.slice(0, MOST_JOINED)
		.map(({task}) => ({task: task.id, candidate: task.candidate, testedCommit: task.testedCommit}));
	if (wanted.length === 0) return [];
	const {task, token, agent} = attempt;
	const order = {agent: agent.id, task: task.id, token, leaseMs: room.facts.config.lease, entries: wanted};
	const joined = await room.lead.as(() => room.link.coordination.joinMergeGroup(order));
	return joined.code === 'ok' ? wanted.slice(0, joined.joined) : [];
};

/** Why nothing merges now: `held` may merge later, `refused` is the task's fault, `stale` is no longer this attempt's. */
type NoMerge = {readonly code: 'held' | 'refused' | 'stale'; readonly text: string};

/** A room that cannot decide (Redis away, full, or led by another room) has nothing against the task: it waits. */
const undecided = (error: unknown): NoMerge => ({code: 'held', text: wordsOf(error)});

/**
 * The last check before the base moves: orders, the reviewed commit, the token in Redis, the merge lock. Then the passed entries behind it join;
 * all are in `attempt.entries`. Undefined if it may merge.
 */
const objection = async (room: Room, attempt: Attempt): Promise<NoMerge | undefined> => {
	const {task, token, agent} = attempt;
	const held = (text: string): NoMerge => ({code: 'held', text});
	const {control} = room.record.getFresh().team;
	if (control.frozen || control.paused || room.link.isRecovering()) return held('everything is frozen');
	if (!room.lead.isOurs()) return held('another room leads the team now');
	await judgeBase(room);
	if (!isBaseJudged(room)) return held(`${room.facts.base} was moved outside the merge queue: decide on that first`);
	if (!isReviewed(task)) return {code: 'refused', text: `the review of ${task.id} saw \`${task.reviewedCommit}\`, not \`${task.commit}\``};
	// The token is checked in Redis right before the base moves, not from this room's memory.
	const renewed = await room.link.coordination.renew({agent: agent.id, task: task.id, token}, room.facts.config.lease);
	if (renewed !== 'ok') return {code: 'stale', text: ''};
	const name = `repository:${room.facts.base}`;
	const lock = await room.link.coordination.lock({name, owner: agent.id, token, ttlMs: MERGE_LOCK_MS});
	if (lock.code !== 'ok') {
		const holder = lock.code === 'held' ? `is held by ${cleanText(lock.owner, 60)}` : `of ${agentName(agent.id)} was released by you`;
		return held(`the merge lock of ${room.facts.base} ${holder}`);
	}
	const {mergeQueue} = await freshMergeQueue(room);
	const [head, ...behind] = passedPrefix(mergeQueue);
	const joined = head?.task.id === task.id ? await board(room, attempt, behind) : [];
	attempt.entries = [{task: task.id, candidate: task.candidate, testedCommit: task.testedCommit}, ...joined];
	if (attempt.isEnding) {
		// It was ended while Redis was asked: no lock may stay that would delay the next merge.
		await room.link.coordination.unlock({name, token});
		return {code: 'stale', text: ''};
	}
	// Its batch is no longer whole: it is tested again.
	return attempt.entries.some(isTested) ? undefined : held(`the batch that ${task.id} was tested with is no longer complete`);
};

const wordsOf = (error: unknown): string => oneLine(error instanceof Error ? error.message : String(error), 500);

const shortCommit = (commit: string): string => commit.slice(0, 9);

const asResult = ({merged, stopped}: Merging, base: string): MergeResult => {
	const result = (outcome: MergeResult['outcome'], text: string): MergeResult => ({kind: 'merge', outcome, text});
	if (!stopped) return result('done', `on ${base}: ${merged.map(({task}) => oneLine(task, 60)).join(', ')}`);
	switch (stopped.kind) {
		case 'moved':
			return result('moved', `${base} moved to ${shortCommit(stopped.head)}: a new candidate is built and tested`);
		case 'unsafe':
			return {...result('unsafe', stopped.reason), tasks: [stopped.task]};
		case 'untested':
			return result('moved', `the tests of ${oneLine(stopped.task, 60)} were those of a batch that is gone: it is built and tested again`);
		default:
			return {
				...result('held', stopped.reason),
				...{tasks: stopped.tasks, files: stopped.files.slice(0, 100)},
				...(stopped.isRemote ? {isRemote: true} : {}),
			};
	}
};

/** What git refuses (disk full, repository busy) is tried again: it is not the task's fault. */
const troubled = (error: unknown): MergeResult => ({
	kind: 'merge',
	outcome: error instanceof GitRefused ? 'held' : 'failed',
	text: wordsOf(error),
});

const SIGNS = {done: '✓', failed: '✗', unsafe: '✗', held: '‖', moved: '‖'} as const;

/**
 * The merge orchestrator's work: checks what may merge (token, lock and reviews last, and adds passed entries behind it), then moves the base by
 * one git compare-and-swap, keeping what an interrupted merge already brought there. Notes the outcome in `attempt.reported`, unless it was
 * ended; after a kill at any point the next merge reads the base.
 */
export const carryOutMerge =
	(room: Room): OwnTask =>
	async (attempt, {say, withGit}) => {
		const {task} = attempt;
		const {guardian, base: branch} = room.facts;
		const {remote} = guardian.store;
		const base = remote ? remoteBase(remote) : oneLine(branch);
		const merge = async (): Promise<MergeResult | undefined> => {
			const why = await objection(room, attempt).catch(undecided);
			if (why) return why.code === 'stale' ? undefined : {kind: 'merge', outcome: why.code === 'held' ? 'held' : 'failed', text: why.text};
			const {entries} = attempt;
			const last = entries.at(-1)?.candidate ?? task.candidate;
			const more = entries.length > 1 ? `, ${entries.length} tasks in one step` : '';
			say(`${remote ? 'Pushing' : 'Moving'} ${base} from ${shortCommit(task.candidateBase)} to ${shortCommit(last)}${more}.`);
			return asResult(await withGit(() => guardian.mergeCandidate({entries, expectedBase: task.candidateBase})), base);
		};
		say(`Merging ${oneLine(task.id, 60)} (${shortCommit(oneLine(task.candidate))}) on ${base}`);
		const result = await merge().catch(troubled);
		if (attempt.isEnding) return;
		say(result ? `${SIGNS[result.outcome]} ${oneLine(result.text, 500)}` : '✗ This task was reassigned: nothing was merged.');
		attempt.reported = result;
	};
