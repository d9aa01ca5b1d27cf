import {formatAge} from '../../core/text/format.ts';
import {standStill} from '../attempt/attempt.ts';
import {terminate} from '../attempt/end.ts';
import {addTester, removeTester} from '../orders/membership.ts';
import {freshMergeQueue, hasCandidate, lostFields, noteHanded} from '../parts/merge-queue.ts';
import {chosenFor, type Room} from '../parts/parts.ts';
import {statusOf, tellAnew} from '../session/status.ts';
import {beginHanded, claimFor} from './claim.ts';
import {hasOtherHolders} from './decide-merges.ts';
import type {Effect} from './effect.ts';

/** Time for a superseded agent to stop by itself before its processes are killed. */
const SUPERSEDED_GRACE_MS = 1500;

/** Ends an attempt whose task was reassigned: its commits stay on its own branch, none of its work is submitted. Never throws. */
export const cancelSuperseded = async (room: Room, agent: string, reason: string): Promise<void> => {
	const attempt = room.slots.attempt(agent);
	if (!attempt || attempt.isEnding) return;
	await terminate(room, attempt, {reason: `superseded: ${reason}`, graceMs: SUPERSEDED_GRACE_MS}, async () => undefined);
};

const pause = async ({link, record, slots}: Pick<Room, 'link' | 'record' | 'slots'>, id: string): Promise<void> => {
	const attempt = slots.attempt(id);
	if (!attempt || attempt.isPaused) return;
	standStill(attempt);
	const {control} = record.getFresh().team;
	const reason = link.isRecovering() || control.frozen ? 'frozen' : 'paused by you';
	if (record.team().agents.get(id)?.status !== 'paused')
		// Checked when it is written: if Redis was away, the pause may be over by then.
		await link.retryUntilWritten(async () => {
			if (attempt.isPaused) await link.coordination.updateAgent(id, {status: 'paused', reason}, reason);
		});
};

const resume = async (room: Pick<Room, 'facts' | 'link' | 'record' | 'slots'>, id: string): Promise<void> => {
	const attempt = room.slots.attempt(id);
	if (!attempt?.isPaused) return;
	attempt.isPaused = false;
	// Time spent paused does not count against the attempt.
	attempt.startedAt += performance.now() - attempt.pausedAt;
	attempt.activeAt = performance.now();
	attempt.resume();
	if (room.record.team().agents.get(id)?.status !== statusOf(attempt)) await tellAnew(room, attempt, 'resumed');
};

const unstall = async (room: Pick<Room, 'facts' | 'link' | 'slots'>, id: string): Promise<void> => {
	const attempt = room.slots.attempt(id);
	if (attempt) await tellAnew(room, attempt, 'active again');
};

const timeOut = async ({facts, slots}: Pick<Room, 'facts' | 'slots'>, id: string): Promise<void> => {
	const attempt = slots.attempt(id);
	if (!attempt) return;
	attempt.endReason = `took longer than the timeout of ${formatAge(facts.config.timeout)}`;
	await attempt.end(SUPERSEDED_GRACE_MS);
};

/** Makes an agent ready again; one that a human paused meanwhile stays paused. */
const revive = async ({link, record}: Pick<Room, 'link' | 'record'>, id: string): Promise<void> => {
	const isPaused = record.team().agents.get(id)?.paused === true;
	await link.coordination.updateAgent(
		id,
		isPaused ? {status: 'paused', reason: 'paused by you'} : {status: 'idle', reason: ''},
		isPaused ? 'paused by you' : 'idle again',
	);
};

/**
 * The base may move before or after the record says so. So what seems outdated is checked again with the base as git has it now: a late event must
 * not undo the merge queue.
 */
const isOutdated = async (room: Pick<Room, 'facts' | 'record' | 'merges'>, task: string): Promise<boolean> => {
	const {mergeQueue} = await freshMergeQueue(room);
	return mergeQueue.outdated.some(({id}) => id === task);
};

