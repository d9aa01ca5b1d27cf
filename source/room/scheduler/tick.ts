import {trainOf} from '../../core/queue/merge-queue.ts';
import {isBaseJudged, judgeBase} from '../merge/base.ts';
import type {Attempt} from '../parts/attempt.ts';
import {hasCandidate, isProven, withBuilt} from '../parts/merge-queue.ts';
import type {Engine} from '../parts/parts.ts';
import {carryOut} from './carry-out.ts';
import {decide} from './decide.ts';
import type {Local, RunningAttempt} from './effect.ts';

/** How long an attempt has waited for somebody by now, ms. */
const waited = ({drive: {waitsSince}}: Attempt): number => (waitsSince === undefined ? 0 : performance.now() - waitsSince);

export const running = (engine: Engine): ReadonlyMap<string, RunningAttempt> =>
	new Map(
		[...engine.attempts].map(([id, attempt]) => [
			id,
			{
				task: attempt.task.id,
				token: attempt.token,
				startedAt: attempt.startedAt + waited(attempt),
				outputAt: Math.max(attempt.startedAt, performance.now() - (Date.now() - (engine.panes.get(id)?.info().outputAt ?? 0))),
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

const local = (engine: Engine): Local => ({
	now: performance.now(),
	isConnected: engine.isConnected() && engine.isOpen,
	isRecovering: engine.isRecovering(),
	isFrozenHere: engine.state.isFrozenHere(),
	team: engine.team,
	attempts: running(engine),
	claiming: new Set([...engine.claiming, ...engine.preparing.keys()]),
	// Whoever retires asks for nothing, as if it waited already.
	waiting: engine.retiring.size === 0 ? engine.waiting : new Set([...engine.waiting, ...engine.retiring]),
	begun: engine.begun,
	room: engine.roomId,
	refusedAt: engine.refusedAt,
	notBefore: engine.notBefore,
	hasTestCommand: engine.config.test !== undefined,
	...trainFacts(engine),
	timeoutMs: engine.config.timeout,
	stallMs: engine.config.stall,
});

/** Whoever was paused, rests or stopped waits no longer (the script that wrote it took it out), and asks again when it is idle. */
const forgetWaiting = (engine: Engine): void => {
	const {agents} = engine.state.team();
	const isWaiting = (id: string): boolean => {
		const agent = agents.get(id);
		return agent?.status === 'idle' || (agent?.token ?? '') !== '';
	};
	if (![...engine.waiting].every(isWaiting)) engine.waiting = new Set([...engine.waiting].filter(isWaiting));
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
