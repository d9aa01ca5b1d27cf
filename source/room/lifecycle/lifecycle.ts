import {setTimeout as wait} from 'node:timers/promises';
import type {RoomEvent} from '../../core/event/event.ts';
import type {Held} from '../../core/team/coordination.ts';
import {noteOtherRefs} from '../../git/worktree/other-refs.ts';
import {endTree} from '../../os/process-tree.ts';
import {inNobodysName} from '../../redis/ordered.ts';
import type {SocketServer} from '../../socket/server.ts';
import {takeDown} from '../attempt/end.ts';
import {judgeBase, recheckLanded, workBase} from '../merge/base.ts';
import {heldTests, showRed, watchAside} from '../merge/blocked.ts';
import {recheckLandings} from '../merge/landings.ts';
import {startRadar} from '../merge/predict.ts';
import type {RoomEnd, Terminals} from '../parts/options.ts';
import {chosenFor, type Engine, plannedAgent} from '../parts/parts.ts';
import {isClaiming, isFree} from '../parts/slot.ts';
import {showingRefusals} from '../parts/state.ts';
import {STATE_MARK} from '../prepare/environment.ts';
import {keepingCheckpoints, rejoin} from '../recovery/recover.ts';
import {type Sweeper, startHints, startSweeper} from '../recovery/sweep.ts';
import {type RoomRedis, watchRedis} from '../redis/redis.ts';
import {persisting} from '../redis/writes.ts';
import {followStream} from '../scheduler/follow.ts';
import {beat} from '../scheduler/heartbeat.ts';
import {turn} from '../scheduler/tick.ts';
import {watchDisk} from '../scheduler/watch-disk.ts';
import {isEmpty, tally, tellStuck} from './until-empty.ts';

/** At the end of the room its agents get this long to end by themselves. */
const STOP_GRACE_MS = 3000;
/** Writing the last states may take this long when Redis does not answer; then the next start takes the leases back. */
const LAST_WRITES_MS = 5000;

/** Files that are in the way of a landing are looked at this often, ms. */
const LOOK_ASIDE_MS = 2000;

/** What attempts hold on disk is counted this often, where there is a limit, ms. */
const LOOK_AT_DISK_MS = 5000;

type Parts = Omit<
	Engine,
	| 'persist'
	| 'refused'
	| 'wake'
	| 'workBase'
	| 'isConnected'
	| 'isRecovering'
	| 'hasLostData'
	| 'acceptData'
	| 'whenConnected'
	| 'isRunning'
	| 'isOpen'
>;
export type Life = {
	readonly engine: Engine;
	go(): void;
	readonly ended: Promise<RoomEnd>;
	stop(reason: string): Promise<RoomEnd>;
	onEvent(listener: (event: RoomEvent) => void): void;
};

/** Runs `work` every `everyMs` and never twice at once; an error is logged and the next round comes all the same. */
const every = (everyMs: number, engine: Engine, what: string, work: () => Promise<void>): NodeJS.Timeout => {
	let isBusy = false;
	return setInterval(() => {
		if (isBusy || !engine.isConnected()) return;
		isBusy = true;
		work()
			.catch(error => engine.log(`${what}: ${error instanceof Error ? error.message : String(error)}`))
			.finally(() => {
				isBusy = false;
			});
	}, everyMs);
};

/** Claims and endings that are under way run to their end first (bounded): nothing stays leased because it was between two steps. */
const settle = async (engine: Engine): Promise<void> => {
	const deadline = performance.now() + STOP_GRACE_MS;
	const isUnderWay = (): boolean =>
		engine.tidying.size > 0 || engine.slots.all().some(slot => isClaiming(slot) || slot.now.kind === 'ending');
	while (isUnderWay() && performance.now() < deadline) await wait(20);
};

