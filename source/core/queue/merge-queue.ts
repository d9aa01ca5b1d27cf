import {stageRole} from '../task/stages.ts';
import type {Task} from '../task/task.ts';
import type {TeamSnapshot} from '../team/snapshot.ts';
import {formatAge} from '../text/format.ts';
import {whyWaiting} from './eligibility.ts';
import {featureHead} from './feature-branch.ts';
import {strayText} from './stray.ts';

/**
 * testing: tests run. passed: waits to merge. failed: tests failed; an entry ahead is undecided, so the cause is unknown. merging: the
 * merger has it.
 */
export type EntryState = 'testing' | 'passed' | 'failed' | 'merging';

/**
 * A task whose candidate is based on the candidate of the entry ahead; the head's is based on the base. `place` is 1 for the head. `isOnFeature`: it is
 * based on the branch of its feature, whose last commit has passed.
 */
export type QueueEntry = {readonly task: Task; readonly place: number; readonly state: EntryState; readonly isOnFeature?: boolean};

export type MergeQueue = {
	/** The unbroken chain from the base, head first. */
	readonly entries: readonly QueueEntry[];
	/** Candidates based on something that is gone: each is rebuilt and retested at no cost. None of them is merging. */
	readonly outdated: readonly Task[];
	/** Tasks that wait for their test, in queue order. */
	readonly queue: readonly Task[];
};

/** Returns a task's state in the merge queue; undefined if it is not in it. */
const stateOf = ({stage, state, candidate, failedCandidate}: Task): EntryState | undefined => {
	if (candidate === '') return undefined;
	if (stage === 'test') {
		if (state === 'leased') return 'testing';
		return state === 'ready' && failedCandidate === candidate ? 'failed' : undefined;
	}
	if (stage !== 'merge') return undefined;
	if (state === 'leased') return 'merging';
	return state === 'ready' ? 'passed' : undefined;
};

/** By score, as in every queue, so that nothing starves; then by fewer removals. */
export const byQueueOrder = (a: Task, b: Task): number =>
	a.score - b.score || a.removals - b.removals || (a.id < b.id ? -1 : Number(a.id > b.id));

/** Whether exactly this candidate passed its tests; of a batch only the last one has. */
export const isTested = ({candidate, testedCommit}: Pick<Task, 'candidate' | 'testedCommit'>): boolean =>
	candidate !== '' && candidate === testedCommit;

/** If two candidates are based on the same commit, the one that is further stays. */
const FURTHER: readonly EntryState[] = ['merging', 'passed', 'failed', 'testing'];

/** An entry of a batch counts as passed only with the batch's last one still behind it: nothing else was tested. */
const isCovered = ({task}: QueueEntry, behind: readonly QueueEntry[]): boolean =>
	behind.some(
		({task: last, state}) => last.candidate === task.testedCommit && isTested(last) && (state === 'passed' || state === 'merging'),
	);

/**
 * Derives the merge queue from the tasks alone: with no state of its own it cannot contradict them after a crash. `baseHead` is the base's
 * commit.
 */
export const mergeQueueOf = (tasks: Iterable<Task>, baseHead: string): MergeQueue => {
	const all = [...tasks];
	const standing: Array<{readonly task: Task; readonly state: EntryState}> = [];
	const queue: Task[] = [];
	for (const task of all) {
		const state = stateOf(task);
		if (state) standing.push({task, state});
		else if (task.stage === 'test' && task.state === 'ready') queue.push(task);
	}
	const behind = Map.groupBy(standing, ({task}) => task.candidateBase);
	const isOnFeature = (task: Task): boolean => task.candidateBase !== baseHead && task.candidateBase === featureHead(all, task);
	// Each of these merges on its own: none is behind another, and what has passed goes first.
	const entries: QueueEntry[] = standing
		.filter(({task}) => task.isApart && (task.candidateBase === baseHead || isOnFeature(task)))
		.sort((a, b) => FURTHER.indexOf(a.state) - FURTHER.indexOf(b.state) || byQueueOrder(a.task, b.task))
		.map(entry => ({...entry, place: 1, isOnFeature: isOnFeature(entry.task)}));
	const chained = new Set(entries.map(({task}) => task.id));
	for (let at = baseHead; ; ) {
		const [next] = (behind.get(at) ?? [])
			.filter(({task}) => !chained.has(task.id))
			.sort((a, b) => FURTHER.indexOf(a.state) - FURTHER.indexOf(b.state) || byQueueOrder(a.task, b.task));
		if (!next) break;
		entries.push({...next, place: entries.length + 1});
		chained.add(next.task.id);
		at = next.task.candidate;
	}
	const uncovered = entries.findIndex((entry, at) => entry.state === 'passed' && !isCovered(entry, entries.slice(at)));
	if (uncovered !== -1) for (const {task} of entries.splice(uncovered)) chained.delete(task.id);
	const loose = standing.filter(({task, state}) => !chained.has(task.id) && state !== 'merging');
	// A failure on an outdated base decides nothing: the task waits for its next test.
	for (const {task, state} of loose) if (state === 'failed') queue.push(task);
	return {
		entries,
		outdated: loose.filter(({state}) => state !== 'failed').map(({task}) => task),
		queue: queue.sort(byQueueOrder),
	};
};

