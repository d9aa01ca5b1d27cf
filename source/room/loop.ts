import {setTimeout as wait} from 'node:timers/promises';
import type {Held} from '../core/coordination.ts';
import type {RoomEvent} from '../core/event.ts';
import {emptySnapshot, isNewer, reduce, unknownTasks} from '../core/snapshot.ts';
import {parseTask} from '../core/task.ts';
import {trainOf} from '../core/train.ts';
import {isShort} from '../core/window.ts';
import {TAIL_ENTRIES} from '../redis/tail.ts';
import type {Attempt} from './attempt.ts';
import {beginHanded} from './claim.ts';
import {decide, type Local, type RunningAttempt} from './decide.ts';
import {abandon, carryOut} from './effects.ts';
import type {Engine} from './engine.ts';
import {takeBackLease} from './recover.ts';
import {hasCandidate, isProven, withBuilt} from './train.ts';

/** How long an attempt has waited for somebody by now, ms. */
const waited = ({drive: {waitsSince}}: Attempt): number => (waitsSince === undefined ? 0 : performance.now() - waitsSince);

const running = (engine: Engine): ReadonlyMap<string, RunningAttempt> =>
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
	for (const effect of decide(engine.state.team(), local(engine))) {
		const key = `${effect.type} ${'agent' in effect ? effect.agent : 'task' in effect ? effect.task : ''}`;
		if (underWay.has(key)) continue;
		underWay.add(key);
		carryOut(engine, effect)
			.catch(error => engine.log(`${key}: ${error instanceof Error ? error.message : String(error)}`))
			.finally(() => underWay.delete(key));
	}
};

const markSeen = (engine: Engine): void => {
	const team = engine.state.team();
	for (const attempt of engine.attempts.values()) attempt.wasSeen ||= team.tasks.get(attempt.task.id)?.token === attempt.token;
};

/** A snapshot that is taken because little of the queue is known any more comes this seldom, ms. */
const AGAIN_MS = 2000;

/** The record is read at most this often, ms: of a busy team several entries are folded at a time, those of a quiet one at once. */
const PACE_MS = 5;

/** How many entries of the record are read at once. */
const EVENTS_A_READ = 1000;

/** What was recorded while the stream could not be read, up to the new snapshot, for those who follow every entry. Nothing at the first start. */
const missedEvents = async (engine: Engine, since: string, until: string): Promise<readonly RoomEvent[]> => {
	const missed: RoomEvent[] = [];
	for (let from = since; from !== emptySnapshot.streamId; ) {
		const read = await engine.coordination.events(from, EVENTS_A_READ);
		missed.push(...read.filter(event => !isNewer(event.id, until)));
		const last = read.at(-1)?.id;
		if (read.length < EVENTS_A_READ || last === undefined || !isNewer(until, last)) break;
		from = last;
	}
	return missed;
};

/**
 * Whether entries between `since` and what was read after it were trimmed before they were read. Only a reader that has fallen far behind
 * (a stopped process, a slow line) can miss any, and such a one is given full answers.
 */
const isGap = async (engine: Engine, since: string, events: readonly RoomEvent[]): Promise<boolean> => {
	if (events.length < TAIL_ENTRIES) return false;
	const [first] = await engine.coordination.events(emptySnapshot.streamId, 1);
	return first !== undefined && isNewer(first.id, since);
};

/**
 * Keeps the state equal to Redis: a snapshot with its stream id, then every entry after it; after a lost connection a snapshot
 * again, so a gap is never guessed over. So too when little is known any more of what waits: a room knows the heads of the queues only.
 */
export const followStream = async (engine: Engine, onChange: (events: readonly RoomEvent[]) => void): Promise<void> => {
	let isStale = true;
	let readAt = 0;
	let foldedAt = 0;
	while (engine.isRunning()) {
		try {
			if (isStale) {
				readAt = performance.now();
				const {streamId} = engine.state.team();
				const {team, beats, now} = await engine.coordination.snapshot();
				const missed = await missedEvents(engine, streamId, team.streamId);
				engine.state.setClockOffset(now - Date.now());
				engine.state.setBeats(beats);
				engine.state.setTeam(team);
				isStale = false;
				markSeen(engine);
				onChange(missed);
			} else {
				const early = foldedAt + PACE_MS - performance.now();
				if (early > 0) await wait(early, undefined, {ref: false});
				const since = engine.state.team().streamId;
				const events = await engine.coordination.tail(since, 5000);
				foldedAt = performance.now();
				isStale = await isGap(engine, since, events);
				if (isStale) continue;
				const unknown = unknownTasks(engine.state.team(), events);
				const read = unknown.length > 0 ? await engine.coordination.read(unknown) : undefined;
				const team = reduce(engine.state.team(), events, read);
				// Data that were lost and accepted are read anew: no entry says what is gone.
				const isRecovered = events.some(event => event.controlFields.recovery !== undefined);
				isStale = isRecovered || (isShort(team) && performance.now() - readAt > AGAIN_MS);
				if (events.length === 0) continue;
				engine.state.setTeam(team);
				markSeen(engine);
				onChange(events);
			}
		} catch (error) {
			if (!engine.isRunning()) return;
			engine.log(`the event stream was interrupted: ${error instanceof Error ? error.message : String(error)}`);
			isStale = true;
			await engine.whenConnected();
		}
	}
};