/** Hands everything back: processes ended, work saved, tasks released without costing an attempt, agents marked as stopped. */
const handBack = async (engine: Engine, reason: string): Promise<void> => {
	const withdraw = (): Promise<readonly Held[]> =>
		engine
			.persist(() => engine.coordination.withdraw(engine.slots.team().map(agent => agent.id)))
			.catch((error: unknown): readonly Held[] => {
				engine.log(`withdrawing: ${error instanceof Error ? error.message : String(error)}`);
				return [];
			});
	// Nothing goes back before nobody of this room waits any more: else it would be handed to one of them. Asked again once the results that
	// were on their way are written, for one may have brought another task: what has not begun goes back with the rest. Processes are
	// ended meanwhile, also while Redis is away.
	const first = withdraw();
	await settle(engine);
	const withdrawn = first.then(withdraw);
	const release = async (held: Held, fields: Readonly<Record<string, string>>): Promise<unknown> => {
		await withdrawn;
		return engine.persist(() => engine.coordination.release({...held, reason, to: chosenFor(engine, held.task), fields}));
	};
	const handed = await Promise.allSettled([
		...engine.slots
			.attempts()
			.filter(attempt => !attempt.isEnding)
			.map(attempt =>
				takeDown(engine, attempt, {reason, graceMs: STOP_GRACE_MS, keepsSession: true}, fields =>
					release({agent: attempt.agent.id, task: attempt.task.id, token: attempt.token}, fields),
				),
			),
		// Their places take longer to make than a stop may last: from here on their token starts nothing.
		...engine.slots.all().flatMap(({now}) => (now.kind === 'preparing' ? [release(now.lease, {})] : [])),
		withdrawn.then(leases => Promise.all(leases.filter(({token}) => !engine.begun.has(token)).map(held => release(held, {})))),
	]);
	for (const result of handed) if (result.status === 'rejected') engine.log(`handing back: ${String(result.reason)}`);
	for (const agent of engine.slots.team()) await engine.coordination.describe(agent.id, {status: 'stopped'}, '');
};

/** One part of going down that fails does not keep the rest from it: the room always ends. */
const goDown = async (engine: Engine, what: string, work: () => unknown): Promise<void> => {
	try {
		await work();
	} catch (error) {
		engine.log(`${what}: ${error instanceof Error ? error.message : String(error)}`);
	}
};

/** A person's other branches and tags are noted for worktrees no more often than this, ms. */
const REFS_MS = 30_000;

const notingOtherRefs = ({guardian, log}: Engine): (() => void) => {
	let notedAt = Number.NEGATIVE_INFINITY;
	return () => {
		if (performance.now() - notedAt < REFS_MS) return;
		notedAt = performance.now();
		noteOtherRefs(guardian.store).catch(error => log(`other branches and tags were not noted: ${String(error)}`));
	};
};