/** Returns what the next candidate is built on: the last entry's, or the base. */
export const lastEntry = ({entries}: MergeQueue, baseHead: string): string => entries.at(-1)?.task.candidate ?? baseHead;

/**
 * Returns the longest prefix that may merge together: the head and the passed entries behind it. Guarantee: it ends with a candidate that
 * passed its tests, so that the base only takes such.
 */
export const passedPrefix = ({entries}: MergeQueue): readonly QueueEntry[] => {
	const end = entries.findIndex(({state}) => state !== 'passed' && state !== 'merging');
	const passed = end === -1 ? entries : entries.slice(0, end);
	return passed.slice(0, passed.findLastIndex(({task}) => isTested(task)) + 1);
};

/**
 * Meaning of an entry's failed tests. `own`: its base passed, so the entry broke them. `undecided`: the entry ahead is undecided. `base`:
 * it is the head, and the base has not passed recently: test the base. `outdated`: its base is gone, nothing follows.
 */
export type Blame = 'own' | 'undecided' | 'base' | 'outdated';

/**
 * An entry is only removed with proof that it, and not another entry or the base, failed. That only the affected tests of an entry ahead
 * passed is no proof for those of another change: once it has merged, the base is tested with them.
 */
export const blameFor = ({entries}: MergeQueue, id: string, hasBasePassed: boolean): Blame => {
	const at = entries.findIndex(({task}) => task.id === id);
	if (at === -1) return 'outdated';
	// What is on the branch of a feature has passed, each on the one before.
	if (entries[at]?.isOnFeature) return 'own';
	const before = entries[at]?.task.isApart ? undefined : entries[at - 1];
	if (!before) return hasBasePassed ? 'own' : 'base';
	const hasPassed = before.state === 'passed' || before.state === 'merging';
	return hasPassed && before.task.testedWith === '' ? 'own' : 'undecided';
};

/** Returns failed entries that can be decided without a run: `own` ones are removed; for `base`, the base is tested first. */
export const decidable = (
	mergeQueue: MergeQueue,
	hasBasePassed: boolean,
): ReadonlyArray<{readonly task: Task; readonly blame: 'own' | 'base'}> =>
	mergeQueue.entries.flatMap(({task, state}) => {
		const blame = blameFor(mergeQueue, task.id, hasBasePassed);
		return state === 'failed' && (blame === 'own' || blame === 'base') ? [{task, blame}] : [];
	});

const mergeQueues = new WeakMap<TeamSnapshot, {readonly baseHead: string; readonly mergeQueue: MergeQueue}>();

/** The merge queue of a snapshot, computed once. */
export const mergeQueueIn = (team: TeamSnapshot, baseHead: string): MergeQueue => {
	const known = mergeQueues.get(team);
	if (known?.baseHead === baseHead) return known.mergeQueue;
	const mergeQueue = mergeQueueOf(team.tasks.values(), baseHead);
	mergeQueues.set(team, {baseHead, mergeQueue});
	return mergeQueue;
};

/** Whether merges are paused because the merger is. */
export const isMergeQueuePaused = ({agents}: Pick<TeamSnapshot, 'agents'>): boolean => {
	const movers = [...agents.values()].filter(({role, status}) => role === stageRole('merge') && status !== 'stopped');
	return movers.length > 0 && movers.every(({paused}) => paused);
};

/** Describes an entry that blocks those behind it. */
const stands = ({task, state}: QueueEntry, team: TeamSnapshot, now: number): string => {
	const begun = team.agents.get(task.owner)?.statusAt ?? 0;
	const since = state === 'testing' && begun > 0 ? ` for ${formatAge(now - begun)}` : '';
	return {testing: `is being tested${since}`, passed: 'has passed', failed: 'failed its tests', merging: 'is merging'}[state];
};

