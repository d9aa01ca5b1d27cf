import {setTimeout as wait} from 'node:timers/promises';
import type {Config} from '../../core/config/config.ts';
import {secretClauses} from '../../core/merge/approval.ts';
import {FINAL_STATES, type Task} from '../../core/task/task.ts';
import type {Coordination} from '../../core/team/coordination.ts';
import {searchCommits} from '../../git/diff/commit-secrets.ts';
import {isObjectId} from '../../git/process/names.ts';
import {readRemoteBase} from '../../git/remote/base.ts';
import {pushedTo} from '../../git/remote/remote.ts';
import {fetchShared, forgetShared, isShared, listShared, pushShared} from '../../git/remote/shared.ts';
import {hasCommit} from '../../git/store/import.ts';
import {hasRemote, type RemoteStore} from '../../git/store/store.ts';
import type {Room} from '../parts/parts.ts';
import {askRemote} from './remote.ts';

/** Delay before a push that the remote refused is retried, ms, doubled each time. */
const PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
/** How often a result that waits looks whether the remote has answered, ms. */
const LOOK_MS = 200;
/** Maximum of listed places with secrets. */
const MOST_TOLD = 20;

/** The store of a room that shares commits with its team; undefined if a room is alone. */
const teamStore = ({facts}: Pick<Room, 'facts'>): RemoteStore | undefined => {
	const {store} = facts.guardian;
	return hasRemote(store) && store.remote.shared !== '' ? store : undefined;
};

/** Whether code travels by the remote: merges are pushed, and several rooms may use this Redis. */
export const isTeam = (room: Pick<Room, 'facts'>): boolean => teamStore(room) !== undefined;

/** `kept`: it stays on this machine, for these reasons, until a human decides otherwise. */
export type Sharing = {readonly kind: 'shared'} | {readonly kind: 'kept'; readonly holds: readonly string[]};

type Sharer = Pick<Room, 'facts' | 'record' | 'merges' | 'lifecycle' | 'slots'>;

type SecretRules = Pick<Config, 'requireApproval' | 'secretAllowlist'>;

/** Why a commit must not leave this machine unasked: each commit that the others lack is scanned. */
const reasonsToKeep = async (
	config: SecretRules,
	store: RemoteStore,
	commit: string,
	task: Pick<Task, 'commit' | 'cleared' | 'mayLeave'> | undefined,
): Promise<readonly string[]> => {
	const isAllowed = task !== undefined && task.commit !== '' && (task.cleared === task.commit || task.mayLeave === commit);
	if (!config.requireApproval.includes('secrets') || isAllowed) return [];
	const base = readRemoteBase(store);
	return secretClauses(
		await searchCommits({folder: store.clone, to: commit, without: [base], allowed: config.secretAllowlist, most: MOST_TOLD}),
	);
};

const BANNER = 'share';

/**
 * Puts a commit where the other rooms fetch from: it is there when this returns, however long that takes, unless it is kept. Guarantee: nothing is
 * pushed before each of its commits was scanned for secrets. A remote that is away is waited for, as Redis is: the task's lease is renewed
 * meanwhile.
 */
export const share = async (room: Sharer, id: string, commit: string): Promise<Sharing> => {
	const store = teamStore(room);
	if (!store || !isObjectId(commit) || isShared(store, commit) || !(await hasCommit(store, commit))) return {kind: 'shared'};
	const holds = await reasonsToKeep(room.facts.config, store, commit, room.record.team().tasks.get(id));
	if (holds.length > 0) return {kind: 'kept', holds};
	for (let pause = PAUSE_MS; ; pause = Math.min(LONGEST_PAUSE_MS, pause * 2)) {
		const pushed = await pushShared(store, [commit]);
		if (pushed.kind === 'done') {
			room.record.setBanner(BANNER, undefined);
			return {kind: 'shared'};
		}
		if (!room.lifecycle.isRunning()) throw new Error(`${id} was not handed on: ${pushed.reason}`);
		const {remote} = room.merges;
		if (remote.problem === '') await askRemote(room);
		if (remote.problem !== '') {
			// The room asks at its own pace, however many results wait.
			while (remote.problem !== '' && room.lifecycle.isRunning()) await wait(LOOK_MS, undefined, {ref: false});
			continue;
		}
		// A remote that answers but refuses is reported as such.
		room.record.setBanner(BANNER, {
			severity: 'error',
			text: `${pushedTo(store.remote)} does not take the work of agents: ${pushed.reason}. It waits here.`,
		});
		await wait(pause, undefined, {ref: false});
	}
};

