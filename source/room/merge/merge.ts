import {nextRole, PIPELINE} from '../../core/task/stages.ts';
import type {Task} from '../../core/task/task.ts';
import type {QueueEntry} from '../../git/guardian/prefix.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import {cleanup} from '../attempt/cleanup.ts';
import {concluding, forgive, restAfterCrash} from '../attempt/finish.ts';
import type {Attempt, Ended, MergeResult} from '../parts/attempt.ts';
import {forgetMerged} from '../parts/merge-queue.ts';
import type {Room} from '../parts/parts.ts';
import {askRemote} from '../remote/remote.ts';
import {judgeBase} from './base.ts';
import {followBase} from './follow.ts';

/**
 * The result of a merge for one of its entries. merged: its trailer is on the base. again: the base has moved, so a new candidate is built and
 * tested, at no cost. aside: your uncommitted files block it, so the others continue without it. hold: it waits where it is. back: to where it was.
 * unsafe: its candidate is not what it must be; counts as a failure.
 */
type EntryVerdict = {
	readonly task: string;
	readonly kind: 'merged' | 'again' | 'aside' | 'hold' | 'back' | 'unsafe';
	readonly text: string;
	/** The commit on the base, '' if none. */
	readonly mergedCommit: string;
};

/**
 * Judges a merge entry by entry, head first. Guarantee: only a trailer on the base counts as merged, whatever the program said or whatever killed
 * it; so each entry is either merged once or returned, never both. `isAlone`: no other task waits to merge, so skipping it helps none.
 */
export const judgeMerge = (
	entries: readonly QueueEntry[],
	onBase: ReadonlyMap<string, string>,
	report: MergeResult | undefined,
	{isAlone, ended}: {readonly isAlone: boolean; readonly ended: string},
): readonly EntryVerdict[] => {
	const left = entries.filter(({task}) => !onBase.has(task));
	const named = new Set(report?.tasks ?? []);
	const verdict = (task: string): Omit<EntryVerdict, 'task' | 'mergedCommit'> => {
		const isFirst = left[0]?.task === task;
		const text = report?.text ?? '';
		switch (report?.outcome) {
			case 'moved':
				return {kind: 'again', text};
			case 'unsafe':
				return named.has(task) ? {kind: 'unsafe', text} : {kind: 'back', text: `behind ${[...named].join(', ')}`};
			case 'held':
				if (named.has(task) && !isAlone) return {kind: 'aside', text};
				return isFirst ? {kind: 'hold', text} : {kind: 'back', text: 'the entry ahead waits'};
			case 'failed':
				return isFirst ? {kind: 'unsafe', text} : {kind: 'back', text: 'the entry ahead did not merge'};
			default:
				return {kind: 'back', text: `the merge did not finish: ${ended}`};
		}
	};
	return entries.map(({task}) => {
		const commit = onBase.get(task);
		return commit === undefined ? {task, mergedCommit: '', ...verdict(task)} : {task, mergedCommit: commit, kind: 'merged', text: 'merged'};
	});
};

/** Delay before a merge that git refused is retried, ms, doubled each time. */
const HOLD_MS = 2000;
const LONGEST_HOLD_MS = 30_000;
/** Longest delay if the remote refuses: a protected branch must not be retried twice a minute. */
export const LONGEST_REMOTE_HOLD_MS = 300_000;

const NO_CANDIDATE = {candidate: '', candidateBase: '', failedCandidate: ''} as const;

/** Whether the review, if any, saw this very commit. */
export const isReviewed = ({reviewedCommit, commit}: Task): boolean => reviewedCommit === '' || reviewedCommit === commit;

/** Skips an entry blocked by your uncommitted files: the others continue until the files are out of the way or the base moves. */
const setAside = ({record, merges}: Pick<Room, 'record' | 'merges'>, task: string, files: readonly string[], reason: string): string => {
	merges.mergeQueue.blockedByChanges.set(task, {files, base: record.getFresh().repository.baseCommit, reason});
	return cleanText(`merge blocked: ${reason}`, 300);
};

/** The merge waits for something outside: retried less and less often, and at once when the base moves. */
export const waitLonger = ({merges}: Pick<Room, 'merges'>, task: string, longestMs: number): void => {
	const times = merges.mergeBackoff.get(task) ?? 0;
	merges.mergeBackoff.set(task, times + 1);
	merges.notBefore.set(task, performance.now() + Math.min(longestMs, HOLD_MS * 2 ** times));
};

