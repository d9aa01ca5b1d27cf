import {type MergeQueue, mergeQueueOf} from '../../core/queue/merge-queue.ts';
import type {Task} from '../../core/task/task.ts';
import type {TeamSnapshot} from '../../core/team/snapshot.ts';
import {readRef} from '../../git/repository/refs.ts';
import type {Room} from './parts.ts';

/** A candidate that this room has built for a task that it tests. */
export type Built = {readonly token: string; readonly candidate: string; readonly candidateBase: string};

/** What this room knows of the train beside the record. All of it may be lost: it saves work, and decides nothing that must hold. */
export type MergeQueueMemo = {
	/** Task -> its candidate, from when it is built until its test has ended. */
	readonly built: Map<string, Built>;
	/** Task -> the car that it conflicts with: not built again while that one is ahead of it. */
	readonly conflictsWith: Map<string, {readonly task: string; readonly candidate: string}>;
	/** Task -> a person's files that are in the way of its landing, and since which base. */
	readonly blockedByChanges: Map<string, {readonly files: readonly string[]; readonly base: string; readonly reason: string}>;
	/** Task -> the red base that it was tried on, and with which work. */
	readonly triedOnFailingBase: Map<string, {readonly base: string; readonly commit: string}>;
	/** Commit -> moment of `performance.now()` when it passed its tests here. */
	readonly passedAt: Map<string, number>;
	/** Task -> how often in a row its tests were killed. */
	readonly kills: Map<string, number>;
	/** Room -> a test that it was handed, by which no candidate has come yet; how often in a row; when it may be handed another. */
	readonly elsewhere: Map<string, {readonly count: number; readonly at: number; readonly until: number}>;
	/** Candidates that this room's guardian can build on and land. */
	readonly here: Set<string>;
	/** Those of other rooms that are being fetched. */
	readonly bringing: Set<string>;
	/** There was no test command: nothing is tested before this moment, and then one at a time. 0: there is one. */
	missingUntil: number;
	/** Candidates are built one after the other, each on the one before. */
	appending: Promise<unknown>;
};

export const createMergeQueueMemo = (): MergeQueueMemo => ({
	built: new Map(),
	conflictsWith: new Map(),
	blockedByChanges: new Map(),
	triedOnFailingBase: new Map(),
	passedAt: new Map(),
	kills: new Map(),
	elsewhere: new Map(),
	here: new Set(),
	bringing: new Set(),
	missingUntil: 0,
	appending: Promise.resolve(),
});

/** A base that passed its tests this long ago is not asked again, ms. */
const PASSED_MS = 600_000;
const KEPT = 2000;

/** A commit passed its tests, here and now. */
export const notePassed = ({merges}: Pick<Room, 'merges'>, commit: string): void => {
	merges.mergeQueue.passedAt.delete(commit);
	merges.mergeQueue.passedAt.set(commit, performance.now());
	for (const oldest of merges.mergeQueue.passedAt.keys()) {
		if (merges.mergeQueue.passedAt.size <= KEPT) return;
		merges.mergeQueue.passedAt.delete(oldest);
	}
};

/** Is a commit known to pass? Not where it is known to be red, and not for ever: what a machine lacks since may fail everybody. */
export const hasPassed = ({record, merges}: Pick<Room, 'record' | 'merges'>, commit: string): boolean =>
	performance.now() - (merges.mergeQueue.passedAt.get(commit) ?? Number.NEGATIVE_INFINITY) < PASSED_MS &&
	record.team().control.failingBase !== commit;

/**
 * The tasks of the record with what this room has built meanwhile: the record hears of a candidate a moment later, and the next one is to stand on
 * it. A lease that ended in the record is none any more.
 */
export const withBuilt = (team: TeamSnapshot, built: MergeQueueMemo['built']): Iterable<Task> =>
	[...team.tasks.values()].map(task => {
		const mine = task.stage === 'test' ? built.get(task.id) : undefined;
		const isTested = mine && (task.state === 'ready' || (task.state === 'leased' && task.token === mine.token));
		return isTested ? {...task, state: 'leased', candidate: mine.candidate, candidateBase: mine.candidateBase} : task;
	});

/** The train as this room sees it now, and the base as git says this very moment; `as`: one task as it is to be seen. */
export const freshMergeQueue = async (
	{facts, record, merges}: Pick<Room, 'facts' | 'record' | 'merges'>,
	as?: Task,
): Promise<{readonly mergeQueue: MergeQueue; readonly head: string}> => {
	const head = await facts.guardian.baseHead();
	record.setBaseCommit(head);
	const tasks = withBuilt(record.team(), merges.mergeQueue.built);
	return {mergeQueue: mergeQueueOf(as ? [...tasks].map(task => (task.id === as.id ? as : task)) : tasks, head), head};
};