/**
 * Shares commits that are each based on the one before in one push, after one scan of all. Whatever is kept or refused is left to `share`, which does
 * it one by one.
 */
const shareChain = async (room: Sharer, commits: readonly string[]): Promise<void> => {
	const store = teamStore(room);
	const [last = ''] = commits.slice(-1);
	const wanted = store ? commits.filter(commit => isObjectId(commit) && !isShared(store, commit)) : [];
	if (!store || wanted.length < 2 || !(await hasCommit(store, last))) return;
	if ((await reasonsToKeep(room.facts.config, store, last, undefined)).length === 0) await pushShared(store, wanted);
};

/** Fields of a task by which other rooms find its code. */
const NAMED = ['commit', 'candidate'] as const;

/**
 * The coordination of a room in a team. Guarantee: code is on the remote before Redis names it. Kept code is named too, but is only on this machine.
 */
export const sharingFirst = (coordination: Coordination, room: () => Sharer): Coordination => {
	const shareAll = async (task: string, fields: Readonly<Record<string, string>>): Promise<void> => {
		for (const name of NAMED) {
			const shared = fields[name] ? await share(room(), task, fields[name]) : undefined;
			if (shared?.kind === 'kept') room().facts.log(`${task} stays here: ${shared.holds.join('; ')}`);
		}
	};
	const first =
		<Given extends {readonly task: string; readonly fields: Readonly<Record<string, string>>}, Answer>(
			write: (given: Given) => Promise<Answer>,
		) =>
		async (given: Given): Promise<Answer> => {
			await shareAll(given.task, given.fields);
			return write(given);
		};
	return {
		...coordination,
		complete: first(coordination.complete),
		fail: first(coordination.fail),
		release: first(coordination.release),
		reclaim: first(coordination.reclaim),
		decide: first(coordination.decide),
		requestChanges: first(coordination.requestChanges),
		progress: async (held, fields, text) => {
			await shareAll(held.task, fields);
			return coordination.progress(held, fields, text);
		},
		joinTestBatch: async order => {
			await shareChain(room(), [order.candidate, ...order.entries.map(({candidate}) => candidate)]);
			await shareAll(order.task, {candidate: order.candidate});
			for (const {task, candidate} of order.entries) await shareAll(task, {candidate});
			return coordination.joinTestBatch(order);
		},
		revert: async order => {
			await shareAll(order.id, {commit: order.commit});
			return coordination.revert(order);
		},
	};
};

/** Pushes what a human has allowed to leave since: done by the room that has it, whichever room was asked. */
export const shareAllowed = async (room: Sharer): Promise<void> => {
	const store = teamStore(room);
	if (!store) return;
	for (const {id, commit, mayLeave} of room.record.team().tasks.values())
		if (mayLeave !== '' && mayLeave === commit && !isShared(store, commit)) await share(room, id, commit);
};

/** Delay before a failed fetch of another room's commit is retried, ms. */
const BRING_AGAIN_MS = 10_000;

/** Fetches a merge candidate of another room, so that this room can build on it or merge it. Returns at once; wakes the room when it is there. */
export const bringCandidate = (room: Pick<Room, 'facts' | 'merges' | 'lifecycle'>, candidate: string): void => {
	const {facts, merges, lifecycle} = room;
	const {bringing} = merges.mergeQueue;
	if (!isTeam(room) || !isObjectId(candidate) || bringing.has(candidate)) return;
	bringing.add(candidate);
	facts.guardian
		.importCommit(candidate)
		.catch(async error => {
			facts.log(`the merge candidate ${candidate}: ${error instanceof Error ? error.message : String(error)}`);
			await wait(BRING_AGAIN_MS, undefined, {ref: false});
		})
		.finally(() => {
			bringing.delete(candidate);
			lifecycle.requestTick();
		});
};

