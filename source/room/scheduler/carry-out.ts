import {formatAge} from '../../core/text/format.ts';
import {takeDown} from '../attempt/end.ts';
import {freshTrain, hasCandidate} from '../parts/merge-queue.ts';
import type {Engine} from '../parts/parts.ts';
import {statusOf, tellAnew} from '../session/status.ts';
import {beginHanded, claimFor} from './claim.ts';
import {hasOtherHolders} from './decide-merges.ts';
import type {Effect} from './effect.ts';

/** A superseded agent gets this long to notice, then its processes are killed. */
const ABANDON_GRACE_MS = 1500;

/** Ends an attempt whose task somebody else has: its commits stay on its own branch, nothing of it is handed in. Never throws. */
export const abandon = async (engine: Engine, agent: string, reason: string): Promise<void> => {
	const attempt = engine.slots.attempt(agent);
	if (!attempt || attempt.isEnding) return;
	await takeDown(engine, attempt, {reason: `superseded: ${reason}`, graceMs: ABANDON_GRACE_MS}, async () => undefined);
};

const pause = async (engine: Engine, id: string): Promise<void> => {
	const attempt = engine.slots.attempt(id);
	if (!attempt || attempt.isPaused) return;
	// What could not be stopped is not paused: it is tried again.
	attempt.stop();
	attempt.isPaused = true;
	attempt.pausedAt = performance.now();
	const {control} = engine.state.getFresh().team;
	const reason = engine.isRecovering() || control.frozen ? 'frozen' : 'paused by you';
	if (engine.state.team().agents.get(id)?.status !== 'paused')
		await engine.persist(() => engine.coordination.describe(id, {status: 'paused', reason}, reason));
};

const resume = async (engine: Engine, id: string): Promise<void> => {
	const attempt = engine.slots.attempt(id);
	if (!attempt?.isPaused) return;
	attempt.isPaused = false;
	// Time spent paused is not time the attempt took.
	attempt.startedAt += performance.now() - attempt.pausedAt;
	attempt.resume();
	if (engine.state.team().agents.get(id)?.status !== statusOf(attempt)) await tellAnew(engine, attempt, 'goes on');
};

const unstall = async (engine: Engine, id: string): Promise<void> => {
	const attempt = engine.slots.attempt(id);
	if (attempt) await tellAnew(engine, attempt, 'moves again');
};

const timeOut = async (engine: Engine, id: string): Promise<void> => {
	const attempt = engine.slots.attempt(id);
	if (!attempt) return;
	attempt.endReason = `took longer than the timeout of ${formatAge(engine.config.timeout)}`;
	await attempt.end(ABANDON_GRACE_MS);
};

/** Ready for work again; an agent that a person has paused meanwhile stays paused. */
const revive = async (engine: Engine, id: string): Promise<void> => {
	const isPaused = engine.state.team().agents.get(id)?.paused === true;
	await engine.coordination.describe(
		id,
		isPaused ? {status: 'paused', reason: 'paused by you'} : {status: 'idle', reason: ''},
		isPaused ? 'paused by you' : 'ready again',
	);
};

/**
 * Moves of the base and entries of the record come in any order, so what seems derailed is looked at again with the base as git has it now: no train
 * is taken apart because one of the two was late.
 */
const isDerailed = async (engine: Engine, task: string): Promise<boolean> => {
	const {train} = await freshTrain(engine);
	return train.derailed.some(({id}) => id === task);
};

/** A test of what is gone says nothing: it ends, and its task is tested again at no cost. */
const restart = async (engine: Engine, {agent, task}: {readonly agent: string; readonly task: string}): Promise<void> => {
	const running = engine.slots.attempt(agent);
	if (running?.task.id !== task || running.isEnding || !(await isDerailed(engine, task)) || running.isEnding) return;
	running.endReason = 'what it stood on is gone: tested again';
	await running.end(ABANDON_GRACE_MS);
};

/** A passed one goes back to be tested again, at no cost; refused in Redis where it is about to land. */
const recall = async (engine: Engine, {task, candidate, reason}: Extract<Effect, {type: 'recall'}>): Promise<void> => {
	const isLost = !hasCandidate(engine, candidate) && !hasOtherHolders(engine.state.team(), engine.roomId);
	if (!isLost && !engine.train.aside.has(task) && !(await isDerailed(engine, task))) return;
	await engine.coordination.recall({task, candidate, reason});
	// It waits for its turn again, and says why.
	const aside = engine.train.aside.get(task);
	if (aside) await engine.coordination.hold(task, `landing waits: ${aside.reason}`);
};

const clearRed = async (engine: Engine, red: string): Promise<void> => {
	const head = await engine.guardian.baseHead();
	if (head !== red && engine.state.team().control.red === red)
		await engine.coordination.control(
			{red: ''},
			`${engine.base} moved to ${head.slice(0, 7)}: it is no longer the one that failed its tests`,
		);
};

/** Carries out one effect of `decide`: the one place where its decisions meet the outside world. */
export const carryOut = async (engine: Engine, effect: Effect): Promise<void> => {
	switch (effect.type) {
		case 'claim':
			return engine.isOpen ? claimFor(engine, effect.agent, effect.task) : undefined;
		case 'begin':
			return beginHanded(engine, effect);
		case 'abandon':
			return abandon(engine, effect.agent, effect.reason);
		case 'pause':
			return pause(engine, effect.agent);
		case 'continue':
			return resume(engine, effect.agent);
		case 'revive':
			return revive(engine, effect.agent);
		case 'time-out':
			return timeOut(engine, effect.agent);
		case 'stall':
			await engine.coordination.describe(effect.agent, {status: 'stalled', reason: 'no output'}, 'stalled: no output');
			return;
		case 'unstall':
			return unstall(engine, effect.agent);
		case 'restart':
			return restart(engine, effect);
		case 'recall':
			return recall(engine, effect);
		case 'clear-red':
			return clearRed(engine, effect.red);
	}
};