/** Writes the outcome of one entry, in one step under the token of the head. */
const writeEntry = async (
	room: Pick<Room, 'facts' | 'link' | 'record' | 'slots' | 'merges' | 'lifecycle'>,
	attempt: Attempt,
	verdict: EntryVerdict,
): Promise<string> => {
	const {token, agent} = attempt;
	const {task, kind, text} = verdict;
	const release = (fields: Readonly<Record<string, string>>, reason: string): Promise<string> =>
		room.link.retryUntilWritten(() => room.link.coordination.release({task, token, reason, to: '', fields}));
	const complete = async (
		next: 'merged' | 'test',
		fields: Readonly<Record<string, string>>,
		counts: 'none' | 'failures',
	): Promise<string> => {
		const written = await room.link.retryUntilWritten(() =>
			room.link.coordination.complete({
				task,
				agent: agent.id,
				token,
				stage: 'merge',
				next,
				nextRole: nextRole(next, attempt.task),
				word: next === 'merged' ? PIPELINE.merge.word : 'stale-candidate',
				fields,
				counts,
				delayMs: 0,
				text: cleanText(text, 300),
			}),
		);
		if (written.code !== 'refused') return written.code;
		return room.link.retryUntilWritten(() =>
			room.link.coordination.fail({
				task,
				agent: agent.id,
				token,
				reason: written.reason,
				feedback: '',
				delayMs: room.facts.config.backoff,
				fields: {},
			}),
		);
	};
	if (kind !== 'hold') room.merges.mergeBackoff.delete(task);
	switch (kind) {
		case 'merged':
			return complete('merged', {mergedCommit: verdict.mergedCommit, waitReason: ''}, 'none');
		case 'again':
			return complete('test', NO_CANDIDATE, 'none');
		case 'unsafe':
			return complete('test', {...NO_CANDIDATE, reason: cleanText(text, 300)}, 'failures');
		case 'aside': {
			const waitReason = setAside(room, task, attempt.reported?.kind === 'merge' ? (attempt.reported.files ?? []) : [], text);
			const code = await complete('test', {...NO_CANDIDATE, reason: waitReason}, 'none');
			await room.link.retryUntilWritten(() => room.link.coordination.setWaitReason(task, waitReason));
			return code;
		}
		case 'hold': {
			const report = attempt.reported?.kind === 'merge' ? attempt.reported : undefined;
			waitLonger(room, task, report?.isRemote ? LONGEST_REMOTE_HOLD_MS : LONGEST_HOLD_MS);
			if (report?.isRemote) void askRemote(room);
			const waitReason = cleanText(`merge blocked: ${text}`, 300);
			// The reason first, so that it never shows as ready without one.
			await room.link.retryUntilWritten(() => room.link.coordination.setWaitReason(task, waitReason));
			const files = report?.files ?? [];
			if (files.length > 0) setAside(room, task, files, text);
			return release({waitReason}, cleanText(text, 300));
		}
		default:
			return release({}, cleanText(text, 300));
	}
};

/** No other task waits to merge, so skipping the held one helps none. */
const isAlone = ({record}: Pick<Room, 'record'>, entries: readonly QueueEntry[]): boolean =>
	entries.length === 1 &&
	![...record.team().tasks.values()].some(
		({id, stage, state}) => (stage === 'test' || stage === 'merge') && (state === 'ready' || state === 'leased') && id !== entries[0]?.task,
	);

/**
 * The merge has ended, by itself or ended at any point. Only git decides what has merged: each entry is merged or returned, head first, and
 * its lease finds an entry whose outcome was not written.
 */
export const finishMerge = (room: Room, attempt: Attempt, ended: Ended): Promise<void> => {
	const {agent, task} = attempt;
	const entries =
		attempt.entries.length > 0 ? attempt.entries : [{task: task.id, candidate: task.candidate, testedCommit: task.testedCommit}];
	const merged: string[] = [];
	return concluding(room, attempt, async () => {
		const {tasks} = room.record.team();
		const works = entries.map(entry => ({task: entry.task, commit: tasks.get(entry.task)?.commit || entry.candidate}));
		const report = attempt.reported?.kind === 'merge' ? attempt.reported : undefined;
		// One that was ended may have pushed: the remote decides.
		if (report === undefined) await askRemote(room);
		const onBase = await room.facts.guardian.commitsOnBase(works);
		const how = ended.signal ? `killed by ${ended.signal}` : `exit ${ended.exitCode}`;
		const verdicts = judgeMerge(entries, onBase, attempt.endReason === '' ? report : undefined, {
			isAlone: isAlone(room, entries),
			ended: attempt.endReason || how,
		});
		for (const verdict of verdicts) {
			const written = await writeEntry(room, attempt, verdict);
			if (written === 'ok' && verdict.kind === 'merged') merged.push(verdict.task);
			if (written === 'stale')
				room.facts.log(`${verdict.task} was reassigned during the merge by ${agent.id}: merged commits are found by their trailer`);
		}
		if (merged.length > 0) await passedRed(room);
		if (merged.length > 0) await followMerged(room);
		const isCrash = report === undefined && merged.length < entries.length && attempt.endReason === '';
		if (isCrash) await restAfterCrash(room, agent.id, `the merge did not finish: ${how}`);
		else forgive(room, agent.id);
	}).then(async () => {
		// The guardian is free by now: the next merge does not wait for the removal of folders, the end of the room does.
		for (const id of merged) {
			forgetMerged(room, id);
			const known = room.record.team().tasks.get(id) ?? task;
			if (known.id === id) await cleanup(room, known);
		}
	});
};

/** A room that ends after its last merge also brings the user's branch there. */
const followMerged = async (room: Room): Promise<void> => {
	if (!room.facts.guardian.store.remote) return;
	await judgeBase(room);
	await followBase(room).catch(error => room.facts.log(`following the remote: ${String(error)}`));
};

/** What merged has passed its tests: a failing base is fixed. */
const passedRed = async ({link, record}: Pick<Room, 'link' | 'record'>): Promise<void> => {
	if (record.team().control.failingBase !== '')
		await link.retryUntilWritten(() => link.coordination.control({failingBase: ''}, 'the base branch is passing again'));
};
