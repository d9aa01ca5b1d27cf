import {agentName} from '../../core/agent/agent.ts';
import type {MergeGroup, Reply, Report} from '../../core/protocol/request.ts';
import {passedPrefix, type QueueEntry} from '../../core/queue/merge-queue.ts';
import {nextRole, PIPELINE} from '../../core/task/stages.ts';
import type {Task} from '../../core/task/task.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import {cleanup} from '../attempt/cleanup.ts';
import {concluding, forgive, restAfterCrash} from '../attempt/finish.ts';
import type {Attempt, Ended} from '../parts/attempt.ts';
import {forgetMerged, freshMergeQueue, hasCandidate} from '../parts/merge-queue.ts';
import type {Room} from '../parts/parts.ts';
import {ok, refuse, STALE} from '../parts/replies.ts';
import {askRemote} from '../remote/remote.ts';
import {isBaseJudged, judgeBase} from './base.ts';
import {followBase} from './follow.ts';

/** How the guardian's program reported. */
export type MergeReport = Extract<Report, {kind: 'result'}>;

/**
 * What a landing means for one of its cars. merged: its trailer is on the base. again: the base is elsewhere, so a new candidate is built and
 * tested, at no cost. aside: a person's files are in its way, so the others go on without it. hold: it waits where it stands. back: to where it
 * stood. unsafe: its candidate is not what it has to be, which counts.
 */
type EntryVerdict = {
	readonly task: string;
	readonly kind: 'merged' | 'again' | 'aside' | 'hold' | 'back' | 'unsafe';
	readonly text: string;
	/** The commit on the base, '' where there is none. */
	readonly mergedCommit: string;
};

/**
 * Judges a landing, car by car, head first. Only the trailer on the base counts as landed, whatever the program said or whoever killed it; so
 * a car is merged once or goes back, and none is both. `isAlone`: nothing else of the team waits to land, so nobody gains by setting it aside.
 */
export const judgeMerge = (
	entries: MergeGroup['entries'],
	onBase: ReadonlyMap<string, string>,
	report: MergeReport | undefined,
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

/** The guardian's hold of the merge lock, longer than any landing takes, ms. */
const MERGE_LOCK_MS = 60_000;
/** So many cars board one landing at most. */
const MOST_JOINED = 100;
/** A landing that git refuses is tried again after this long, doubled each time. */
const HOLD_MS = 2000;
const LONGEST_HOLD_MS = 30_000;
/** And one that the remote refuses: a protected branch is no door to knock at twice a minute. */
const LONGEST_REMOTE_HOLD_MS = 300_000;

/** A candidate that is given up. */
const NO_CANDIDATE = {candidate: '', candidateBase: '', failedCandidate: ''} as const;

const isReviewed = ({reviewedCommit, commit}: Task): boolean => reviewedCommit === '' || reviewedCommit === commit;

/**
 * What has passed behind the head goes along: each of these cars is leased in Redis under the head's token, if it still stands there with that very
 * candidate. The first that does not ends the prefix.
 */
const board = async (
	room: Pick<Room, 'facts' | 'link' | 'lead' | 'merges'>,
	attempt: Attempt,
	behind: readonly QueueEntry[],
): Promise<MergeGroup['entries']> => {
	const end = behind.findIndex(({task}) => !isReviewed(task) || !hasCandidate(room, task.candidate));
	const wanted = (end === -1 ? behind : behind.slice(0, end))
		.slice(0, MOST_JOINED)
		.map(({task}) => ({task: task.id, candidate: task.candidate}));
	if (wanted.length === 0) return [];
	const {task, token, agent} = attempt;
	const order = {agent: agent.id, task: task.id, token, leaseMs: room.facts.config.lease, entries: wanted};
	const joined = await room.lead.as(() => room.link.coordination.joinMergeGroup(order));
	return joined.code === 'ok' ? wanted.slice(0, joined.joined) : [];
};

/** The last look before the base moves: orders, the reviewed commit, the token in Redis, the merge lock. Then what has passed behind it boards. */
export const startMerge = async (room: Room, attempt: Attempt, commit: string): Promise<Reply> => {
	const {task, token, agent} = attempt;
	const {control} = room.record.getFresh().team;
	if (control.frozen || control.paused || room.link.isRecovering()) return refuse('held', 'everything is frozen', '');
	if (!room.lead.isOurs()) return refuse('held', 'another room leads the team now', '');
	await judgeBase(room);
	if (!isBaseJudged(room)) return refuse('held', `${room.facts.base} was moved outside the merge queue: decide on that first`, '');
	if (task.stage !== 'merge' || task.candidate !== commit)
		return refuse('refused', `\`${commit}\` is not the tested merge candidate of ${task.id}`);
	if (!isReviewed(task)) return refuse('refused', `the review of ${task.id} saw \`${task.reviewedCommit}\`, not \`${task.commit}\``);
	const held = {agent: agent.id, task: task.id, token};
	// The token is checked in Redis at the last moment before the base moves, not from what this room remembers.
	if ((await room.link.coordination.renew(held, room.facts.config.lease)) !== 'ok') return STALE;
	const lock = await room.link.coordination.lock({
		name: `repository:${room.facts.base}`,
		owner: agent.id,
		token,
		ttlMs: MERGE_LOCK_MS,
	});
	if (lock.code !== 'ok') {
		const holder = lock.code === 'held' ? `is held by ${cleanText(lock.owner, 60)}` : `of ${agentName(agent.id)} was released by you`;
		return refuse('held', `the merge lock of ${room.facts.base} ${holder}`);
	}
	const {mergeQueue} = await freshMergeQueue(room);
	const [head, ...behind] = passedPrefix(mergeQueue);
	const joined = head?.task.id === task.id ? await board(room, attempt, behind) : [];
	attempt.entries = [{task: task.id, candidate: commit}, ...joined];
	if (attempt.isEnding) {
		// It was ended while Redis was asked: nothing of it is left behind that would hold the next landing off.
		await room.link.coordination.unlock({name: `repository:${room.facts.base}`, token});
		return STALE;
	}
	return {...ok, data: {from: task.candidateBase, entries: attempt.entries} satisfies MergeGroup};
};

/** A person's files are in the way of this one: the others go on without it, until the files are out of the way or the base moves. */
const setAside = ({record, merges}: Pick<Room, 'record' | 'merges'>, task: string, files: readonly string[], reason: string): string => {
	merges.mergeQueue.blockedByChanges.set(task, {files, base: record.getFresh().repository.baseCommit, reason});
	return cleanText(`merge blocked: ${reason}`, 300);
};

/** The landing waits for somebody outside: tried again later, less and less often, or at once when the base moves. */
const waitLonger = ({merges}: Pick<Room, 'merges'>, task: string, longestMs: number): void => {
	const times = merges.mergeBackoff.get(task) ?? 0;
	merges.mergeBackoff.set(task, times + 1);
	merges.notBefore.set(task, performance.now() + Math.min(longestMs, HOLD_MS * 2 ** times));
};

/** One car out of the landing, in one step under the token of the head. */
const writeEntry = async (
	room: Pick<Room, 'facts' | 'link' | 'record' | 'merges' | 'lifecycle'>,
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
			const waitReason = setAside(room, task, attempt.reported?.kind === 'result' ? (attempt.reported.files ?? []) : [], text);
			const code = await complete('test', {...NO_CANDIDATE, reason: waitReason}, 'none');
			await room.link.retryUntilWritten(() => room.link.coordination.setWaitReason(task, waitReason));
			return code;
		}
		case 'hold': {
			const report = attempt.reported?.kind === 'result' ? attempt.reported : undefined;
			waitLonger(room, task, report?.isRemote ? LONGEST_REMOTE_HOLD_MS : LONGEST_HOLD_MS);
			if (report?.isRemote) void askRemote(room);
			const waitReason = cleanText(`merge blocked: ${text}`, 300);
			// First the word, so that nobody sees it ready without a reason.
			await room.link.retryUntilWritten(() => room.link.coordination.setWaitReason(task, waitReason));
			const files = report?.files ?? [];
			if (files.length > 0) setAside(room, task, files, text);
			return release({waitReason}, cleanText(text, 300));
		}
		default:
			return release({}, cleanText(text, 300));
	}
};

