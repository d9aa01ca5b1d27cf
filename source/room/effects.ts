import {formatAge} from '../core/age.ts';
import {beginHanded, claimFor} from './claim.ts';
import type {Effect} from './decide.ts';
import {takeDown} from './ending.ts';
import type {Engine} from './engine.ts';

/** A superseded agent gets this long to notice, then its processes are killed. */
const ABANDON_GRACE_MS = 1500;

/** Ends an attempt whose task somebody else has: its commits stay on its own branch, nothing of it is handed in. Never throws. */
export const abandon = async (engine: Engine, agent: string, reason: string): Promise<void> => {
	const attempt = engine.attempts.get(agent);
	if (!attempt || attempt.isEnding) return;
	await takeDown(engine, attempt, {reason: `superseded: ${reason}`, graceMs: ABANDON_GRACE_MS}, async () => undefined);
};

const pause = async (engine: Engine, id: string): Promise<void> => {
	const attempt = engine.attempts.get(id);
	if (!attempt || attempt.isPaused) return;
	// What could not be stopped is not paused: it is tried again.
	attempt.stop();
	attempt.isPaused = true;
	attempt.pausedAt = performance.now();
	const reason = engine.isRecovering() || engine.state.team().control.frozen ? 'frozen' : 'paused by you';
	if (engine.state.team().agents.get(id)?.status !== 'paused')
		await engine.persist(() => engine.coordination.describe(id, {status: 'paused', reason}, reason));
};

const resume = async (engine: Engine, id: string): Promise<void> => {
	const attempt = engine.attempts.get(id);
	if (!attempt?.isPaused) return;
	attempt.isPaused = false;
	// Time spent paused is not time the attempt took.
	attempt.startedAt += performance.now() - attempt.pausedAt;
	attempt.resume();
	const status = engine.questions.has(id) ? 'asks' : 'working';
	if (engine.state.team().agents.get(id)?.status !== status)
		await engine.persist(() => engine.coordination.describe(id, {status, reason: ''}, 'goes on'));
};

const timeOut = async (engine: Engine, id: string): Promise<void> => {
	const attempt = engine.attempts.get(id);
	if (!attempt) return;
	attempt.endReason = `took longer than the timeout of ${formatAge(engine.config.timeout)}`;
	await attempt.end(ABANDON_GRACE_MS);
};

/** Ready for work again; an agent that a person has paused meanwhile stays paused. */
const revive = async (engine: Engine, id: string): Promise<void> => {
	engine.notBefore.delete(id);
	const isPaused = engine.state.team().agents.get(id)?.paused === true;
	await engine.coordination.describe(
		id,
		isPaused ? {status: 'paused', reason: 'paused by you'} : {status: 'idle', reason: ''},
		isPaused ? 'paused by you' : 'ready again',
	);
};

/** Carries out one effect of `decide`: the one place where its decisions meet the outside world. */
export const carryOut = async (engine: Engine, effect: Effect): Promise<void> => {
	switch (effect.type) {
		case 'claim':
			return engine.isOpen ? claimFor(engine, effect.agent) : undefined;
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
			await engine.coordination.describe(effect.agent, {status: 'working', reason: ''}, 'moves again');
	}
};