/** Commits that no task needed at the last look. */
export type Unneeded = Set<string>;

const needed = ({commit, candidate, state}: Task): readonly string[] => (FINAL_STATES.includes(state) ? [] : [commit, candidate]);

/** Reads every task: the room does not remember all that is needed. */
const everyNeeded = async ({link}: Pick<Room, 'link'>): Promise<ReadonlySet<string>> => {
	const found = new Set<string>();
	let cursor = '';
	do {
		const page = await link.retryUntilWritten(() => link.coordination.list(cursor, 500));
		for (const task of page.tasks) for (const commit of needed(task)) found.add(commit);
		({cursor} = page);
	} while (cursor !== '');
	return found;
};

/**
 * Deletes from the remote what no unfinished task needs, now and at the last look: a new push is named only a moment later. Any room may do it; in a
 * team with a leader, the leader does.
 */
export const forgetUnneeded = async (room: Pick<Room, 'facts' | 'link'>, unneeded: Unneeded): Promise<void> => {
	const store = teamStore(room);
	const there = store && (await listShared(store));
	if (!store || !there) return;
	const isNeeded = await everyNeeded(room);
	const idle = there.filter(commit => !isNeeded.has(commit));
	const old = idle.filter(commit => unneeded.has(commit));
	unneeded.clear();
	for (const commit of idle) unneeded.add(commit);
	const forgotten = await forgetShared(store, old);
	if (forgotten.kind === 'refused') room.facts.log(`cannot remove unused names on the remote: ${forgotten.reason}`);
};

/** Commits of one push: their names are arguments. */
const PUSHED_AT_ONCE = 100;

/**
 * Puts the work of all unfinished tasks where other rooms fetch it from, for a room that does not run. `kept`: this task's work may not leave;
 * `refused`: the remote does not take it. The queue stays unchanged.
 */
export const shareQueue = async (
	store: RemoteStore,
	tasks: AsyncIterable<Task> | Iterable<Task>,
	rules: SecretRules,
): Promise<
	| {readonly kind: 'shared'}
	| {readonly kind: 'kept'; readonly task: string; readonly holds: readonly string[]}
	| {readonly kind: 'refused'; readonly reason: string}
> => {
	const commits = new Set<string>();
	for await (const task of tasks)
		for (const commit of needed(task)) {
			if (!isObjectId(commit) || isShared(store, commit) || !(await hasCommit(store, commit))) continue;
			const holds = await reasonsToKeep(rules, store, commit, task);
			if (holds.length > 0) return {kind: 'kept', task: task.id, holds};
			commits.add(commit);
		}
	const all = [...commits];
	for (let from = 0; from < all.length; from += PUSHED_AT_ONCE) {
		const pushed = await pushShared(store, all.slice(from, from + PUSHED_AT_ONCE));
		if (pushed.kind === 'refused') return pushed;
	}
	return {kind: 'shared'};
};

/**
 * The reverse: fetches the work of all unfinished tasks that only the remote has, for a room that continues without its team. Undefined once all of
 * it is here, else the first task whose work cannot be fetched, and why.
 */
export const bringQueue = async (
	store: RemoteStore,
	tasks: AsyncIterable<Task> | Iterable<Task>,
): Promise<{readonly task: string; readonly reason: string} | undefined> => {
	for await (const task of tasks)
		for (const commit of needed(task)) {
			if (!isObjectId(commit) || (await hasCommit(store, commit))) continue;
			const fetched = await fetchShared(store, commit);
			if (fetched.kind !== 'done') return {task: task.id, reason: fetched.kind === 'missing' ? 'it is not there' : fetched.reason};
		}
	return undefined;
};

/** Deletes everything of the team from the remote, once nothing needs it. What the remote refuses to delete stays: it does no harm. */
export const forgetTeam = async (store: RemoteStore): Promise<void> => {
	const there = (await listShared(store)) ?? [];
	for (let from = 0; from < there.length; from += PUSHED_AT_ONCE) await forgetShared(store, there.slice(from, from + PUSHED_AT_ONCE));
};