/** Ends a test whose base is gone, since its result means nothing; its task is tested again at no cost. */
const restart = async (
	room: Pick<Room, 'facts' | 'record' | 'slots' | 'merges'>,
	{agent, task}: {readonly agent: string; readonly task: string},
): Promise<void> => {
	const running = room.slots.attempt(agent);
	const isItsRun = running !== undefined && (running.task.id === task || running.entries.some(entry => entry.task === task));
	if (!isItsRun || running.isEnding || !(await isOutdated(room, task)) || running.isEnding) return;
	running.endReason = 'its base is outdated: retested';
	await running.end(SUPERSEDED_GRACE_MS);
};

/** Returns a passed task to be tested again at no cost. Redis refuses it for one that is about to merge. */
const recall = async (
	room: Pick<Room, 'facts' | 'link' | 'lead' | 'record' | 'merges'>,
	{task, candidate, reason}: Extract<Effect, {type: 'recall'}>,
): Promise<void> => {
	const isLost = !hasCandidate(room, candidate) && !hasOtherHolders(room.record.team(), room.facts.roomId);
	if (!isLost && !room.merges.mergeQueue.blockedByChanges.has(task) && !(await isOutdated(room, task))) return;
	await room.lead.as(() => room.link.coordination.retest({task, candidate, reason}));
	// It waits for its turn again, with the reason.
	const blockedByChanges = room.merges.mergeQueue.blockedByChanges.get(task);
	if (blockedByChanges) await room.lead.as(() => room.link.coordination.setWaitReason(task, `merge blocked: ${blockedByChanges.reason}`));
};

/** The leader claims a test for the tester of another room, which starts it when it sees it, as any assigned task. */
const hand = async (
	room: Pick<Room, 'facts' | 'link' | 'lead' | 'merges'>,
	{agent, to, task}: Extract<Effect, {type: 'hand'}>,
): Promise<void> => {
	noteHanded(room, to);
	const call = {leaseMs: room.facts.config.lease, nonce: room.facts.newNonce(), stages: ['test']} as const;
	await room.lead.as(() => room.link.coordination.claim({...call, agent, room: to, wanted: task}));
};

/** The test's result no longer matters: the other room ends it, and the task is tested again at no cost. */
const takeBack = async (
	room: Pick<Room, 'facts' | 'link' | 'lead' | 'record' | 'merges'>,
	{task, token}: Extract<Effect, {type: 'take-back'}>,
): Promise<void> => {
	if (!(await isOutdated(room, task))) return;
	const fields = lostFields({stage: 'test'});
	const order = {task, token, reason: 'its base is outdated: retested', to: chosenFor(room, task), fields};
	await room.lead.as(() => room.link.coordination.release(order));
};

const clearRed = async (
	{facts, link, lead, record}: Pick<Room, 'facts' | 'link' | 'lead' | 'record'>,
	failingBase: string,
): Promise<void> => {
	const head = await facts.guardian.baseHead();
	const text = `${facts.base} moved to ${head.slice(0, 7)}, past the commit that failed its tests`;
	if (head !== failingBase && record.team().control.failingBase === failingBase)
		await lead.as(() => link.coordination.control({failingBase: ''}, text));
};

/** Carries out one effect of `decide`: the only place where its decisions have effects outside. */
export const execute = async (room: Room, effect: Effect): Promise<void> => {
	switch (effect.type) {
		case 'claim':
			return room.lifecycle.isOpen() ? claimFor(room, effect.agent, effect.task) : undefined;
		case 'add-tester':
			return addTester(room);
		case 'remove-tester':
			return removeTester(room, effect.agent);
		case 'hand':
			return room.lifecycle.isOpen() ? hand(room, effect) : undefined;
		case 'take-back':
			return takeBack(room, effect);
		case 'begin':
			return beginHanded(room, effect);
		case 'abandon':
			return cancelSuperseded(room, effect.agent, effect.reason);
		case 'pause':
			return pause(room, effect.agent);
		case 'continue':
			return resume(room, effect.agent);
		case 'revive':
			return revive(room, effect.agent);
		case 'time-out':
			return timeOut(room, effect.agent);
		case 'stall':
			await room.link.coordination.updateAgent(effect.agent, {status: 'stalled', reason: 'no output'}, 'stalled: no output');
			return;
		case 'unstall':
			return unstall(room, effect.agent);
		case 'restart':
			return restart(room, effect);
		case 'recall':
			return recall(room, effect);
		case 'clear-red':
			return clearRed(room, effect.failingBase);
	}
};