/** What its last run proved, in words: with `affected` no more than the affected tests. */
export const whatPassed = ({testedWith}: Pick<Task, 'testedWith'>): string => (testedWith === '' ? 'passed' : 'affected tests passed');

/** How many tasks are, or were, tested in one run with this one, in words; '' for it alone. */
export const testedTogether = ({batch}: Pick<Task, 'batch'>): string =>
	batch > 1 ? `tested together with ${batch - 1} other${batch === 2 ? '' : 's'}` : '';

const inMergeQueue = (entry: QueueEntry, {entries}: MergeQueue, team: TeamSnapshot, now: number): string => {
	const place = `place ${entry.place} of ${entries.length}`;
	const before = entries.slice(0, entry.place - 1);
	const open = before.find(({state}) => state === 'testing' || state === 'failed') ?? before.at(-1);
	const behind = open
		? `in the merge queue behind ${open.task.id} (${place}), which ${stands(open, team, now)}`
		: `first in the merge queue (${place})`;
	if (entry.state === 'failed') return `tests failed, ${behind}: waiting for it to find the cause`;
	const passed = whatPassed(entry.task);
	if (entry.state === 'passed' && isMergeQueuePaused(team)) return `${passed}${open ? `, ${behind}` : ''}: you paused merging`;
	if (entry.state === 'passed' && entry.isOnFeature) return `${passed}: it goes to the branch of ${entry.task.feature} next`;
	if (entry.state === 'passed' && entry.task.isApart) return `${passed}: its pull request is opened next`;
	if (entry.state === 'passed') return open ? `${passed}, ${behind}` : `${passed}: merging next`;
	if (entry.task.isApart) return entry.state === 'merging' ? 'its pull request is being opened' : 'tested by itself, for its pull request';
	return behind;
};

/** Explains why a task in test or merge waits for the merge queue; '' if it does not. `base` is the base branch's name. */
export const whyInMergeQueue = (
	task: Task,
	team: TeamSnapshot,
	base: {readonly name: string; readonly head: string},
	now: number,
): string => {
	if (team.control.stray !== '') return task.state === 'leased' ? '' : `${base.name} ${strayText(team.control)}`;
	const mergeQueue = mergeQueueIn(team, base.head);
	const entry = mergeQueue.entries.find(({task: {id}}) => id === task.id);
	if (entry) return [inMergeQueue(entry, mergeQueue, team, now), testedTogether(task)].filter(Boolean).join(', ');
	if (mergeQueue.outdated.some(({id}) => id === task.id))
		return `${base.name} or an entry ahead has changed: the merge candidate is rebuilt and retested`;
	if (task.stage !== 'test') return '';
	// A leased task joins the queue once its candidate is built.
	if (task.state === 'leased') return 'building its merge candidate';
	const {failingBase, failingWhy} = team.control;
	if (failingBase !== '') return `${base.name} fails its tests at ${failingBase.slice(0, 8)}${failingWhy === '' ? '' : `: ${failingWhy}`}`;
	const place = mergeQueue.queue.findIndex(({id}) => id === task.id);
	const waiting = whyWaiting(task, team);
	return place > 0
		? `${place} ahead of it, waiting for the merge queue${waiting === 'ready' ? '' : `; ${waiting}`}`
		: waiting === 'ready'
			? ''
			: waiting;
};

/** Why an entry waits for one ahead of it, as its `waitReason`. Nobody has to act: it is built again once that one is merged or removed. */
export const BEHIND = {
	conflict: (id: string, files: string): string => `conflicts with ${id} ahead in the merge queue (${files})`,
	contained: (id: string): string => `all changes are already in ${id} ahead in the merge queue`,
	elsewhere: (id: string): string => `behind ${id} ahead in the merge queue, which another room tests`,
	/** One after the other: each is tested with what is on their branch before it. */
	sibling: (id: string): string => `behind ${id} ahead in the merge queue, for the same pull request`,
	/** It is built again once the lock is released. */
	locked: (lock: string, file: string): string => `waits for ${lock} (${file})`,
} as const;

/** Whether a `waitReason` is one of these: it ends by itself. */
export const waitsForEntry = (waitReason: string): boolean =>
	/^(?:(?:conflicts with|all changes are already in|behind) \S* ahead in the merge queue|waits for the lock )/.test(waitReason);