/** Builds the engine of the parts and owns its timers, its end and what happens when Redis is lost. */
export const startLoops = (
	parts: Parts,
	redis: RoomRedis,
	options: {readonly untilEmpty: boolean; readonly sockets: ReadonlyArray<Pick<SocketServer, 'close'>>; readonly terminals: Terminals},
): Life => {
	let isRunning = true;
	let isWoken = false;
	let idleSince = performance.now();
	let hasSnapshot = false;
	let sweeper: Sweeper | undefined;
	const timers: NodeJS.Timeout[] = [];
	const underWay = new Set<string>();
	const listeners = new Set<(event: RoomEvent) => void>();
	const restored = new Set<() => void>();
	const {promise: ended, resolve: resolveEnded} = Promise.withResolvers<RoomEnd>();

	const whenConnected = async (): Promise<void> => {
		if (redis.connection.isConnected || !isRunning) {
			await wait(50);
			return;
		}
		await new Promise<void>(resolve => restored.add(resolve));
	};
	const refused = showingRefusals(parts.state);
	const engine: Engine = Object.assign(parts, {
		isOpen: true,
		isRunning: () => isRunning,
		isConnected: () => redis.connection.isConnected,
		isRecovering: () => redis.epoch.finding() !== '',
		hasLostData: async () => (await redis.epoch.check(redis.connection)).code === 'lost',
		acceptData: async () => {
			await redis.epoch.accept(redis.connection);
			await redis.epoch.check(redis.connection);
			await joining;
		},
		whenConnected,
		persist: persisting({
			whenConnected,
			isRunning: () => isRunning,
			onRefused: words => refused('result', words),
		}),
		refused,
		workBase: () => workBase(engine),
		wake: () => {
			if (isWoken || !isRunning) return;
			isWoken = true;
			const next = (): void => {
				isWoken = false;
				if (!isRunning) return;
				turn(engine, underWay);
				look();
			};
			// A person's order may have woken it; what the scheduler does then is its own doing.
			inNobodysName(() => void setImmediate(next));
		},
	});
	const isThere = {isConnected: true, lostAt: 0, address: redis.address, problem: '', retryAt: 0};
	engine.state.setRedis(isThere);
	redis.epoch.follow(() => ({streamId: engine.state.team().streamId, hasTasks: engine.state.team().tasks.size > 0}));
	/** Our agents join an epoch that a person, here or in another room, has begun; then what is held is compared. */
	let joining = Promise.resolve();
	redis.epoch.onNewEpoch(() => {
		joining = joining
			.then(() => rejoin(engine))
			.then(() => beat(engine))
			.catch(error => engine.log(`joining the new epoch: ${error instanceof Error ? error.message : String(error)}`));
	});
	redis.connection.onLost(() => engine.state.setRedis({...isThere, isConnected: false, lostAt: Date.now()}));
	redis.connection.onRestored(() => {
		engine.state.setRedis(isThere);
		for (const resolve of restored) resolve();
		restored.clear();
		// Leases are verified after a reconnect, never assumed.
		beat(engine).catch(error => engine.log(`beat: ${String(error)}`));
	});

	let stopping: Promise<RoomEnd> | undefined;
	const stopNow = async (reason: string): Promise<RoomEnd> => {
		engine.isOpen = false;
		await Promise.race([
			goDown(engine, 'handing back', () => handBack(engine, reason)),
			wait(STOP_GRACE_MS + LAST_WRITES_MS, undefined, {ref: false}),
		]);
		// A `setup` that a worktree was being made with, whatever hid from its attempt, and what outlasted the time above.
		await goDown(engine, 'ending what is left', () =>
			endTree({pid: 0, startTime: ''}, [STATE_MARK, engine.surroundings.stateFolder], {graceMs: 0}),
		);
		const counts = tally(engine.state.team());
		isRunning = false;
		for (const timer of timers) clearInterval(timer);
		sweeper?.stop();
		for (const resolve of restored) resolve();
		await goDown(engine, 'sending terminals home', () => options.terminals.sendHome(reason));
		engine.state.close();
		for (const {pane} of engine.slots.all()) pane.dispose();
		await goDown(engine, 'closing Redis', () => redis.close());
		engine.refusals.close();
		// The person's socket goes last: whoever finds it gone may start a room, and must not meet a Redis that is about to stop.
		for (const socket of options.sockets) await goDown(engine, 'closing a socket', () => socket.close());
		const end = {
			...counts,
			reason,
			exitCode:
				counts.dead > 0 || (options.untilEmpty && (counts.open > 0 || engine.isRecovering() || engine.state.team().control.stray !== ''))
					? 1
					: 0,
		};
		resolveEnded(end);
		return end;
	};
	const stop = (reason: string): Promise<RoomEnd> => {
		stopping ??= stopNow(reason);
		return stopping;
	};

	/** Ends the room when that is due: with the queue empty for `untilEmpty`, or after a long time with nothing to do and nobody there. */
	const look = (): void => {
		if (!hasSnapshot || !engine.isOpen) return;
		// Nobody is there to decide: an emptied Redis must not pass for an empty queue.
		if (options.untilEmpty && engine.isRecovering()) {
			void stop(redis.epoch.finding());
			return;
		}
		// What outsiders pushed before this room began is work too: nothing is empty before the first sweep.
		if (!sweeper?.hasSwept()) return;
		// Nobody is there to mend what fails: a run gives a task as many starts as attempts. A room with a screen goes on trying.
		const given = [...engine.failedStarts].filter(([, failed]) => options.untilEmpty && failed.count >= engine.config.attempts);
		const hopeless = new Map([...given.map(([task, failed]) => [task, failed.reason] as const), ...heldTests(engine)]);
		const isBusy = engine.tidying.size > 0 || !engine.slots.all().every(isFree);
		const isQuiet = !isBusy && isEmpty(engine.state.team(), hopeless);
		if (options.untilEmpty && isQuiet) {
			const left = tellStuck(engine.state.team(), hopeless);
			void stop(left ? `nothing that is left can run: ${left}` : 'the queue is empty');
		}
		if (!isQuiet || options.terminals.count() > 0) idleSince = performance.now();
		else if (!engine.options.isForeground && performance.now() - idleSince > engine.config.idleExit)
			void stop('there was nothing to do and nobody looked');
	};
	/** What a landing waited for may be done: it is tried at once. */
	const tryHeldAgain = (): void => {
		for (const task of engine.holds.keys()) engine.notBefore.delete(task);
	};
	/** Somebody else's lock on the base has ended. Our own guardian's ends with every landing that has to wait: that is no reason to try again. */
	const isBaseFreed = ({type, agent, lockFields}: RoomEvent): boolean =>
		type === 'lock_released' && lockFields.name === `repository:${engine.base}` && plannedAgent(engine, agent) === undefined;
	const keepCheckpoints = keepingCheckpoints(engine);
	/** The base may have been moved while no room ran: that is judged before anything is built on it. */
	const judgeFirst = async (): Promise<void> => {
		await judgeBase(engine);
		if (engine.moves.head !== '') await recheckLandings(engine, engine.moves.head, 'you');
	};
	const failed = (error: unknown): void => engine.log(`the landings: ${error instanceof Error ? error.message : String(error)}`);
	const onChange = (events: readonly RoomEvent[]): void => {
		if (!hasSnapshot) judgeFirst().catch(failed);
		hasSnapshot = true;
		const landed = events.flatMap(({type, taskFields}) => (type === 'task_merged' && taskFields.landed ? [taskFields.landed] : []));
		if (landed.length > 0) recheckLanded(engine, landed).catch(failed);
		keepCheckpoints(events);
		for (const event of events) for (const listener of listeners) listener(event);
		if (events.some(isBaseFreed)) tryHeldAgain();
		showRed(engine);
		engine.wake();
	};

	return {
		engine,
		ended,
		stop,
		onEvent: listener => void listeners.add(listener),
		go: () => {
			void followStream(engine, onChange);
			void beat(engine).catch(error => engine.log(`beat: ${String(error)}`));
			timers.push(every(Math.max(100, Math.floor(engine.config.lease / 3)), engine, 'beat', () => beat(engine)));
			timers.push(every(LOOK_ASIDE_MS, engine, 'what stands aside', () => watchAside(engine)));
			if (engine.config.limits.disk !== undefined) timers.push(every(LOOK_AT_DISK_MS, engine, 'the disk', () => watchDisk(engine)));
			const sweeping = startSweeper(engine);
			sweeper = sweeping;
			startHints(engine, redis, sweeping.soon);
			const radar = startRadar(engine);
			listeners.add(radar.heard);
			void ended.then(radar.close);
			const noteRefs = notingOtherRefs(engine);
			noteRefs();
			const watching = engine.guardian.watchBase(head => {
				noteRefs();
				engine.state.setBaseCommit(head);
				if (hasSnapshot) void judgeBase(engine);
				radar.moved();
				tryHeldAgain();
				engine.wake();
			});
			void ended.then(() => watching.close());
			void ended.then(watchRedis(redis, engine.state, engine.log));
		},
	};
};