/** Nothing else waits to land, so nobody gains by going on without the one that is held. */
const isAlone = ({record}: Pick<Room, 'record'>, entries: MergeGroup['entries']): boolean =>
	entries.length === 1 &&
	![...record.team().tasks.values()].some(
		({id, stage, state}) => (stage === 'test' || stage === 'merge') && (state === 'ready' || state === 'leased') && id !== entries[0]?.task,
	);

/**
 * The guardian's program has ended, by itself or killed at any point. Git alone says what has landed; each car is merged or goes back, head
 * first, and what the next one does not hear is found by its lease.
 */
export const finishMerge = (room: Room, attempt: Attempt, ended: Ended): Promise<void> => {
	const {agent, task} = attempt;
	const entries = attempt.entries.length > 0 ? attempt.entries : [{task: task.id, candidate: task.candidate}];
	const merged: string[] = [];
	return concluding(room, attempt, async () => {
		const {tasks} = room.record.team();
		const works = entries.map(entry => ({task: entry.task, commit: tasks.get(entry.task)?.commit || entry.candidate}));
		const report = attempt.reported?.kind === 'result' ? attempt.reported : undefined;
		// A program that was killed may have pushed: the remote says.
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
		// The guardian is free by now: its next landing does not wait for folders, and the end of the room does.
		for (const id of merged) {
			forgetMerged(room, id);
			const known = room.record.team().tasks.get(id) ?? task;
			if (known.id === id) await cleanup(room, known);
		}
	});
};

/** A room that ends after its last merge has brought the person's branch there too. */
const followMerged = async (room: Room): Promise<void> => {
	if (!room.facts.guardian.store.remote) return;
	await judgeBase(room);
	await followBase(room).catch(error => room.facts.log(`following the remote: ${String(error)}`));
};

/** What landed has passed its tests: a base that was red is mended. */
const passedRed = async ({link, record}: Pick<Room, 'link' | 'record'>): Promise<void> => {
	if (record.team().control.failingBase !== '')
		await link.retryUntilWritten(() => link.coordination.control({failingBase: ''}, 'the base branch is passing again'));
};
