import {type MergeQueue, mergeQueueOf} from '../../core/queue/merge-queue.ts';
import type {Task} from '../../core/task/task.ts';
import type {TeamSnapshot} from '../../core/team/snapshot.ts';
import {readRef} from '../../git/repository/refs.ts';
import type {Room} from './parts.ts';

/** A candidate that this room has built for a task that it tests. */
export type Built = {readonly token: string; readonly candidate: string; readonly candidateBase: string; readonly isApart?: boolean};

/** What this room knows of the merge queue beyond the event log. All of it may be lost: it only saves work, and no guarantee rests on it. */
export type MergeQueueMemo = {
	/** Task -> its merge candidate, from its build until its test has ended. */
	readonly built: Map<string, Built>;
	/** Task -> the entry it conflicts with: not rebuilt while that entry is ahead of it. */
	readonly conflictsWith: Map<string, {readonly task: string; readonly candidate: string}>;
	/** Task -> your uncommitted files that block its merge, and the base for which that was found. */
	readonly blockedByChanges: Map<string, {readonly files: readonly string[]; readonly base: string; readonly reason: string}>;
	/** Task -> the failing base it was tried on, and the work that was tried. */
	readonly triedOnFailingBase: Map<string, {readonly base: string; readonly commit: string}>;
	/** Commit -> when it passed its tests here, by `performance.now()`. */
	readonly passedAt: Map<string, number>;
	/** Task -> how often in a row it was found to change what another agent has locked. */
	readonly lockedOut: Map<string, number>;
	/** Task -> how often in a row its tests were killed. */
	readonly kills: Map<string, number>;
	/** Room -> a test assigned to it whose candidate is not known yet: how often in a row, when, and until when it gets no other. */
	readonly elsewhere: Map<string, {readonly count: number; readonly at: number; readonly until: number}>;
	/** Candidates that this room's guardian can build on and merge. */
	readonly here: Set<string>;
	/** Candidates of other rooms that are being fetched. */
	readonly bringing: Set<string>;
	/** No test command was found: nothing is tested before this time, then one task at a time. 0 if there is one. */
	missingUntil: number;
	/** Candidates are built one at a time, each on the one before. */
	appending: Promise<unknown>;
};

export const createMergeQueueMemo = (): MergeQueueMemo => ({
	built: new Map(),
	conflictsWith: new Map(),
	blockedByChanges: new Map(),
	triedOnFailingBase: new Map(),
	passedAt: new Map(),
	lockedOut: new Map(),
	kills: new Map(),
	elsewhere: new Map(),
	here: new Set(),
	bringing: new Set(),
	missingUntil: 0,
	appending: Promise.resolve(),
});

/** A base that passed its tests this recently counts as passing without a new check, ms. */
const PASSED_MS = 600_000;
const KEPT = 2000;

export const notePassed = ({merges}: Pick<Room, 'merges'>, commit: string): void => {
	merges.mergeQueue.passedAt.delete(commit);
	merges.mergeQueue.passedAt.set(commit, performance.now());
	for (const oldest of merges.mergeQueue.passedAt.keys()) {
		if (merges.mergeQueue.passedAt.size <= KEPT) return;
		merges.mergeQueue.passedAt.delete(oldest);
	}
};

/** Whether a commit is known to pass. False for one known to fail; expires, since a tool missing on the machine may fail everything later. */
export const hasPassed = ({record, merges}: Pick<Room, 'record' | 'merges'>, commit: string): boolean =>
	performance.now() - (merges.mergeQueue.passedAt.get(commit) ?? Number.NEGATIVE_INFINITY) < PASSED_MS &&
	record.team().control.failingBase !== commit;

/**
 * The tasks of the record with the candidates built here since: the record follows a moment later, and the next candidate builds on them. Candidates
 * of ended leases are left out.
 */
export const withBuilt = (team: TeamSnapshot, built: MergeQueueMemo['built']): Iterable<Task> =>
	[...team.tasks.values()].map(task => {
		const mine = task.stage === 'test' ? built.get(task.id) : undefined;
		const isTested = mine && (task.state === 'ready' || (task.state === 'leased' && task.token === mine.token));
		return isTested
			? {...task, state: 'leased', candidate: mine.candidate, candidateBase: mine.candidateBase, isApart: mine.isApart ?? false}
			: task;
	});

/** The merge queue as this room sees it now, with the base as git has it now; `as` replaces one task. */
export const freshMergeQueue = async (
	{facts, record, merges}: Pick<Room, 'facts' | 'record' | 'merges'>,
	as?: Task,
): Promise<{readonly mergeQueue: MergeQueue; readonly head: string}> => {
	const head = await facts.guardian.baseHead();
	record.setBaseCommit(head);
	const tasks = withBuilt(record.team(), merges.mergeQueue.built);
	return {mergeQueue: mergeQueueOf(as ? [...tasks].map(task => (task.id === as.id ? as : task)) : tasks, head), head};
};

/** Whether this room's guardian has a candidate; one of another room may exist only in that room's clone. */
export const hasCandidate = ({facts, merges}: Pick<Room, 'facts' | 'merges'>, candidate: string): boolean => {
	if (merges.mergeQueue.here.has(candidate)) return true;
	if (readRef(facts.guardian.folder, `refs/agent-room/imported/${candidate}`) !== candidate) return false;
	merges.mergeQueue.here.add(candidate);
	return true;
};

/** How long a room gets no test after an assigned one brought no candidate, ms; grows each time. */
const ELSEWHERE_MS = 5000;
const LONGEST_ELSEWHERE_MS = 300_000;

