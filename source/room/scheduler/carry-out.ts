import {formatAge} from '../../core/text/format.ts';
import {standStill} from '../attempt/attempt.ts';
import {takeDown} from '../attempt/end.ts';
import {freshTrain, hasCandidate} from '../parts/merge-queue.ts';
import type {Room} from '../parts/parts.ts';
import {statusOf, tellAnew} from '../session/status.ts';
import {beginHanded, claimFor} from './claim.ts';
import {hasOtherHolders} from './decide-merges.ts';
import type {Effect} from './effect.ts';

/** A superseded agent gets this long to notice, then its processes are killed. */
const ABANDON_GRACE_MS = 1500;

/** Ends an attempt whose task somebody else has: its commits stay on its own branch, nothing of it is handed in. Never throws. */
export const abandon = async (room: Room, agent: string, reason: string): Promise<void> => {
	const attempt = room.slots.attempt(agent);
	if (!attempt || attempt.isEnding) return;
	await takeDown(room, attempt, {reason: `superseded: ${reason}`, graceMs: ABANDON_GRACE_MS}, async () => undefined);
};

const pause = async ({link, record, slots}: Pick<Room, 'link' | 'record' | 'slots'>, id: string): Promise<void> => {
	const attempt = slots.attempt(id);
	if (!attempt || attempt.isPaused) return;
	standStill(attempt);
	const {control} = record.getFresh().team;
	const reason = link.isRecovering() || control.frozen ? 'frozen' : 'paused by you';
	if (record.team().agents.get(id)?.status !== 'paused')
		// Written late, after Redis was away, it must still be so.
		await link.persist(async () => {
			if (attempt.isPaused) await link.coordination.describe(id, {status: 'paused', reason}, reason);
		});
};

const resume = async (room: Pick<Room, 'facts' | 'link' | 'record' | 'slots'>, id: string): Promise<void> => {
	const attempt = room.slots.attempt(id);
	if (!attempt?.isPaused) return;
	attempt.isPaused = false;
	// Time spent paused is not time the attempt took.
	attempt.startedAt += performance.now() - attempt.pausedAt;
	attempt.resume();
	if (room.record.team().agents.get(id)?.status !== statusOf(attempt)) await tellAnew(room, attempt, 'goes on');
};

const unstall = async (room: Pick<Room, 'facts' | 'link' | 'slots'>, id: string): Promise<void> => {
	const attempt = room.slots.attempt(id);
	if (attempt) await tellAnew(room, attempt, 'moves again');
};

const timeOut = async ({facts, slots}: Pick<Room, 'facts' | 'slots'>, id: string): Promise<void> => {
	const attempt = slots.attempt(id);
	if (!attempt) return;
	attempt.endReason = `took longer than the timeout of ${formatAge(facts.config.timeout)}`;
	await attempt.end(ABANDON_GRACE_MS);
};

/** Ready for work again; an agent that a person has paused meanwhile stays paused. */
const revive = async ({link, record}: Pick<Room, 'link' | 'record'>, id: string): Promise<void> => {
	const isPaused = record.team().agents.get(id)?.paused === true;
	await link.coordination.describe(
		id,
		isPaused ? {status: 'paused', reason: 'paused by you'} : {status: 'idle', reason: ''},
		isPaused ? 'paused by you' : 'ready again',
	);
};

/**
 * Moves of the base and entries of the record come in any order, so what seems derailed is looked at again with the base as git has it now: no train
 * is taken apart because one of the two was late.
 */
const isDerailed = async (room: Pick<Room, 'facts' | 'record' | 'merges'>, task: string): Promise<boolean> => {
	const {train} = await freshTrain(room);
	return train.derailed.some(({id}) => id === task);
};

/** A test of what is gone says nothing: it ends, and its task is tested again at no cost. */
const restart = async (
	room: Pick<Room, 'facts' | 'record' | 'slots' | 'merges'>,
	{agent, task}: {readonly agent: string; readonly task: string},
): Promise<void> => {
	const running = room.slots.attempt(agent);
	if (running?.task.id !== task || running.isEnding || !(await isDerailed(room, task)) || running.isEnding) return;
	running.endReason = 'what it stood on is gone: tested again';
	await running.end(ABANDON_GRACE_MS);
};

/** A passed one goes back to be tested again, at no cost; refused in Redis where it is about to land. */
const recall = async (
	room: Pick<Room, 'facts' | 'link' | 'record' | 'merges'>,
	{task, candidate, reason}: Extract<Effect, {type: 'recall'}>,
): Promise<void> => {
	const isLost = !hasCandidate(room, candidate) && !hasOtherHolders(room.record.team(), room.facts.roomId);
	if (!isLost && !room.merges.train.aside.has(task) && !(await isDerailed(room, task))) return;
	await room.link.coordination.recall({task, candidate, reason});
	// It waits for its turn again, and says why.
	const aside = room.merges.train.aside.get(task);
	if (aside) await room.link.coordination.hold(task, `landing waits: ${aside.reason}`);
};

const clearRed = async ({facts, link, record}: Pick<Room, 'facts' | 'link' | 'record'>, red: string): Promise<void> => {
	const head = await facts.guardian.baseHead();
	if (head !== red && record.team().control.red === red)
		await link.coordination.control({red: ''}, `${facts.base} moved to ${head.slice(0, 7)}: it is no longer the one that failed its tests`);
};

/** Carries out one effect of `decide`: the one place where its decisions meet the outside world. */
export const carryOut = async (room: Room, effect: Effect): Promise<void> => {
	switch (effect.type) {
		case 'claim':
			return room.lifecycle.isOpen() ? claimFor(room, effect.agent, effect.task) : undefined;
		case 'begin':
			return beginHanded(room, effect);
		case 'abandon':
			return abandon(room, effect.agent, effect.reason);
		case 'pause':
			return pause(room, effect.agent);
		case 'continue':
			return resume(room, effect.agent);
		case 'revive':
			return revive(room, effect.agent);
		case 'time-out':
			return timeOut(room, effect.agent);
		case 'stall':
			await room.link.coordination.describe(effect.agent, {status: 'stalled', reason: 'no output'}, 'stalled: no output');
			return;
		case 'unstall':
			return unstall(room, effect.agent);
		case 'restart':
			return restart(room, effect);
		case 'recall':
			return recall(room, effect);
		case 'clear-red':
			return clearRed(room, effect.red);
	}
};
