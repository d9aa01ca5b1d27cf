import {trainOf} from '../../core/queue/merge-queue.ts';
import {isBaseJudged, judgeBase} from '../merge/base.ts';
import type {Attempt} from '../parts/attempt.ts';
import {hasCandidate, isProven, withBuilt} from '../parts/merge-queue.ts';
import type {Engine} from '../parts/parts.ts';
import {isClaiming, isWaiting, type Slot} from '../parts/slot.ts';
import {movesOf} from '../parts/slot-moves.ts';
import {carryOut} from './carry-out.ts';
import {decide} from './decide.ts';
import type {Local, RunningAttempt} from './effect.ts';

/** How long an attempt has waited for somebody by now, ms. */
const waited = ({drive: {waitsSince}}: Attempt): number => (waitsSince === undefined ? 0 : performance.now() - waitsSince);

export const running = (engine: Engine): ReadonlyMap<string, RunningAttempt> =>
	new Map(
		engine.slots.attempts().map(attempt => [
			attempt.agent.id,
			{
				task: attempt.task.id,
				token: attempt.token,
				startedAt: attempt.startedAt + waited(attempt),
				outputAt: Math.max(
					attempt.startedAt,
					performance.now() - (Date.now() - (engine.slots.pane(attempt.agent.id)?.info().outputAt ?? 0)),
				),
				isPaused: attempt.isPaused,
				wasSeen: attempt.wasSeen,
				isEnding: attempt.isEnding,
			},
		]),
	);

/** What this room knows of the merge train beside the record. */
const trainFacts = (engine: Engine) => {
	const {built, behind, aside, triedOnRed, missingUntil} = engine.train;
	const baseHead = engine.state.baseCommit();
	const {cars} = trainOf(withBuilt(engine.state.team(), built), baseHead);
	const isHere = (candidate: string | undefined): boolean => candidate !== undefined && hasCandidate(engine, candidate);
	return {
		...{built, behind, aside, triedOnRed, missingUntil, baseHead},
		isBaseJudged: isBaseJudged(engine),
		isBaseProven: isProven(engine, baseHead),
		isHeadHere: isHere(cars[0]?.task.candidate),
		isTailHere: isHere(cars.at(-1)?.task.candidate),
	};
};

/** What each agent of this room does, and what keeps it from asking. */
const agentsHere = ({slots}: Engine): Pick<Local, 'team' | 'claiming' | 'handed' | 'waiting' | 'refusedAt' | 'restUntil'> => {
	const all = slots.all();
	const idsOf = (isIt: (slot: Slot) => boolean): ReadonlySet<string> => new Set(all.flatMap(slot => (isIt(slot) ? [slot.agent.id] : [])));
	return {
		team: slots.team(),
		claiming: idsOf(isClaiming),
		handed: new Map(all.flatMap(({agent, now}) => (now.kind === 'handed' ? [[agent.id, now.lease] as const] : []))),
		// Whoever retires asks for nothing, as if it waited already.
		waiting: idsOf(slot => slot.isRetiring || isWaiting(slot)),
		refusedAt: new Map(all.map(({agent, refusedAt}) => [agent.id, refusedAt])),
		restUntil: new Map(all.map(({agent, restUntil}) => [agent.id, restUntil])),
	};
};

const local = (engine: Engine): Local => ({
	now: performance.now(),
	isConnected: engine.isConnected() && engine.isOpen,
	isRecovering: engine.isRecovering(),
	isFrozenHere: engine.state.isFrozenHere(),
	...agentsHere(engine),
	attempts: running(engine),
	begun: engine.begun,
	room: engine.roomId,
	notBefore: engine.notBefore,
	hasTestCommand: engine.config.test !== undefined,
	...trainFacts(engine),
	timeoutMs: engine.config.timeout,
	stallMs: engine.config.stall,
});

/** Whoever was paused, rests or stopped waits no longer (the script that wrote it took it out), and asks again when it is idle. */
const forgetWaiting = ({slots, state}: Engine): void => {
	const {agents} = state.team();
	for (const {agent: planned, now} of slots.all()) {
		const agent = agents.get(planned.id);
		if (now.kind === 'waiting' && agent?.status !== 'idle' && (agent?.token ?? '') === '')
			movesOf(slots).move(planned.id, {type: 'stop-waiting'});
	}
};

/** One turn of the orchestrator: decide, then carry out what is not under way already. */
export const turn = (engine: Engine, underWay: Set<string>): void => {
	forgetWaiting(engine);
	if (engine.moves.head !== '' && engine.moves.head !== engine.state.baseCommit()) void judgeBase(engine);
	for (const effect of decide(engine.state.team(), local(engine))) {
		const key = `${effect.type} ${'agent' in effect ? effect.agent : 'task' in effect ? effect.task : ''}`;
		if (underWay.has(key)) continue;
		underWay.add(key);
		carryOut(engine, effect)
			.catch(error => engine.log(`${key}: ${error instanceof Error ? error.message : String(error)}`))
			.finally(() => underWay.delete(key));
	}
};