/** Another room was assigned a test: it gets no other until its candidate is known or its wait is over. */
export const noteHanded = ({merges}: Pick<Room, 'merges'>, to: string): void => {
	const count = (merges.mergeQueue.elsewhere.get(to)?.count ?? 0) + 1;
	const at = performance.now();
	const until = at + Math.min(LONGEST_ELSEWHERE_MS, ELSEWHERE_MS * 2 ** (count - 1));
	merges.mergeQueue.elsewhere.set(to, {count, at, until});
};

/** Whether another room is probably building a candidate: one built here would have the same parent. True for a short time only. */
export const isBuiltElsewhere = ({merges}: Pick<Room, 'merges'>): boolean =>
	[...merges.mergeQueue.elsewhere.values()].some(({at}) => performance.now() - at < ELSEWHERE_MS);

/** Room -> time before which it is assigned no test; a room whose candidate is known does not wait. */
export const restsElsewhere = ({record, merges}: Pick<Room, 'record' | 'merges'>): ReadonlyMap<string, number> => {
	const {elsewhere} = merges.mergeQueue;
	if (elsewhere.size > 0) {
		const {agents, tasks} = record.team();
		for (const {stage, state, candidate, owner} of tasks.values())
			if (stage === 'test' && state === 'leased' && candidate !== '') elsewhere.delete(agents.get(owner)?.room ?? '');
	}
	return new Map([...elsewhere].map(([room, {until}]) => [room, until]));
};

/** Whether this work has already been tried on this failing base. */
export const wasTried = (
	triedOnFailingBase: MergeQueueMemo['triedOnFailingBase'],
	{id, commit}: Pick<Task, 'id' | 'commit'>,
	base: string,
): boolean => {
	const tried = triedOnFailingBase.get(id);
	return tried?.base === base && tried.commit === commit;
};

/** What keeps tasks from being built and tested. Times are of this process's monotonic clock, ms. */
export type Waits = Pick<MergeQueueMemo, 'conflictsWith' | 'triedOnFailingBase' | 'blockedByChanges'> & {
	readonly baseHead: string;
	/** Task -> not before this time. */
	readonly notBefore: ReadonlyMap<string, number>;
	readonly now: number;
};

export const isRested = (id: string, {notBefore, now}: Pick<Waits, 'notBefore' | 'now'>): boolean => (notBefore.get(id) ?? 0) <= now;

/** Whether this task may be built and tested now, on this merge queue. */
export const isDue = (task: Task, mergeQueue: MergeQueue, waits: Waits, isRed: boolean): boolean => {
	const ahead = waits.conflictsWith.get(task.id);
	const isBehind =
		ahead !== undefined && mergeQueue.entries.some(entry => entry.task.id === ahead.task && entry.task.candidate === ahead.candidate);
	const isTried = isRed && wasTried(waits.triedOnFailingBase, task, waits.baseHead);
	return !isBehind && !isTried && !waits.blockedByChanges.has(task.id) && isRested(task.id, waits);
};

/** Queues for building a candidate: `mine` resolves when all before have called `leave`. */
export const buildLock = ({merges}: Pick<Room, 'merges'>): {readonly mine: Promise<unknown>; readonly leave: () => void} => {
	const mine = merges.mergeQueue.appending;
	const {promise, resolve} = Promise.withResolvers<void>();
	merges.mergeQueue.appending = mine.then(() => promise);
	return {mine, leave: resolve};
};

/** Fields to clear when a task leaves its test without a result: a candidate exists only while it is tested. */
export const lostFields = ({stage}: Pick<Task, 'stage'>): Record<string, string> =>
	stage === 'test' ? {candidate: '', candidateBase: '', failedCandidate: '', batch: '0'} : {};

/** A test has ended here: what was built for it, and for all that was tested with it, is in the record, or gone. */
export const forgetBuilt = ({merges}: Pick<Room, 'merges'>, token: string): void => {
	for (const [task, built] of merges.mergeQueue.built) if (built.token === token) merges.mergeQueue.built.delete(task);
};

/** Retries a waiting merge at once: its cause may be gone, or you asked for it. */
export const tryNow = ({merges}: Pick<Room, 'merges'>, task: string): void => {
	for (const wait of [merges.mergeBackoff, merges.notBefore, merges.mergeQueue.blockedByChanges]) wait.delete(task);
	merges.remote.notBefore = 0;
};

/** Forgets what this room remembered of a task that is merged or restarts. */
export const forgetWay = (room: Pick<Room, 'merges'>, task: string): void => {
	const {conflictsWith, triedOnFailingBase, lockedOut, kills} = room.merges.mergeQueue;
	tryNow(room, task);
	for (const memory of [conflictsWith, triedOnFailingBase, lockedOut, kills]) memory.delete(task);
};

export const forgetMerged = (room: Pick<Room, 'record' | 'merges'>, task: string): void => {
	forgetWay(room, task);
	room.merges.mergeQueue.here.delete(room.record.team().tasks.get(task)?.candidate ?? '');
};

/** What an entry is based on, in words: the entry ahead of it, or the base. */
export const standsOn = ({facts, record}: Pick<Room, 'facts' | 'record'>, {candidateBase}: Task): string => {
	const ahead = [...record.team().tasks.values()].find(({candidate, state}) => candidate === candidateBase && state !== 'merged');
	return ahead?.id ?? `${facts.base} at ${candidateBase.slice(0, 7)}`;
};