const HEARTBEAT_TTL_MS = 30_000;

/** Of every lease that something in this room answers for, attempts that are being ended included. */
export const tokensOf = (engine: Engine): readonly string[] =>
	[...engine.attempts.values(), ...engine.preparing.values()].map(lease => lease.token);

/**
 * A lease that this room holds in Redis and works on no more: its result could not be written. No process
 * works under it and its heartbeat moves with the room's, so no deadline would ever free it: it goes back at once. Never throws. No beat waits
 * for it: saving the work may take git longer than a lease lasts.
 */
const returnUnknown = async (engine: Engine, {agent, task, token}: Held): Promise<void> => {
	engine.log(`${agent} held ${task} and nothing worked on it: it goes back`);
	const known = engine.state.team().tasks.get(task);
	engine.returning.add(token);
	try {
		await takeBackLease(
			engine,
			known?.token === token ? known : {...parseTask(task, {}), owner: agent, token},
			'nothing worked on it any more',
			'Nothing worked on it any more; committed by the room.',
		);
	} catch (error) {
		engine.log(`giving back ${task}: ${error instanceof Error ? error.message : String(error)}`);
	} finally {
		engine.returning.delete(token);
	}
};

/** Handed to an agent with the result of its last task, which is still leaving its place: the lock of the task must not lapse meanwhile. */
const notYetBegun = ({state, team, roomId, begun}: Engine): readonly Held[] =>
	team.flatMap(({id}) => {
		const agent = state.team().agents.get(id);
		const isOurs = agent !== undefined && agent.token !== '' && agent.room === roomId && !begun.has(agent.token);
		return isOurs ? [{agent: id, task: agent.task, token: agent.token}] : [];
	});

/** One call for the whole room: heartbeats, and the renewal of every lease that is prepared, worked on, paused, or being ended and written down. */
export const beat = async (engine: Engine): Promise<void> => {
	const held = [
		...[...engine.attempts.values()].flatMap(({agent, task, token, cars}) =>
			[task.id, ...cars.map(car => car.task)].map(id => ({agent: agent.id, task: id, token})),
		),
		...engine.preparing.values(),
		...notYetBegun(engine),
	];
	const tokensBefore = tokensOf(engine);
	const claimingBefore = new Set(engine.claiming);
	const result = await engine.coordination.beat({
		room: engine.roomId,
		leaseMs: engine.config.lease,
		ttlMs: Math.max(HEARTBEAT_TTL_MS, engine.config.lease * 2),
		agents: engine.team.map(agent => agent.id),
		held,
	});
	engine.state.setClockOffset(result.now - Date.now());
	engine.state.setBeats(new Map(engine.team.map(agent => [agent.id, result.now])));
	// A Redis that lost something is no judge of what this room holds: a person decides first.
	if (engine.isRecovering() || (result.stale.length > 0 && (await engine.hasLostData()))) return;
	for (const task of result.stale) {
		const attempt = [...engine.attempts.values()].find(
			running => running.task.id === task && held.some(lease => lease.token === running.token),
		);
		if (attempt)
			abandon(engine, attempt.agent.id, 'its lease was taken over').catch(error => engine.log(`abandoning ${task}: ${String(error)}`));
	}
	const known = new Set([...tokensBefore, ...tokensOf(engine), ...engine.returning]);
	const isAsking = (agent: string): boolean => claimingBefore.has(agent) || engine.claiming.has(agent);
	// Redis knows best who waits; of an agent that asks or works just now, the answer to come or the attempt tells.
	engine.waiting = new Set([
		...result.waiting.filter(id => !isAsking(id) && !engine.attempts.has(id) && !engine.preparing.has(id)),
		...[...engine.waiting].filter(isAsking),
	]);
	for (const lease of result.leases) {
		if (known.has(lease.token) || isAsking(lease.agent)) continue;
		// A task that was handed over and whose wake-up was lost starts now; one that has been begun before goes back.
		if (engine.isOpen && !engine.begun.has(lease.token))
			void beginHanded(engine, lease).catch(error => engine.log(`beginning ${lease.task}: ${String(error)}`));
		else void returnUnknown(engine, lease);
	}
};