/** Whether this room's guardian has a candidate; another room's may be in that room's clone alone. */
export const hasCandidate = ({facts, merges}: Pick<Room, 'facts' | 'merges'>, candidate: string): boolean => {
	if (merges.mergeQueue.here.has(candidate)) return true;
	if (readRef(facts.guardian.folder, `refs/agent-room/imported/${candidate}`) !== candidate) return false;
	merges.mergeQueue.here.add(candidate);
	return true;
};

/** A room that brings no candidate of what it is handed rests, longer each time, ms. */
const ELSEWHERE_MS = 5000;
const LONGEST_ELSEWHERE_MS = 300_000;

/** Another room was handed a test: it is handed no other before its candidate is known, or it has rested. */
export const noteHanded = ({merges}: Pick<Room, 'merges'>, to: string): void => {
	const count = (merges.mergeQueue.elsewhere.get(to)?.count ?? 0) + 1;
	const at = performance.now();
	const until = at + Math.min(LONGEST_ELSEWHERE_MS, ELSEWHERE_MS * 2 ** (count - 1));
	merges.mergeQueue.elsewhere.set(to, {count, at, until});
};

/** Another room builds a candidate, as far as is known: what was built here meanwhile would stand on the same one. It is not waited for long. */
export const isBuiltElsewhere = ({merges}: Pick<Room, 'merges'>): boolean =>
	[...merges.mergeQueue.elsewhere.values()].some(({at}) => performance.now() - at < ELSEWHERE_MS);

/** Room -> moment before which it is handed no test; one whose candidate is known by now does not rest. */
export const restsElsewhere = ({record, merges}: Pick<Room, 'record' | 'merges'>): ReadonlyMap<string, number> => {
	const {elsewhere} = merges.mergeQueue;
	if (elsewhere.size > 0) {
		const {agents, tasks} = record.team();
		for (const {stage, state, candidate, owner} of tasks.values())
			if (stage === 'test' && state === 'leased' && candidate !== '') elsewhere.delete(agents.get(owner)?.room ?? '');
	}
	return new Map([...elsewhere].map(([room, {until}]) => [room, until]));
};

/** Was this very work tried on this red base, in vain? */
export const wasTried = (
	triedOnFailingBase: MergeQueueMemo['triedOnFailingBase'],
	{id, commit}: Pick<Task, 'id' | 'commit'>,
	base: string,
): boolean => {
	const tried = triedOnFailingBase.get(id);
	return tried?.base === base && tried.commit === commit;
};

/** A place in the row of those whose candidate is to be built: `mine` comes when those before have left it. */
export const buildLock = ({merges}: Pick<Room, 'merges'>): {readonly mine: Promise<unknown>; readonly leave: () => void} => {
	const mine = merges.mergeQueue.appending;
	const {promise, resolve} = Promise.withResolvers<void>();
	merges.mergeQueue.appending = mine.then(() => promise);
	return {mine, leave: resolve};
};

/** What a task loses that leaves its test without a result: there is no candidate where nothing tests it. */
export const lostFields = ({stage}: Pick<Task, 'stage'>): Record<string, string> =>
	stage === 'test' ? {candidate: '', candidateBase: '', failedCandidate: ''} : {};

/** The test of a task has ended here: what was built for it is in the record, or gone. */
export const forgetBuilt = ({merges}: Pick<Room, 'merges'>, task: string, token: string): void => {
	if (merges.mergeQueue.built.get(task)?.token === token) merges.mergeQueue.built.delete(task);
};

/** What a landing waited for may be done, or a person wants it now: it is tried at once. */
export const tryNow = ({merges}: Pick<Room, 'merges'>, task: string): void => {
	for (const wait of [merges.mergeBackoff, merges.notBefore, merges.mergeQueue.blockedByChanges]) wait.delete(task);
};

/** A task is on the base, or goes its way anew: what this room remembered of it is of no more use. */
export const forgetWay = (room: Pick<Room, 'merges'>, task: string): void => {
	const {conflictsWith, triedOnFailingBase, kills} = room.merges.mergeQueue;
	tryNow(room, task);
	for (const memory of [conflictsWith, triedOnFailingBase, kills]) memory.delete(task);
};

/** A task is on the base. */
export const forgetMerged = (room: Pick<Room, 'record' | 'merges'>, task: string): void => {
	forgetWay(room, task);
	room.merges.mergeQueue.here.delete(room.record.team().tasks.get(task)?.candidate ?? '');
};

/** What a car stands on, in words: the car ahead of it, or the base. */
export const standsOn = ({facts, record}: Pick<Room, 'facts' | 'record'>, {candidateBase}: Task): string => {
	const ahead = [...record.team().tasks.values()].find(({candidate, state}) => candidate === candidateBase && state !== 'merged');
	return ahead?.id ?? `${facts.base} at ${candidateBase.slice(0, 7)}`;
};
